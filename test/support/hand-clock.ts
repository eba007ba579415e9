import type { Clock } from '../../src/node/clock.ts';

/** A clock that stands still until a test moves it on. */
export interface HandClock extends Clock {
  /** Lets time pass, and wakes those whose time has come. */
  advance(ms: number): void;
  /** The same, and lets them do what needs no waiting. */
  pass(ms: number): Promise<void>;
  /** Lets the time come for which somebody waits first, and wakes those who wait for it. */
  toNext(): void;
  /** The same, but wakes one alone. */
  wakeNext(): void;
  /** When those who sleep want to be woken, in the order in which they went to sleep. */
  readonly wakesAtMs: readonly number[];
  /** How often the time was asked for. */
  readonly asked: number;
  /** How often somebody went to sleep or woke, for those who watch for rest. */
  readonly changes: number;
}

/** @param options what it shows at first, by default 0; and the only number it draws, by default 0.5 */
export function createHandClock(options: { readonly startMs?: number; readonly random?: number } = {}): HandClock {
  const { startMs = 0, random = 0.5 } = options;
  const sleepers = new Map<() => void, number>();
  let nowMs = startMs;
  let asked = 0;
  let changes = 0;
  const nextMs = (): number => {
    if (sleepers.size === 0) throw new Error('nobody waits for a time');
    return Math.min(...sleepers.values());
  };
  const moveTo = (ms: number): void => {
    nowMs = ms;
    for (const [wake, atMs] of [...sleepers]) if (atMs <= nowMs) wake();
  };
  return {
    nowMs() {
      asked += 1;
      return nowMs;
    },
    random: () => random,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        changes += 1;
        const wake = (): void => {
          if (sleepers.delete(wake)) changes += 1;
          signal.removeEventListener('abort', wake);
          resolve();
        };
        if (signal.aborted) {
          resolve();
          return;
        }
        sleepers.set(wake, nowMs + Math.max(0, ms));
        signal.addEventListener('abort', wake);
      }),
    advance: (ms) => moveTo(nowMs + ms),
    async pass(ms) {
      moveTo(nowMs + ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
    toNext: () => moveTo(Math.max(nowMs, nextMs())),
    wakeNext() {
      const dueMs = nextMs();
      nowMs = Math.max(nowMs, dueMs);
      const [wake] = [...sleepers].find(([, atMs]) => atMs === dueMs) ?? [];
      wake?.();
    },
    get wakesAtMs() {
      return [...sleepers.values()];
    },
    get asked() {
      return asked;
    },
    get changes() {
      return changes;
    },
  };
}
