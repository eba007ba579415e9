import { BYTE_CLASS, CR, LF, SPACE, TOKEN } from './grammar.ts';
import { oddByte } from './header-lines.ts';
import { tooLong } from './request-head.ts';
import { badBeginning, MAX_METHOD_LENGTH, readRequestLine } from './request-line.ts';
import { sweep, swept } from './sweep.ts';
import type { HeadLimits, HttpViolation } from './types.ts';
import { VIOLATION } from './violations.ts';

const MAX_LEADING_CRLF = 2;
/** First byte of a TLS record with a handshake. */
const TLS_HANDSHAKE = 0x16;

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
 */
export function checkPartialHead(text: string, limits: HeadLimits): HttpViolation | null {
  const length = text.length;
  if (length === 0) return null;
  if (length >= limits.maxHeadBytes) return tooLong(text, limits);
  sweep(text, length);
  const { bytes, odd } = swept;
  if (((BYTE_CLASS[bytes[0] as number] as number) & TOKEN) === 0) {
    return length === 1 && (bytes[0] === CR || bytes[0] === TLS_HANDSHAKE) ? null : badBeginning();
  }
  const bad = swept.lineCount > 0 ? readRequestLine() : checkPartialLine(bytes, odd === -1 ? length : odd);
  if (bad !== null || odd === -1) return bad;
  return oddByte(bytes, odd);
}

/** A request line that has not ended: its method must be one so far. */
function checkPartialLine(bytes: Uint8Array, end: number): HttpViolation | null {
  for (let i = 0; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === SPACE) return null;
    if (i === MAX_METHOD_LENGTH) return VIOLATION.methodTooLong;
    if (((BYTE_CLASS[byte] as number) & TOKEN) === 0 && byte !== CR) return VIOLATION.method;
  }
  return null;
}
