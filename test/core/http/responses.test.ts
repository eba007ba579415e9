import { describe, expect, test } from 'vitest';
import { bodyOfResponse, type ResponseBody, type ResponseHead } from '../../../src/core/http/index.ts';
import { driveResponse } from './drive.ts';

type Expected = Partial<Pick<ResponseHead, Exclude<keyof ResponseHead, 'offsets' | 'kinds'>>>;

function ok(lines: string): string {
  return `HTTP/1.1 200 OK\r\n${lines}\r\n`;
}

const SOUND: ReadonlyArray<readonly [name: string, body: ResponseBody, bytes: string, expected: Expected]> = [
  [
    'a plain one',
    'length',
    ok('Content-Length: 13\r\nDate: x\r\n'),
    { status: 200, minorVersion: 1, contentLength: 13, keepAlive: true, count: 2, reasonStart: 13, reasonEnd: 15 },
  ],
  [
    'no reason',
    'length',
    'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n',
    { status: 200, reasonStart: 13, reasonEnd: 13 },
  ],
  [
    'no space behind the code',
    'length',
    'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n',
    { status: 200, reasonStart: 12, reasonEnd: 12 },
  ],
  ['a reason of every allowed byte', 'length', 'HTTP/1.1 404 \t~\xe4 x\r\nContent-Length: 0\r\n\r\n', { status: 404 }],
  ['HTTP/1.0', 'length', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n', { minorVersion: 0, keepAlive: false }],
  [
    'HTTP/1.0 that stays',
    'length',
    'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n',
    { keepAlive: true },
  ],
  ['a node that closes', 'length', ok('Content-Length: 1\r\nConnection: close\r\n'), { keepAlive: false }],
  ['a body that ends with the connection', 'close', ok(''), { keepAlive: false, contentLength: -1 }],
  ['chunks', 'chunked', ok('Transfer-Encoding: chunked\r\n'), { chunked: true, keepAlive: true }],
  ['Keep-Alive', 'length', ok('Content-Length: 1\r\nKeep-Alive: timeout=20, max=5\r\n'), { keepAliveSeconds: 20 }],
  [
    'Keep-Alive in another order',
    'length',
    ok('Content-Length: 1\r\nKeep-Alive: max=5, Timeout=7\r\n'),
    { keepAliveSeconds: 7 },
  ],
  [
    'Keep-Alive without seconds',
    'length',
    ok('Content-Length: 1\r\nKeep-Alive: timeout=\r\n'),
    { keepAliveSeconds: -1 },
  ],
  [
    'Keep-Alive of something else',
    'length',
    ok('Content-Length: 1\r\nKeep-Alive: max=5\r\n'),
    { keepAliveSeconds: -1 },
  ],
  ['204', 'none', 'HTTP/1.1 204 No Content\r\n\r\n', { keepAlive: true }],
  ['204 with a length of 0', 'none', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', { keepAlive: true }],
  [
    '304 with the length of what is not sent',
    'none',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n',
    { contentLength: 99, keepAlive: true },
  ],
  ['100', 'none', 'HTTP/1.1 100 Continue\r\n\r\n', { status: 100, keepAlive: true }],
  ['103', 'none', 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n', { status: 103 }],
  [
    '101',
    'tunnel',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    { upgrade: 'websocket', keepAlive: false },
  ],
];

const REFUSED: ReadonlyArray<readonly [name: string, code: string, bytes: string]> = [
  ['two lengths', 'HTTP_CONTENT_LENGTH_REPEATED', ok('Content-Length: 1\r\nContent-Length: 1\r\n')],
  ['a length with a sign', 'HTTP_CONTENT_LENGTH', ok('Content-Length: +1\r\n')],
  ['a length beyond 2^53', 'HTTP_CONTENT_LENGTH', ok('Content-Length: 99999999999999999999\r\n')],
  ['length and chunks', 'HTTP_LENGTH_AND_ENCODING', ok('Content-Length: 1\r\nTransfer-Encoding: chunked\r\n')],
  [
    'two Transfer-Encoding',
    'HTTP_TRANSFER_ENCODING_REPEATED',
    ok('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'),
  ],
  ['identity', 'HTTP_TRANSFER_ENCODING', ok('Transfer-Encoding: identity\r\n')],
  ['gzip, chunked', 'HTTP_TRANSFER_CODING', ok('Transfer-Encoding: gzip, chunked\r\n')],
  ['chunks in HTTP/1.0', 'HTTP_TRANSFER_ENCODING_IN_1_0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['204 with a body', 'HTTP_BODY_NOT_ALLOWED', 'HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n'],
  ['204 with chunks', 'HTTP_BODY_NOT_ALLOWED', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['100 with a body', 'HTTP_BODY_NOT_ALLOWED', 'HTTP/1.1 100 Continue\r\nContent-Length: 1\r\n\r\n'],
  ['a code of two digits', 'HTTP_STATUS_LINE', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['a code of four digits', 'HTTP_STATUS_LINE', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['a code of letters', 'HTTP_STATUS_LINE', 'HTTP/1.1 abc OK\r\n\r\n'],
  ['a code with a sign', 'HTTP_STATUS_LINE', 'HTTP/1.1 +20 OK\r\n\r\n'],
  ['a code below 100', 'HTTP_STATUS', 'HTTP/1.1 099 OK\r\n\r\n'],
  ['a code above 599', 'HTTP_STATUS', 'HTTP/1.1 600 OK\r\n\r\n'],
  ['no code', 'HTTP_STATUS_LINE', 'HTTP/1.1\r\n\r\n'],
  ['two spaces', 'HTTP_STATUS_LINE', 'HTTP/1.1  200 OK\r\n\r\n'],
  ['a tab', 'HTTP_STATUS_LINE', 'HTTP/1.1 200\tOK\r\n\r\n'],
  ['a leading space', 'HTTP_STATUS_LINE', ' HTTP/1.1 200 OK\r\n\r\n'],
  ['HTTP/2', 'HTTP_STATUS_LINE', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['HTTP/1.2', 'HTTP_STATUS_LINE', 'HTTP/1.2 200 OK\r\n\r\n'],
  ['a lower-case version', 'HTTP_STATUS_LINE', 'http/1.1 200 OK\r\n\r\n'],
  ['another protocol', 'HTTP_STATUS_LINE', 'ICY 200 OK\r\n\r\n'],
  ['a request', 'HTTP_STATUS_LINE', 'GET / HTTP/1.1\r\n\r\n'],
  ['a bare LF in the reason', 'HTTP_BARE_LF', 'HTTP/1.1 200 OK\nX: y\r\n\r\n'],
  ['a bare CR in the reason', 'HTTP_BARE_CR', 'HTTP/1.1 200 OK\rX: y\r\n\r\n'],
  ['NUL in the reason', 'HTTP_STATUS_LINE', 'HTTP/1.1 200 O\0K\r\n\r\n'],
  ['a bare LF in a value', 'HTTP_BARE_LF', ok('Location: /\nSet-Cookie: a=b\r\n')],
  ['a bare CR in a value', 'HTTP_BARE_CR', ok('Location: /\rSet-Cookie: a=b\r\n')],
  ['NUL in a value', 'HTTP_HEADER_VALUE', ok('Location: /\0\r\n')],
  ['a folded line', 'HTTP_FOLDED_LINE', ok('X: y\r\n z\r\n')],
  ['a space before the colon', 'HTTP_SPACE_BEFORE_COLON', ok('Content-Length : 1\r\n')],
  ['a broken Connection', 'HTTP_CONNECTION', ok('Connection: a b\r\n')],
  ['an endless head', 'HTTP_HEAD_TOO_LONG', ok(`X: ${'y'.repeat(17_000)}\r\n`)],
  ['too many lines', 'HTTP_TOO_MANY_HEADERS', ok('X: y\r\n'.repeat(101))],
];

describe('a response head', () => {
  for (const [name, body, bytes, expected] of SOUND) {
    test.each([1, 4, bytes.length])(`is read: ${name}, in pieces of %i bytes`, (pieceBytes) => {
      const { code, head } = driveResponse(bytes, pieceBytes);
      expect(code).toBe('ok');
      expect(head).toMatchObject(expected);
      expect(bodyOfResponse(head, 'GET')).toBe(body);
    });
    test(`ends where it ends: ${name}, with bytes behind it`, () => {
      const { code, head, rest } = driveResponse(`${bytes}rest\r\n\r\n`);
      expect({ code, rest, text: head.text }).toEqual({ code: 'ok', rest: 'rest\r\n\r\n', text: bytes });
    });
    test(`has no body when it answers HEAD: ${name}`, () => {
      const { head } = driveResponse(bytes, bytes.length, 'HEAD');
      expect(bodyOfResponse(head, 'HEAD')).toBe(body === 'tunnel' ? 'tunnel' : 'none');
    });
  }

  for (const [name, code, bytes] of REFUSED) {
    test.each([1, bytes.length])(`is refused: ${name}, in pieces of %i bytes`, (pieceBytes) => {
      expect(driveResponse(bytes, bytes.length > 1000 ? bytes.length : pieceBytes).code).toBe(code);
    });
  }

  test('keeps the connection after an answer to HEAD without a length', () => {
    expect(driveResponse(ok(''), 100, 'HEAD').head.keepAlive).toBe(true);
  });
});
