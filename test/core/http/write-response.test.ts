import { describe, expect, test } from 'vitest';
import {
  createResponseWriteOptions,
  headerSafe,
  type ResponseWriteOptions,
  simpleResponse,
  writeResponseHead,
} from '../../../src/core/http/index.ts';
import { driveResponse } from './drive.ts';

/** What a client gets of a response. */
function written(bytes: string, changes: Partial<ResponseWriteOptions> = {}, method = 'GET'): string {
  const { code, head } = driveResponse(bytes, bytes.length, method);
  expect(code).toBe('ok');
  return writeResponseHead(head, { ...createResponseWriteOptions(), ...changes });
}

function ok(lines: string): string {
  return `HTTP/1.1 200 OK\r\n${lines}\r\n`;
}

describe('a response for a client', () => {
  test('is the same bytes when nothing has to change', () => {
    const bytes = ok('date: x\r\nContent-LENGTH:  3\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nX:\r\nServer: s\r\n');
    expect(written(bytes)).toBe(bytes);
    expect(written(bytes, { date: 'now' })).toBe(bytes);
  });

  test.each([
    'Connection: keep-alive',
    'Keep-Alive: timeout=5',
    'Proxy-Connection: close',
    'Upgrade: h2,h2c',
    'Proxy-Authenticate: Basic',
    'HTTP2-Settings: AAMA',
    'TE: x',
  ])('goes without %s', (line) => {
    const length = 'Content-Length: 1\r\n';
    expect(written(ok(`${line}\r\n${length}A: 1\r\n`))).toBe(ok(`${length}A: 1\r\n`));
    expect(written(ok(`${length}A: 1\r\n${line}\r\n`))).toBe(ok(`${length}A: 1\r\n`));
  });

  test('goes without the lines that Connection names, but never without what is meant for the client', () => {
    const bytes = ok(
      'Connection: X-Hop, Set-Cookie, Content-Type\r\nX-Hop: 1\r\nSet-Cookie: a=b\r\nContent-Type: b/c\r\nContent-Length: 0\r\n',
    );
    expect(written(bytes)).toBe(ok('Set-Cookie: a=b\r\nContent-Type: b/c\r\nContent-Length: 0\r\n'));
  });

  test('has a whole status line', () => {
    const rest = 'Content-Length: 0\r\n\r\n';
    expect(written(`HTTP/1.1 200\r\n${rest}`)).toBe(`HTTP/1.1 200 \r\n${rest}`);
    expect(written(`HTTP/1.1 200 \r\n${rest}`)).toBe(`HTTP/1.1 200 \r\n${rest}`);
    expect(written(`HTTP/1.0 404 Not \xe4 Found\r\n${rest}`)).toBe(`HTTP/1.1 404 Not \xe4 Found\r\n${rest}`);
  });

  test('gets a Date when the node sent none', () => {
    expect(written(ok('Content-Length: 0\r\n'), { date: 'now' })).toBe(ok('Content-Length: 0\r\nDate: now\r\n'));
    expect(written('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n', { date: 'now' })).not.toContain('Date');
  });

  test('says whether the connection stays', () => {
    const bytes = ok('Content-Length: 0\r\n');
    expect(written(bytes)).toBe(bytes);
    expect(written(bytes, { keepAlive: false })).toBe(ok('Content-Length: 0\r\nConnection: close\r\n'));
    expect(written(bytes, { clientMinorVersion: 0 })).toBe(ok('Content-Length: 0\r\nConnection: keep-alive\r\n'));
    expect(written(bytes, { clientMinorVersion: 0, keepAlive: false })).toBe(
      ok('Content-Length: 0\r\nConnection: close\r\n'),
    );
    expect(written('HTTP/1.1 100 Continue\r\n\r\n', { keepAlive: false })).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });

  test('is framed in exactly one way', () => {
    const chunked = ok('Transfer-Encoding: chunked\r\nTrailer: X\r\n');
    expect(written(chunked)).toBe(chunked);
    expect(written(ok('transfer-encoding: CHUNKED\r\n'))).toBe(ok('Transfer-Encoding: chunked\r\n'));
    expect(written(chunked, { framing: 'close', clientMinorVersion: 0 })).toBe(ok('Connection: close\r\n'));
    expect(written(ok(''), { framing: 'chunk' })).toBe(ok('Transfer-Encoding: chunked\r\n'));
    expect(written(ok(''), { framing: 'close' })).toBe(ok('Connection: close\r\n'));
    expect(written(chunked, { clientMinorVersion: 0 }, 'HEAD')).toBe(ok('Connection: keep-alive\r\n'));
  });

  test('has no length where none may be', () => {
    expect(written('HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n')).toBe('HTTP/1.1 204 No Content\r\n\r\n');
    const notModified = 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n';
    expect(written(notModified)).toBe(notModified);
  });

  test('hands an upgrade over', () => {
    expect(
      written('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nUpgrade: websocket\r\n\r\n', { date: 'now' }),
    ).toBe('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  });

  test('carries lines of our own', () => {
    expect(written(ok('Content-Length: 0\r\n'), { via: 'mcmp', ownLines: 'Set-Cookie: a=b\r\n' })).toBe(
      ok('Content-Length: 0\r\nSet-Cookie: a=b\r\nVia: 1.1 mcmp\r\n'),
    );
  });
});

describe('an answer of our own', () => {
  test('has a reason, its headers, and the length of its body in bytes', () => {
    expect(simpleResponse(404, [['Content-Type', 'text/plain']], 'n\u00e4\n')).toBe(
      'HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nn\xc3\xa4\n',
    );
  });

  test('has a space behind a code without a known reason', () => {
    expect(simpleResponse(599, [], '')).toBe('HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n');
  });

  test('to HEAD tells the length of what it leaves out', () => {
    expect(simpleResponse(200, [], { omit: 12 })).toBe('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n');
  });

  test('has no length where none may be', () => {
    expect(simpleResponse(204, [], '')).toBe('HTTP/1.1 204 No Content\r\n\r\n');
  });

  test('is a sound response, whatever a value holds', () => {
    const hostile = 'SYNTAX: a\r\nSet-Cookie: x=y\r\n\r\n<script>\0\x1b[2J\u2028\u{1f600}\x7f';
    const bytes = simpleResponse(500, [['Mess', hostile]], hostile);
    const { code, head, rest } = driveResponse(bytes);
    expect({ code, count: head.count }).toEqual({ code: 'ok', count: 2 });
    expect(Buffer.from(rest, 'latin1').toString('utf8')).toBe(hostile);
    expect(headerSafe(hostile)).toBe('SYNTAX: a  Set-Cookie: x=y    <script>  [2J?? ');
  });

  test('refuses a header name that is no token', () => {
    expect(() => simpleResponse(200, [['A b', 'c']], '')).toThrow(RangeError);
  });
});
