/** Where a survey takes its time from; tests put another one in. */
export interface SurveyClock {
  /** Milliseconds since the epoch; never goes back. */
  nowMs(): number;
  /** Resolves after `ms`, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** A number from 0 up to but not including 1, for jitter. */
  random(): number;
}

export const wallClock: SurveyClock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
    }),
};
