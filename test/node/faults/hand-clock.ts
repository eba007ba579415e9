import type { Clock } from '../../../src/node/clock.ts';

/** A clock that a test moves on by hand. */
export interface HandClock extends Clock {
  /** Lets time pass, and those wake up whose time has come. */
  pass(ms: number): Promise<void>;
}

export function createHandClock(): HandClock {
  let nowMs = 1_000_000;
  const sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();
  return {
    nowMs: () => nowMs,
    random: () => 0.5,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { untilMs: nowMs + ms, wake: resolve };
        sleepers.add(sleeper);
        const stop = (): void => {
          sleepers.delete(sleeper);
          resolve();
        };
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      }),
    async pass(ms) {
      nowMs += ms;
      for (const sleeper of [...sleepers]) {
        if (sleeper.untilMs > nowMs) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
