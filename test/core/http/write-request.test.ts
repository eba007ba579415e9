import { describe, expect, test } from 'vitest';
import {
  createRequestWriteOptions,
  describeClient,
  type RequestWriteOptions,
  writeRequestHead,
} from '../../../src/core/http/index.ts';
import { driveRequest } from './drive.ts';

const CLIENT = describeClient('192.0.2.7', 'http');

/** What a node gets of a request. */
function written(bytes: string, changes: Partial<RequestWriteOptions> = {}): string {
  const { code, head } = driveRequest(bytes);
  expect(code).toBe('ok');
  return writeRequestHead(head, { ...createRequestWriteOptions(CLIENT), ...changes });
}

/** A request with these header lines. */
function get(lines: string): string {
  return `GET /a?b HTTP/1.1\r\nHost: h:81\r\n${lines}\r\n`;
}

describe('a request for a node', () => {
  test('is the same bytes when nothing has to change', () => {
    const bytes = get(
      'aCCept:  */*  \r\nCookie: a=b\r\ncontent-LENGTH: 3\r\nX-Empty:\r\nTrailer: X\r\nVia: 1.1 front\r\n',
    );
    expect(written(`${bytes}abc`)).toBe(bytes);
  });

  test.each([
    'Connection: keep-alive',
    'Keep-Alive: timeout=5',
    'Proxy-Connection: keep-alive',
    'TE: trailers, deflate',
    'Upgrade: websocket',
    'HTTP2-Settings: AAMA',
    'Proxy-Authorization: Basic YTpi',
    'Proxy: http://evil.example/',
    'X-Forwarded-For: 203.0.113.9',
    'x-forwarded-proto: https',
    'X-FORWARDED-HOST: b',
    'X-Forwarded-Port: 443',
    'X-Forwarded-Anything: b',
    'Forwarded: for=203.0.113.9',
  ])('goes without %s', (line) => {
    const [first, second] = ['A: 1\r\n', 'B: 2\r\n'];
    expect(written(get(`${line}\r\n${first}${second}`))).toBe(get(first + second));
    expect(written(get(`${first}${line}\r\n${line}\r\n${second}`))).toBe(get(first + second));
    expect(written(get(`${first}${second}${line}\r\n`))).toBe(get(first + second));
  });

  test('goes without the lines that Connection names', () => {
    const bytes = get('Connection: x-one, close, X-Two\r\nX-ONE: 1\r\nx-three: 3\r\nX-Two: 2\r\nx-two: 2\r\n');
    expect(written(bytes)).toBe(get('x-three: 3\r\n'));
  });

  test('says HTTP/1.1 and gets a Host, whatever the client spoke', () => {
    expect(written('GET /a HTTP/1.0\r\nA: 1\r\n\r\n', { hostForNode: 'node:8080' })).toBe(
      'GET /a HTTP/1.1\r\nA: 1\r\nHost: node:8080\r\n\r\n',
    );
    expect(written('GET /a HTTP/1.0\r\nHost: b\r\n\r\n')).toBe('GET /a HTTP/1.1\r\nHost: b\r\n\r\n');
    expect(written('GET http://c/a HTTP/1.0\r\n\r\n')).toBe('GET /a HTTP/1.1\r\nHost: c\r\n\r\n');
  });

  test.each([
    ['GET', 'http://H:81/a;b?c', '/a;b?c'],
    ['GET', 'http://h:81', '/'],
    ['GET', 'HTTP://h:81?a/b', '/?a/b'],
    ['GET', 'http://h:81//x/', '//x/'],
    ['OPTIONS', 'http://h:81', '*'],
    ['OPTIONS', 'http://h:81/', '/'],
    ['OPTIONS', '*', '*'],
  ])('asks for a path, for a node is no proxy: %s %s', (method, target, expected) => {
    const request = (line: string) => `${method} ${line} HTTP/1.1\r\nHost: h:81\r\nA: 1\r\n\r\n`;
    expect(written(request(target))).toBe(request(expected));
  });

  test('says "chunked" in the one spelling that every node knows', () => {
    const chunked = (line: string) => `POST / HTTP/1.1\r\nHost: a\r\n${line}\r\nA: 1\r\n\r\n`;
    const body = '0\r\n\r\n';
    expect(written(chunked('Transfer-Encoding: chunked') + body)).toBe(chunked('Transfer-Encoding: chunked'));
    expect(written(chunked('transfer-encoding: CHUNKED') + body)).toBe(chunked('transfer-encoding: chunked'));
  });

  test('takes Expect along or not', () => {
    const expecting = get('Expect: 100-continue\r\nContent-Length: 0\r\n');
    expect(written(expecting)).toBe(expecting);
    expect(written(expecting, { passExpect: false })).toBe(get('Content-Length: 0\r\n'));
    expect(written('PUT / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n')).not.toContain(
      'Expect',
    );
  });

  test('takes an upgrade along when it is wanted on both sides', () => {
    const upgrading = get('Connection: keep-alive, upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n');
    expect(written(upgrading, { upgrade: true })).toBe(
      get('Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nConnection: Upgrade\r\n'),
    );
    expect(written(upgrading)).toBe(get('Sec-WebSocket-Version: 13\r\n'));
    expect(written(get('Upgrade: websocket\r\n'), { upgrade: true })).toBe(get(''));
    expect(written(get('Connection: upgrade\r\nUpgrade: h2c\r\n'), { upgrade: true })).toBe(get(''));
  });

  test('offers trailers to the node when the client takes them', () => {
    const lines = (te: string) => get(`TE: ${te}\r\nConnection: TE\r\n`);
    expect(written(lines('deflate;q=0.5, Trailers'), { passTrailers: true })).toBe(
      get('TE: trailers\r\nConnection: TE\r\n'),
    );
    expect(written(lines('deflate'), { passTrailers: true })).toBe(get(''));
    expect(written(get(''), { passTrailers: true })).toBe(get(''));
    expect(
      written(get('TE: trailers\r\nConnection: upgrade\r\nUpgrade: x\r\n'), { passTrailers: true, upgrade: true }),
    ).toBe(get('Upgrade: x\r\nTE: trailers\r\nConnection: Upgrade, TE\r\n'));
  });

  test('carries our name in Via, with the version that was received', () => {
    expect(written(get('Via: 1.0 front\r\n'), { via: 'mcmp' })).toBe(get('Via: 1.0 front\r\nVia: 1.1 mcmp\r\n'));
    expect(written('GET / HTTP/1.0\r\nHost: a\r\n\r\n', { via: 'mcmp' })).toContain('\r\nVia: 1.0 mcmp\r\n');
  });

  test('says who the client is', () => {
    const plain = get('X-Forwarded-For: 203.0.113.9\r\nForwarded: for=203.0.113.9\r\n');
    const xForwarded = 'X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: h:81\r\n';
    const forwarded = 'Forwarded: for=192.0.2.7;proto=http;host="h:81"\r\n';
    expect(written(plain, { forwardedHeaders: 'x-forwarded' })).toBe(get(xForwarded));
    expect(written(plain, { forwardedHeaders: 'forwarded' })).toBe(get(forwarded));
    expect(written(plain, { forwardedHeaders: 'both' })).toBe(get(xForwarded + forwarded));
    expect(written(plain, { forwardedHeaders: 'none' })).toBe(get(''));
  });

  test('adds to what a trusted proxy says', () => {
    const said =
      'X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 203.0.113.8, 203.0.113.7\r\nX-Forwarded-Proto: https\r\nForwarded: for=203.0.113.9\r\n';
    expect(written(get(said), { trusted: true })).toBe(get(said));
    expect(written(get(said), { trusted: true, forwardedHeaders: 'both' })).toBe(
      get(
        'X-Forwarded-Proto: https\r\n' +
          'X-Forwarded-For: 203.0.113.9, 203.0.113.8, 203.0.113.7, 192.0.2.7\r\nX-Forwarded-Host: h:81\r\n' +
          'Forwarded: for=203.0.113.9, for=192.0.2.7;proto=http;host="h:81"\r\n',
      ),
    );
    expect(written(get(''), { trusted: true, forwardedHeaders: 'both' })).toBe(
      written(get(''), { forwardedHeaders: 'both' }),
    );
    expect(
      written(get('X-Forwarded-Host: b\r\nX-Forwarded-For:\r\n'), { trusted: true, forwardedHeaders: 'x-forwarded' }),
    ).toBe(get('X-Forwarded-Host: b\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\n'));
  });

  test('may have another target', () => {
    expect(written(get('A: 1\r\n'), { target: '/z' })).toBe('GET /z HTTP/1.1\r\nHost: h:81\r\nA: 1\r\n\r\n');
  });

  test('goes without the session cookie when it must', () => {
    const cookies = (value: string) => written(get(`A: 1\r\ncookie: ${value}\r\nB: 2\r\n`), { removeCookie: 'SID' });
    expect(cookies('a=b; SID=x.node1; c="d e"')).toBe(get('A: 1\r\ncookie: a=b; c="d e"\r\nB: 2\r\n'));
    expect(cookies('SID=1;SID=2')).toBe(get('A: 1\r\nB: 2\r\n'));
    expect(cookies('XSID=1; SIDX=2; sid=3; a=SID')).toBe(
      get('A: 1\r\ncookie: XSID=1; SIDX=2; sid=3; a=SID\r\nB: 2\r\n'),
    );
  });
});

describe('the description of a client', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.7'],
    ['2001:db8::1', '2001:db8::1', '"[2001:db8::1]"'],
    ['fe80::1%eth0', 'unknown', 'unknown'],
    ['a\r\nX: y', 'unknown', 'unknown'],
    ['', 'unknown', 'unknown'],
  ])('of %j', (address, plain, node) => {
    const client = describeClient(address, 'https');
    expect(client.address).toBe(plain);
    expect(client.xForwardedLines).toBe(`X-Forwarded-For: ${plain}\r\nX-Forwarded-Proto: https\r\n`);
    expect(client.forwardedPairs).toBe(`for=${node};proto=https`);
  });

  test('quotes a host in Forwarded only when it has to', () => {
    const element = (host: string) =>
      written(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, { forwardedHeaders: 'forwarded' });
    expect(element('a.example')).toContain(';host=a.example\r\n');
    expect(element('[::1]')).toContain(';host="[::1]"\r\n');
  });
});
