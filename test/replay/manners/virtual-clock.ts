import type { Clock } from '../../../src/node/clock.ts';

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Time that passes only when it is told to. */
export interface VirtualClock extends Clock {
  /** When the next sleeper wants to be woken; undefined when nobody sleeps. */
  nextDueMs(): number | undefined;
  /** Lets the time come in which the next sleeper wakes, and wakes it alone. */
  wakeNext(): void;
  /** Lets time pass; nobody may be due before. */
  passTo(ms: number): void;
  /** How often somebody went to sleep or woke, for those who watch for rest. */
  changes(): number;
}

export function createVirtualClock(startMs: number): VirtualClock {
  let nowMs = startMs;
  let changes = 0;
  let sleepers: Sleeper[] = [];
  const leave = (sleeper: Sleeper): void => {
    changes += 1;
    sleepers = sleepers.filter((other) => other !== sleeper);
  };
  const first = (): Sleeper | undefined =>
    sleepers.reduce<Sleeper | undefined>(
      (best, sleeper) => (best === undefined || sleeper.dueMs < best.dueMs ? sleeper : best),
      undefined,
    );
  return {
    nowMs: () => nowMs,
    random: () => 0.5,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        changes += 1;
        if (signal.aborted) {
          resolve();
          return;
        }
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          leave(sleeper);
          resolve();
        };
        const sleeper = { dueMs: nowMs + Math.max(0, ms), wake };
        sleepers.push(sleeper);
        signal.addEventListener('abort', wake);
      }),
    nextDueMs: () => first()?.dueMs,
    wakeNext() {
      const sleeper = first();
      if (sleeper === undefined) throw new Error('nobody sleeps');
      nowMs = Math.max(nowMs, sleeper.dueMs);
      sleeper.wake();
    },
    passTo(ms) {
      nowMs = Math.max(nowMs, ms);
    },
    changes: () => changes,
  };
}
