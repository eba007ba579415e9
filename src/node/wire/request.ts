import type { Pair } from '../../client/answer.ts';
import { encodeText } from '../../client/body.ts';
import { withoutBrackets } from '../../core/address.ts';
import { encodeValue } from '../../core/mcmp/body.ts';
import { bytesOf } from '../../core/mcmp/bytes.ts';
import { ABOUT_HEADER } from '../../core/mcmp/commands.ts';
import type { Manners, Outgoing } from './types.ts';

/** Where requests of a wire go. */
export interface Destination {
  /** The path of the balancer's URL, which stands before every target; without its last `/`. */
  readonly prefix: string;
  /** Host header. */
  readonly host: string;
}

export function destinationOf(base: URL, manners: Manners): Destination {
  return { prefix: base.pathname.replace(/\/+$/, ''), host: manners === 'java' ? javaHost(base) : base.host };
}

/**
 * The bytes of a request, as a byte string. With Java manners the headers, their order and the encoding are those of the
 * Java node (reference §9.1); its `+` for a space is not understood by httpd, so ours say `%20` (reference §1.2).
 */
export function printRequest({ method, target, pairs, about }: Outgoing, to: Destination, manners: Manners): string {
  const body = manners === 'java' ? encodeForm(pairs) : encodeText(pairs);
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
  const agent = manners === 'java' ? 'ClusterListener/1.0\r\nConnection: Keep-Alive' : 'mcmp-node';
  const narrow = about === undefined || manners === 'java' ? '' : `\r\n${ABOUT_HEADER}: ${encodeValue(bytesOf(about))}`;
  return `${method} ${to.prefix}${target} HTTP/1.1\r\nHost: ${to.host}\r\n${length}User-Agent: ${agent}${narrow}\r\n\r\n${body}`;
}

/** `application/x-www-form-urlencoded` of UTF-8, `.`, `-`, `*` and `_` as they are. */
function encodeForm(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${encodeFormText(name)}=${encodeFormText(value)}`).join('&');
}

function encodeFormText(text: string): string {
  if (/^[A-Za-z0-9.*_-]*$/.test(text)) return text;
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/[^A-Za-z0-9.*_-]/g, (byte) =>
      byte === ' ' ? '+' : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    );
}

/** The Java node always says the port, and writes IPv6 with all of its eight groups. */
function javaHost(base: URL): string {
  const port = base.port === '' ? (base.protocol === 'https:' ? '443' : '80') : base.port;
  const host = withoutBrackets(base.hostname);
  return `${host.includes(':') ? `[${expandIpv6(host)}]` : host}:${port}`;
}

/** @param address as a URL spells it: hexadecimal groups, `::` at most once */
function expandIpv6(address: string): string {
  const [left = '', right] = address.split('::');
  const before = left.split(':').filter(Boolean);
  const after = right === undefined ? [] : right.split(':').filter(Boolean);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].join(':');
}
