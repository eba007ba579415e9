/**
 * One coarse clock and one timer for the whole balancer: deadlines are numbers that are compared at each tick, so no
 * request ever sets or clears a timer.
 */
export interface Clock {
  /** Milliseconds, monotonic, as of the last tick or `refresh`. */
  nowMs: number;
  /** The same in milliseconds since the epoch; does not jump when the machine's time is set. */
  wallMs: number;
  /** The same as HTTP prints it (RFC 9110 §5.6.7). */
  httpDate: string;
  refresh(): void;
  /** Called at each tick, in the order of registration. */
  onTick(listener: () => void): void;
  stop(): void;
}

/** Deadlines are kept to this accuracy. */
export const TICK_MS = 100;

export function startClock(): Clock {
  const listeners: (() => void)[] = [];
  const clock: Clock = {
    nowMs: 0,
    wallMs: 0,
    httpDate: '',
    refresh() {
      clock.nowMs = performance.now();
      clock.wallMs = performance.timeOrigin + clock.nowMs;
      const second = Math.floor(Date.now() / 1000);
      if (second !== dateSecond) clock.httpDate = new Date(second * 1000).toUTCString();
      dateSecond = second;
    },
    onTick(listener) {
      listeners.push(listener);
    },
    stop() {
      clearInterval(timer);
    },
  };
  let dateSecond = 0;
  clock.refresh();
  const timer = setInterval(() => {
    clock.refresh();
    for (const listener of listeners) listener();
  }, TICK_MS);
  return clock;
}
