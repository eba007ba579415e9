import { BYTE_CLASS, CR, DIGIT, equalsIgnoringCase, isToken, isWhiteSpace, SPACE, TOKEN, trimmed } from './grammar.ts';
import type { HttpViolation } from './types.ts';
import { VIOLATION } from './violations.ts';

/** What `Connection` asks for, as bits. */
export const CLOSE = 1;
export const KEEP_ALIVE = 2;
export const UPGRADE = 4;

const MAX_CONNECTION_NAMES = 32;
/** Digits of 2^53, the last integer a JavaScript number counts to exactly. */
const MAX_DIGITS = 16;

/**
 * Value of Content-Length, or -1 when it is not a plain number (RFC 9112 §6.3): a sign, white space inside, a list, even of
 * equal numbers, a number beyond 2^53, and leading zeros, which some readers take for octal.
 */
export function readContentLength(text: string, start: number, end: number): number {
  const length = end - start;
  if (length === 0 || length > MAX_DIGITS) return -1;
  if (length > 1 && text.charCodeAt(start) === 48) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const byte = text.charCodeAt(i);
    if (((BYTE_CLASS[byte] as number) & DIGIT) === 0) return -1;
    value = value * 10 + (byte - 48);
  }
  return Number.isSafeInteger(value) ? value : -1;
}

/**
 * Null when Transfer-Encoding is `chunked` in any case. Anything else that ends in `chunked` is a coding we do not know
 * (501, RFC 9112 §6.1), the rest leaves the end of the body uncertain (400, §6.3).
 */
export function checkTransferEncoding(text: string, start: number, end: number): HttpViolation | null {
  if (equalsIgnoringCase(text, start, end, 'chunked')) return null;
  const codings = text.slice(start, end).toLowerCase().split(',').map(trimmed);
  const last = codings.pop();
  const wellFormed = last === 'chunked' && codings.every((coding) => isToken(coding) && coding !== 'chunked');
  return wellFormed ? VIOLATION.transferEncodingUnknown : VIOLATION.transferEncoding;
}

/**
 * Whether a framing header is written plainly: only spaces before its value, nothing after it. The grammar would allow tabs
 * and trailing white space, but no honest sender uses them and readers have disagreed about them.
 */
export function isPlainlySpaced(text: string, nameEnd: number, valueStart: number, valueEnd: number): boolean {
  if (text.charCodeAt(valueEnd) !== CR) return false;
  for (let i = nameEnd + 1; i < valueStart; i++) if (text.charCodeAt(i) !== SPACE) return false;
  return true;
}

/**
 * Reads one value of Connection: the options as bits (`CLOSE | KEEP_ALIVE | UPGRADE`); other names are added to `names` in
 * lower case, each once. -1 when it is not a list of tokens, -2 when it names too many.
 */
export function readConnection(text: string, start: number, end: number, names: string[]): number {
  let options = 0;
  let pos = start;
  while (pos < end) {
    const tokenStart = pos;
    while (pos < end && ((BYTE_CLASS[text.charCodeAt(pos)] as number) & TOKEN) !== 0) pos++;
    if (pos > tokenStart) {
      const option = connectionOption(text, tokenStart, pos);
      if (option !== 0) options |= option;
      else {
        if (names.length >= MAX_CONNECTION_NAMES) return -2;
        const name = text.slice(tokenStart, pos).toLowerCase();
        if (!names.includes(name)) names.push(name);
      }
    }
    while (pos < end && isWhiteSpace(text.charCodeAt(pos))) pos++;
    if (pos < end && text.charCodeAt(pos++) !== 44) return -1;
    while (pos < end && isWhiteSpace(text.charCodeAt(pos))) pos++;
  }
  return options;
}

function connectionOption(text: string, start: number, end: number): number {
  if (equalsIgnoringCase(text, start, end, 'keep-alive')) return KEEP_ALIVE;
  if (equalsIgnoringCase(text, start, end, 'close')) return CLOSE;
  return equalsIgnoringCase(text, start, end, 'upgrade') ? UPGRADE : 0;
}
