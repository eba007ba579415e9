import { describe, expect, test } from 'vitest';
import { drive } from './drive.ts';

const LONGEST_ADDRESS = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';

const SOUND: ReadonlyArray<readonly [line: string, source: string, destination: string]> = [
  ['PROXY TCP4 192.168.0.1 192.168.0.11 56324 443', '192.168.0.1 56324', '192.168.0.11 443'],
  ['PROXY TCP4 255.255.255.255 0.0.0.0 65535 0', '255.255.255.255 65535', '0.0.0.0 0'],
  ['PROXY TCP6 2001:db8::1 ::1 1 2', '2001:db8::1 1', '::1 2'],
  ['PROXY TCP6 2001:DB8:0:0:0:0:0:1 0:0:0:0:0:0:0:1 1 2', '2001:db8::1 1', '::1 2'],
  ['PROXY TCP6 ::ffff:192.0.2.1 ::FFFF:7f00:1 1 2', '192.0.2.1 1', '127.0.0.1 2'],
  [
    `PROXY TCP6 ${LONGEST_ADDRESS} ${LONGEST_ADDRESS} 65535 65535`,
    `${LONGEST_ADDRESS} 65535`,
    `${LONGEST_ADDRESS} 65535`,
  ],
  ['PROXY UNKNOWN', ' 0', ' 0'],
  ['PROXY UNKNOWN ', ' 0', ' 0'],
  ['PROXY UNKNOWN \0\x80 anything at all', ' 0', ' 0'],
  [`PROXY UNKNOWN ${LONGEST_ADDRESS} ${LONGEST_ADDRESS} 65535 65535`, ' 0', ' 0'],
];

/** `|` stands before the byte at which the line is refused, counted from 1. */
const BROKEN: ReadonlyArray<readonly [code: string, bytes: string]> = [
  ['PROXY_MISSING', '|GET / HTTP/1.1\r\n'],
  ['PROXY_MISSING', '|\x16\x03\x01\x02\x00'],
  ['PROXY_MISSING', 'P|RI * HTTP/2.0\r\n\r\nSM\r\n\r\n'.replace('P|R', 'PR|')],
  ['PROXY_MISSING', 'P|OST / HTTP/1.1\r\n'],
  ['PROXY_MISSING', 'P|roxy TCP4 1.1.1.1 1.1.1.1 1 1\r\n'],
  ['PROXY_MISSING', 'PROXY|\tTCP4 1.1.1.1 1.1.1.1 1 1\r\n'],
  ['PROXY_MISSING', '| PROXY TCP4 1.1.1.1 1.1.1.1 1 1\r\n'],
  ['PROXY_FAMILY', 'PROXY | TCP4 1.1.1.1 1.1.1.1 1 1\r\n'],
  ['PROXY_FAMILY', 'PROXY |UDP4 1.1.1.1 1.1.1.1 1 1\r\n'.replace('|UD', 'U|D')],
  ['PROXY_FAMILY', 'PROXY TCP|5 1.1.1.1 1.1.1.1 1 1\r\n'],
  ['PROXY_FAMILY', 'PROXY TCP4|\r\n'],
  ['PROXY_FAMILY', 'PROXY |tcp4 1.1.1.1 1.1.1.1 1 1\r\n'],
  ['PROXY_FAMILY', 'PROXY UNKNOWN|S\r\n'],
  ['PROXY_FAMILY', 'PROXY |\r\n'],
  ['PROXY_LINE_END', 'PROXY TCP4 1.1.1.1 1.1.1.1 1 1|\n'],
  ['PROXY_LINE_END', 'PROXY TCP4 1.1.1.1 1.1.1.1 1 1\r|\r\n'],
  ['PROXY_LINE_END', 'PROXY TCP4 1.1.1.1\r| 1.1.1.1 1 1\r\n'],
  ['PROXY_LINE_END', 'PROXY UNKNOWN|\n'],
  ['PROXY_LINE_END', 'PROXY UNKNOWN a|\nb\r\n'],
  ['PROXY_LINE_END', 'PROXY UNKNOWN a\r|b\r\n'],
  ['PROXY_CHARACTER', 'PROXY TCP6 fe80::1|%eth0 ::1 1 1\r\n'],
  ['PROXY_CHARACTER', 'PROXY TCP6 |[::1] ::1 1 1\r\n'],
  ['PROXY_CHARACTER', 'PROXY TCP4 1.1.1.1|\t1.1.1.1 1 1\r\n'],
  ['PROXY_CHARACTER', 'PROXY TCP4 1.1.1.1 1.1.1.1 |-1 1\r\n'],
  ['PROXY_CHARACTER', 'PROXY TCP4 1.1.1.1 1.1.1.1 |\xb9 1\r\n'],
  ['PROXY_LINE_SHAPE', 'PROXY TCP4 1.1.1.1 1.1.1.1 1\r|\n'],
  ['PROXY_LINE_SHAPE', 'PROXY TCP4 1.1.1.1 1.1.1.1 1 1 \r|\n'],
  ['PROXY_LINE_SHAPE', 'PROXY TCP4 1.1.1.1  1.1.1.1 1 1\r|\n'],
  ['PROXY_LINE_SHAPE', 'PROXY TCP4 \r|\n'],
  ['PROXY_ADDRESS', 'PROXY TCP4 1.1.1 1.1.1.1 1 1\r|\n'],
  ['PROXY_ADDRESS', 'PROXY TCP4 256.1.1.1 1.1.1.1 1 1\r|\n'],
  ['PROXY_ADDRESS', 'PROXY TCP4 01.1.1.1 1.1.1.1 1 1\r|\n'],
  ['PROXY_ADDRESS', 'PROXY TCP4 1.1.1.1 ::1 1 1\r|\n'],
  ['PROXY_ADDRESS', 'PROXY TCP4 ::ffff:1.1.1.1 ::1 1 1\r|\n'],
  ['PROXY_ADDRESS', 'PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r|\n'],
  ['PROXY_ADDRESS', 'PROXY TCP6 ::1::2 ::1 1 1\r|\n'],
  ['PROXY_ADDRESS', 'PROXY TCP6 12345::1 ::1 1 1\r|\n'],
  ['PROXY_ADDRESS', 'PROXY TCP6 1:2:3:4:5:6:7 ::1 1 1\r|\n'],
  ['PROXY_PORT', 'PROXY TCP4 1.1.1.1 1.1.1.1 65536 1\r|\n'],
  ['PROXY_PORT', 'PROXY TCP4 1.1.1.1 1.1.1.1 1 01\r|\n'],
  ['PROXY_PORT', 'PROXY TCP4 1.1.1.1 1.1.1.1 a 1\r|\n'],
  ['PROXY_PORT', 'PROXY TCP4 1.1.1.1 1.1.1.1 100000 1\r|\n'],
  ['PROXY_LINE_TOO_LONG', `PROXY UNKNOWN ${'x'.repeat(91)}|x\r\n`],
  ['PROXY_LINE_TOO_LONG', `PROXY TCP6 ${'1'.repeat(94)}|1`],
];

