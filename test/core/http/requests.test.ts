import { describe, expect, test } from 'vitest';
import {
  checkPartialHead,
  createRequestHead,
  findHeadEnd,
  HEADER,
  parseRequestHead,
  type RequestHead,
  skipLeadingCrlf,
} from '../../../src/core/http/index.ts';
import { driveRequest, LIMITS } from './drive.ts';

type Expected = Partial<Pick<RequestHead, Exclude<keyof RequestHead, 'offsets' | 'kinds'>>>;
type Case = readonly [name: string, bytes: string, expected: Expected];

/** A GET with these header lines behind Host. */
function get(lines: string): string {
  return `GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;
}

const SOUND: readonly Case[] = [
  [
    'a plain request',
    'GET /a/b;c=d?e=f&g HTTP/1.1\r\nHost: www.example.com:8080\r\nAccept: */*\r\n\r\n',
    {
      method: 'GET',
      target: '/a/b;c=d?e=f&g',
      targetStart: 4,
      targetEnd: 18,
      minorVersion: 1,
      host: 'www.example.com:8080',
      cookie: '',
      count: 2,
      contentLength: -1,
      chunked: false,
      keepAlive: true,
      expectContinue: false,
      upgrade: '',
      connectionNames: [],
    },
  ],
  [
    'an MCMP command',
    'ENABLE-APP /* HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n',
    { method: 'ENABLE-APP', target: '/*', contentLength: 0 },
  ],
  ['an MCMP command for *', 'DUMP * HTTP/1.1\r\nHost: a\r\n\r\n', { method: 'DUMP', target: '*' }],
  ['OPTIONS for *', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', { target: '*' }],
  [
    'a method of every token character',
    "!#$%&'*+-.^_`|~9aZ / HTTP/1.1\r\nHost: a\r\n\r\n",
    { method: "!#$%&'*+-.^_`|~9aZ" },
  ],
  ['HTTP/1.0 without Host', 'GET / HTTP/1.0\r\n\r\n', { minorVersion: 0, host: '', keepAlive: false, count: 0 }],
  ['HTTP/1.0 that wants to stay', 'GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n', { keepAlive: true }],
  [
    'an absolute target',
    'GET http://A.example:80/x?y HTTP/1.1\r\nHost: a.example\r\n\r\n',
    { host: 'A.example:80', target: 'http://A.example:80/x?y' },
  ],
  ['an absolute target in HTTP/1.0', 'GET HTTPS://a/ HTTP/1.0\r\n\r\n', { host: 'a' }],
  ['an absolute target without a path', 'GET http://a?b HTTP/1.1\r\nHost: a\r\n\r\n', { host: 'a' }],
  ['an IPv6 host', 'GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n', { host: '[2001:db8::1]:8080' }],
  [
    'characters that browsers send',
    'GET /a|b{c}"d"?^`\\<> HTTP/1.1\r\nHost: a\r\n\r\n',
    { target: '/a|b{c}"d"?^`\\<>' },
  ],
  [
    'several Cookie lines',
    get('Cookie: a=b; c="d"\r\nX: y\r\ncookie: e=f\r\n'),
    { cookie: 'a=b; c="d"; e=f', count: 4 },
  ],
  ['Connection: close', get('Connection: close\r\n'), { keepAlive: false }],
  ['close before keep-alive', get('Connection: keep-alive, Close\r\n'), { keepAlive: false }],
  [
    'names in Connection',
    get('Connection: X-One,  keep-alive ,,x-two\r\nconnection: x-one\r\n'),
    { connectionNames: ['x-one', 'x-two'], keepAlive: true },
  ],
  ['an upgrade', get('Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n'), { upgrade: 'websocket' }],
  ['Upgrade that Connection does not name', get('Upgrade: websocket\r\n'), { upgrade: '' }],
  ['an upgrade in HTTP/1.0', 'GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n', { upgrade: '' }],
  [
    'an upgrade to h2c',
    get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'),
    { upgrade: '' },
  ],
  ['an upgrade to TLS', get('Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n'), { upgrade: '' }],
  ['Expect', get('Expect: 100-Continue\r\nContent-Length: 0\r\n'), { expectContinue: true }],
  [
    'Expect in HTTP/1.0',
    'PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n',
    { expectContinue: false },
  ],
  ['a body by length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello', { contentLength: 5 }],
  ['a length of 0', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length:   0\r\n\r\n', { contentLength: 0 }],
  [
    'a chunked body',
    'POST / HTTP/1.1\r\nHost: a\r\nTRANSFER-ENCODING: Chunked\r\n\r\n5\r\nhello\r\n0\r\nETag: x\r\n\r\n',
    { chunked: true, contentLength: -1 },
  ],
  ['a value of every allowed byte', get(`X: \t!~\x80\xff\t y\t \r\n`), { count: 2 }],
  ['an empty value', get('X:\r\nY: \r\n'), { count: 3 }],
];

