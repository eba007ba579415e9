import type { Clock } from '../../../src/node/clock.ts';

/** A clock that somebody turns. */
export interface HandClock extends Clock {
  advance(ms: number): void;
  /** How often the time was asked for. */
  readonly asked: number;
  /** Who sleeps now. */
  readonly sleepers: number;
}

export function createHandClock(): HandClock {
  const sleepers = new Map<() => void, number>();
  let now = 0;
  let asked = 0;
  return {
    get asked() {
      return asked;
    },
    get sleepers() {
      return sleepers.size;
    },
    nowMs: () => {
      asked += 1;
      return now;
    },
    random: () => 0.5,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          sleepers.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        sleepers.set(wake, now + ms);
        signal.addEventListener('abort', wake);
        if (signal.aborted) wake();
      }),
    advance(ms) {
      now += ms;
      for (const [wake, atMs] of [...sleepers]) if (atMs <= now) wake();
    },
  };
}
