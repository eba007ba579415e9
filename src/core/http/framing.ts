import {
  BYTE_CLASS,
  CR,
  DIGIT,
  equalsWord,
  isToken,
  isWhiteSpace,
  lowerCaseWord,
  SPACE,
  TOKEN,
  trimmed,
} from './grammar.ts';
import type { HeaderLines, HttpViolation } from './types.ts';
import { VIOLATION } from './violations.ts';

/** What `Connection` asks for, as bits. */
export const CLOSE = 1;
export const KEEP_ALIVE = 2;
export const UPGRADE = 4;

const MAX_CONNECTION_NAMES = 32;
/** Digits of 2^53, the last integer a JavaScript number counts to exactly. */
const MAX_DIGITS = 16;
const ZERO = 48;
const COMMA = 44;

const CHUNKED_WORD = lowerCaseWord('chunked');
const KEEP_ALIVE_WORD = lowerCaseWord('keep-alive');
const CLOSE_WORD = lowerCaseWord('close');
const UPGRADE_WORD = lowerCaseWord('upgrade');

/** A head that says how long its body is. */
interface FramedHead extends HeaderLines {
  contentLength: number;
  chunked: boolean;
}

/** Takes Content-Length from a header line into the head. A second one is refused, also when both are equal. */
export function takeContentLength(bytes: Uint8Array, head: FramedHead, line: number): HttpViolation | null {
  if (head.contentLength !== -1) return VIOLATION.contentLengthRepeated;
  const nameEnd = head.offsets[line * 4 + 1] as number;
  const start = head.offsets[line * 4 + 2] as number;
  const end = head.offsets[line * 4 + 3] as number;
  head.contentLength = readContentLength(bytes, start, end);
  return head.contentLength !== -1 && isPlainlySpaced(bytes, nameEnd, start, end) ? null : VIOLATION.contentLength;
}

/** Takes Transfer-Encoding from a header line into the head. */
export function takeTransferEncoding(bytes: Uint8Array, head: FramedHead, line: number): HttpViolation | null {
  if (head.chunked) return VIOLATION.transferEncodingRepeated;
  const nameEnd = head.offsets[line * 4 + 1] as number;
  const start = head.offsets[line * 4 + 2] as number;
  const end = head.offsets[line * 4 + 3] as number;
  const bad = checkTransferEncoding(bytes, start, end);
  if (bad !== null) return bad;
  if (!isPlainlySpaced(bytes, nameEnd, start, end)) return VIOLATION.transferEncoding;
  head.chunked = true;
  return null;
}

/**
 * Value of Content-Length, or -1 when it is not a plain number (RFC 9112 §6.3): a sign, white space inside, a list, even of
 * equal numbers, a number beyond 2^53, and leading zeros, which some readers take for octal.
 */
function readContentLength(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0 || length > MAX_DIGITS) return -1;
  if (length > 1 && bytes[start] === ZERO) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (((BYTE_CLASS[byte] as number) & DIGIT) === 0) return -1;
    value = value * 10 + (byte - ZERO);
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : -1;
}

/**
 * Null when Transfer-Encoding is `chunked` in any case. Anything else that ends in `chunked` is a coding we do not know
 * (501, RFC 9112 §6.1), the rest leaves the end of the body uncertain (400, §6.3).
 */
function checkTransferEncoding(bytes: Uint8Array, start: number, end: number): HttpViolation | null {
  if (equalsWord(bytes, start, end, CHUNKED_WORD)) return null;
  const value = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 256)));
  const codings = value.toLowerCase().split(',').map(trimmed);
  const last = codings.pop();
  const wellFormed = last === 'chunked' && codings.every((coding) => isToken(coding) && coding !== 'chunked');
  return wellFormed ? VIOLATION.transferEncodingUnknown : VIOLATION.transferEncoding;
}

/**
 * Whether a framing header is written plainly: only spaces before its value, nothing after it. The grammar would allow tabs
 * and trailing white space, but no honest sender uses them and readers have disagreed about them.
 */
function isPlainlySpaced(bytes: Uint8Array, nameEnd: number, valueStart: number, valueEnd: number): boolean {
  if (bytes[valueEnd] !== CR) return false;
  for (let i = nameEnd + 1; i < valueStart; i++) if (bytes[i] !== SPACE) return false;
  return true;
}

/**
 * Reads one value of Connection: the options as bits (`CLOSE | KEEP_ALIVE | UPGRADE`); other names are added to `names` in
 * lower case, each once. -1 when it is not a list of tokens, -2 when it names too many.
 */
export function readConnection(bytes: Uint8Array, start: number, end: number, names: string[]): number {
  let options = 0;
  let pos = start;
  while (pos < end) {
    const tokenStart = pos;
    while (pos < end && ((BYTE_CLASS[bytes[pos] as number] as number) & TOKEN) !== 0) pos++;
    if (pos > tokenStart) {
      const option = connectionOption(bytes, tokenStart, pos);
      if (option === 0 && !addName(names, bytes, tokenStart, pos)) return -2;
      options |= option;
    }
    while (pos < end && isWhiteSpace(bytes[pos] as number)) pos++;
    if (pos < end && bytes[pos++] !== COMMA) return -1;
    while (pos < end && isWhiteSpace(bytes[pos] as number)) pos++;
  }
  return options;
}

function connectionOption(bytes: Uint8Array, start: number, end: number): number {
  if (equalsWord(bytes, start, end, KEEP_ALIVE_WORD)) return KEEP_ALIVE;
  if (equalsWord(bytes, start, end, CLOSE_WORD)) return CLOSE;
  return equalsWord(bytes, start, end, UPGRADE_WORD) ? UPGRADE : 0;
}

function addName(names: string[], bytes: Uint8Array, start: number, end: number): boolean {
  let name = '';
  for (let i = start; i < end; i++) name += String.fromCharCode(bytes[i] as number);
  const lower = name.toLowerCase();
  if (names.includes(lower)) return true;
  return names.push(lower) <= MAX_CONNECTION_NAMES;
}
