import type { HttpViolation } from '../../core/http/index.ts';

function row(code: string, message: string, status: HttpViolation['status'] = 400): HttpViolation {
  return Object.freeze({ code, status, message });
}

/**
 * What a request of HTTP/2 can do wrong beyond the rules of HTTP/1.1, one row each (RFC 9113 §8.2, §8.3). The stream is
 * answered and ends; others of its connection go on.
 */
export const HTTP2_VIOLATION = {
  pseudoUnknown: row('HTTP_2_PSEUDO_UNKNOWN', 'A pseudo-header is none of those that a request has.'),
  pseudoRepeated: row('HTTP_2_PSEUDO_REPEATED', 'A pseudo-header stands more than once.'),
  pseudoLate: row('HTTP_2_PSEUDO_LATE', 'A pseudo-header stands behind other headers.'),
  pseudoMissing: row('HTTP_2_PSEUDO_MISSING', 'The request lacks :method, :scheme or :path.'),
  scheme: row('HTTP_2_SCHEME', 'The scheme is not that of the connection.'),
  path: row('HTTP_2_PATH', 'The path does not begin with a slash, or has a character that no path may have.'),
  headerName: row('HTTP_2_HEADER_NAME', 'A header name is not a token in lower case.'),
  headerValue: row('HTTP_2_HEADER_VALUE', 'A header value has a line end or a NUL.'),
  connectionHeader: row(
    'HTTP_2_CONNECTION_HEADER',
    'A header that belongs to a connection of HTTP/1.1 stands in HTTP/2.',
  ),
  te: row('HTTP_2_TE', 'TE is not "trailers".'),
  hostMismatch: row('HTTP_2_HOST_MISMATCH', 'The authority and the Host header name different hosts.'),
  endedEarly: row('HTTP_2_ENDED_EARLY', 'The request announces a body and ends without one.'),
  misdirected: row(
    'HTTP_2_MISDIRECTED',
    'The connection was opened for a host that has another certificate; ask on a connection of its own.',
    421,
  ),
  protocol: row('HTTP_2_PROTOCOL', 'The only protocol that CONNECT opens here is websocket.', 501),
  protocolWithoutConnect: row('HTTP_2_PROTOCOL_WITHOUT_CONNECT', 'Only CONNECT may name a protocol.'),
} as const satisfies Record<string, HttpViolation>;
