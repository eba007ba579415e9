import type { ResponseHead } from './types.ts';
import { HEADER } from './types.ts';
import { isNamed } from './write-request.ts';

/** How a response head is to be passed on. One object a connection, changed from response to response. */
export interface ResponseWriteOptions {
  /**
   * How the client sees the end of the body: `keep` as the node framed it; `chunk`: the caller puts a body that ends with
   * the node's connection into chunks; `close`: it ends with the client's connection (a chunked body for an HTTP/1.0
   * client, unpacked by the caller).
   */
  framing: 'keep' | 'chunk' | 'close';
  clientMinorVersion: 0 | 1;
  /** Whether the client's connection stays open behind the response; never with `close`. */
  keepAlive: boolean;
  /** Our name in Via; empty: no Via line (RFC 9110 §7.6.3 requires it of requests only). */
  via: string;
  /**
   * The current time as HTTP prints it, for a node that sends no Date: who forwards such a response must add one (RFC 9110
   * §6.6.1). Empty: none is added.
   */
  date: string;
  /** Further header lines of our own, each with its CRLF; must hold nothing of a peer's that was not checked. */
  ownLines: string;
}

/** Options that pass a response on to an HTTP/1.1 client that stays. */
export function createResponseWriteOptions(): ResponseWriteOptions {
  return { framing: 'keep', clientMinorVersion: 1, keepAlive: true, via: '', date: '', ownLines: '' };
}

const HOP_BY_HOP = new Uint8Array(32);
for (const kind of [
  HEADER.connection,
  HEADER.keepAlive,
  HEADER.proxyConnection,
  HEADER.te,
  HEADER.proxyAuthenticate,
  HEADER.http2Settings,
]) {
  HOP_BY_HOP[kind] = 1;
}

/** Where the code ends: `HTTP/1.1 200`. */
const CODE_END = 12;

/**
 * Prints a parsed response head for the client, always as HTTP/1.1 (RFC 9112 §2.3), with the node's reason phrase, order and
 * spelling. Hop-by-hop headers go, and those that Connection names unless they are end-to-end; the framing is one of
 * Content-Length, `Transfer-Encoding: chunked` or `Connection: close`; a 101 keeps Upgrade. Nothing of the node's can break
 * out of its line: the bytes were checked when they were parsed (CVE-2016-4993).
 */
export function writeResponseHead(head: ResponseHead, options: ResponseWriteOptions): string {
  const { text, count, offsets, kinds, status } = head;
  const end = text.length - 2;
  const named = head.connectionNames.length > 0;
  let out = '';
  let from = 0;
  let hasDate = false;
  if (head.minorVersion === 0 || head.reasonStart === CODE_END) {
    out = `HTTP/1.1 ${status} ${text.slice(head.reasonStart, head.reasonEnd)}\r\n`;
    from = head.reasonEnd + 2;
  }
  for (let i = 0; i < count; i++) {
    const kind = kinds[i] as number;
    if (kind === HEADER.other) {
      if (!named || !isNamed(head, i)) continue;
    } else if (kind === HEADER.date) {
      hasDate = true;
      continue;
    } else if (HOP_BY_HOP[kind] === 0 && keeps(head, i, kind, options)) continue;
    const lineStart = offsets[i * 4] as number;
    if (from < lineStart) out += text.slice(from, lineStart);
    from = i + 1 < count ? (offsets[i * 4 + 4] as number) : end;
  }
  const own = ownLines(head, options, hasDate);
  if (own === '') return out + text.slice(from);
  return `${out + text.slice(from, end) + own}\r\n`;
}

/** Whether a line that is not simply hop-by-hop passes untouched. */
function keeps(head: ResponseHead, line: number, kind: number, options: ResponseWriteOptions): boolean {
  switch (kind) {
    case HEADER.contentLength:
      return options.framing === 'keep' && head.status >= 200 && head.status !== 204;
    case HEADER.transferEncoding:
      return keepsChunked(head, options) && isSpelledChunked(head, line);
    case HEADER.trailer:
      return keepsChunked(head, options);
    case HEADER.upgrade:
      return head.status === 101;
    default:
      return true;
  }
}

function keepsChunked(head: ResponseHead, options: ResponseWriteOptions): boolean {
  return options.framing === 'keep' && head.chunked && options.clientMinorVersion === 1;
}

function isSpelledChunked(head: ResponseHead, line: number): boolean {
  return head.text.startsWith('chunked', head.offsets[line * 4 + 2] as number);
}

function ownLines(head: ResponseHead, options: ResponseWriteOptions, hasDate: boolean): string {
  const { status } = head;
  let own = options.ownLines;
  if (options.via !== '')
    own += head.minorVersion === 1 ? `Via: 1.1 ${options.via}\r\n` : `Via: 1.0 ${options.via}\r\n`;
  if (status < 200) return status === 101 ? `${own}Connection: Upgrade\r\n` : own;
  if (!hasDate && options.date !== '') own += `Date: ${options.date}\r\n`;
  if (addsChunked(head, options)) own += 'Transfer-Encoding: chunked\r\n';
  if (!options.keepAlive || options.framing === 'close') return `${own}Connection: close\r\n`;
  return options.clientMinorVersion === 0 ? `${own}Connection: keep-alive\r\n` : own;
}

/** Whether the line is ours: the caller makes chunks, or the node spelled `chunked` in its own way. */
function addsChunked(head: ResponseHead, options: ResponseWriteOptions): boolean {
  if (options.framing === 'chunk') return true;
  if (!keepsChunked(head, options)) return false;
  for (let i = 0; i < head.count; i++) {
    if (head.kinds[i] === HEADER.transferEncoding) return !isSpelledChunked(head, i);
  }
  return false;
}
