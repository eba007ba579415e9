import type { Log, LogFields } from '../observe/types.ts';
import type { TerminalStream } from './output.ts';

/** How far something has come that takes its time; on stderr. */
export interface Progress {
  /**
   * Shows it in place of what was shown before: on a terminal as a line that is written anew, elsewhere as a line of the
   * log every few seconds. What takes no time is not shown at all.
   *
   * @param text for a terminal; what peers have a hand in is escaped by whoever made it
   * @param message a constant sentence, for the log, with what varies in `fields`
   */
  show(text: string, message: string, fields: LogFields): void;
  /** Makes room for a line of the log; the progress comes back with the next `show`. */
  hide(): void;
  /** It is over. */
  clear(): void;
}

const FIRST_AFTER_MS = 300;
const REDRAW_MS = 100;
const LOG_EVERY_MS = 3_000;
/** Carriage return, then "erase in line" (ECMA-48): the cursor stands where the line began. */
const ERASE_LINE = '\r\u001b[2K';

/** @param nowMs monotonic; replaced in tests */
export function createProgress(stream: TerminalStream, log: Log, nowMs = () => performance.now()): Progress {
  const onTerminal = stream.isTTY === true;
  let dueAtMs: number | undefined;
  let shown = false;
  const hide = (): void => {
    if (shown) stream.write(ERASE_LINE);
    shown = false;
  };
  return {
    show(text, message, fields) {
      dueAtMs ??= nowMs() + (onTerminal ? FIRST_AFTER_MS : LOG_EVERY_MS);
      if (nowMs() < dueAtMs) return;
      dueAtMs = nowMs() + (onTerminal ? REDRAW_MS : LOG_EVERY_MS);
      if (!onTerminal) {
        log.info(message, fields);
        return;
      }
      shown = true;
      // One cell stays free: a terminal that wraps would leave the rest of the line behind.
      stream.write(`${ERASE_LINE}${text.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    hide,
    clear() {
      dueAtMs = undefined;
      hide();
    },
  };
}
