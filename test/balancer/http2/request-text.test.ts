import { describe, expect, it } from 'vitest';
import { createRequestText, printRequest, type RequestOrigin } from '../../../src/balancer/http2/request-text.ts';

const HERE: RequestOrigin = { scheme: 'https', anyScheme: false, isMeantHere: (host) => host !== 'other.example' };
const BASE = [':method', 'GET', ':scheme', 'https', ':authority', 'shop.example', ':path', '/a?b'];

/** What comes of fields: the text, or the code of what is wrong. */
function printed(fields: readonly string[], ends = true, origin = HERE): string {
  const out = createRequestText();
  const violation = printRequest(fields, ends, origin, () => 'KEY', out);
  return violation?.code ?? out.text;
}

function but(name: string, value: string): string[] {
  return BASE.map((text, i) => (BASE[i - 1] === name && i % 2 === 1 ? value : text));
}

/** `node:http2` stops most of these before; none may pass here either, should it once not. */
describe('fields that are no request', () => {
  it.each<[string, readonly string[], string]>([
    ['CR LF in a value', [...BASE, 'x', 'a\r\nb: c'], 'HTTP_2_HEADER_VALUE'],
    ['LF in a value', [...BASE, 'x', 'a\nb'], 'HTTP_2_HEADER_VALUE'],
    ['CR in a value', [...BASE, 'x', 'a\rb'], 'HTTP_2_HEADER_VALUE'],
    ['NUL in a value', [...BASE, 'x', 'a\0b'], 'HTTP_2_HEADER_VALUE'],
    ['CR LF in a cookie', [...BASE, 'cookie', 'a\r\nb'], 'HTTP_2_HEADER_VALUE'],
    ['CR LF in the path', but(':path', '/a HTTP/1.1\r\nX: y'), 'HTTP_2_HEADER_VALUE'],
    ['a space in the path', but(':path', '/a HTTP/1.1'), 'HTTP_2_PATH'],
    ['a fragment in the path', but(':path', '/a#b'), 'HTTP_2_PATH'],
    ['a path without a slash', but(':path', 'a'), 'HTTP_2_PATH'],
    ['a path that is a URL', but(':path', 'https://shop.example/a'), 'HTTP_2_PATH'],
    ['no path', but(':path', ''), 'HTTP_2_PSEUDO_MISSING'],
    ['no method', BASE.slice(2), 'HTTP_2_PSEUDO_MISSING'],
    ['no scheme', but(':scheme', ''), 'HTTP_2_PSEUDO_MISSING'],
    ['a space in the method', but(':method', 'GET /x'), 'HTTP_METHOD'],
    ['a space in a name', [...BASE, 'x ', '1'], 'HTTP_2_HEADER_NAME'],
    ['a colon in a name', [...BASE, 'x:y', '1'], 'HTTP_2_HEADER_NAME'],
    ['a capital letter in a name', [...BASE, 'X', '1'], 'HTTP_2_HEADER_NAME'],
    ['no name', [...BASE, '', '1'], 'HTTP_2_HEADER_NAME'],
    ['a name beyond ASCII', [...BASE, 'x\u00e4', '1'], 'HTTP_2_HEADER_NAME'],
    ['a repeated pseudo-header', [...BASE, ':path', '/b'], 'HTTP_2_PSEUDO_REPEATED'],
    ['a late pseudo-header', [...BASE.slice(2), 'x', '1', ':method', 'GET'], 'HTTP_2_PSEUDO_LATE'],
    ['an unknown pseudo-header', [...BASE, ':x', '1'], 'HTTP_2_PSEUDO_UNKNOWN'],
    ['transfer-encoding', [...BASE, 'transfer-encoding', 'chunked'], 'HTTP_2_CONNECTION_HEADER'],
    ['connection', [...BASE, 'connection', 'x'], 'HTTP_2_CONNECTION_HEADER'],
    ['te: gzip', [...BASE, 'te', 'gzip'], 'HTTP_2_TE'],
    ['two lengths', [...BASE, 'content-length', '1', 'content-length', '1'], 'HTTP_CONTENT_LENGTH_REPEATED'],
    ['a length with a sign', [...BASE, 'content-length', '+1'], 'HTTP_CONTENT_LENGTH'],
    ['a length and no body', [...BASE, 'content-length', '1'], 'HTTP_2_ENDED_EARLY'],
    ['two hosts', [...BASE, 'host', 'shop.example', 'host', 'shop.example'], 'HTTP_HOST_REPEATED'],
    ['another host', [...BASE, 'host', 'else.example'], 'HTTP_2_HOST_MISMATCH'],
    ['no host at all', but(':authority', ''), 'HTTP_HOST_MISSING'],
    ['user information', but(':authority', 'me@shop.example'), 'HTTP_HOST_INVALID'],
    ['the scheme of another connection', but(':scheme', 'http'), 'HTTP_2_SCHEME'],
    ['a host of another certificate', but(':authority', 'other.example'), 'HTTP_2_MISDIRECTED'],
    ['CONNECT', but(':method', 'CONNECT'), 'HTTP_CONNECT'],
    ['a protocol with GET', [...BASE, ':protocol', 'websocket'], 'HTTP_2_PROTOCOL_WITHOUT_CONNECT'],
    ['another protocol', [...but(':method', 'CONNECT'), ':protocol', 'connect-ip'], 'HTTP_2_PROTOCOL'],
  ])('%s', (_name, fields, code) => {
    expect(printed(fields)).toBe(code);
  });
});

