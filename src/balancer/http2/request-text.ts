import { BYTE_CLASS, COLON, TARGET, TOKEN } from '../../core/http/grammar.ts';
import { canonicalHost } from '../../core/http/host.ts';
import { type HttpViolation, isValidHost, VIOLATION } from '../../core/http/index.ts';
import { HTTP2_VIOLATION } from './violations.ts';

/** How the body of a request that was printed as HTTP/1.1 has to be framed. */
export type RequestFraming = 'none' | 'length' | 'chunked' | 'tunnel';

/** A request of HTTP/2 as HTTP/1.1; one object, used again for each. */
export interface RequestText {
  /** Request line and header lines, with the empty line. */
  text: string;
  method: string;
  framing: RequestFraming;
  /** Of the framing `length`, in bytes. */
  contentLength: number;
}

/** What is known of the connection that a request came on. */
export interface RequestOrigin {
  /** What `:scheme` has to be. */
  readonly scheme: 'http' | 'https';
  /** The other end is a proxy that may have taken the request by either scheme. */
  readonly anyScheme: boolean;
  /** Whether the connection may carry requests for such a host (RFC 9110 §7.4). */
  isMeantHere(host: string): boolean;
}

export function createRequestText(): RequestText {
  return { text: '', method: '', framing: 'none', contentLength: 0 };
}

const CAPITAL_A = 65;
const CAPITAL_Z = 90;
const SLASH = 47;
/** Names that were found to be fine, so that the usual ones are looked at once; and when that is enough. */
const goodNames = new Set<string>();
const MOST_GOOD_NAMES = 1000;

/**
 * Prints the fields of a HTTP/2 request as a request head of HTTP/1.1, which the parser of that reads next: so all its rules
 * hold here as well, and what is checked here is what could get around it. RFC 9113 §8.2 and §8.3: names in lower case, no
 * header of a connection, each pseudo-header once and first; and nothing may hold a line end, which would begin a line of
 * its own. Several Cookie fields become one (§8.2.3). A CONNECT for a WebSocket (RFC 8441 §4) becomes a GET with Upgrade.
 *
 * @param fields name, value, name, value, as they came
 * @param ends no body follows
 * @param websocketKey makes a value for Sec-WebSocket-Key
 * @param out overwritten when there is no violation
 */
