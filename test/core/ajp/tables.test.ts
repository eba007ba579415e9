import { describe, expect, test } from 'vitest';
import {
  AJP_ATTRIBUTE,
  AJP_METHODS,
  AJP_REQUEST_HEADERS,
  AJP_RESPONSE_HEADERS,
  type AjpAttribute,
  type AjpForwardRequest,
  CPING,
  CPONG,
  writeForwardRequest,
  writeSendHeaders,
} from '../../../src/core/ajp/index.ts';
import { readRequests, readResponse } from './collect.ts';
import { BARE_REQUEST } from './packets.ts';

/** The tables of reference §6.5, written down a second time, as a peer has them. */
const METHODS =
  '1 OPTIONS, 2 GET, 3 HEAD, 4 POST, 5 PUT, 6 DELETE, 7 TRACE, 8 PROPFIND, 9 PROPPATCH, 10 MKCOL, 11 COPY, 12 MOVE, 13 LOCK, 14 UNLOCK, 15 ACL, 16 REPORT, 17 VERSION-CONTROL, 18 CHECKIN, 19 CHECKOUT, 20 UNCHECKOUT, 21 SEARCH, 22 MKWORKSPACE, 23 UPDATE, 24 LABEL, 25 MERGE, 26 BASELINE-CONTROL, 27 MKACTIVITY';
const REQUEST_HEADERS =
  '1 Accept, 2 Accept-Charset, 3 Accept-Encoding, 4 Accept-Language, 5 Authorization, 6 Connection, 7 Content-Type, 8 Content-Length, 9 Cookie, 10 Cookie2, 11 Host, 12 Pragma, 13 Referer, 14 User-Agent';
const RESPONSE_HEADERS =
  '1 Content-Type, 2 Content-Language, 3 Content-Length, 4 Date, 5 Last-Modified, 6 Location, 7 Set-Cookie, 8 Set-Cookie2, 9 Servlet-Engine, 10 Status, 11 WWW-Authenticate';
const ATTRIBUTES =
  '1 context, 2 servlet_path, 3 remote_user, 4 auth_type, 5 query_string, 6 jvm_route, 7 ssl_cert, 8 ssl_cipher, 9 ssl_session, 10 req_attribute, 11 ssl_key_size, 12 secret, 13 stored_method';

const rows = (table: string): [code: number, name: string][] =>
  table.split(', ').map((row) => [Number(row.split(' ')[0]), row.split(' ')[1] ?? '']);

function written(request: Partial<AjpForwardRequest>): Buffer {
  const packet = writeForwardRequest({ ...BARE_REQUEST, ...request }, 8192);
  if (packet === null) throw new Error('does not fit');
  return packet;
}

function readBack(packet: Buffer): AjpForwardRequest {
  const { events, violation } = readRequests(packet);
  expect(violation).toBeNull();
  const [event] = events;
  if (event?.kind !== 'request') throw new Error('no request was read');
  return event.request;
}

test('the tables are complete', () => {
  expect(rows(METHODS).map(([, name]) => name)).toEqual([...AJP_METHODS]);
  expect(rows(REQUEST_HEADERS).map(([, name]) => name)).toEqual([...AJP_REQUEST_HEADERS]);
  expect(rows(RESPONSE_HEADERS).map(([, name]) => name)).toEqual([...AJP_RESPONSE_HEADERS]);
  expect(rows(ATTRIBUTES)).toEqual(Object.entries(AJP_ATTRIBUTE).map(([name, code]) => [code, name]));
});

describe('a method', () => {
  test.each(rows(METHODS))('of the code %i travels as that: %s', (code, method) => {
    const packet = written({ method });
    expect(packet[5]).toBe(code);
    expect(readBack(packet)).toEqual({ ...BARE_REQUEST, method });
  });

  test.each(['PATCH', 'QUERY', 'get', 'Post', 'VERSION_CONTROL', 'X'])(
    '%s has no code and travels by name',
    (method) => {
      const packet = written({ method });
      expect(packet[5]).toBe(0xff);
      const stored = { name: 'stored_method', value: method } as const;
      expect(readBack(packet)).toEqual({ ...BARE_REQUEST, method, attributes: [stored] });
    },
  );
});

