/** What a peer did against AJP/1.3; the code stays the same between versions. */
export interface AjpViolation {
  readonly code: string;
  readonly message: string;
}

function row(code: `AJP_${string}`, message: string): AjpViolation {
  return Object.freeze({ code, message });
}

/**
 * Everything that a peer can do wrong here, one row each. The connection is closed after it: where the next packet begins is
 * no longer certain, and a packet nobody asked for could be somebody else's answer.
 */
export const AJP_VIOLATION = {
  // Whole packets.
  http: row('AJP_HTTP', 'The peer speaks HTTP on a connection for AJP.'),
  tls: row('AJP_TLS', 'The peer speaks TLS on a connection for AJP.'),
  magic: row('AJP_MAGIC', 'These bytes do not begin an AJP packet.'),
  packetTooLong: row('AJP_PACKET_TOO_LONG', 'A packet announces more bytes than the configured packet size.'),
  packetType: row('AJP_PACKET_TYPE', 'A packet is of a type that this side never sends.'),
  unexpected: row('AJP_UNEXPECTED_PACKET', 'A packet came at a moment when it means nothing.'),
  packetLength: row('AJP_PACKET_LENGTH', 'The length of a packet does not fit its type.'),
  packetEnd: row('AJP_PACKET_END', 'A packet ends before what it announces.'),
  packetRest: row('AJP_PACKET_REST', 'A packet has bytes behind its last field.'),
  chunkLength: row('AJP_CHUNK_LENGTH', 'The length of the data does not fit the packet that carries it.'),
  bodyTooLong: row('AJP_BODY_TOO_LONG', 'The body is longer than its Content-Length.'),

  // Fields.
  textEnd: row('AJP_TEXT_END', 'No 00 follows a string.'),
  text: row('AJP_TEXT', 'A string has a byte that it may not have.'),
  flag: row('AJP_FLAG', 'A byte that says yes or no is neither 0 nor 1.'),
  tooManyHeaders: row('AJP_TOO_MANY_HEADERS', 'A packet has more headers than allowed.'),
  headerCode: row('AJP_HEADER_CODE', 'A header name is a code that no table has.'),
  headerName: row('AJP_HEADER_NAME', 'A header name is empty or has a byte that no token may have.'),
  headerValue: row('AJP_HEADER_VALUE', 'A header value has a control character.'),

  // Requests.
  method: row('AJP_METHOD', 'The method is neither a known code nor a token in its attribute, or is both.'),
  uri: row('AJP_URI', 'The path of the request is missing or has a control character.'),
  contentLength: row('AJP_CONTENT_LENGTH', 'Content-Length is not one plain decimal number.'),
  lengthAndEncoding: row('AJP_LENGTH_AND_ENCODING', 'Content-Length and Transfer-Encoding stand in one request.'),
  attribute: row('AJP_ATTRIBUTE', 'An attribute has a code that no table has.'),

  // Answers.
  status: row('AJP_STATUS', 'The status code is not one of 100 to 599.'),
  reason: row('AJP_REASON', 'The reason phrase has a control character.'),
} as const satisfies Record<string, AjpViolation>;
