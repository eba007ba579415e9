import type { HttpViolation } from './types.ts';

function row(code: string, status: HttpViolation['status'], message: string): HttpViolation {
  return Object.freeze({ code, status, message });
}

/**
 * Everything an HTTP/1.1 message can do wrong here, one row each. The connection it came on is closed after the answer, for
 * where the next message begins is no longer certain (RFC 9112 §11.2). When the message is a node's response, the status of
 * the row does not matter: the client gets 502.
 */
export const VIOLATION = {
  // The head as a whole.
  notHttp: row('HTTP_NOT_HTTP', 400, 'These bytes do not begin an HTTP message.'),
  tlsOnPlainPort: row('HTTP_TLS_ON_PLAIN_PORT', 400, 'A TLS handshake was sent to a port that speaks plain HTTP.'),
  headTooLong: row('HTTP_HEAD_TOO_LONG', 431, 'The head of the message is longer than allowed.'),
  tooManyLines: row('HTTP_TOO_MANY_HEADERS', 431, 'The message has more header lines than allowed.'),
  bareLf: row('HTTP_BARE_LF', 400, 'A line of the head ends with LF instead of CRLF.'),
  bareCr: row('HTTP_BARE_CR', 400, 'The head has a CR that no LF follows.'),
  headEnd: row('HTTP_HEAD_END', 400, 'The head does not end with exactly one empty line.'),

  // The request line.
  method: row('HTTP_METHOD', 400, 'The method is not a token.'),
  methodTooLong: row('HTTP_METHOD_TOO_LONG', 501, 'The method is longer than any known one.'),
  connect: row('HTTP_CONNECT', 501, 'CONNECT is not served here.'),
  target: row('HTTP_TARGET', 400, 'The request target has a character that no target may have.'),
  targetForm: row('HTTP_TARGET_FORM', 400, 'The request target is neither a path, nor an http URL, nor a fitting "*".'),
  targetTooLong: row('HTTP_TARGET_TOO_LONG', 414, 'The request line is longer than allowed.'),
  requestLine: row('HTTP_REQUEST_LINE', 400, 'The request line is not "method target HTTP/1.1" with single spaces.'),
  version: row('HTTP_VERSION', 505, 'Only HTTP/1.1 and HTTP/1.0 are spoken here.'),
  http2Preface: row('HTTP_2_PREFACE', 505, 'An HTTP/2 connection preface was sent to a port that speaks HTTP/1.1.'),

  // The status line.
  statusLine: row('HTTP_STATUS_LINE', 400, 'The status line is not "HTTP/1.1 code reason".'),
  status: row('HTTP_STATUS', 400, 'The status code is not one of 100 to 599.'),

  // Header lines.
  foldedLine: row('HTTP_FOLDED_LINE', 400, 'A header line begins with white space.'),
  headerName: row('HTTP_HEADER_NAME', 400, 'A header name is empty or has a character that no token may have.'),
  spaceBeforeColon: row('HTTP_SPACE_BEFORE_COLON', 400, 'White space stands between a header name and its colon.'),
  headerValue: row('HTTP_HEADER_VALUE', 400, 'A header value has a control character.'),

  // Who is meant.
  hostMissing: row('HTTP_HOST_MISSING', 400, 'An HTTP/1.1 request needs a Host header.'),
  hostRepeated: row('HTTP_HOST_REPEATED', 400, 'The request has more than one Host header.'),
  hostInvalid: row('HTTP_HOST_INVALID', 400, 'The host is not a name or address with an optional port.'),
  hostMismatch: row('HTTP_HOST_MISMATCH', 400, 'The request target and the Host header name different hosts.'),

  // Framing of the body.
  contentLength: row('HTTP_CONTENT_LENGTH', 400, 'Content-Length is not a plain decimal number.'),
  contentLengthRepeated: row('HTTP_CONTENT_LENGTH_REPEATED', 400, 'Content-Length stands more than once.'),
  transferEncoding: row('HTTP_TRANSFER_ENCODING', 400, 'Transfer-Encoding is not exactly "chunked".'),
  transferEncodingUnknown: row('HTTP_TRANSFER_CODING', 501, 'A transfer coding other than chunked is not served here.'),
  transferEncodingRepeated: row('HTTP_TRANSFER_ENCODING_REPEATED', 400, 'Transfer-Encoding stands more than once.'),
  transferEncodingIn10: row('HTTP_TRANSFER_ENCODING_IN_1_0', 400, 'HTTP/1.0 has no Transfer-Encoding.'),
  lengthAndEncoding: row('HTTP_LENGTH_AND_ENCODING', 400, 'Content-Length and Transfer-Encoding stand in one message.'),
  bodyNotAllowed: row('HTTP_BODY_NOT_ALLOWED', 400, 'A response that can have no body announces one.'),

  // Other headers that a proxy acts upon.
  connection: row('HTTP_CONNECTION', 400, 'Connection is not a list of tokens.'),
  connectionTooLong: row('HTTP_CONNECTION_TOO_LONG', 431, 'Connection names more headers than allowed.'),
  expectation: row('HTTP_EXPECTATION', 417, 'The only expectation served here is 100-continue.'),

  // Chunked bodies.
  chunkSize: row('HTTP_CHUNK_SIZE', 400, 'A chunk size is not a plain hexadecimal number.'),
  chunkSizeTooLarge: row('HTTP_CHUNK_SIZE_TOO_LARGE', 400, 'A chunk size is beyond 2^53.'),
  chunkLineTooLong: row('HTTP_CHUNK_LINE_TOO_LONG', 400, 'A chunk-size line is longer than 256 bytes.'),
  chunkExtension: row('HTTP_CHUNK_EXTENSION', 400, 'A chunk extension is malformed.'),
  chunkOverhead: row('HTTP_CHUNK_OVERHEAD', 400, 'The body spends far more bytes on chunk lines than on data.'),
  chunkEnd: row('HTTP_CHUNK_END', 400, 'No CRLF follows the data of a chunk.'),
  trailerTooLong: row('HTTP_TRAILER_TOO_LONG', 431, 'The trailer section is longer than allowed.'),
  trailerForbidden: row(
    'HTTP_TRAILER_FORBIDDEN',
    400,
    'A header stands in the trailer section that may not stand there.',
  ),
} as const satisfies Record<string, HttpViolation>;
