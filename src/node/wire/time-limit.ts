import type { Clock } from '../clock.ts';

/** What ends an attempt before its time: somebody's wish, or too much time. */
export interface TimeLimit {
  /** Aborted with the reason of whoever was first. */
  readonly signal: AbortSignal;
  /** Starts the time again. */
  restart(): void;
  /** To be called at the end in any case. */
  stop(): void;
}

/**
 * @param sinceMs when the time began to run, by the clock
 * @param wishes signals that end it early
 * @param late makes the reason when the time is over
 */
export function startTimeLimit(
  clock: Clock,
  timeoutMs: number,
  sinceMs: number,
  wishes: readonly AbortSignal[],
  late: () => Error,
): TimeLimit {
  const ending = new AbortController();
  let startedMs = sinceMs;
  const obey = (): void => ending.abort(wishes.find(({ aborted }) => aborted)?.reason);
  const watch = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const leftMs = startedMs + timeoutMs - clock.nowMs();
      if (leftMs <= 0) ending.abort(late());
      else await clock.sleep(leftMs, ending.signal);
    }
  };
  for (const wish of wishes) {
    wish.addEventListener('abort', obey, { once: true });
    if (wish.aborted) obey();
  }
  void watch();
  return {
    signal: ending.signal,
    restart: () => {
      startedMs = clock.nowMs();
    },
    stop: () => {
      for (const wish of wishes) wish.removeEventListener('abort', obey);
      ending.abort();
    },
  };
}
