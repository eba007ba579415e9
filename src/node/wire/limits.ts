import type { Clock } from '../clock.ts';

/** What may end an attempt before its time: its caller, the end of the wire, or too much time. */
export interface Limit {
  /** Set as soon as it was ended. */
  readonly over: { readonly reason: unknown } | undefined;
  /** Has `callback` called with the reason when it is ended, at once when it was; the callback before is forgotten. */
  whenOver(callback: ((reason: unknown) => void) | undefined): void;
  /** Starts the time again. */
  restart(): void;
  /** To be called at the end of the attempt, whatever became of it. */
  stop(): void;
}

/** The limits of one wire, of which one holds at a time. */
export interface Limits {
  /**
   * @param sinceMs when the time began to run, by the clock
   * @param signal ends it with its own reason
   * @param late makes the reason when the time is over
   */
  begin(sinceMs: number, signal: AbortSignal, late: () => Error): Limit;
  /** Ends the limit that holds now, and all that come. */
  close(reason: Error): void;
}

/**
 * Thousands of wires each have an exchange every few seconds. So whoever watches the clock sleeps on when an exchange ends
 * in time, and looks after the next one when he wakes, instead of being woken and put to sleep for each.
 */
export function createLimits(clock: Clock, timeoutMs: number): Limits {
  const closing = new AbortController();
  let current:
    | { readonly limit: Limit; sinceMs: number; end: (reason: unknown) => void; late: () => Error }
    | undefined;
  let watching = false;

  const watch = async (): Promise<void> => {
    watching = true;
    while (current !== undefined && !closing.signal.aborted) {
      const leftMs = current.sinceMs + timeoutMs - clock.nowMs();
      if (leftMs > 0) await clock.sleep(leftMs, closing.signal);
      else current.end(current.late());
    }
    watching = false;
  };

  return {
    begin(sinceMs, signal, late) {
      let over: Limit['over'];
      let callback: ((reason: unknown) => void) | undefined;
      const end = (reason: unknown): void => {
        if (over !== undefined) return;
        over = { reason };
        if (current?.limit === limit) current = undefined;
        callback?.(reason);
      };
      const obey = (): void => end(signal.reason);
      const limit: Limit = {
        get over() {
          return over;
        },
        whenOver(next) {
          callback = next;
          if (over !== undefined) next?.(over.reason);
        },
        restart() {
          if (current?.limit === limit) current.sinceMs = clock.nowMs();
        },
        stop() {
          signal.removeEventListener('abort', obey);
          callback = undefined;
          if (current?.limit === limit) current = undefined;
        },
      };
      current = { limit, sinceMs, end, late };
      signal.addEventListener('abort', obey);
      if (closing.signal.aborted) end(closing.signal.reason);
      if (signal.aborted) obey();
      if (!watching) void watch();
      return limit;
    },
    close(reason) {
      closing.abort(reason);
      current?.end(reason);
    },
  };
}
