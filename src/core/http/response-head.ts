import { CLOSE, KEEP_ALIVE, readConnection, takeContentLength, takeTransferEncoding, UPGRADE } from './framing.ts';
import { BYTE_CLASS, CR, DIGIT, equalsWord, LF, lowerCaseWord, SPACE } from './grammar.ts';
import { createHeaderLines, readHeaderLines } from './header-lines.ts';
import { sweep, swept } from './sweep.ts';
import type { HeadLimits, HttpViolation, ResponseHead } from './types.ts';
import { HEADER } from './types.ts';
import { VIOLATION } from './violations.ts';

export type ResponseBody = 'none' | 'length' | 'chunked' | 'close' | 'tunnel';

/** Where the code ends: `HTTP/1.1 200`. */
const CODE_END = 12;
const BEFORE_CODE = 8;
/** `HTTP/1.` before the last digit of the version. */
const BEFORE_MINOR = Uint8Array.from('HTTP/1.', (character) => character.charCodeAt(0));
const TIMEOUT_WORD = lowerCaseWord('timeout=');
const ZERO = 48;
const ONE = 49;

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
  sweep(text, headEnd);
  const badLine = readStatusLine(head);
  if (badLine !== null) return badLine;
  const badHeader = readHeaderLines(1, headEnd, head, limits.maxHeaderLines);
  if (badHeader !== null) return badHeader;

  head.text = text.length === headEnd ? text : text.slice(0, headEnd);
  head.contentLength = -1;
  head.chunked = false;
  head.keepAliveSeconds = -1;
  head.upgrade = '';
  if (head.connectionNames.length > 0) head.connectionNames.length = 0;
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
function readStatusLine(head: ResponseHead): HttpViolation | null {
  const { bytes } = swept;
  for (let i = 0; i < BEFORE_MINOR.length; i++) if (bytes[i] !== BEFORE_MINOR[i]) return VIOLATION.statusLine;
  const minor = bytes[BEFORE_MINOR.length];
  if ((minor !== ONE && minor !== ZERO) || bytes[BEFORE_CODE] !== SPACE) return VIOLATION.statusLine;
  head.minorVersion = minor === ONE ? 1 : 0;
  let status = 0;
  for (let i = BEFORE_CODE + 1; i < CODE_END; i++) {
    const byte = bytes[i] as number;
    if (((BYTE_CLASS[byte] as number) & DIGIT) === 0) return VIOLATION.statusLine;
    status = status * 10 + (byte - ZERO);
  }
  if (swept.lineCount === 0) return badLineEnd();
  const lineEnd = swept.lineEnds[0] as number;
  const hasReason = bytes[CODE_END] === SPACE;
  if (!hasReason && lineEnd !== CODE_END) return VIOLATION.statusLine;
  head.reasonStart = hasReason ? CODE_END + 1 : CODE_END;
  head.reasonEnd = lineEnd;
  if (status < 100 || status > 599) return VIOLATION.status;
  head.status = status;
  return null;
}

/** The line does not end with CRLF. */
function badLineEnd(): HttpViolation {
  const { bytes, odd } = swept;
  if (odd !== -1 && bytes[odd] === LF) return VIOLATION.bareLf;
  return odd !== -1 && bytes[odd] === CR ? VIOLATION.bareCr : VIOLATION.statusLine;
}

function readMeaning(text: string, head: ResponseHead): HttpViolation | null {
  const { offsets, kinds, count } = head;
  const { bytes } = swept;
  let options = 0;
  let upgrade = '';
  for (let i = 0; i < count; i++) {
    const kind = kinds[i];
    if (kind === HEADER.other) continue;
    const start = offsets[i * 4 + 2] as number;
    const end = offsets[i * 4 + 3] as number;
    switch (kind) {
      case HEADER.connection: {
        const found = readConnection(bytes, start, end, head.connectionNames);
        if (found < 0) return found === -1 ? VIOLATION.connection : VIOLATION.connectionTooLong;
        options |= found;
        break;
      }
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
      case HEADER.keepAlive:
        head.keepAliveSeconds = readKeepAliveSeconds(bytes, start, end);
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
function readKeepAliveSeconds(bytes: Uint8Array, start: number, end: number): number {
  let pos = start;
  while (pos + TIMEOUT_WORD.length < end && !equalsWord(bytes, pos, pos + TIMEOUT_WORD.length, TIMEOUT_WORD)) pos++;
  pos += TIMEOUT_WORD.length;
  const digits = pos;
  let seconds = 0;
  while (pos < end && pos < digits + 6 && ((BYTE_CLASS[bytes[pos] as number] as number) & DIGIT) !== 0) {
    seconds = seconds * 10 + ((bytes[pos++] as number) - ZERO);
  }
  return pos > digits ? seconds : -1;
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