describe('a header', () => {
  test.each(rows(REQUEST_HEADERS))(
    'of a request with the code %i travels as that: %s, in any spelling',
    (code, name) => {
      for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
        const packet = written({ headers: [[spelling, '5']] });
        expect(packet.toString('latin1')).toContain(`\xa0${String.fromCharCode(code)}\x00\x015\x00`);
        expect(readBack(packet).headers).toEqual([[name, '5']]);
      }
    },
  );

  test.each(rows(RESPONSE_HEADERS))(
    'of an answer with the code %i travels as that: %s, in any spelling',
    (code, name) => {
      for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
        const packet = writeSendHeaders(200, 'OK', [[spelling, '5']], 8192) ?? Buffer.alloc(0);
        expect(packet.toString('latin1')).toContain(`\xa0${String.fromCharCode(code)}\x00\x015\x00`);
        expect(readResponse(packet).events).toEqual([
          { kind: 'head', status: 200, reason: 'OK', headers: [name, '5'] },
        ]);
      }
    },
  );

  test.each([
    ['request', 'Accept-Charse'],
    ['request', 'Hosts'],
    ['request', 'Set-Cookie'],
    ['request', 'X-Forwarded-For'],
    ['answer', 'Cookie'],
    ['answer', 'Content-Lengt'],
    ['answer', 'Www_Authenticate'],
  ])('of a(n) %s without a code travels by name: %s', (side, name) => {
    const headers = [[name, 'x']] as const;
    const packet = side === 'request' ? written({ headers }) : writeSendHeaders(200, '', headers, 8192);
    expect(packet?.toString('latin1')).toContain(`\x00${String.fromCharCode(name.length)}${name}\x00\x00\x01x\x00`);
  });
});

describe('an attribute', () => {
  test.each(rows(ATTRIBUTES).filter(([code]) => code < 10 || code === 12))('%i is %s, a string', (code, name) => {
    const attribute = { name, value: 'x=y' } as AjpAttribute;
    const packet = written({ attributes: [attribute] });
    expect(packet.toString('latin1').slice(-8)).toBe(`${String.fromCharCode(code)}\x00\x03x=y\x00\xff`);
    expect(readBack(packet).attributes).toEqual([attribute]);
  });

  test('10 is req_attribute, a name and a value', () => {
    const attribute = { name: 'req_attribute', key: 'K', value: 'V' } as const;
    const packet = written({ attributes: [attribute] });
    expect(packet.toString('latin1').slice(-10)).toBe('\x0a\x00\x01K\x00\x00\x01V\x00\xff');
    expect(readBack(packet).attributes).toEqual([attribute]);
  });

  test.each([
    ['0', '0b0000ff'],
    ['3', '0b0003ff'],
    ['128', '0b0080ff'],
    ['256', '0b0100ff'],
    ['65535', '0bffffff'],
  ])('11 is ssl_key_size: %s as a number', (value, hex) => {
    for (const attributes of [[], [{ name: 'secret', value: '1' } as const]]) {
      const all = [{ name: 'ssl_key_size', value } as const, ...attributes];
      const packet = written({ attributes: all });
      expect(packet.toString('hex')).toContain(hex.slice(0, 6));
      expect(readBack(packet).attributes).toEqual(all);
    }
  });

  test.each(['1', '128', '256', '0256'])('11 is ssl_key_size: %s as a string, as Undertow writes it', (value) => {
    const attributes = [
      { name: 'ssl_key_size', value, form: 'string' },
      { name: 'secret', value: '1' },
    ] as const;
    const packet = written({ attributes });
    expect(packet.toString('latin1')).toContain(`\x0b\x00${String.fromCharCode(value.length)}${value}\x00`);
    expect(readBack(packet).attributes).toEqual(attributes);
  });
});

test('CPING and CPONG are what Tomcat and httpd say', () => {
  expect(CPING.toString('hex')).toBe('123400010a');
  expect(CPONG.toString('hex')).toBe('4142000109');
});
