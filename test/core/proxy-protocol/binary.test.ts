import { describe, expect, test } from 'vitest';
import { crc32c } from '../../../src/core/proxy-protocol/crc32c.ts';
import { createProxyHeaderReader } from '../../../src/core/proxy-protocol/index.ts';
import { ascii, binary, drive, hex, SIGNATURE, vector } from './drive.ts';

const IPV4 = 'c0000201 c6336402 dc04 01bb';
const IPV6 = `20010db8${'00'.repeat(11)}01 ${'00'.repeat(15)}01 dc04 01bb`;
const UNIX = `${ascii('/run/a')}${'00'.repeat(102)}${'00'.repeat(108)}`;

const NOBODY = { sourceAddress: '', sourcePort: 0, destinationAddress: '', destinationPort: 0, tls: false };
const BY_IPV4 = {
  command: 'proxy',
  sourceAddress: '192.0.2.1',
  sourcePort: 56_324,
  destinationAddress: '198.51.100.2',
  destinationPort: 443,
  tls: false,
};
const NO_CERTIFICATE = { clientCertificate: 'none', verified: false };

/** The vector of TLS: flags, result of the verification, vectors inside. */
function tls(flags: string, verify: string, inside = ''): string {
  return vector('20', `${flags} ${verify} ${inside}`);
}

function withChecksum(header: Buffer, sum = crc32c(header)): Buffer {
  const copy = Buffer.from(header);
  copy.writeUInt32BE(sum >>> 0, copy.length - 4);
  return copy;
}

const SOUND: ReadonlyArray<readonly [name: string, header: Buffer, peer: object]> = [
  ['TCP over IPv4', binary('21', '11', IPV4), BY_IPV4],
  ['TCP over IPv6', binary('21', '21', IPV6), { ...BY_IPV4, sourceAddress: '2001:db8::1', destinationAddress: '::1' }],
  [
    'IPv4 mapped into IPv6, told as IPv4',
    binary('21', '21', `${'00'.repeat(10)}ffff c0000201 ${'00'.repeat(10)}ffff c6336402 dc04 01bb`),
    BY_IPV4,
  ],
  ['LOCAL without anything', binary('20', '00', ''), { command: 'local', ...NOBODY }],
  ['LOCAL with addresses, which do not count', binary('20', '11', IPV4), { command: 'local', ...NOBODY }],
  ['LOCAL with an unassigned family, which is ignored', binary('20', 'ff', 'abcdef'), { command: 'local', ...NOBODY }],
  ['an unspecified family', binary('21', '00', ''), { command: 'proxy', ...NOBODY }],
  [
    'an unspecified family with bytes of unknown meaning',
    binary('21', '00', 'ffffff'),
    { command: 'proxy', ...NOBODY },
  ],
  ['an unspecified transport', binary('21', '10', IPV4), { command: 'proxy', ...NOBODY }],
  ['a UNIX socket', binary('21', '31', UNIX), { command: 'proxy', ...NOBODY }],
  [
    'a UNIX socket with vectors',
    binary('21', '32', `${UNIX} ${tls('01', '00000000')}`),
    { command: 'proxy', ...NOBODY, tls: true, tlsSession: NO_CERTIFICATE },
  ],
  ['UDP, which no TCP connection can come from', binary('21', '12', IPV4), { command: 'proxy', ...NOBODY }],
  ['padding', binary('21', '11', `${IPV4} ${vector('04', '0000')} ${vector('04', '')}`), BY_IPV4],
  ['unknown vectors, twice', binary('21', '11', `${IPV4} ${vector('ea', '01')} ${vector('ea', '02')}`), BY_IPV4],
  [
    'a host name',
    binary('21', '11', `${IPV4} ${vector('02', ascii('app.example'))}`),
    { ...BY_IPV4, authority: 'app.example' },
  ],
  [
    'a host name in UTF-8, kept as bytes',
    binary('21', '11', `${IPV4} ${vector('02', 'c3bc2e')}`),
    { ...BY_IPV4, authority: '\xc3\xbc.' },
  ],
  ['an empty host name, which is none', binary('21', '11', `${IPV4} ${vector('02', '')}`), BY_IPV4],
  ['ALPN', binary('21', '11', `${IPV4} ${vector('01', ascii('h2'))}`), { ...BY_IPV4, alpn: 'h2' }],
  [
    'a unique id of any bytes',
    binary('21', '11', `${IPV4} ${vector('05', '00ff'.repeat(64))}`),
    { ...BY_IPV4, uniqueId: '\0\xff'.repeat(64) },
  ],
  ['a namespace', binary('21', '11', `${IPV4} ${vector('30', ascii('blue'))}`), { ...BY_IPV4, namespace: 'blue' }],
  [
    'a session without TLS',
    binary('21', '11', `${IPV4} ${tls('00', '00000001')}`),
    { ...BY_IPV4, tlsSession: NO_CERTIFICATE },
  ],
  [
    'TLS without a certificate of the client, verified as HAProxy writes it',
    binary('21', '11', `${IPV4} ${tls('01', '00000000', vector('21', ascii('TLSv1.3')))}`),
    { ...BY_IPV4, tls: true, tlsSession: { ...NO_CERTIFICATE, version: 'TLSv1.3' } },
  ],
  [
    'TLS with a verified certificate',
    binary(
      '21',
      '11',
      `${IPV4} ${tls('03', '00000000', [vector('21', ascii('TLSv1.2')), vector('22', 'c3bc'), vector('23', ascii('AES128')), vector('24', ascii('SHA256')), vector('25', ascii('RSA2048')), vector('2f', '01')].join(''))}`,
    ),
    {
      ...BY_IPV4,
      tls: true,
      tlsSession: {
        clientCertificate: 'connection',
        verified: true,
        version: 'TLSv1.2',
        commonName: '\xc3\xbc',
        cipher: 'AES128',
        signatureAlgorithm: 'SHA256',
        keyAlgorithm: 'RSA2048',
      },
    },
  ],
  [
    'a certificate of an earlier connection that did not verify',
    binary('21', '11', `${IPV4} ${tls('05', '00000012')}`),
    { ...BY_IPV4, tls: true, tlsSession: { clientCertificate: 'session', verified: false } },
  ],
  [
    'a certificate without TLS, which is no proof of anything',
    binary('21', '11', `${IPV4} ${tls('02', '00000000')}`),
    { ...BY_IPV4, tlsSession: { clientCertificate: 'connection', verified: false } },
  ],
  ['a checksum', withChecksum(binary('21', '11', `${IPV4} ${vector('03', '00000000')}`)), BY_IPV4],
  ['4096 bytes of vectors', binary('21', '11', `${IPV4} ${vector('e0', '00'.repeat(4096 - 15))}`), BY_IPV4],
];

