/** Where a survey takes its time from; tests put another one in. */
export interface SurveyClock {
  /** Milliseconds since the epoch; never goes back. */
  nowMs(): number;
  /** Resolves after `ms`, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** A number from 0 up to but not including 1, for jitter. */
  random(): number;
}

/** Node's timers take no more; asked for more, they would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Resolves after `ms`, at the latest after 24 days, or as soon as the signal is aborted. Never rejects. */
export function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, LONGEST_TIMER_MS));
    signal.addEventListener('abort', done);
  });
}

export const wallClock: SurveyClock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  random: () => Math.random(),
  sleep: sleepFor,
};
