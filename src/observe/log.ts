import type { Writable } from 'node:stream';
import { Chalk } from 'chalk';
import { createFloodGate, type FloodGate } from './flood-gate.ts';
import { formatJsonLine, formatPrettyLine, type LogLine } from './log-line.ts';
import { LOG_LEVELS, type Log, type LogFields, type LogLevel } from './types.ts';

export interface LogSettings {
  /** Lines less important than this are dropped. */
  readonly level: LogLevel;
  readonly format: 'pretty' | 'json';
  readonly stream: Writable;
  /** Colours of a pretty line. */
  readonly color: boolean;
  /** Milliseconds since 1970; replaced in tests. */
  readonly now?: () => number;
  /** How often one sentence may be said; see `createFloodGate`. */
  readonly floodGate?: FloodGate;
  /** Called before each line that is written; not for those that are dropped. */
  readonly beforeLine?: () => void;
}

/**
 * A log that writes one line for each call. What comes from peers is escaped, and a sentence that is said very often is
 * held back and counted, so that nobody can fill a disk or a terminal from outside.
 */
export function createLog(settings: LogSettings): Log {
  const { format, stream } = settings;
  const now = settings.now ?? Date.now;
  const style = new Chalk({ level: settings.color ? 1 : 0 });
  const shown = new Set<LogLevel>(LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(settings.level) + 1));
  let readerGone = false;
  // Logs have no better place to complain to than the stream that has just failed.
  stream.on('error', () => {
    readerGone = true;
  });

  const write = (line: LogLine): void => {
    if (readerGone) return;
    settings.beforeLine?.();
    stream.write(format === 'json' ? formatJsonLine(line) : formatPrettyLine(line, style));
  };
  const gate =
    settings.floodGate ??
    createFloodGate({
      now,
      onHeldBack: (level, message, count) =>
        write({ timeMs: now(), level, message, fields: { suppressedLines: count } }),
    });
  const log = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (!shown.has(level) || !gate.admits(level, message)) return;
    write({ timeMs: now(), level, message, fields });
  };

  return {
    error: (message, fields) => log('error', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    info: (message, fields) => log('info', message, fields),
    debug: (message, fields) => log('debug', message, fields),
  };
}
