import type { Clock } from '../../../src/node/clock.ts';

/** A clock that stands still until it is moved. */
export interface VirtualClock extends Clock {
  advance(ms: number): void;
  /** When those who sleep want to be woken. */
  wakesAtMs(): readonly number[];
}

export function createVirtualClock(): VirtualClock {
  let nowMs = 0;
  const sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();
  return {
    nowMs: () => nowMs,
    random: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { atMs: nowMs + ms, wake: resolve };
        sleepers.add(sleeper);
        signal.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          resolve();
        });
      }),
    wakesAtMs: () => [...sleepers].map(({ atMs }) => atMs),
    advance(ms) {
      nowMs += ms;
      for (const sleeper of [...sleepers]) {
        if (sleeper.atMs > nowMs) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}
