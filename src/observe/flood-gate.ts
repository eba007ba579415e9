import type { LogLevel } from './types.ts';

export interface FloodGate {
  /** Whether this sentence may be said now; counts it when not. */
  admits(level: LogLevel, message: string): boolean;
}

export interface FloodGateSettings {
  readonly now: () => number;
  /** Told how many lines of a sentence were left out, once it is quiet enough again or the window ends. */
  readonly onHeldBack: (level: LogLevel, message: string, count: number) => void;
  /** Lines of one sentence in one window. */
  readonly linesPerWindow?: number;
  readonly windowMs?: number;
}

interface Window {
  endsAtMs: number;
  admitted: number;
  heldBack: number;
  report: NodeJS.Timeout | undefined;
}

/**
 * Lets the first lines of a sentence through in each window of time and counts the rest. Sentences are constants of the
 * program (`Log`), so the table of windows is as small as the program.
 */
export function createFloodGate(settings: FloodGateSettings): FloodGate {
  const { now, onHeldBack, linesPerWindow = 50, windowMs = 1_000 } = settings;
  const windows = new Map<string, Window>();

  const close = (level: LogLevel, message: string, window: Window): void => {
    clearTimeout(window.report);
    window.report = undefined;
    if (window.heldBack > 0) onHeldBack(level, message, window.heldBack);
    window.heldBack = 0;
  };

  return {
    admits(level, message) {
      const time = now();
      const key = `${level} ${message}`;
      let window = windows.get(key);
      if (window === undefined || time >= window.endsAtMs) {
        if (window !== undefined) close(level, message, window);
        window = { endsAtMs: time + windowMs, admitted: 0, heldBack: 0, report: undefined };
        windows.set(key, window);
      }
      if (window.admitted < linesPerWindow) {
        window.admitted++;
        return true;
      }
      window.heldBack++;
      // The count is reported even if the sentence is never said again; the timer keeps no process alive.
      const current = window;
      window.report ??= setTimeout(() => close(level, message, current), Math.max(0, window.endsAtMs - time));
      window.report.unref();
      return false;
    },
  };
}
