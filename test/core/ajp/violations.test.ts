import { describe, expect, test } from 'vitest';
import { AJP_VIOLATION, AjpRequestReader, AjpResponseReader } from '../../../src/core/ajp/index.ts';
import { collectRequest, type RequestEvent, readRequests, readResponse } from './collect.ts';
import {
  ajpText,
  bytes,
  END_REUSE,
  forwardRequest,
  fromNode,
  sendBodyChunk,
  sendHeaders,
  toNode,
  uint16,
} from './packets.ts';

const header = (name: Buffer | string, value: string): Buffer =>
  bytes(typeof name === 'string' ? ajpText(name) : name, ajpText(value));
const contentLength = (value: string): Buffer => header(bytes(0xa0, 8), value);

/** What a node may not send where an answer is expected. */
const OF_NODES: readonly [what: string, code: string, packets: Buffer][] = [
  ['an answer in HTTP', 'AJP_HTTP', bytes('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['a TLS alert', 'AJP_TLS', bytes(0x15, 3, 3, 0, 2, 2, 70)],
  ['a TLS handshake', 'AJP_TLS', bytes(0x16, 3, 1, 0, 2)],
  ['other bytes', 'AJP_MAGIC', bytes('{"a":1}')],
  ['the magic of a balancer', 'AJP_MAGIC', toNode(9)],
  ['a packet above the packet size', 'AJP_PACKET_TOO_LONG', bytes('AB', uint16(8189), 4)],
  ['an empty packet', 'AJP_PACKET_LENGTH', fromNode()],
  ['a type that nobody sends', 'AJP_PACKET_TYPE', fromNode(99)],
  ['a type that only balancers send', 'AJP_PACKET_TYPE', fromNode(10)],
  ['data before the head', 'AJP_UNEXPECTED_PACKET', sendBodyChunk('x')],
  ['an end before the head', 'AJP_UNEXPECTED_PACKET', END_REUSE],
  ['a CPONG that nobody asked for', 'AJP_UNEXPECTED_PACKET', fromNode(9)],
  ['a CPONG in the middle of an answer', 'AJP_UNEXPECTED_PACKET', bytes(sendHeaders(), fromNode(9))],
  ['a second head', 'AJP_UNEXPECTED_PACKET', bytes(sendHeaders(), sendHeaders())],
  ['a second head behind data', 'AJP_UNEXPECTED_PACKET', bytes(sendHeaders(), sendBodyChunk('x'), sendHeaders())],
  ['a head without its fields', 'AJP_PACKET_LENGTH', fromNode(4, 0, 200)],
  ['an END_RESPONSE without its byte', 'AJP_PACKET_LENGTH', bytes(sendHeaders(), fromNode(5))],
  ['an END_RESPONSE with one byte more', 'AJP_PACKET_LENGTH', bytes(sendHeaders(), fromNode(5, 1, 0))],
  ['a GET_BODY_CHUNK without its length', 'AJP_PACKET_LENGTH', fromNode(6, 0)],
  ['a SEND_BODY_CHUNK without its length', 'AJP_PACKET_LENGTH', bytes(sendHeaders(), fromNode(3, 0))],
  ['data beyond its packet', 'AJP_CHUNK_LENGTH', bytes(sendHeaders(), fromNode(3, uint16(5), 'abc', 0))],
  ['data far beyond its packet', 'AJP_CHUNK_LENGTH', bytes(sendHeaders(), fromNode(3, uint16(0xffff), 'abc', 0))],
  ['data that leaves bytes of its packet', 'AJP_CHUNK_LENGTH', bytes(sendHeaders(), fromNode(3, uint16(1), 'abc', 0))],
  [
    'data with another byte than 00 behind it',
    'AJP_CHUNK_LENGTH',
    bytes(sendHeaders(), fromNode(3, uint16(1), 'a', 1)),
  ],
  ['a status below 100', 'AJP_STATUS', sendHeaders({ status: 99 })],
  ['a status above 599', 'AJP_STATUS', sendHeaders({ status: 600 })],
  ['a reason with a line end', 'AJP_REASON', sendHeaders({ reason: ajpText('OK\r\nSet-Cookie: a=b') })],
  ['a reason without its end', 'AJP_TEXT_END', sendHeaders({ reason: bytes(uint16(2), 'OK', 1) })],
  ['a reason beyond the packet', 'AJP_PACKET_END', sendHeaders({ reason: bytes(uint16(40), 'OK', 0) })],
  ['more headers than it has', 'AJP_PACKET_END', sendHeaders({ headerCount: 1 })],
  ['more headers than allowed', 'AJP_TOO_MANY_HEADERS', sendHeaders({ headerCount: 257 })],
  ['fewer headers than it has', 'AJP_PACKET_REST', sendHeaders({ headers: header('A', 'b') })],
  ['a header code 0', 'AJP_HEADER_CODE', sendHeaders({ headerCount: 1, headers: header(bytes(0xa0, 0), 'b') })],
  ['a header code 12', 'AJP_HEADER_CODE', sendHeaders({ headerCount: 1, headers: header(bytes(0xa0, 12), 'b') })],
  ['a header without a name', 'AJP_HEADER_NAME', sendHeaders({ headerCount: 1, headers: header('', 'b') })],
  [
    'a header whose name is null',
    'AJP_HEADER_NAME',
    sendHeaders({ headerCount: 1, headers: header(uint16(0xffff), 'b') }),
  ],
  [
    'a header name with a line end',
    'AJP_HEADER_NAME',
    sendHeaders({ headerCount: 1, headers: header('A: b\r\nC', 'd') }),
  ],
  [
    'a long header name with a space',
    'AJP_HEADER_NAME',
    sendHeaders({ headerCount: 1, headers: header('X-A-Long-Name Indeed', 'd') }),
  ],
  ['a header value with CR LF', 'AJP_HEADER_VALUE', sendHeaders({ headerCount: 1, headers: header('A', 'b\r\nC: d') })],
  [
    'a long header value with LF',
    'AJP_HEADER_VALUE',
    sendHeaders({ headerCount: 1, headers: header('A', `${'b'.repeat(40)}\nC: d`) }),
  ],
  ['a header value with 00', 'AJP_HEADER_VALUE', sendHeaders({ headerCount: 1, headers: header('A', 'b\0c') })],
];

/** What a balancer may not send. */
const OF_BALANCERS: readonly [what: string, code: string, packets: Buffer][] = [
  ['a request in HTTP', 'AJP_HTTP', bytes('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
  ['a command of MCMP', 'AJP_HTTP', bytes('CONFIG / HTTP/1.1\r\n')],
  ['a TLS handshake', 'AJP_TLS', bytes(0x16, 3, 1, 2, 0, 1)],
  ['the magic of a node', 'AJP_HTTP', fromNode(10)],
  ['other bytes', 'AJP_MAGIC', bytes(0x12, 0x35, 0, 1, 10)],
  ['a packet above the packet size', 'AJP_PACKET_TOO_LONG', bytes(0x12, 0x34, uint16(8189))],
  ['a packet of a body that nobody announced', 'AJP_UNEXPECTED_PACKET', toNode()],
  ['a type that nobody sends', 'AJP_PACKET_TYPE', toNode(99)],
  ['the old PING', 'AJP_PACKET_TYPE', toNode(8)],
  ['a type that only nodes send', 'AJP_PACKET_TYPE', toNode(5, 1)],
  ['a CPING with more', 'AJP_PACKET_LENGTH', toNode(10, 0)],
  ['a FORWARD_REQUEST that ends early', 'AJP_PACKET_END', toNode(2, 2, ajpText('HTTP/1.1'))],
  ['a FORWARD_REQUEST without the end of its attributes', 'AJP_PACKET_END', forwardRequest({ rest: bytes('') })],
  ['a FORWARD_REQUEST with more behind its end', 'AJP_PACKET_REST', forwardRequest({ rest: bytes(0xff, 0xff) })],
  ['a method code 28', 'AJP_METHOD', forwardRequest({ method: 28 })],
  ['a method code 0', 'AJP_METHOD', forwardRequest({ method: 0 })],
  ['a method nowhere', 'AJP_METHOD', forwardRequest({ method: 0xff })],
  ['two methods', 'AJP_METHOD', forwardRequest({ method: 2, attributes: bytes(13, ajpText('DELETE')) })],
  [
    'two stored methods',
    'AJP_METHOD',
    forwardRequest({ method: 0xff, attributes: bytes(13, ajpText('A'), 13, ajpText('B')) }),
  ],
  ['a method that is no token', 'AJP_METHOD', forwardRequest({ method: 0xff, attributes: bytes(13, ajpText('A B')) })],
  ['a protocol with a line end', 'AJP_TEXT', forwardRequest({ protocol: ajpText('HTTP/1.1\r\nA: b') })],
  ['a path with a line end', 'AJP_URI', forwardRequest({ uri: ajpText('/a\r\nb') })],
  ['no path', 'AJP_URI', forwardRequest({ uri: uint16(0xffff) })],
  ['a string without its end', 'AJP_TEXT_END', forwardRequest({ uri: bytes(uint16(1), '/', 1) })],
  ['an is_ssl of 2', 'AJP_FLAG', forwardRequest({ isSsl: 2 })],
  ['more headers than allowed', 'AJP_TOO_MANY_HEADERS', forwardRequest({ headerCount: 257 })],
  ['a header code 15', 'AJP_HEADER_CODE', forwardRequest({ headerCount: 1, headers: header(bytes(0xa0, 15), 'b') })],
  ['a header name with a colon', 'AJP_HEADER_NAME', forwardRequest({ headerCount: 1, headers: header('A:', 'b') })],
  [
    'a header value with a line end',
    'AJP_HEADER_VALUE',
    forwardRequest({ headerCount: 1, headers: header('A', 'b\nc') }),
  ],
  ['an attribute code 14', 'AJP_ATTRIBUTE', forwardRequest({ attributes: bytes(14, ajpText('x')) })],
  ['an attribute with 00', 'AJP_TEXT', forwardRequest({ attributes: bytes(5, ajpText('a\0b')) })],
  ['a key size of digits and others', 'AJP_TEXT', forwardRequest({ attributes: bytes(11, ajpText('1x8')) })],
  ['a Content-Length of +5', 'AJP_CONTENT_LENGTH', forwardRequest({ headerCount: 1, headers: contentLength('+5') })],
  ['a Content-Length of nothing', 'AJP_CONTENT_LENGTH', forwardRequest({ headerCount: 1, headers: contentLength('') })],
  [
    'a Content-Length beyond 2^53',
    'AJP_CONTENT_LENGTH',
    forwardRequest({ headerCount: 1, headers: contentLength('9007199254740992') }),
  ],
  [
    'two Content-Lengths',
    'AJP_CONTENT_LENGTH',
    forwardRequest({ headerCount: 2, headers: bytes(contentLength('5'), header('content-length', '5')) }),
  ],
  [
    'a Content-Length and a Transfer-Encoding',
    'AJP_LENGTH_AND_ENCODING',
    forwardRequest({ headerCount: 2, headers: bytes(contentLength('5'), header('Transfer-Encoding', 'chunked')) }),
  ],
  [
    'a CPING instead of the body',
    'AJP_PACKET_LENGTH',
    bytes(forwardRequest({ headerCount: 1, headers: contentLength('5') }), toNode(10)),
  ],
  [
    'a body beyond its Content-Length',
    'AJP_BODY_TOO_LONG',
    bytes(forwardRequest({ headerCount: 1, headers: contentLength('2') }), toNode(uint16(3), 'abc')),
  ],
  [
    'data that is longer than its packet',
    'AJP_CHUNK_LENGTH',
    bytes(forwardRequest({ headerCount: 1, headers: contentLength('9') }), toNode(uint16(3), 'ab')),
  ],
  [
    'data that is shorter than its packet',
    'AJP_CHUNK_LENGTH',
    bytes(forwardRequest({ headerCount: 1, headers: contentLength('9') }), toNode(uint16(1), 'ab')),
  ],
  [
    'an empty packet with bytes',
    'AJP_CHUNK_LENGTH',
    bytes(forwardRequest({ headerCount: 1, headers: contentLength('9') }), toNode(uint16(0), 'ab')),
  ],
];

describe('a node is refused that sends', () => {
  test.each(OF_NODES)('%s: %s', (_what, code, packets) => {
    const whole = readResponse(packets);
    expect(whole.violation?.code).toBe(code);
    const byBytes = readResponse(packets, 1);
    expect(byBytes.violation).toBe(whole.violation);
    expect(byBytes.events).toEqual(whole.events);
  });

  test('anything behind the end of its answer', () => {
    const answer = bytes(sendHeaders(), END_REUSE);
    const reader = new AjpResponseReader({ packetBytes: 8192 });
    const first = readResponse(bytes(answer, answer), undefined, reader);
    expect(first).toMatchObject({ read: answer.length, violation: null });
    expect(readResponse(answer, undefined, reader).violation).toBe(AJP_VIOLATION.unexpected);
  });

  test('anything but one CPONG after a CPING', () => {
    for (const packet of [sendHeaders(), fromNode(6, uint16(5)), bytes(fromNode(9), fromNode(9))]) {
      const reader = new AjpResponseReader({ packetBytes: 8192 });
      reader.expectPong();
      const { read } = readResponse(packet, undefined, reader);
      if (reader.violation === null) readResponse(packet.subarray(read), undefined, reader);
      expect(reader.violation).toBe(AJP_VIOLATION.unexpected);
    }
  });
});

describe('a balancer is refused that sends', () => {
  test.each(OF_BALANCERS)('%s: %s', (_what, code, packets) => {
    const whole = readRequests(packets);
    expect(whole.violation?.code).toBe(code);
    const byBytes = readRequests(packets, 1);
    expect(byBytes.violation).toBe(whole.violation);
    expect(byBytes.events).toEqual(whole.events);
  });

  test('a body that goes on behind its end', () => {
    const events: RequestEvent[] = [];
    const reader = new AjpRequestReader({ packetBytes: 8192 });
    const packets = bytes(forwardRequest(), toNode(uint16(0)), toNode(uint16(1), 'x'));
    const handler = collectRequest(events);
    reader.read(packets, 0, forwardRequest().length, handler);
    reader.expectBody();
    reader.expectBody();
    reader.read(packets, forwardRequest().length, packets.length, handler);
    expect(events.map(({ kind }) => kind)).toEqual(['request', 'body-end']);
    expect(reader.violation).toBe(AJP_VIOLATION.bodyTooLong);
  });
});

test('every row of the table is reached', () => {
  const reached = new Set([...OF_NODES, ...OF_BALANCERS].map(([, code]) => code));
  expect([...reached].sort()).toEqual(
    Object.values(AJP_VIOLATION)
      .map(({ code }) => code)
      .sort(),
  );
});