export function printRequest(
  fields: readonly string[],
  ends: boolean,
  origin: RequestOrigin,
  websocketKey: () => string,
  out: RequestText,
): HttpViolation | null {
  let method = '';
  let scheme = '';
  let path = '';
  let authority = '';
  let protocol = '';
  let host = '';
  let cookie = '';
  let length = '';
  let lines = '';
  let seenOthers = false;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    if (!isOneLine(value)) return HTTP2_VIOLATION.headerValue;
    if (name.charCodeAt(0) === COLON) {
      if (seenOthers) return HTTP2_VIOLATION.pseudoLate;
      let before: string;
      switch (name) {
        case ':method':
          before = method;
          method = value;
          break;
        case ':scheme':
          before = scheme;
          scheme = value;
          break;
        case ':path':
          before = path;
          path = value;
          break;
        case ':authority':
          before = authority;
          authority = value;
          break;
        case ':protocol':
          before = protocol;
          protocol = value;
          break;
        default:
          return HTTP2_VIOLATION.pseudoUnknown;
      }
      if (before !== '') return HTTP2_VIOLATION.pseudoRepeated;
      continue;
    }
    seenOthers = true;
    switch (name) {
      case 'host':
        if (host !== '') return VIOLATION.hostRepeated;
        host = value;
        continue;
      case 'cookie':
        cookie = cookie === '' ? value : `${cookie}; ${value}`;
        continue;
      case 'content-length':
        if (length !== '') return VIOLATION.contentLengthRepeated;
        length = value;
        continue;
      case 'connection':
      case 'keep-alive':
      case 'proxy-connection':
      case 'transfer-encoding':
      case 'upgrade':
      case 'http2-settings':
        return HTTP2_VIOLATION.connectionHeader;
      case 'te':
        if (value !== 'trailers') return HTTP2_VIOLATION.te;
        break;
      case 'sec-websocket-key':
        // There is none in HTTP/2 (RFC 8441 §5); the one for the node is ours.
        if (protocol !== '') continue;
        break;
    }
    if (!goodNames.has(name) && !isGoodName(name)) return HTTP2_VIOLATION.headerName;
    lines += `${name}: ${value}\r\n`;
  }

  if (method === '' || !isToken(method)) return method === '' ? HTTP2_VIOLATION.pseudoMissing : VIOLATION.method;
  const opensTunnel = protocol !== '';
  if (opensTunnel && method !== 'CONNECT') return HTTP2_VIOLATION.protocolWithoutConnect;
  if (opensTunnel && protocol !== 'websocket') return HTTP2_VIOLATION.protocol;
  if (method === 'CONNECT' && !opensTunnel) return VIOLATION.connect;
  if (scheme === '' || path === '') return HTTP2_VIOLATION.pseudoMissing;
  if (scheme !== origin.scheme && !(origin.anyScheme && (scheme === 'http' || scheme === 'https'))) {
    return HTTP2_VIOLATION.scheme;
  }
  if (!isPath(path)) return HTTP2_VIOLATION.path;
  const meant = authority === '' ? host : authority;
  if (meant === '') return VIOLATION.hostMissing;
  if (!isValidHost(meant)) return VIOLATION.hostInvalid;
  if (host !== '' && host !== meant && canonicalHost(host, origin.scheme) !== canonicalHost(meant, origin.scheme)) {
    return HTTP2_VIOLATION.hostMismatch;
  }
  if (!origin.isMeantHere(meant)) return HTTP2_VIOLATION.misdirected;
  if (length !== '' && (opensTunnel || !isNumber(length))) return VIOLATION.contentLength;
  if (ends && length !== '' && Number(length) > 0) return HTTP2_VIOLATION.endedEarly;

  let head = `${opensTunnel ? 'GET' : method} ${path} HTTP/1.1\r\nHost: ${meant}\r\n${lines}`;
  if (cookie !== '') head += `cookie: ${cookie}\r\n`;
  if (length !== '') head += `content-length: ${length}\r\n`;
  out.framing = 'none';
  if (opensTunnel) {
    out.framing = 'tunnel';
    head += `upgrade: websocket\r\nsec-websocket-key: ${websocketKey()}\r\n`;
  } else {
    if (length !== '') out.framing = 'length';
    else if (!ends) {
      out.framing = 'chunked';
      head += 'transfer-encoding: chunked\r\n';
    }
  }
  // A stream carries one request: nothing behind this one may be taken for another, also when no tunnel comes of it.
  head += opensTunnel ? 'Connection: close, upgrade\r\n\r\n' : 'Connection: close\r\n\r\n';
  out.text = head;
  out.method = opensTunnel ? 'GET' : method;
  out.contentLength = length === '' ? 0 : Number(length);
  return null;
}

/** Whether a value stays within its line. What else may not stand in one, the parser of HTTP/1.1 finds. */
function isOneLine(value: string): boolean {
  return !value.includes('\n') && !value.includes('\r') && !value.includes('\0');
}

/** A token without capital letters (RFC 9113 §8.2.1). */
function isGoodName(name: string): boolean {
  if (name === '') return false;
  for (let i = 0; i < name.length; i++) {
    const byte = name.charCodeAt(i);
    if (((BYTE_CLASS[byte] as number) & TOKEN) === 0 || (byte >= CAPITAL_A && byte <= CAPITAL_Z)) return false;
  }
  if (goodNames.size < MOST_GOOD_NAMES && name.length < 64) goodNames.add(name);
  return true;
}

function isToken(method: string): boolean {
  if (method === 'GET' || method === 'POST') return true;
  for (let i = 0; i < method.length; i++) {
    if (((BYTE_CLASS[method.charCodeAt(i)] as number) & TOKEN) === 0) return false;
  }
  return true;
}

/** A path, or the `*` whose methods the parser knows. Absolute forms, which HTTP/1.1 has, are none here (§8.3.1). */
function isPath(path: string): boolean {
  if (path === '*') return true;
  if (path.charCodeAt(0) !== SLASH) return false;
  for (let i = 0; i < path.length; i++) {
    if (((BYTE_CLASS[path.charCodeAt(i)] as number) & TARGET) === 0) return false;
  }
  return true;
}

/** Digits as Content-Length has them; the parser of HTTP/1.1 says what is too long or has leading zeros. */
function isNumber(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const byte = text.charCodeAt(i);
    if (byte < 48 || byte > 57) return false;
  }
  return text !== '';
}
