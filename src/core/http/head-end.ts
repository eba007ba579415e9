import { BYTE_CLASS, CR, LF, TAB, TOKEN } from './grammar.ts';
import { tooLong } from './request-head.ts';
import { badBeginning, readRequestLine } from './request-line.ts';
import type { HeadLimits, HttpViolation } from './types.ts';
import { VIOLATION } from './violations.ts';

const MAX_LEADING_CRLF = 2;
const MAX_METHOD_LENGTH = 32;

/**
 * Offset just after the empty line that ends the head, or -1. A head ends with CRLF CRLF only (RFC 9112 §2.1); what looks
 * like an end to more lenient readers, LF LF, never is one here.
 *
 * @param from where to look from; three bytes before the end of what was looked through already is enough
 */
export function findHeadEnd(text: string, from: number): number {
  const at = text.indexOf('\r\n\r\n', from);
  return at === -1 ? -1 : at + 4;
}

/**
 * Offset of the request line when up to two empty lines stand before it, as old clients send after a POST (RFC 9112 §2.2).
 * More are refused by the parser. Call it before `findHeadEnd`, and cut them off.
 */
export function skipLeadingCrlf(text: string, from: number): number {
  let pos = from;
  for (let i = 0; i < MAX_LEADING_CRLF; i++) {
    if (text.charCodeAt(pos) !== CR || text.charCodeAt(pos + 1) !== LF) break;
    pos += 2;
  }
  return pos;
}

/**
 * Judges a request head that has not ended yet, so that what can never become one is answered at once instead of after the
 * header time-out: too long, a bare LF or CR, a control character, a first line that is no request line.
 *
 * @param text what has arrived, beginning with the request line
 * @param from everything before this offset was judged by an earlier call
 */
export function checkPartialHead(text: string, limits: HeadLimits, from = 0): HttpViolation | null {
  const length = text.length;
  if (length === 0) return null;
  if (length >= limits.maxHeadBytes) return tooLong(text, limits);
  const first = text.charCodeAt(0);
  if (((BYTE_CLASS[first] as number) & TOKEN) === 0) return first === CR && length === 1 ? null : badBeginning(text);
  for (let i = Math.max(from - 1, 0); i < length; i++) {
    const byte = text.charCodeAt(i);
    if (byte >= 32 && byte !== 127) continue;
    if (byte === LF) {
      if (text.charCodeAt(i - 1) !== CR) return VIOLATION.bareLf;
    } else if (byte === CR) {
      if (i + 1 < length && text.charCodeAt(i + 1) !== LF) return VIOLATION.bareCr;
    } else if (byte !== TAB) return VIOLATION.headerValue;
  }
  return text.includes('\n') ? readRequestLine(text) : checkPartialLine(text);
}

/** A request line that has not ended: its method must be one so far. */
function checkPartialLine(text: string): HttpViolation | null {
  const end = Math.min(text.length, MAX_METHOD_LENGTH + 1);
  for (let i = 0; i < end; i++) {
    const byte = text.charCodeAt(i);
    if (byte === 32) return null;
    if (((BYTE_CLASS[byte] as number) & TOKEN) === 0 && !(byte === CR && i === text.length - 1))
      return VIOLATION.method;
  }
  return text.length > MAX_METHOD_LENGTH ? VIOLATION.methodTooLong : null;
}
