import { BYTE_CLASS, CR, LF, SPACE, TARGET, TOKEN } from './grammar.ts';
import { isValidHost } from './host.ts';
import { targetPath } from './target.ts';
import type { HttpViolation } from './types.ts';
import { VIOLATION } from './violations.ts';

/** Longer than any method of HTTP, WebDAV or MCMP. */
const MAX_METHOD_LENGTH = 32;
const SLASH = 47;
/** Length of ` HTTP/1.1`, and of the version with its line end. */
const VERSION_WITH_SPACE = 9;

/** The request line that was read last; one object, used again. */
export const requestLine = { methodEnd: 0, targetEnd: 0, minorVersion: 1 as 0 | 1 };

/**
 * Reads the request line at the beginning of `text` into `requestLine` (RFC 9112 §3): a token, one space, a target without
 * control characters, white space, non-ASCII or `#`, one space, `HTTP/1.1` or `HTTP/1.0` in capitals, CRLF.
 */
export function readRequestLine(text: string): HttpViolation | null {
  let pos = 0;
  let byte = text.charCodeAt(0);
  while (((BYTE_CLASS[byte] as number) & TOKEN) !== 0) byte = text.charCodeAt(++pos);
  if (pos === 0) return badBeginning(text);
  if (byte !== SPACE) return badMethodEnd(text, pos);
  if (pos > MAX_METHOD_LENGTH) return VIOLATION.methodTooLong;
  const methodEnd = pos;
  byte = text.charCodeAt(++pos);
  while (((BYTE_CLASS[byte] as number) & TARGET) !== 0) byte = text.charCodeAt(++pos);
  if (byte !== SPACE) return badTargetEnd(text, pos, methodEnd);
  if (pos === methodEnd + 1) return VIOLATION.requestLine;
  const version = readVersion(text, pos, methodEnd);
  if (version !== null) return version;
  requestLine.methodEnd = methodEnd;
  requestLine.targetEnd = pos;
  return null;
}

function readVersion(text: string, space: number, methodEnd: number): HttpViolation | null {
  const digit = text.charCodeAt(space + 8);
  if (
    (digit === 49 || digit === 48) &&
    text.startsWith('HTTP/1.', space + 1) &&
    text.charCodeAt(space + VERSION_WITH_SPACE) === CR &&
    text.charCodeAt(space + VERSION_WITH_SPACE + 1) === LF
  ) {
    requestLine.minorVersion = digit === 49 ? 1 : 0;
    return null;
  }
  const end = text.indexOf('\r\n', space);
  const rest = text.slice(space + 1, end === -1 ? space + 1 + 32 : end);
  if (rest.includes('\n')) return VIOLATION.bareLf;
  if (rest.includes('\r')) return VIOLATION.bareCr;
  if (!isVersion(rest)) return VIOLATION.requestLine;
  if (rest === 'HTTP/2.0' && text.slice(0, methodEnd) === 'PRI') return VIOLATION.http2Preface;
  return VIOLATION.version;
}

/** `HTTP/` digit `.` digit, as RFC 9112 §2.3 spells a version. */
function isVersion(word: string): boolean {
  return word.length === 8 && word.startsWith('HTTP/') && word[6] === '.' && isDigit(word, 5) && isDigit(word, 7);
}

function isDigit(word: string, at: number): boolean {
  const byte = word.charCodeAt(at);
  return byte >= 48 && byte <= 57;
}

/** What is wrong with bytes that cannot begin a request. */
export function badBeginning(text: string): HttpViolation {
  const byte = text.charCodeAt(0);
  if (byte === 0x16 && (text.length === 1 || text.charCodeAt(1) === 3)) return VIOLATION.tlsOnPlainPort;
  if (byte === LF) return VIOLATION.bareLf;
  if (byte === CR) return text.charCodeAt(1) === LF ? VIOLATION.notHttp : VIOLATION.bareCr;
  return VIOLATION.notHttp;
}

function badMethodEnd(text: string, pos: number): HttpViolation {
  const byte = text.charCodeAt(pos);
  if (byte === LF) return VIOLATION.bareLf;
  if (byte !== CR) return VIOLATION.method;
  return text.charCodeAt(pos + 1) === LF ? VIOLATION.requestLine : VIOLATION.bareCr;
}

function badTargetEnd(text: string, pos: number, methodEnd: number): HttpViolation {
  const byte = text.charCodeAt(pos);
  if (byte === LF) return VIOLATION.bareLf;
  if (byte === CR) return text.charCodeAt(pos + 1) === LF ? VIOLATION.requestLine : VIOLATION.bareCr;
  return pos === methodEnd + 1 ? VIOLATION.requestLine : VIOLATION.target;
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
  return isValidHost(parts.authority, 0, parts.authority.length) ? null : VIOLATION.hostInvalid;
}
