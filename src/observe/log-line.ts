import type { ChalkInstance } from 'chalk';
import { escapeForTerminal, escapeJsonForTerminal } from '../core/text.ts';
import type { LogFields, LogLevel } from './types.ts';

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A value that needs no quotes to be told from its neighbours. */
const PLAIN_VALUE = /^[^\s"=\\]+$/;

/** `12:34:56.789 warn  sentence  name=value name="two words"`; local time, as the reader's clock shows it. */
export function formatPrettyLine(line: LogLine, style: ChalkInstance): string {
  const time = new Date(line.timeMs);
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => `${part}`.padStart(2, '0'))
    .join(':');
  const parts = [
    style.dim(`${clock}.${`${time.getMilliseconds()}`.padStart(3, '0')}`),
    paintLevel(line.level, style),
    escapeForTerminal(line.message),
  ];
  for (const [name, value] of Object.entries(line.fields)) {
    if (value !== undefined) parts.push(`${style.dim(`${name}=`)}${prettyValue(value)}`);
  }
  return `${parts.join(' ')}\n`;
}

function prettyValue(value: string | number | boolean | null): string {
  const text = String(value);
  const quoted = PLAIN_VALUE.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
  return escapeForTerminal(quoted);
}

function paintLevel(level: LogLevel, style: ChalkInstance): string {
  const word = level.padEnd(5);
  switch (level) {
    case 'error':
      return style.red(word);
    case 'warn':
      return style.yellow(word);
    case 'info':
      return style.green(word);
    case 'debug':
      return style.dim(word);
  }
}

/**
 * One JSON object. Controls are escaped by JSON itself; the other characters that could harm a terminal are written as
 * `\u` escapes of JSON, so that a program reads the peer's string as it was and a terminal shows it harmlessly.
 */
export function formatJsonLine(line: LogLine): string {
  const document = { time: new Date(line.timeMs).toISOString(), level: line.level, message: line.message };
  const fields = Object.entries(line.fields).filter(([, value]) => value !== undefined);
  const json = JSON.stringify({ ...document, ...(fields.length > 0 ? { fields: Object.fromEntries(fields) } : {}) });
  return `${escapeJsonForTerminal(json)}\n`;
}