describe('a PROXY line', () => {
  for (const [line, source, destination] of SOUND) {
    const bytes = Buffer.from(`${line}\r\n`, 'latin1');
    const name = JSON.stringify(line);
    test.each([1, 2, 7, 1000])(`is read: ${name}, in pieces of %i bytes`, (pieceBytes) => {
      const outcome = drive(Buffer.concat([bytes, Buffer.from('GET / ')]), pieceBytes);
      expect(outcome).toMatchObject({ code: 'ok', length: bytes.length, rest: 'GET / ' });
      const { peer } = outcome;
      expect(`${peer?.sourceAddress} ${peer?.sourcePort}`).toBe(source);
      expect(`${peer?.destinationAddress} ${peer?.destinationPort}`).toBe(destination);
      expect(peer).toMatchObject({ command: 'proxy', tls: false });
    });
    test(`is not read before its last byte: ${name}`, () => {
      for (let length = 0; length < bytes.length; length++) expect(drive(bytes.subarray(0, length)).code).toBe('more');
    });
  }

  test('has up to 107 bytes', () => {
    const line = (length: number) => Buffer.from(`PROXY UNKNOWN ${'x'.repeat(length - 16)}\r\n`);
    expect(drive(line(107)).code).toBe('ok');
    expect(drive(line(108)).code).toBe('PROXY_LINE_TOO_LONG');
  });

  test.each(BROKEN)('is refused, %s, at the byte that breaks it: %j', (code, marked) => {
    const bytes = Buffer.from(marked.replace('|', ''), 'latin1');
    expect(drive(bytes, 1)).toMatchObject({ code, given: marked.indexOf('|') + 1 });
    expect(drive(bytes).code).toBe(code);
  });
});
