import { CLOSE, KEEP_ALIVE, readConnection, takeContentLength, takeTransferEncoding, UPGRADE } from './framing.ts';
import { equalsWord, lowerCaseWord } from './grammar.ts';
import { createHeaderLines, readHeaderLines } from './header-lines.ts';
import { canonicalHost, isHostAt } from './host.ts';
import { checkTargetForm, readRequestLine, requestLine } from './request-line.ts';
import { sweep, swept } from './sweep.ts';
import { targetPath } from './target.ts';
import type { HeadLimits, HttpViolation, RequestHead } from './types.ts';
import { HEADER } from './types.ts';
import { VIOLATION } from './violations.ts';

const SLASH = 47;
/** Of CONNECT. */
const CAPITAL_C = 67;
const CONTINUE_WORD = lowerCaseWord('100-continue');

/** A request head to parse into, again and again. */
export function createRequestHead(): RequestHead {
  return {
    ...createHeaderLines(),
    method: '',
    target: '',
    targetStart: 0,
    targetEnd: 0,
    minorVersion: 1,
    host: '',
    cookie: '',
    contentLength: -1,
    chunked: false,
    keepAlive: true,
    expectContinue: false,
    upgrade: '',
  };
}

/**
 * Reads one request head (RFC 9112 §3, §5, §6) into `head`. Strict: whatever two readers could understand differently is
 * refused, and after a refusal the connection must be closed and `head` not be used.
 *
 * @param text latin1, beginning with the first byte of the request line (see `skipLeadingCrlf`); may go on after the head
 * @param headEnd offset just after the empty line, from `findHeadEnd`
 * @param head all fields are overwritten
 * @returns null when the head is sound
 */
export function parseRequestHead(
  text: string,
  headEnd: number,
  head: RequestHead,
  limits: HeadLimits,
): HttpViolation | null {
  if (headEnd > limits.maxHeadBytes) return tooLong(text, limits);
  sweep(text, headEnd);
  const badLine = readRequestLine();
  if (badLine !== null) return badLine;
  const { methodEnd, targetEnd, minorVersion } = requestLine;
  const badHeader = readHeaderLines(1, headEnd, head, limits.maxHeaderLines);
  if (badHeader !== null) return badHeader;

  head.text = text.length === headEnd ? text : text.slice(0, headEnd);
  head.method = methodOf(text, methodEnd);
  head.target = text.slice(methodEnd + 1, targetEnd);
  head.targetStart = methodEnd + 1;
  head.targetEnd = targetEnd;
  head.minorVersion = minorVersion;
  head.host = '';
  head.cookie = '';
  head.contentLength = -1;
  head.chunked = false;
  head.expectContinue = false;
  head.upgrade = '';
  if (head.connectionNames.length > 0) head.connectionNames.length = 0;

  const badMeaning = readMeaning(text, head);
  if (badMeaning !== null) return badMeaning;
  if (head.chunked && head.contentLength !== -1) return VIOLATION.lengthAndEncoding;
  if (head.chunked && minorVersion === 0) return VIOLATION.transferEncodingIn10;
  if (head.host === '' && minorVersion === 1) return VIOLATION.hostMissing;
  if (swept.bytes[methodEnd + 1] === SLASH && swept.bytes[0] !== CAPITAL_C) return null;
  return checkTarget(head);
}

/** The method; for the usual ones no new string is made. */
function methodOf(text: string, end: number): string {
  const { bytes } = swept;
  if (end === 3 && bytes[0] === 71 && bytes[1] === 69 && bytes[2] === 84) return 'GET';
  if (end === 4 && bytes[0] === 80 && bytes[1] === 79 && bytes[2] === 83 && bytes[3] === 84) return 'POST';
  return text.slice(0, end);
}

/** Which limit the head broke: 414 when its first line alone is too long (RFC 9110 §15.5.15). */
export function tooLong(text: string, limits: HeadLimits): HttpViolation {
  const lineEnd = text.indexOf('\n');
  return lineEnd === -1 || lineEnd >= limits.maxHeadBytes ? VIOLATION.targetTooLong : VIOLATION.headTooLong;
}

/** One look at every line that means something to a proxy. */
function readMeaning(text: string, head: RequestHead): HttpViolation | null {
  const { offsets, kinds, count } = head;
  const { bytes } = swept;
  let options = 0;
  let upgrade = '';
  let hasHost = false;
  for (let i = 0; i < count; i++) {
    const kind = kinds[i];
    if (kind === HEADER.other) continue;
    const start = offsets[i * 4 + 2] as number;
    const end = offsets[i * 4 + 3] as number;
    switch (kind) {
      case HEADER.host:
        if (hasHost) return VIOLATION.hostRepeated;
        if (!isHostAt(bytes, start, end)) return VIOLATION.hostInvalid;
        hasHost = true;
        head.host = text.slice(start, end);
        break;
      case HEADER.connection: {
        const found = readConnection(bytes, start, end, head.connectionNames);
        if (found < 0) return found === -1 ? VIOLATION.connection : VIOLATION.connectionTooLong;
        options |= found;
        break;
      }
      case HEADER.cookie:
        head.cookie = head.cookie === '' ? text.slice(start, end) : `${head.cookie}; ${text.slice(start, end)}`;
        break;
      case HEADER.contentLength: {
        const bad = takeContentLength(bytes, head, i);
        if (bad !== null) return bad;
        break;
      }
      case HEADER.transferEncoding: {
        const bad = takeTransferEncoding(bytes, head, i);
        if (bad !== null) return bad;
        break;
      }
      case HEADER.expect:
        if (!equalsWord(bytes, start, end, CONTINUE_WORD)) return VIOLATION.expectation;
        head.expectContinue = head.minorVersion === 1;
        break;
      case HEADER.upgrade:
        upgrade = upgrade === '' ? text.slice(start, end) : `${upgrade}, ${text.slice(start, end)}`;
        break;
    }
  }
  head.keepAlive = (options & CLOSE) === 0 && (head.minorVersion === 1 || (options & KEEP_ALIVE) !== 0);
  if ((options & UPGRADE) !== 0 && head.minorVersion === 1 && isTunnelProtocol(upgrade)) head.upgrade = upgrade;
  return null;
}

/**
 * Whether a proxy may hand the connection over to that protocol. Not to HTTP/2 or TLS: requests inside such a tunnel would
 * pass the balancer unseen ("h2c smuggling"); the upgrade is then ignored, as RFC 9110 §7.8 permits.
 */
function isTunnelProtocol(upgrade: string): boolean {
  const lower = upgrade.toLowerCase();
  return lower !== '' && !lower.includes('h2') && !lower.includes('tls') && !lower.includes('http');
}

/** Everything but the plain path: an absolute target also names a host, and it must be the one Host names (§3.2.2). */
function checkTarget(head: RequestHead): HttpViolation | null {
  const bad = checkTargetForm(head.method, head.target);
  if (bad !== null) return bad;
  const { scheme, authority } = targetPath(head.target);
  if (scheme === '') return null;
  if (head.host !== '' && canonicalHost(head.host, scheme) !== canonicalHost(authority, scheme)) {
    return VIOLATION.hostMismatch;
  }
  head.host = authority;
  return null;
}