const CHECKED = binary('21', '11', `${IPV4} ${vector('03', '00000000')}`);

const BROKEN: ReadonlyArray<readonly [code: string, name: string, header: Buffer, refusedAt?: number]> = [
  ['PROXY_MISSING', 'empty lines before a request', hex('0d0a 474554'), 3],
  ['PROXY_MISSING', 'a signature that differs in its last byte', hex('0d0a0d0a000d0a515549540d21'), 12],
  ['PROXY_VERSION', 'version 1', hex(`${SIGNATURE}11`), 13],
  ['PROXY_VERSION', 'version 3', hex(`${SIGNATURE}31`), 13],
  ['PROXY_COMMAND', 'command 2', hex(`${SIGNATURE}22`), 13],
  ['PROXY_BINARY_FAMILY', 'family 4', hex(`${SIGNATURE}2141`), 14],
  ['PROXY_BINARY_FAMILY', 'transport 3', hex(`${SIGNATURE}2113`), 14],
  ['PROXY_TOO_LONG', '4097 bytes', hex(`${SIGNATURE}2111 1001`), 16],
  ['PROXY_TOO_LONG', '65535 bytes', hex(`${SIGNATURE}2111 ffff`), 15],
  ['PROXY_TOO_LONG', '4097 bytes of LOCAL', hex(`${SIGNATURE}2000 1001`), 16],
  ['PROXY_TOO_SHORT', 'no addresses', hex(`${SIGNATURE}2111 0000`), 16],
  ['PROXY_TOO_SHORT', 'IPv4 with 11 bytes', hex(`${SIGNATURE}2111 000b`), 16],
  ['PROXY_TOO_SHORT', 'IPv6 with 35 bytes', hex(`${SIGNATURE}2121 0023`), 16],
  ['PROXY_TOO_SHORT', 'UNIX with 215 bytes', hex(`${SIGNATURE}2131 00d7`), 16],
  ['PROXY_TOO_SHORT', 'datagrams over IPv4 with 11 bytes', hex(`${SIGNATURE}2112 000b`), 16],
  ['PROXY_VECTOR', 'one byte behind the addresses', binary('21', '11', `${IPV4} 04`)],
  ['PROXY_VECTOR', 'a vector without its length', binary('21', '11', `${IPV4} 0400`)],
  ['PROXY_VECTOR', 'a vector longer than the header', binary('21', '11', `${IPV4} 04000201`)],
  ['PROXY_VECTOR', 'an unknown vector longer than the header', binary('21', '11', `${IPV4} eaffff01`)],
  [
    'PROXY_VECTOR',
    'a vector longer than the vector of TLS',
    binary('21', '11', `${IPV4} ${tls('01', '00000000', '21000201')}`),
  ],
  [
    'PROXY_VECTOR_REPEATED',
    'two host names',
    binary('21', '11', `${IPV4} ${vector('02', '61')} ${vector('02', '61')}`),
  ],
  [
    'PROXY_VECTOR_REPEATED',
    'two of TLS',
    binary('21', '11', `${IPV4} ${tls('01', '00000000')} ${tls('00', '00000000')}`),
  ],
  [
    'PROXY_VECTOR_REPEATED',
    'two checksums',
    binary('21', '11', `${IPV4} ${vector('03', '00000000')} ${vector('03', '00000000')}`),
  ],
  [
    'PROXY_VECTOR_REPEATED',
    'two common names',
    binary('21', '11', `${IPV4} ${tls('03', '00000000', `${vector('22', '61')}${vector('22', '62')}`)}`),
  ],
  ['PROXY_CHECKSUM_LENGTH', 'a checksum of three bytes', binary('21', '11', `${IPV4} ${vector('03', '000000')}`)],
  ['PROXY_CHECKSUM', 'a checksum of zeros', CHECKED],
  ['PROXY_CHECKSUM', 'a checksum that is one bit off', withChecksum(CHECKED, crc32c(CHECKED) ^ 1)],
  ['PROXY_AUTHORITY', 'a host name with a line end', binary('21', '11', `${IPV4} ${vector('02', '610d0a')}`)],
  ['PROXY_AUTHORITY', 'a host name with a zero', binary('21', '11', `${IPV4} ${vector('02', '6100')}`)],
  ['PROXY_AUTHORITY', 'a host name in latin1', binary('21', '11', `${IPV4} ${vector('02', 'fc')}`)],
  ['PROXY_AUTHORITY', 'a host name of 256 bytes', binary('21', '11', `${IPV4} ${vector('02', '61'.repeat(256))}`)],
  ['PROXY_ALPN', 'no protocol name', binary('21', '11', `${IPV4} ${vector('01', '')}`)],
  ['PROXY_ALPN', 'a protocol name of 256 bytes', binary('21', '11', `${IPV4} ${vector('01', '61'.repeat(256))}`)],
  ['PROXY_UNIQUE_ID', 'a unique id of 129 bytes', binary('21', '11', `${IPV4} ${vector('05', '00'.repeat(129))}`)],
  ['PROXY_NAMESPACE', 'a namespace with an escape', binary('21', '11', `${IPV4} ${vector('30', '1b5b')}`)],
  ['PROXY_TLS', 'four bytes of TLS', binary('21', '11', `${IPV4} ${vector('20', '01000000')}`)],
  ['PROXY_TLS', 'a cipher with a line end', binary('21', '11', `${IPV4} ${tls('01', '00000000', vector('23', '0a'))}`)],
  [
    'PROXY_TLS',
    'a common name with an escape',
    binary('21', '11', `${IPV4} ${tls('03', '00000000', vector('22', '1b'))}`),
  ],
  ['PROXY_TLS', 'a common name in latin1', binary('21', '11', `${IPV4} ${tls('03', '00000000', vector('22', 'fc'))}`)],
];

