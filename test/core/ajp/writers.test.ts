import { describe, expect, test } from 'vitest';
import {
  AJP_ATTRIBUTE,
  type AjpAttribute,
  type AjpForwardRequest,
  bodyPacketHead,
  DEFAULT_PACKET_BYTES,
  ForwardRequestWriter,
  getBodyChunk,
  MOST_PACKET_BYTES,
  mostBodyBytes,
  mostChunkBytes,
  sendBodyChunkHead,
  writeForwardRequest,
  writeSendHeaders,
} from '../../../src/core/ajp/index.ts';
import { BARE_REQUEST } from './packets.ts';

const write = (fields: Partial<AjpForwardRequest>, packetBytes = 8192): Buffer | null =>
  writeForwardRequest({ ...BARE_REQUEST, ...fields }, packetBytes);
const attribute = (each: AjpAttribute): Partial<AjpForwardRequest> => ({ attributes: [each] });

describe('what cannot be written as it is', () => {
  test.each<[what: string, fields: Partial<AjpForwardRequest>]>([
    ['a method of nothing', { method: '' }],
    ['a method with a space', { method: 'GET /' }],
    ['a stored method beside a code', attribute({ name: 'stored_method', value: 'DELETE' })],
    ['a stored method that is another', { method: 'PATCH', ...attribute({ name: 'stored_method', value: 'DELETE' }) }],
    ['a protocol with a line end', { protocol: 'HTTP/1.1\r\n' }],
    ['no path', { uri: '' }],
    ['a path with a space', { uri: '/a b' }],
    ['a path with a fragment', { uri: '/a#b' }],
    ['a long path with a control character', { uri: `/${'a'.repeat(40)}\x00` }],
    ['a path that is no byte string', { uri: '/\u0100' }],
    ['a long path that is no byte string', { uri: `/${'a'.repeat(40)}\u012f` }],
    ['a server name with 00', { serverName: 'a\x00b' }],
    ['a port of -1', { serverPort: -1 }],
    ['a port of 65536', { serverPort: 65536 }],
    ['a port of 1.5', { serverPort: 1.5 }],
    ['a header without a name', { headers: [['', 'x']] }],
    ['a header name with a colon', { headers: [['A:', 'x']] }],
    ['a header name that looks like one with a code', { headers: [['User\rAgent', 'x']] }],
    ['a header name of 40960 bytes, which would read as a code', { headers: [['a'.repeat(0xa000), 'x']] }],
    ['a header value with CR', { headers: [['A', 'b\rc']] }],
    ['a header value with LF', { headers: [['A', 'b\nc']] }],
    ['a header value with 00', { headers: [['A', 'b\x00c']] }],
    ['a long header value with DEL', { headers: [['A', `${'b'.repeat(40)}\x7f`]] }],
    ['a header value that is no byte string', { headers: [['Cookie', 'a=\u010d\u010a']] }],
    ['an attribute with 00', attribute({ name: 'secret', value: 'a\x00' })],
    ['an attribute of 65535 bytes', attribute({ name: 'query_string', value: 'a'.repeat(0xffff) })],
    ['a request attribute with 00 in its name', attribute({ name: 'req_attribute', key: '\x00', value: '' })],
    ['a key size of nothing', attribute({ name: 'ssl_key_size', value: '' })],
    ['a key size of 65536', attribute({ name: 'ssl_key_size', value: '65536' })],
    ['a key size of -1', attribute({ name: 'ssl_key_size', value: '-1' })],
    ['a key size of letters as a string', attribute({ name: 'ssl_key_size', value: 'x', form: 'string' })],
  ])('%s is an error', (_what, fields) => {
    expect(() => write(fields, 65536)).toThrow(RangeError);
  });

  test.each<[what: string, status: number, reason: string, name: string, value: string]>([
    ['a status of 99', 99, '', 'A', 'b'],
    ['a status of 600', 600, '', 'A', 'b'],
    ['a status of 200.5', 200.5, '', 'A', 'b'],
    ['a reason with a line end', 200, 'OK\r\nA: b', 'A', 'b'],
    ['a header name with a line end', 200, '', 'A\n', 'b'],
    ['a header value with a line end', 200, '', 'Location', '/\r\nSet-Cookie: a=b'],
  ])('%s is an error', (_what, status, reason, name, value) => {
    expect(() => writeSendHeaders(status, reason, [[name, value]], 8192)).toThrow(RangeError);
  });

  test('a header behind an attribute is an error, and so is an attribute of another form', () => {
    const writer = new ForwardRequestWriter(8192);
    writer.begin('GET', 'HTTP/1.1', '/', '192.0.2.7', 'a', 80, false);
    expect(() => writer.attribute(AJP_ATTRIBUTE.req_attribute, 'x')).toThrow(RangeError);
    expect(() => writer.attribute(AJP_ATTRIBUTE.ssl_key_size, '256')).toThrow(RangeError);
    expect(() => writer.attribute(14, 'x')).toThrow(RangeError);
    writer.attribute(AJP_ATTRIBUTE.secret, 'x');
    expect(() => writer.header('A', 'b')).toThrow(RangeError);
  });

  test.each([15, 65537, 8192.5, Number.NaN])('a packet size of %d is an error', (packetBytes) => {
    expect(() => new ForwardRequestWriter(packetBytes)).toThrow(RangeError);
    expect(() => writeSendHeaders(200, '', [], packetBytes)).toThrow(RangeError);
  });

  test.each([-1, 65531, 1.5])('a part of a body of %d bytes is an error', (length) => {
    for (const writes of [bodyPacketHead, sendBodyChunkHead, getBodyChunk]) {
      expect(() => writes(length)).toThrow(RangeError);
    }
  });
});

