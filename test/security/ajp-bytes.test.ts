import { describe, expect, test } from 'vitest';
import {
  AJP_VIOLATION,
  AjpRequestReader,
  AjpResponseReader,
  ForwardRequestWriter,
  writeForwardRequest,
  writeSendHeaders,
} from '../../src/core/ajp/index.ts';
import { collectResponse, type ResponseEvent, readRequests, readResponse } from '../core/ajp/collect.ts';
import {
  ajpText,
  BARE_REQUEST,
  bytes,
  END_CLOSE,
  END_REUSE,
  forwardRequest,
  fromNode,
  sendBodyChunk,
  sendHeaders,
  toNode,
  uint16,
} from '../core/ajp/packets.ts';

/** What the bytes of AJP alone can prevent; what connections and balancers do is tried out elsewhere. */

describe('CVE-2020-1938 and CVE-2020-1745: attributes that a client chose', () => {
  const INCLUDE = [
    'javax.servlet.include.request_uri',
    'javax.servlet.include.path_info',
    'javax.servlet.include.servlet_path',
  ];

  test.each([...INCLUDE, 'AJP_REMOTE_PORT', 'req_attribute', 'secret', 'remote_user', 'ssl_cert', 'stored_method'])(
    'a header named %s stays a header',
    (name) => {
      const packet = writeForwardRequest({ ...BARE_REQUEST, headers: [[name, '/WEB-INF/web.xml']] }, 8192);
      const { events } = readRequests(packet ?? Buffer.alloc(0));
      expect(events[0]).toMatchObject({ request: { headers: [[name, '/WEB-INF/web.xml']], attributes: [] } });
    },
  );

  test.each([
    ['the end of the headers and an attribute', `\x00\x0a\x00\x01a\x00\x00\x01b\x00\xff`],
    ['a code of a header', '\xa0\x0b\x00\x01a\x00'],
    ['the end of the packet and another request', `\x00\xff${forwardRequest().toString('latin1')}`],
  ])('%s within a value cannot be written', (_what, value) => {
    for (const fields of [
      { headers: [['Cookie', value] as const] },
      { uri: `/${value}` },
      { serverName: value },
      { remoteHost: value },
      { remoteAddress: value },
      { protocol: value },
      { attributes: [{ name: 'query_string', value } as const] },
    ]) {
      expect(() => writeForwardRequest({ ...BARE_REQUEST, ...fields }, 8192)).toThrow(RangeError);
    }
  });

  test('a name that is as long as a code is large cannot be written', () => {
    const name = 'a'.repeat(0xa00b);
    expect(() => writeForwardRequest({ ...BARE_REQUEST, headers: [[name, 'x']] }, 65536)).toThrow(RangeError);
    expect(() => writeSendHeaders(200, '', [[name, 'x']], 65536)).toThrow(RangeError);
  });

  test('a character that becomes another byte when it is cut cannot be written', () => {
    // U+0100 is 00, U+010D CR and U+010A LF when only the low byte is kept.
    for (const value of ['\u0100', 'a\u010d\u010ab', `${'a'.repeat(100)}\u0100`]) {
      expect(() => writeForwardRequest({ ...BARE_REQUEST, headers: [['A', value]] }, 8192)).toThrow(RangeError);
      expect(() => writeSendHeaders(200, value, [], 8192)).toThrow(RangeError);
    }
  });

  test('a request with a method and another one in its attribute is not believed', () => {
    const packet = forwardRequest({ method: 2, attributes: bytes(13, ajpText('DELETE')) });
    expect(readRequests(packet)).toMatchObject({ events: [], violation: AJP_VIOLATION.method });
  });
});

describe('CVE-2022-1319: an answer too many on a connection that is used again', () => {
  const ERROR = bytes(sendHeaders({ status: 400 }), END_REUSE);

  test('is left unread behind the end of the first', () => {
    const reader = new AjpResponseReader({ packetBytes: 8192 });
    const { events, read } = readResponse(bytes(ERROR, ERROR), undefined, reader);
    expect(events).toHaveLength(2);
    expect(read).toBe(ERROR.length);
  });

  test('is not taken for a CPONG', () => {
    const reader = new AjpResponseReader({ packetBytes: 8192 });
    readResponse(ERROR, undefined, reader);
    reader.expectPong();
    expect(readResponse(ERROR, undefined, reader)).toMatchObject({ events: [], violation: AJP_VIOLATION.unexpected });
  });

  test('is a violation when it comes while nothing is asked for', () => {
    const reader = new AjpResponseReader({ packetBytes: 8192 });
    readResponse(ERROR, undefined, reader);
    expect(readResponse(ERROR, undefined, reader)).toMatchObject({ events: [], violation: AJP_VIOLATION.unexpected });
  });

  test('a CPONG too many is not part of an answer', () => {
    for (const packets of [
      fromNode(9),
      bytes(sendHeaders(), fromNode(9)),
      bytes(sendHeaders(), sendBodyChunk('a'), fromNode(9)),
    ]) {
      expect(readResponse(packets).violation).toBe(AJP_VIOLATION.unexpected);
    }
  });

  test('a node reads a CPING behind a request that it refused', () => {
    const packets = bytes(forwardRequest(), toNode(10));
    expect(readRequests(packets).events.map(({ kind }) => kind)).toEqual(['request', 'cping']);
  });
});

