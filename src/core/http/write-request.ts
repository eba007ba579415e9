import { type ClientIdentity, forwardedElement } from './client-identity.ts';
import { withoutCookie } from './cookies.ts';
import { trimmed } from './grammar.ts';
import { END_TO_END_NAMES } from './header-names.ts';
import { targetForNode } from './target.ts';
import type { HeaderLines, RequestHead } from './types.ts';
import { HEADER } from './types.ts';

/** How a request head is to be passed on. One object a connection, changed from request to request. */
export interface RequestWriteOptions {
  /** Who the client is, from `describeClient`. */
  client: ClientIdentity;
  /** Which headers tell the node so. */
  forwardedHeaders: 'x-forwarded' | 'forwarded' | 'both' | 'none';
  /** The peer is a proxy whose own X-Forwarded-… and Forwarded are believed and added to. Else they are dropped. */
  trusted: boolean;
  /** Our name in Via; empty: no Via line. */
  via: string;
  /** The client speaks HTTP/2, and the head was made from its fields: Via says 2.0 (RFC 9110 §7.6.3; §2.5 for the zero). */
  receivedAsHttp2: boolean;
  /** Host for a node when an HTTP/1.0 client named none; must be a valid host. */
  hostForNode: string;
  /** Pass `Expect: 100-continue` on; else the caller has answered 100 itself. */
  passExpect: boolean;
  /** Pass the upgrade that the client wants on (`head.upgrade`). */
  upgrade: boolean;
  /** Pass `TE: trailers` on (gRPC wants it). No other transfer coding is ever offered to a node. */
  passTrailers: boolean;
  /** Name of a cookie that must not reach the node; empty: none. */
  removeCookie: string;
  /** Request target in place of the client's; empty: as sent. From `targetWithoutSession`. */
  target: string;
}

/** Options that pass a request on with nothing but the hop-by-hop headers gone. */
export function createRequestWriteOptions(client: ClientIdentity): RequestWriteOptions {
  return {
    client,
    forwardedHeaders: 'none',
    trusted: false,
    via: '',
    receivedAsHttp2: false,
    hostForNode: 'localhost',
    passExpect: true,
    upgrade: false,
    passTrailers: false,
    removeCookie: '',
    target: '',
  };
}

const KEEP = 0;
const DROP = 1;

/** Lines that this hop keeps for itself (RFC 9110 §7.6.1), whatever the options. */
const HOP_BY_HOP = new Uint8Array(32);
for (const kind of [
  HEADER.connection,
  HEADER.keepAlive,
  HEADER.proxyConnection,
  // Replaced by a line of our own when trailers are passed on.
  HEADER.te,
  // Credentials for a proxy that the client was told to use; we never ask for any (RFC 9110 §11.7.2).
  HEADER.proxyAuthorization,
  HEADER.http2Settings,
  HEADER.proxy,
]) {
  HOP_BY_HOP[kind] = DROP;
}

/**
 * Prints a parsed request head for a node. The request line, the order and the spelling of the lines stay as they came, but
 * the version is HTTP/1.1 and an absolute target becomes a path (the host that it names is the one in Host). These steps
 * change lines:
 * 1. hop-by-hop headers go, and those that Connection names unless they are end-to-end (CVE-2022-31813);
 * 2. what the client claims about itself in X-Forwarded-… and Forwarded goes, unless the peer is trusted;
 * 3. Transfer-Encoding is spelled `chunked`; Content-Length is a plain number already;
 * 4. the session cookie goes when it must not reach the node;
 * 5. our own lines follow: Host if there was none, Via, X-Forwarded-…, Forwarded, Upgrade's Connection, TE.
 *
 * There is no `Connection: keep-alive`: HTTP/1.1 connections persist by default (RFC 9112 §9.3).
 */
export function writeRequestHead(head: RequestHead, options: RequestWriteOptions): string {
  const { text, count, offsets, kinds } = head;
  const end = text.length - 2;
  const named = head.connectionNames.length > 0;
  let out = '';
  let from = 0;
  let seen = 0;
  const asked = options.target === '' ? head.target : options.target;
  const target = targetForNode(head.method, asked);
  if (target !== head.target || head.minorVersion === 0) {
    out = `${head.method} ${target} HTTP/1.1\r\n`;
    from = head.targetEnd + 11;
  }
  for (let i = 0; i < count; i++) {
    const kind = kinds[i] as number;
    seen |= 1 << kind;
    if (kind === HEADER.other) {
      if (!named || !isNamed(head, i)) continue;
    } else if (HOP_BY_HOP[kind] === KEEP && keeps(head, i, kind, options)) continue;
    const lineStart = offsets[i * 4] as number;
    if (from < lineStart) out += text.slice(from, lineStart);
    from = i + 1 < count ? (offsets[i * 4 + 4] as number) : end;
    if (kind === HEADER.cookie || kind === HEADER.transferEncoding) out += replaced(head, i, kind, options);
  }
  const own = ownLines(head, options, seen);
  if (own === '') return out + text.slice(from);
  return `${out + text.slice(from, end) + own}\r\n`;
}