describe('the size of a packet', () => {
  test.each([8192, 16384, 65536])('of %i bytes is used up to the last, and one byte more is null', (packetBytes) => {
    const empty = write({ headers: [['A', '']] }, packetBytes)?.length ?? 0;
    const most = Math.min(packetBytes, 4 + 0xffff) - empty;
    expect(write({ headers: [['A', 'x'.repeat(most)]] }, packetBytes)).toHaveLength(empty + most);
    expect(write({ headers: [['A', 'x'.repeat(most + 1)]] }, packetBytes)).toBeNull();
  });

  test('holds for answers too', () => {
    const empty = writeSendHeaders(200, 'OK', [['A', '']], 8192)?.length ?? 0;
    expect(writeSendHeaders(200, 'OK', [['A', 'x'.repeat(8192 - empty)]], 8192)).toHaveLength(8192);
    expect(writeSendHeaders(200, 'OK', [['A', 'x'.repeat(8193 - empty)]], 8192)).toBeNull();
  });

  test.each<[what: string, fields: Partial<AjpForwardRequest>]>([
    ['the path', { uri: `/${'a'.repeat(8192)}` }],
    [
      'a header',
      {
        headers: [
          ['A', 'x'.repeat(8192)],
          ['B', 'c'],
        ],
      },
    ],
    [
      'an attribute',
      {
        attributes: [
          { name: 'query_string', value: 'x'.repeat(8192) },
          { name: 'secret', value: 'x' },
        ],
      },
    ],
    ['the stored method', { method: 'X'.repeat(8192) }],
  ])('is not enough for %s: null, and nothing is cut off', (_what, fields) => {
    expect(write(fields)).toBeNull();
  });

  test('says how much of a body goes into one', () => {
    expect(mostBodyBytes(DEFAULT_PACKET_BYTES)).toBe(8186);
    expect(mostChunkBytes(DEFAULT_PACKET_BYTES)).toBe(8184);
    expect(bodyPacketHead(8186).toString('hex')).toBe('12341ffc1ffa');
    expect(sendBodyChunkHead(8184).toString('hex')).toBe('41421ffc031ff8');
    expect(getBodyChunk(8186).toString('hex')).toBe('41420003061ffa');
    expect(bodyPacketHead(mostBodyBytes(MOST_PACKET_BYTES)).readUInt16BE(2)).toBe(65532);
  });
});

describe('one writer for many requests', () => {
  test('gives out packets that stay as they are', () => {
    const writer = new ForwardRequestWriter(8192);
    const packets = ['/a', '/b', '/c'].map((uri) => {
      writer.begin('GET', 'HTTP/1.1', uri, '192.0.2.7', 'www.example.com', 80, false);
      return writer.end();
    });
    expect(packets).toEqual(['/a', '/b', '/c'].map((uri) => write({ uri })));
  });

  test('is as new after an error, and after a request that did not fit', () => {
    const writer = new ForwardRequestWriter(8192);
    const begin = (): void => writer.begin('GET', 'HTTP/1.1', '/', '192.0.2.7', 'www.example.com', 80, false);
    begin();
    expect(() => writer.header('A', '\n')).toThrow(RangeError);
    begin();
    writer.header('A', 'x'.repeat(9000));
    expect(writer.end()).toBeNull();
    begin();
    expect(writer.end()).toEqual(write({}));
  });
});
