import { BYTE_CLASS, CR, LF, SPACE, TARGET, TOKEN } from './grammar.ts';
import { isValidHost } from './host.ts';
import { swept } from './sweep.ts';
import { targetPath } from './target.ts';
import type { HttpViolation } from './types.ts';
import { VIOLATION } from './violations.ts';

/** Longer than any method of HTTP, WebDAV or MCMP. */
export const MAX_METHOD_LENGTH = 32;
/** Length of ` HTTP/1.1`. */
const VERSION_WITH_SPACE = 9;
const SLASH = 47;
const ZERO = 48;
const ONE = 49;
/** ` HTTP/1.` before the last digit of the version. */
const BEFORE_MINOR = Uint8Array.from(' HTTP/1.', (character) => character.charCodeAt(0));

/** The request line that was read last; one object, used again. */
export const requestLine = { methodEnd: 0, targetEnd: 0, minorVersion: 1 as 0 | 1 };

/**
 * Reads the request line of the text that was swept last into `requestLine` (RFC 9112 §3): a token, one space, a target
 * without control characters, white space, non-ASCII or `#`, one space, `HTTP/1.1` or `HTTP/1.0` in capitals, CRLF.
 */
export function readRequestLine(): HttpViolation | null {
  const { bytes } = swept;
  let pos = 0;
  while (((BYTE_CLASS[bytes[pos] as number] as number) & TOKEN) !== 0) pos++;
  if (pos === 0) return badBeginning();
  if (bytes[pos] !== SPACE) return badWordEnd(pos, VIOLATION.method);
  if (pos > MAX_METHOD_LENGTH) return VIOLATION.methodTooLong;
  const methodEnd = pos++;
  while (((BYTE_CLASS[bytes[pos] as number] as number) & TARGET) !== 0) pos++;
  if (bytes[pos] !== SPACE) return badWordEnd(pos, VIOLATION.target);
  if (pos === methodEnd + 1) return VIOLATION.requestLine;
  if (swept.lineCount === 0) return badLineEnd();
  const lineEnd = swept.lineEnds[0] as number;
  if (pos + VERSION_WITH_SPACE !== lineEnd || !readVersion(bytes, pos)) {
    return badVersion(bytes, pos + 1, lineEnd, methodEnd);
  }
  requestLine.methodEnd = methodEnd;
  requestLine.targetEnd = pos;
  return null;
}

function readVersion(bytes: Uint8Array, space: number): boolean {
  for (let i = 0; i < BEFORE_MINOR.length; i++) if (bytes[space + i] !== BEFORE_MINOR[i]) return false;
  const minor = bytes[space + BEFORE_MINOR.length];
  requestLine.minorVersion = minor === ONE ? 1 : 0;
  return minor === ONE || minor === ZERO;
}

function badVersion(bytes: Uint8Array, start: number, lineEnd: number, methodEnd: number): HttpViolation {
  const version = latin1(bytes, start, Math.min(lineEnd, start + 16));
  if (!isVersion(version)) return VIOLATION.requestLine;
  return version === 'HTTP/2.0' && latin1(bytes, 0, methodEnd) === 'PRI' ? VIOLATION.http2Preface : VIOLATION.version;
}

/** `HTTP/` digit `.` digit, as RFC 9112 §2.3 spells a version. */
function isVersion(word: string): boolean {
  return word.length === 8 && word.startsWith('HTTP/') && word[6] === '.' && isDigit(word, 5) && isDigit(word, 7);
}

function isDigit(word: string, at: number): boolean {
  const byte = word.charCodeAt(at);
  return byte >= 48 && byte <= 57;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

/** What is wrong with the byte at which the method or the target ends. */
function badWordEnd(pos: number, otherwise: HttpViolation): HttpViolation {
  const byte = swept.bytes[pos];
  if (byte === LF) return VIOLATION.bareLf;
  if (byte !== CR) return otherwise;
  return pos === swept.odd ? VIOLATION.bareCr : VIOLATION.requestLine;
}

/** The line does not end with CRLF. */
function badLineEnd(): HttpViolation {
  const { bytes, odd } = swept;
  if (odd !== -1 && bytes[odd] === LF) return VIOLATION.bareLf;
  return odd !== -1 && bytes[odd] === CR ? VIOLATION.bareCr : VIOLATION.requestLine;
}

/** What is wrong with bytes that cannot begin a request. */
export function badBeginning(): HttpViolation {
  const { bytes } = swept;
  if (bytes[0] === 0x16 && bytes[1] === 3) return VIOLATION.tlsOnPlainPort;
  if (swept.odd === 0) {
    if (bytes[0] === LF) return VIOLATION.bareLf;
    if (bytes[0] === CR) return VIOLATION.bareCr;
  }
  return VIOLATION.notHttp;
}

/** Methods whose meaning is bound to a resource, so that `*` makes no sense with them (RFC 9112 §3.2.4). */
const NEEDS_RESOURCE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE']);

/**
 * Judges the form of a target whose characters are fine: a path; an http(s) URL with a valid host and no user; `*` with
 * OPTIONS or a method of another protocol (MCMP's among them); nothing else. CONNECT is refused.
 */
export function checkTargetForm(method: string, target: string): HttpViolation | null {
  if (method === 'CONNECT') return VIOLATION.connect;
  if (target.charCodeAt(0) === SLASH) return null;
  const parts = targetPath(target);
  if (parts.form === 'asterisk') return NEEDS_RESOURCE.has(method) ? VIOLATION.targetForm : null;
  if (parts.form === 'invalid') return VIOLATION.targetForm;
  return isValidHost(parts.authority) ? null : VIOLATION.hostInvalid;
}