const REFUSED: ReadonlyArray<readonly [name: string, code: string, bytes: string]> = [
  ['a missing Host in HTTP/1.1', 'HTTP_HOST_MISSING', 'GET / HTTP/1.1\r\nX: y\r\n\r\n'],
  ['an absolute target without Host in HTTP/1.1', 'HTTP_HOST_MISSING', 'GET http://a/ HTTP/1.1\r\n\r\n'],
  ['an empty Host', 'HTTP_HOST_INVALID', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
  ['a wrong Host in HTTP/1.0', 'HTTP_HOST_INVALID', 'GET / HTTP/1.0\r\nHost: a b\r\n\r\n'],
  ['another port in the target', 'HTTP_HOST_MISMATCH', 'GET http://a:81/ HTTP/1.1\r\nHost: a:82\r\n\r\n'],
  ['the port of http with https', 'HTTP_HOST_MISMATCH', 'GET https://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a user in the target', 'HTTP_HOST_INVALID', 'GET http://user@a/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an empty host in the target', 'HTTP_HOST_INVALID', 'GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['another scheme', 'HTTP_TARGET_FORM', 'GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a relative target', 'HTTP_TARGET_FORM', 'GET a/b HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a target that begins with a query', 'HTTP_TARGET_FORM', 'GET ?a HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['GET for *', 'HTTP_TARGET_FORM', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['CONNECT', 'HTTP_CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n'],
  ['CONNECT with a path', 'HTTP_CONNECT', 'CONNECT /a HTTP/1.1\r\nHost: a:443\r\n\r\n'],
  ['a long method', 'HTTP_METHOD_TOO_LONG', `${'A'.repeat(33)} / HTTP/1.1\r\nHost: a\r\n\r\n`],
  ['HTTP/0.9 with a version', 'HTTP_VERSION', 'GET / HTTP/0.9\r\nHost: a\r\n\r\n'],
  ['HTTP/1.2', 'HTTP_VERSION', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n'],
  ['HTTP/2.0', 'HTTP_VERSION', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n'],
  ['the HTTP/2 preface', 'HTTP_2_PREFACE', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a version with two digits', 'HTTP_REQUEST_LINE', 'GET / HTTP/1.10\r\nHost: a\r\n\r\n'],
  ['a version of another protocol', 'HTTP_REQUEST_LINE', 'GET / ICY/1.1\r\nHost: a\r\n\r\n'],
  ['a method alone', 'HTTP_REQUEST_LINE', 'GET\r\n\r\n'],
  ['no target', 'HTTP_REQUEST_LINE', 'GET  HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a method and a space', 'HTTP_REQUEST_LINE', 'GET \r\n\r\n'],
  ['a TLS hello', 'HTTP_TLS_ON_PLAIN_PORT', '\x16\x03\x01\x02\0\x01'],
  ['a PROXY protocol line', 'HTTP_REQUEST_LINE', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'],
  ['the PROXY protocol in binary', 'HTTP_NOT_HTTP', '\r\n\r\n\0\r\nQUIT\n'],
  ['bytes of another protocol', 'HTTP_NOT_HTTP', '\x12\x34\0\x01\x0a'],
  ['an unknown expectation', 'HTTP_EXPECTATION', get('Expect: a-miracle\r\n')],
  ['Connection with a quoted name', 'HTTP_CONNECTION', get('Connection: "close"\r\n')],
  ['Connection with two words', 'HTTP_CONNECTION', get('Connection: keep alive\r\n')],
  [
    'Connection with 33 names',
    'HTTP_CONNECTION_TOO_LONG',
    get(`Connection: ${Array.from({ length: 33 }, (_, n) => `x${n}`).join()}\r\n`),
  ],
  ['too many lines', 'HTTP_TOO_MANY_HEADERS', get('X: y\r\n'.repeat(100))],
  ['a long head', 'HTTP_HEAD_TOO_LONG', get(`X: ${'y'.repeat(17_000)}\r\n`)],
  ['a long target', 'HTTP_TARGET_TOO_LONG', `GET /${'y'.repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
];

describe('a request head', () => {
  for (const [name, bytes, expected] of SOUND) {
    test.each([1, 3, bytes.length])(`is read: ${name}, in pieces of %i bytes`, (pieceBytes) => {
      const { code, head, rest } = driveRequest(bytes, pieceBytes);
      expect({ code, rest }).toEqual({ code: 'ok', rest: '' });
      expect(head).toMatchObject(expected);
    });
    test(`ends where it ends: ${name}, with another request behind it`, () => {
      const { code, head, rest } = driveRequest(`${bytes}GET /next HTTP/1.1\r\n\r\n`);
      expect({ code, rest }).toEqual({ code: 'ok', rest: 'GET /next HTTP/1.1\r\n\r\n' });
      expect(head).toMatchObject(expected);
      expect(head.text.endsWith('\r\n\r\n')).toBe(true);
      expect(bytes.startsWith(head.text)).toBe(true);
    });
    test(`is incomplete until its last byte: ${name}`, () => {
      for (let length = 0; length < bytes.length; length++) {
        expect(driveRequest(bytes.slice(0, length)).code).toBe('incomplete');
      }
    });
  }

  for (const [name, code, bytes] of REFUSED) {
    test(`is refused: ${name}`, () => {
      expect(driveRequest(bytes).code).toBe(code);
    });
    test(`is refused byte by byte: ${name}`, () => {
      expect(driveRequest(bytes, bytes.length > 1000 ? 1000 : 1).code).toBe(code);
    });
  }

  test('gives the offsets of every line', () => {
    const { head } = driveRequest('GET / HTTP/1.1\r\nHost:  a \t\r\nX-Long-Name:b\r\nY: \r\n\r\n');
    const lines = Array.from({ length: head.count }, (_, line) => {
      const [nameStart, nameEnd, valueStart, valueEnd] = head.offsets.slice(line * 4, line * 4 + 4);
      return [head.text.slice(nameStart, nameEnd), head.text.slice(valueStart, valueEnd)];
    });
    expect(lines).toEqual([
      ['Host', 'a'],
      ['X-Long-Name', 'b'],
      ['Y', ''],
    ]);
  });

  test('takes as many lines and bytes as the limits say, and not one more', () => {
    const lines = 'X: y\r\n'.repeat(300);
    const bytes = get(lines);
    const limits = { maxHeadBytes: bytes.length, maxHeaderLines: 301 };
    const { code, head } = driveRequest(bytes, 1000, limits);
    expect({ code, count: head.count }).toEqual({ code: 'ok', count: 301 });
    expect([...head.offsets.slice(4 * 300, 4 * 301)]).toEqual([-8, -7, -5, -4].map((back) => bytes.length + back));
    expect(head.kinds[0]).toBe(HEADER.host);
    expect(driveRequest(bytes, bytes.length, { ...limits, maxHeaderLines: 300 }).code).toBe('HTTP_TOO_MANY_HEADERS');
    expect(driveRequest(bytes, bytes.length, { ...limits, maxHeadBytes: bytes.length - 1 }).code).toBe(
      'HTTP_HEAD_TOO_LONG',
    );
  });

  test('may be longer than any head before it', () => {
    const bytes = get(`X: ${'y'.repeat(200_000)}\r\n`);
    const { code, head } = driveRequest(bytes, bytes.length, { maxHeadBytes: 300_000, maxHeaderLines: 10 });
    expect({ code, text: head.text === bytes }).toEqual({ code: 'ok', text: true });
  });

  test('is refused when it is not one whole head, whatever was read before', () => {
    const head = createRequestHead();
    const before = `GET /${'a'.repeat(100)} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const twice = 'GET / HTTP/1.1\r\nHost: a\r\n\r\nX: y\r\n\r\n';
    for (const text of ['GET /aaa', 'GETT', 'GET / HTTP/1.1\r\nHost: a\r\n', twice]) {
      expect(parseRequestHead(before, before.length, head, LIMITS)).toBeNull();
      expect(parseRequestHead(text, text.length, head, LIMITS)?.code).toMatch(/^HTTP_(REQUEST_LINE|HEAD_END)$/);
    }
  });

  test('leaves nothing of the head before it', () => {
    const rich = get(
      'Connection: close, upgrade, x-a\r\nUpgrade: websocket\r\nCookie: a=b\r\nExpect: 100-continue\r\nContent-Length: 5\r\n',
    );
    const plain = 'GET /b HTTP/1.0\r\n\r\n';
    const head = createRequestHead();
    expect(parseRequestHead(rich, rich.length, head, LIMITS)).toBeNull();
    expect(head).toMatchObject({ upgrade: 'websocket', connectionNames: ['x-a'], contentLength: 5, cookie: 'a=b' });
    expect(parseRequestHead(plain, plain.length, head, LIMITS)).toBeNull();
    expect(head).toMatchObject({
      host: '',
      cookie: '',
      contentLength: -1,
      upgrade: '',
      connectionNames: [],
      count: 0,
    });
  });
});

describe('the beginning of a request', () => {
  test.each([
    ['', 0],
    ['GET', 0],
    ['\r\nGET', 2],
    ['\r\n\r\nGET', 4],
    ['\r\n\r\n\r\nGET', 4],
    ['\r', 0],
    ['\nGET', 0],
  ])('skips up to two empty lines of %j', (text, expected) => {
    expect(skipLeadingCrlf(text, 0)).toBe(expected);
  });

  test('is judged before the head is complete', () => {
    expect(checkPartialHead('', LIMITS)).toBeNull();
    expect(checkPartialHead('GET / HTT', LIMITS)).toBeNull();
    expect(checkPartialHead('GET / HTTP/1.1\r\nHost: a\r', LIMITS)).toBeNull();
    expect(checkPartialHead('GET / HTTP/1.1\r\nHost: a\r\n\r', LIMITS)).toBeNull();
    expect(checkPartialHead('A'.repeat(32), LIMITS)).toBeNull();
    expect(checkPartialHead('A'.repeat(33), LIMITS)?.code).toBe('HTTP_METHOD_TOO_LONG');
    expect(checkPartialHead('GET / HTTP/1.1\r\nHost: a\n', LIMITS)?.code).toBe('HTTP_BARE_LF');
    expect(checkPartialHead('GET / HTTP/1.1\r\nHost: a\rb', LIMITS)?.code).toBe('HTTP_BARE_CR');
    expect(checkPartialHead('GET / HTTP/1.1\r\nHost: a\0', LIMITS)?.code).toBe('HTTP_HEADER_VALUE');
    expect(checkPartialHead('GET / HTTP/3.0\r\n', LIMITS)?.code).toBe('HTTP_VERSION');
    expect(checkPartialHead(`GET /${'a'.repeat(LIMITS.maxHeadBytes)}`, LIMITS)?.code).toBe('HTTP_TARGET_TOO_LONG');
    expect(checkPartialHead(get(`X: ${'a'.repeat(LIMITS.maxHeadBytes)}`), LIMITS)?.code).toBe('HTTP_HEAD_TOO_LONG');
    expect(checkPartialHead('{"a":1}', LIMITS)?.code).toBe('HTTP_NOT_HTTP');
    expect(checkPartialHead('x{', LIMITS)?.code).toBe('HTTP_METHOD');
  });

  test('finds the end of the head at CRLF CRLF only', () => {
    expect(findHeadEnd('a\r\n\r\nb', 0)).toBe(5);
    expect(findHeadEnd('a\r\n\r\nb\r\n\r\n', 2)).toBe(10);
    expect(findHeadEnd('a\n\nb\r\r\n\n\r\n', 0)).toBe(-1);
  });
});
