import { COLON } from './grammar.ts';

/** What the node is told about the client; built once a connection. */
export interface ClientIdentity {
  /** IP address without port, IPv6 without brackets. */
  readonly address: string;
  readonly scheme: 'http' | 'https';
  /** `X-Forwarded-For` and `-Proto`, each with its line end. */
  readonly xForwardedLines: string;
  /** `for=…;proto=…` of an element of Forwarded (RFC 7239 §4). */
  readonly forwardedPairs: string;
}

/**
 * Describes a client for the headers that tell a node about it.
 *
 * @param address as the socket gives it; an IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`) is told as IPv4
 * @param scheme with which the client came
 */
export function describeClient(address: string, scheme: 'http' | 'https'): ClientIdentity {
  const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
  // Only characters of addresses: a zone or a socket path must never reach a header.
  const safe = /^[0-9A-Fa-f:.]+$/.test(plain) ? plain : '';
  const node = safe === '' ? 'unknown' : safe.includes(':') ? `"[${safe}]"` : safe;
  return {
    address: safe === '' ? 'unknown' : safe,
    scheme,
    xForwardedLines: `X-Forwarded-For: ${safe === '' ? 'unknown' : safe}\r\nX-Forwarded-Proto: ${scheme}\r\n`,
    forwardedPairs: `for=${node};proto=${scheme}`,
  };
}

/** One element of Forwarded; a host with a port or brackets needs quotes, for `:` and `[` are no token characters. */
export function forwardedElement(client: ClientIdentity, host: string): string {
  if (host === '') return client.forwardedPairs;
  return isTokenHost(host) ? `${client.forwardedPairs};host=${host}` : `${client.forwardedPairs};host="${host}"`;
}

function isTokenHost(host: string): boolean {
  for (let i = 0; i < host.length; i++) if (host.charCodeAt(i) === COLON) return false;
  return true;
}
