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
  const microseconds = Math.round(ms * 1000);
  const whole = Math.floor(microseconds / 1000);
  return `${whole}${THOUSANDTHS[microseconds - whole * 1000] ?? ''}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Prints times; a second that was asked for a moment ago is not worked out again. */
export interface TimePrinter {
  /** @param atMs milliseconds since the epoch */
  print(atMs: number): string;
}

/** `2026-11-22T11:30:00.123Z` */
export function isoTimes(): TimePrinter {
  let second = Number.NaN;
  let text = '';
  return {
    print(atMs) {
      const whole = Math.floor(atMs / 1000);
      if (whole !== second) {
        second = whole;
        text = new Date(whole * 1000).toISOString().slice(0, 19);
      }
      return `${text}${THOUSANDTHS[Math.floor(atMs - whole * 1000)] ?? ''}Z`;
    },
  };
}

/** `22/Nov/2026:11:30:00 +0000`, the time of the common log format, always in UTC. */
export function commonLogTimes(): TimePrinter {
  let second = Number.NaN;
  let text = '';
  return {
    print(atMs) {
      const whole = Math.floor(atMs / 1000);
      if (whole !== second) {
        second = whole;
        const iso = new Date(whole * 1000).toISOString();
        const month = MONTHS[Number(iso.slice(5, 7)) - 1] ?? '';
        text = `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
      }
      return text;
    },
  };
}
