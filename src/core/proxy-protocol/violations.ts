import type { ProxyViolation } from './types.ts';

function row(code: ProxyViolation['code'], message: string): ProxyViolation {
  return Object.freeze({ code, message });
}

/**
 * Everything a PROXY header can do wrong here, one row each. There is no answer to any of them: the connection is closed
 * (§2.1: "Any sequence which does not exactly match the protocol must be discarded").
 */
export const PROXY_VIOLATION = {
  missing: row('PROXY_MISSING', 'The connection does not begin with a PROXY header.'),

  // Version 1, a line of text (§2.1).
  family: row('PROXY_FAMILY', 'The PROXY line names neither TCP4 nor TCP6 nor UNKNOWN.'),
  character: row('PROXY_CHARACTER', 'The PROXY line has a character that no address and no port may have.'),
  lineEnd: row('PROXY_LINE_END', 'The PROXY line does not end with CRLF.'),
  lineTooLong: row('PROXY_LINE_TOO_LONG', 'The PROXY line is longer than 107 bytes.'),
  lineShape: row('PROXY_LINE_SHAPE', 'The PROXY line is not two addresses and two ports with single spaces.'),
  address: row('PROXY_ADDRESS', 'An address of the PROXY line is not a canonical one of its family.'),
  port: row('PROXY_PORT', 'A port of the PROXY line is not a plain decimal number up to 65535.'),

  // Version 2, binary (§2.2).
  version: row('PROXY_VERSION', 'The binary PROXY header has another version than 2.'),
  command: row('PROXY_COMMAND', 'The command of the PROXY header is neither LOCAL nor PROXY.'),
  binaryFamily: row('PROXY_BINARY_FAMILY', 'The PROXY header has an address family or a transport that is unassigned.'),
  tooLong: row('PROXY_TOO_LONG', 'The PROXY header announces more bytes than allowed.'),
  tooShort: row('PROXY_TOO_SHORT', 'The PROXY header is too short for the addresses of its family.'),

  // Vectors behind the addresses (§2.2.1 to §2.2.7).
  vector: row('PROXY_VECTOR', 'A vector of the PROXY header ends behind the end of what holds it.'),
  vectorRepeated: row('PROXY_VECTOR_REPEATED', 'A vector that may stand once stands twice in the PROXY header.'),
  checksumLength: row('PROXY_CHECKSUM_LENGTH', 'The checksum of the PROXY header is not four bytes long.'),
  checksum: row('PROXY_CHECKSUM', 'The checksum of the PROXY header does not fit its bytes.'),
  authority: row(
    'PROXY_AUTHORITY',
    'The host name of the PROXY header is too long, not UTF-8, or has control characters.',
  ),
  alpn: row('PROXY_ALPN', 'The protocol name (ALPN) of the PROXY header is empty or longer than 255 bytes.'),
  uniqueId: row('PROXY_UNIQUE_ID', 'The unique id of the PROXY header is longer than 128 bytes.'),
  namespace: row('PROXY_NAMESPACE', 'The namespace of the PROXY header is not printable ASCII.'),
  tls: row(
    'PROXY_TLS',
    'The vector of TLS in the PROXY header is shorter than five bytes, or a text in it is unprintable.',
  ),
} as const satisfies Record<string, ProxyViolation>;
