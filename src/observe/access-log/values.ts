import { textOf } from '../../core/mcmp/bytes.ts';

/** Longer strings of clients are cut: a line must not be as long as somebody else likes. */
export const MOST_CHARACTERS = 2048;

/** Printable ASCII without quote and backslash: the same in each format, and what nearly every value is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * A byte string as a JSON string, or null when it is empty. Pure ASCII: controls, and everything that could confuse a terminal
 * or a reader of lines, stand there as escapes.
 */
export function jsonText(bytes: string): string {
  if (bytes === '') return 'null';
  const value = bytes.length > MOST_CHARACTERS ? cut(bytes) : bytes;
  if (PLAIN.test(value)) return `"${value}"`;
  return JSON.stringify(textOf(value)).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A byte string for a place between quotes: what is not plain becomes `\xHH`, quote and backslash too; `-` when empty. */
export function quotedText(bytes: string): string {
  if (bytes === '') return '-';
  const value = bytes.length > MOST_CHARACTERS ? cut(bytes) : bytes;
  if (PLAIN.test(value)) return value;
  return value.replace(/[^ !#-[\]-~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** The beginning of a byte string, whole characters of UTF-8, and how many bytes were left out. */
function cut(bytes: string): string {
  let end = MOST_CHARACTERS;
  while (end > MOST_CHARACTERS - 4 && (bytes.charCodeAt(end) & 0xc0) === 0x80) end--;
  return `${bytes.slice(0, end)}...[+${bytes.length - end}]`;
}

const THOUSANDTHS: readonly string[] = Array.from({ length: 1000 }, (_, index) => `.${String(index).padStart(3, '0')}`);

/** Milliseconds with three digits behind the point; what is below zero is not known. */
export function millisecondsText(ms: number, unknown: string): string {
  if (ms < 0) return unknown;
  if (ms === 0) return '0.000';
  const microseconds = Math.round(ms * 1000);
  const whole = Math.floor(microseconds / 1000);
  return `${whole}${THOUSANDTHS[microseconds - whole * 1000] ?? ''}`;
}

/**
 * Prints a value, and remembers the last one: the name of a host or a node is mostly that of the line before, and to compare
 * it costs less than to look at each character.
 */
export function remembered(print: (bytes: string) => string): (bytes: string) => string {
  let last = '';
  let text = print(last);
  return (bytes) => {
    if (bytes !== last) {
      text = print(bytes);
      last = bytes;
    }
    return text;
  };
}

/** Prints a time, in milliseconds since the epoch. */
export type PrintTime = (atMs: number) => string;

/** Works a second out once; the next time is mostly in the same one. */
function rememberingSeconds(print: (second: Date) => string): PrintTime {
  let last = Number.NaN;
  let text = '';
  return (atMs) => {
    const second = Math.floor(atMs / 1000);
    if (second !== last) {
      text = print(new Date(second * 1000));
      last = second;
    }
    return text;
  };
}

/** `2026-11-22T11:30:00.123Z` */
export function isoTimes(): PrintTime {
  const seconds = rememberingSeconds((second) => second.toISOString().slice(0, 19));
  return (atMs) => `${seconds(atMs)}${THOUSANDTHS[Math.floor(atMs) % 1000] ?? ''}Z`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `22/Nov/2026:11:30:00 +0000`, the time of the common log format, always in UTC. */
export function commonLogTimes(): PrintTime {
  return rememberingSeconds((second) => {
    const iso = second.toISOString();
    const month = MONTHS[second.getUTCMonth()] ?? '';
    return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
  });
}
