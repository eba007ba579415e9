import { isIP } from 'node:net';

/** A place to listen on or to connect to. */
export interface Address {
  /** Name or address, without brackets; empty: all interfaces. */
  readonly host: string;
  /** 0 to 65535; 0: any free port. */
  readonly port: number;
}

const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/;
const IPV6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9_.-]+)?$/;

/**
 * Reads `host:port`, `:port` or `[::1]:port`. An IPv6 address without brackets is refused, as its last group could be the
 * port.
 *
 * @returns the address, or a sentence that says what is wrong with the text
 */
export function parseAddress(text: string): Address | string {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):([0-9]{1,5})$/.exec(text);
  if (match === null) {
    return /:.*:/.test(text) && !text.includes('[')
      ? 'an IPv6 address stands in brackets: [::1]:8090'
      : 'expected host:port, :port or [::1]:port';
  }
  const [, bracketed, plain, digits] = match;
  const port = Number(digits);
  if (port > 65_535) return 'a port is at most 65535';
  if (bracketed !== undefined) {
    return IPV6.test(bracketed) ? { host: bracketed, port } : 'what stands in brackets is not an IPv6 address';
  }
  const host = plain ?? '';
  if (host !== '' && !HOST_NAME.test(host)) return 'the host is neither a name nor an address';
  return { host, port };
}

/**
 * The one spelling of a host that is compared and printed: names in lower case, IPv6 in its shortest form (RFC 5952) and
 * in brackets, without a zone, which means something on the machine that named it only.
 *
 * @param text a name or an address; IPv6 with or without brackets
 * @returns undefined when it is neither
 */
export function canonicalHost(text: string): string | undefined {
  const bare = withoutBrackets(text);
  if (!bare.includes(':')) return bare === text && HOST_NAME.test(text) ? text.toLowerCase() : undefined;
  const url = `http://[${bare.replace(/%[A-Za-z0-9_.-]+$/, '')}]/`;
  return IPV6.test(bare) && URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** The host as resolvers and sockets want it: IPv6 stands in brackets in URLs, Host and CONFIG only. */
export function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** Writes an address as `parseAddress` reads it. */
export function formatAddress(address: Address): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Whether only programs on this machine can reach an address of this name. Empty means all interfaces, so it does not. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}

/**
 * Protects an address for managing against DNS rebinding: a page in the operator's browser may make a name of its own
 * resolve to this address, but it cannot keep that name out of `Host`. An address literal or `localhost` cannot be rebound.
 *
 * @param host value of the Host header
 * @param names further names the operator allows
 */
export function isExpectedHost(host: string, names: readonly string[]): boolean {
  const name = withoutBrackets(host.replace(/:\d*$/, '')).toLowerCase();
  return isIP(name) !== 0 || name === 'localhost' || names.some((known) => known.toLowerCase() === name);
}

/** Where a URL leads, as people are told: with the port, for who left it out may not think of 80. */
export function addressOfUrl(url: URL): string {
  if (url.protocol !== 'http:') return url.origin;
  return url.port === '' ? `${url.hostname}:80` : url.host;
}

/** A URL as it may be shown: what could be a password is taken out. */
export function withoutUserinfo(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//');
}