describe('a request', () => {
  it('is printed with Host first, and for one request alone', () => {
    expect(printed([...BASE, 'accept', '*/*', 'x-\u0021', '\u00e4'])).toBe(
      'GET /a?b HTTP/1.1\r\nHost: shop.example\r\naccept: */*\r\nx-!: \u00e4\r\nConnection: close\r\n\r\n',
    );
  });

  it('takes Host where there is no authority, and either spelling of the same host', () => {
    expect(printed([...but(':authority', ''), 'host', 'shop.example'])).toContain('Host: shop.example\r\n');
    expect(printed([...BASE, 'host', 'SHOP.example:443'])).toContain('Host: shop.example\r\n');
  });

  it('joins the crumbs of a cookie (RFC 9113 §8.2.3)', () => {
    expect(printed([...BASE, 'cookie', 'a=1', 'x', '2', 'cookie', 'b=2'])).toContain('x: 2\r\ncookie: a=1; b=2\r\n');
  });

  it('has chunks where the length of its body is not known', () => {
    expect(printed(but(':method', 'POST'), false)).toContain('transfer-encoding: chunked\r\n');
    const known = printed([...but(':method', 'POST'), 'content-length', '3'], false);
    expect(known).toContain('content-length: 3\r\n');
    expect(known).not.toContain('chunked');
    expect(printed([...BASE, 'content-length', '0'])).toContain('content-length: 0\r\n');
  });

  it('may come by either scheme from a proxy that is trusted', () => {
    expect(printed(but(':scheme', 'http'), true, { ...HERE, anyScheme: true })).toContain('GET /a?b ');
    expect(printed(but(':scheme', 'ftp'), true, { ...HERE, anyScheme: true })).toBe('HTTP_2_SCHEME');
  });

  it('for a WebSocket becomes a GET that asks for an upgrade, with a key of ours (RFC 8441 §5)', () => {
    const text = printed(
      [...but(':method', 'CONNECT'), ':protocol', 'websocket', 'sec-websocket-key', 'theirs'],
      false,
    );
    expect(text).toBe(
      'GET /a?b HTTP/1.1\r\nHost: shop.example\r\nupgrade: websocket\r\nsec-websocket-key: KEY\r\nConnection: close, upgrade\r\n\r\n',
    );
  });
});