describe('a binary PROXY header', () => {
  for (const [name, header, peer] of SOUND) {
    test.each([1, 3, 16, 10_000])(`is read: ${name}, in pieces of %i bytes`, (pieceBytes) => {
      const outcome = drive(Buffer.concat([header, Buffer.from('\r\n\r\nGET')]), pieceBytes);
      expect(outcome).toMatchObject({ code: 'ok', length: header.length, rest: '\r\n\r\nGET' });
      expect(outcome.peer).toEqual(peer);
    });
    test(`is not read before its last byte: ${name}`, () => {
      for (let length = 0; length < Math.min(header.length, 300); length++) {
        expect(drive(header.subarray(0, length)).code).toBe('more');
      }
      expect(drive(header.subarray(0, -1), 1).code).toBe('more');
    });
  }

  test.each(BROKEN.map(([code, name, header, at = header.length]) => ({ code, name, header, at })))(
    'is refused, $code: $name',
    ({ code, header, at }) => {
      expect(drive(header).code).toBe(code);
      expect(drive(header, 1)).toMatchObject({ code, given: at });
    },
  );

  test('is read once: what follows is not judged, whatever it is', () => {
    const reader = createProxyHeaderReader();
    const header = binary('21', '11', IPV4);
    reader.read(header);
    expect(reader.read(header)).toMatchObject({ state: 'done', peer: BY_IPV4, length: header.length, rest: header });
  });

  test('stays refused, whatever follows', () => {
    const reader = createProxyHeaderReader();
    reader.read(hex('00'));
    expect(reader.read(binary('21', '11', IPV4))).toMatchObject({
      state: 'broken',
      violation: { code: 'PROXY_MISSING' },
    });
  });
});

test('the checksum is CRC32c', () => {
  // RFC 3720 appendix B.4, and the check value of the catalogues of CRCs.
  expect(crc32c(Buffer.from('123456789')).toString(16)).toBe('e3069283');
  expect(crc32c(Buffer.alloc(32)).toString(16)).toBe('8a9136aa');
  expect(crc32c(Buffer.alloc(32, 0xff)).toString(16)).toBe('62a8ab43');
});
