import {
  CLOSE,
  checkTransferEncoding,
  isPlainlySpaced,
  KEEP_ALIVE,
  readConnection,
  readContentLength,
  UPGRADE,
} from './framing.ts';
import { BYTE_CLASS, CR, DIGIT, LF, SPACE, VALUE } from './grammar.ts';
import { createHeaderLines, readHeaderLines } from './header-lines.ts';
import type { HeadLimits, HttpViolation, ResponseHead } from './types.ts';
import { HEADER } from './types.ts';
import { VIOLATION } from './violations.ts';

export type ResponseBody = 'none' | 'length' | 'chunked' | 'close' | 'tunnel';

/** Where the code ends: `HTTP/1.1 200`. */
const CODE_END = 12;

/** A response head to parse into, again and again. */
export function createResponseHead(): ResponseHead {
  return {
    ...createHeaderLines(),
    status: 0,
    minorVersion: 1,
    reasonStart: 0,
    reasonEnd: 0,
    contentLength: -1,
    chunked: false,
    keepAlive: true,
    keepAliveSeconds: -1,
    upgrade: '',
  };
}

/**
 * Reads one response head of a node into `head`, as strictly as a request: a node may be taken over, or may relay what an
 * attacker wrote. After a refusal the connection to the node must be closed and the client gets 502.
 *
 * @param text latin1, beginning with the first byte of the status line; may go on after the head
 * @param headEnd offset just after the empty line, from `findHeadEnd`
 * @param head all fields are overwritten
 * @param requestMethod of the request that is answered; HEAD decides about the body
 */
export function parseResponseHead(
  text: string,
  headEnd: number,
  head: ResponseHead,
  requestMethod: string,
  limits: HeadLimits,
): HttpViolation | null {
  if (headEnd > limits.maxHeadBytes) return VIOLATION.headTooLong;
  const badLine = readStatusLine(text, head);
  if (badLine !== null) return badLine;
  const badHeader = readHeaderLines(text, head.reasonEnd + 2, headEnd, head, limits.maxHeaderLines);
  if (badHeader !== null) return badHeader;

  head.text = text.length === headEnd ? text : text.slice(0, headEnd);
  head.contentLength = -1;
  head.chunked = false;
  head.keepAliveSeconds = -1;
  head.upgrade = '';
  head.connectionNames.length = 0;
  const badMeaning = readMeaning(text, head);
  if (badMeaning !== null) return badMeaning;
  if (head.chunked && head.contentLength !== -1) return VIOLATION.lengthAndEncoding;
  if (head.chunked && head.minorVersion === 0) return VIOLATION.transferEncodingIn10;
  if ((head.status < 200 || head.status === 204) && (head.chunked || head.contentLength > 0)) {
    return VIOLATION.bodyNotAllowed;
  }
  const body = bodyOfResponse(head, requestMethod);
  if (body === 'close' || body === 'tunnel') head.keepAlive = false;
  return null;
}

/** `HTTP/1.1 200 reason`; the space after the code may be missing with the reason, as many nodes write it (§4). */
function readStatusLine(text: string, head: ResponseHead): HttpViolation | null {
  const digit = text.charCodeAt(7);
  if ((digit !== 49 && digit !== 48) || !text.startsWith('HTTP/1.') || text.charCodeAt(8) !== SPACE) {
    return VIOLATION.statusLine;
  }
  head.minorVersion = digit === 49 ? 1 : 0;
  let status = 0;
  for (let i = 9; i < CODE_END; i++) {
    const byte = text.charCodeAt(i);
    if (((BYTE_CLASS[byte] as number) & DIGIT) === 0) return VIOLATION.statusLine;
    status = status * 10 + (byte - 48);
  }
  let pos = CODE_END;
  let byte = text.charCodeAt(pos);
  if (byte === SPACE) byte = text.charCodeAt(++pos);
  else if (byte !== CR) return byte === LF ? VIOLATION.bareLf : VIOLATION.statusLine;
  head.reasonStart = pos;
  while (((BYTE_CLASS[byte] as number) & VALUE) !== 0) byte = text.charCodeAt(++pos);
  if (byte !== CR) return byte === LF ? VIOLATION.bareLf : VIOLATION.statusLine;
  if (text.charCodeAt(pos + 1) !== LF) return VIOLATION.bareCr;
  head.reasonEnd = pos;
  if (status < 100 || status > 599) return VIOLATION.status;
  head.status = status;
  return null;
}

function readMeaning(text: string, head: ResponseHead): HttpViolation | null {
  const { offsets, kinds, count } = head;
  let options = 0;
  let upgrade = '';
  for (let i = 0; i < count; i++) {
    const kind = kinds[i];
    if (kind === HEADER.other) continue;
    const start = offsets[i * 4 + 2] as number;
    const end = offsets[i * 4 + 3] as number;
    switch (kind) {
      case HEADER.connection: {
        const found = readConnection(text, start, end, head.connectionNames);
        if (found < 0) return found === -1 ? VIOLATION.connection : VIOLATION.connectionTooLong;
        options |= found;
        break;
      }
      case HEADER.contentLength:
        if (head.contentLength !== -1) return VIOLATION.contentLengthRepeated;
        head.contentLength = readContentLength(text, start, end);
        if (head.contentLength === -1) return VIOLATION.contentLength;
        if (!isPlainlySpaced(text, offsets[i * 4 + 1] as number, start, end)) return VIOLATION.contentLength;
        break;
      case HEADER.transferEncoding: {
        if (head.chunked) return VIOLATION.transferEncodingRepeated;
        const bad = checkTransferEncoding(text, start, end);
        if (bad !== null) return bad;
        if (!isPlainlySpaced(text, offsets[i * 4 + 1] as number, start, end)) return VIOLATION.transferEncoding;
        head.chunked = true;
        break;
      }
      case HEADER.keepAlive:
        head.keepAliveSeconds = readKeepAliveSeconds(text, start, end);
        break;
      case HEADER.upgrade:
        upgrade = text.slice(start, end);
        break;
    }
  }
  head.keepAlive = (options & CLOSE) === 0 && (head.minorVersion === 1 || (options & KEEP_ALIVE) !== 0);
  if ((options & UPGRADE) !== 0 && head.minorVersion === 1) head.upgrade = upgrade;
  return null;
}

/** Seconds of `timeout=N` in a Keep-Alive value, or -1. A hint, so anything odd counts as absent. */
function readKeepAliveSeconds(text: string, start: number, end: number): number {
  const word = text.slice(start, end).toLowerCase();
  const at = word.indexOf('timeout=');
  if (at === -1) return -1;
  const seconds = Number.parseInt(word.slice(at + 8, at + 8 + 6), 10);
  return seconds >= 0 ? seconds : -1;
}

/**
 * How the body of a response ends (RFC 9112 §6.3): there is none; `contentLength` bytes; chunks; at the end of the
 * connection; or never, because the connection now speaks another protocol.
 */
export function bodyOfResponse(head: ResponseHead, requestMethod: string): ResponseBody {
  const status = head.status;
  if (status === 101) return 'tunnel';
  if (status < 200 || status === 204 || status === 304 || requestMethod === 'HEAD') return 'none';
  if (head.chunked) return 'chunked';
  return head.contentLength === -1 ? 'close' : 'length';
}