/** Whether a line that is not simply hop-by-hop passes untouched. */
function keeps(head: RequestHead, line: number, kind: number, options: RequestWriteOptions): boolean {
  switch (kind) {
    case HEADER.upgrade:
      return options.upgrade && head.upgrade !== '';
    case HEADER.expect:
      return options.passExpect && head.expectContinue;
    case HEADER.cookie:
      return options.removeCookie === '' || !valueAt(head, line).includes(options.removeCookie);
    case HEADER.transferEncoding:
      return valueAt(head, line) === 'chunked';
    case HEADER.xForwardedProto:
    case HEADER.xForwardedHost:
    case HEADER.xForwardedOther:
      return options.trusted;
    // Lists that we add to are printed anew as one line: some readers look at the first line only.
    case HEADER.xForwardedFor:
      return options.trusted && !addsXForwarded(options);
    case HEADER.forwarded:
      return options.trusted && !addsForwarded(options);
    default:
      return true;
  }
}

function replaced(head: RequestHead, line: number, kind: number, options: RequestWriteOptions): string {
  const name = head.text.slice(head.offsets[line * 4] as number, head.offsets[line * 4 + 1] as number);
  if (kind === HEADER.transferEncoding) return `${name}: chunked\r\n`;
  const cookies = withoutCookie(valueAt(head, line), options.removeCookie);
  return cookies === '' ? '' : `${name}: ${cookies}\r\n`;
}

function ownLines(head: RequestHead, options: RequestWriteOptions, seen: number): string {
  let own = '';
  const host = head.host === '' ? options.hostForNode : head.host;
  if ((seen & (1 << HEADER.host)) === 0) own += `Host: ${host}\r\n`;
  if (options.via !== '') own += `Via: ${receivedProtocol(head, options)} ${options.via}\r\n`;
  if (addsXForwarded(options))
    own += options.trusted ? addedXForwarded(head, options, seen, host) : xForwarded(options, host);
  if (addsForwarded(options)) {
    const element = forwardedElement(options.client, host);
    const before = options.trusted ? valuesOf(head, HEADER.forwarded) : '';
    own += before === '' ? `Forwarded: ${element}\r\n` : `Forwarded: ${before}, ${element}\r\n`;
  }
  const upgrades = options.upgrade && head.upgrade !== '';
  const passesTe = options.passTrailers && (seen & (1 << HEADER.te)) !== 0 && wantsTrailers(head);
  if (passesTe) own += 'TE: trailers\r\n';
  if (upgrades || passesTe) own += `Connection: ${upgrades ? (passesTe ? 'Upgrade, TE' : 'Upgrade') : 'TE'}\r\n`;
  return own;
}

function receivedProtocol(head: RequestHead, options: RequestWriteOptions): string {
  if (options.receivedAsHttp2) return '2.0';
  return head.minorVersion === 1 ? '1.1' : '1.0';
}

function addsXForwarded(options: RequestWriteOptions): boolean {
  return options.forwardedHeaders === 'x-forwarded' || options.forwardedHeaders === 'both';
}

function addsForwarded(options: RequestWriteOptions): boolean {
  return options.forwardedHeaders === 'forwarded' || options.forwardedHeaders === 'both';
}

function xForwarded(options: RequestWriteOptions, host: string): string {
  return `${options.client.xForwardedLines}X-Forwarded-Host: ${host}\r\n`;
}

/**
 * Behind a trusted proxy: the addresses are a list to which its own address is added; scheme and host are what the first
 * proxy saw, and stay when they are there.
 */
function addedXForwarded(head: RequestHead, options: RequestWriteOptions, seen: number, host: string): string {
  const { address, scheme } = options.client;
  const before = valuesOf(head, HEADER.xForwardedFor);
  let own = before === '' ? `X-Forwarded-For: ${address}\r\n` : `X-Forwarded-For: ${before}, ${address}\r\n`;
  if ((seen & (1 << HEADER.xForwardedProto)) === 0) own += `X-Forwarded-Proto: ${scheme}\r\n`;
  if ((seen & (1 << HEADER.xForwardedHost)) === 0) own += `X-Forwarded-Host: ${host}\r\n`;
  return own;
}

function wantsTrailers(head: RequestHead): boolean {
  return valuesOf(head, HEADER.te)
    .toLowerCase()
    .split(',')
    .some((coding) => trimmed(coding) === 'trailers');
}

/** The non-empty values of all lines of a kind, as one list. */
function valuesOf(head: HeaderLines, kind: number): string {
  let values = '';
  for (let i = 0; i < head.count; i++) {
    if (head.kinds[i] !== kind) continue;
    const value = valueAt(head, i);
    if (value !== '') values = values === '' ? value : `${values}, ${value}`;
  }
  return values;
}

function valueAt(head: HeaderLines, line: number): string {
  return head.text.slice(head.offsets[line * 4 + 2] as number, head.offsets[line * 4 + 3] as number);
}

/** Whether Connection names this line and may take it away. */
export function isNamed(head: HeaderLines, line: number): boolean {
  const name = head.text.slice(head.offsets[line * 4] as number, head.offsets[line * 4 + 1] as number).toLowerCase();
  return head.connectionNames.includes(name) && !END_TO_END_NAMES.has(name);
}