describe('CVE-2024-6162: memory that several requests decode into', () => {
  const PATHS = Array.from({ length: 1000 }, (_, n) => `/path-${n}-${'x'.repeat(n % 50)}`);

  test('a thousand requests that are cut everywhere keep their own paths', () => {
    const readers = PATHS.map((uri) => ({
      reader: new AjpRequestReader({ packetBytes: 8192 }),
      packet: writeForwardRequest({ ...BARE_REQUEST, uri, headers: [['X-Path', uri]] }, 8192) ?? Buffer.alloc(0),
      events: [] as string[],
    }));
    const longest = Math.max(...readers.map(({ packet }) => packet.length));
    for (let at = 0; at < longest; at += 11) {
      for (const { reader, packet, events } of readers) {
        // One buffer for all, as a socket has it.
        const piece = Buffer.from(packet.subarray(at, at + 11));
        reader.read(piece, 0, piece.length, {
          onForwardRequest: ({ uri, headers }) => events.push(`${uri} ${headers[0]?.[1]}`),
          onBody: () => expect.fail('no body was sent'),
          onBodyPacketEnd: () => expect.fail('no body was sent'),
          onBodyEnd: () => expect.fail('no body was sent'),
          onCping: () => expect.fail('no CPING was sent'),
          onShutdown: () => expect.fail('no SHUTDOWN was sent'),
        });
        piece.fill(0);
      }
    }
    expect(readers.map(({ events }) => events)).toEqual(PATHS.map((path) => [`${path} ${path}`]));
  });

  test('a thousand packets of one writer keep their own paths', () => {
    const writer = new ForwardRequestWriter(8192);
    const packets = PATHS.map((uri) => {
      writer.begin('GET', 'HTTP/1.1', uri, '192.0.2.7', 'www.example.com', 80, false);
      return writer.end() ?? Buffer.alloc(0);
    });
    const { events } = readRequests(Buffer.concat(packets));
    expect(events.map((event) => event.kind === 'request' && event.request.uri)).toEqual(PATHS);
  });

  test('strings stay what they are when the buffer is used again', () => {
    const head = sendHeaders({ headerCount: 1, headers: bytes(ajpText('Set-Cookie'), ajpText(`a=${'b'.repeat(60)}`)) });
    const events: ResponseEvent[] = [];
    new AjpResponseReader({ packetBytes: 8192 }).read(head, 0, head.length, collectResponse(events));
    head.fill(0);
    expect(events[0]).toMatchObject({ headers: ['Set-Cookie', `a=${'b'.repeat(60)}`] });
  });
});

describe('CVE-2022-26377: a Transfer-Encoding that leaves open where the body ends', () => {
  const headers = bytes(ajpText('Transfer-Encoding'), ajpText('chunked'), 0xa0, 8, ajpText('5'));

  test('is not believed beside a Content-Length', () => {
    const packet = forwardRequest({ method: 4, headerCount: 2, headers });
    expect(readRequests(packet)).toMatchObject({ events: [], violation: AJP_VIOLATION.lengthAndEncoding });
  });

  test('a body cannot hold a request: where it ends is said before it', () => {
    const inside = forwardRequest({ uri: ajpText('/admin') });
    const length = bytes(0xa0, 8, ajpText(String(inside.length)));
    const post = forwardRequest({ method: 4, headerCount: 1, headers: length });
    const { events, violation } = readRequests(bytes(post, toNode(uint16(inside.length), inside)));
    expect(violation).toBeNull();
    expect(events.map(({ kind }) => kind)).toEqual(['request', 'body', 'body-end']);
    expect(readRequests(bytes(post, inside)).events.map(({ kind }) => kind)).toEqual(['request']);
    expect(readRequests(bytes(post, inside)).violation).toBe(AJP_VIOLATION.chunkLength);
  });
});

describe('CVE-2016-4993: header lines that an application writes into a header', () => {
  test.each(['/\r\nSet-Cookie: admin=1', '/\nSet-Cookie: admin=1', '/\r', `${'/a'.repeat(40)}\r\n\r\n<script>`])(
    '%j is no value, neither written nor read',
    (value) => {
      expect(() => writeSendHeaders(302, 'Found', [['Location', value]], 8192)).toThrow(RangeError);
      const head = sendHeaders({ headerCount: 1, headers: bytes(0xa0, 6, ajpText(value)) });
      expect(readResponse(head)).toMatchObject({ events: [], violation: AJP_VIOLATION.headerValue });
      const reason = sendHeaders({ reason: ajpText(value) });
      expect(readResponse(reason)).toMatchObject({ events: [], violation: AJP_VIOLATION.reason });
    },
  );
});

describe('lengths that lie', () => {
  test('a packet takes no more memory than a packet has, whatever it announces', () => {
    const reader = new AjpResponseReader({ packetBytes: 8192 });
    const announced = bytes('AB', uint16(0xffff), 4);
    expect(readResponse(announced, 1, reader).violation).toBe(AJP_VIOLATION.packetTooLong);
    expect(readRequests(bytes(0x12, 0x34, uint16(0xffff), 2), 1).violation).toBe(AJP_VIOLATION.packetTooLong);
  });

  test.each([0xfffe, 0x7fff, 40])('a string of %i bytes does not reach beyond its packet', (length) => {
    const secret = 'the answer of another client';
    const head = sendHeaders({ headerCount: 1, headers: bytes(ajpText('A'), uint16(length), 'b') });
    const packets = bytes(head, sendBodyChunk(secret), END_CLOSE);
    expect(readResponse(packets)).toMatchObject({ events: [], violation: AJP_VIOLATION.packetEnd });
  });
});
