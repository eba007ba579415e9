import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ProxiedPeer, writeProxyHeader, writeProxyLine } from '../../../src/core/proxy-protocol/index.ts';
import { drive, hex, SIGNATURE } from './drive.ts';

const RUNS = { seed: 2011, numRuns: 1000 };

const port = fc.integer({ min: 0, max: 65_535 });
const ipv4 = fc
  .tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })))
  .map((bytes) => bytes.join('.'));
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(':'));
const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });
const bytes = fc.string({ unit: 'binary-ascii', maxLength: 128 });

const addressed = fc
  .record({ source: fc.oneof(ipv4, ipv6), sourcePort: port, destination: fc.oneof(ipv4, ipv6), destinationPort: port })
  .map(({ source, destination, ...ports }) => ({
    command: 'proxy' as const,
    sourceAddress: spelled(source),
    destinationAddress: spelled(destination),
    ...ports,
    tls: false,
  }));
const unnamed = fc.constant({
  command: 'proxy' as const,
  sourceAddress: '',
  sourcePort: 0,
  destinationAddress: '',
  destinationPort: 0,
  tls: false,
});
const tlsSession = fc.record(
  {
    version: ascii,
    cipher: ascii,
    signatureAlgorithm: ascii,
    keyAlgorithm: ascii,
    commonName: ascii,
    certificate: fc.constantFrom(
      { clientCertificate: 'none' as const, verified: false },
      { clientCertificate: 'connection' as const, verified: true },
      { clientCertificate: 'session' as const, verified: false },
    ),
  },
  { requiredKeys: ['certificate'] },
);
const vectors = fc
  .record(
    {
      authority: ascii.filter((text) => text !== ''),
      alpn: bytes.filter((text) => text !== ''),
      uniqueId: bytes,
      namespace: ascii,
      tls: tlsSession,
    },
    { requiredKeys: [] },
  )
  .map(({ tls, ...fields }) => {
    if (tls === undefined) return fields;
    const { certificate, ...texts } = tls;
    return { ...fields, tls: true, tlsSession: { ...texts, ...certificate } };
  });

/** The spelling that a reader gives an address: what URLs make of it, and IPv4 instead of IPv4 mapped into IPv6. */
function spelled(address: string): string {
  const peer = drive(Buffer.from(`PROXY TCP${address.includes(':') ? 6 : 4} ${address} ${address} 1 1\r\n`)).peer;
  return peer?.sourceAddress ?? `unreadable: ${address}`;
}

describe('a PROXY header that was written', () => {
  test('is read as it was meant: version 1', () => {
    fc.assert(
      fc.property(fc.oneof(addressed, unnamed), fc.integer({ min: 1, max: 110 }), (peer, pieceBytes) => {
        const line = writeProxyLine(peer);
        expect(drive(line, pieceBytes)).toMatchObject({ code: 'ok', peer, length: line.length });
      }),
      RUNS,
    );
  });

  test('is read as it was meant: version 2', () => {
    fc.assert(
      fc.property(
        fc.oneof(addressed, unnamed),
        vectors,
        fc.boolean(),
        fc.integer({ min: 1, max: 300 }),
        (addresses, fields, checksum, pieceBytes) => {
          const peer: ProxiedPeer = { ...addresses, ...fields };
          const outcome = drive(writeProxyHeader(peer, checksum), pieceBytes);
          expect(outcome.code).toBe('ok');
          expect(outcome.peer).toEqual(peer);
        },
      ),
      RUNS,
    );
  });

  test('is refused when a bit of it is another and it has a checksum, or else says nothing', () => {
    fc.assert(
      fc.property(addressed, vectors, fc.nat(), (addresses, fields, flip) => {
        const header = writeProxyHeader({ ...addresses, ...fields }, true);
        const bit = flip % (8 * header.length);
        header.writeUInt8((header[bit >> 3] as number) ^ (1 << (bit & 7)), bit >> 3);
        const { code, peer } = drive(header);
        // The bits of command, family and transport can turn it into a header whose addresses and vectors do not count, those
        // of the length into one that is longer, and those of a type can hide the checksum.
        if (code === 'ok' && peer?.sourceAddress !== '') {
          expect(bit >> 3).toBeGreaterThan(16 + 12);
          expect(header.subarray(-7).toString('hex')).not.toMatch(/^030004/);
        }
      }),
      RUNS,
    );
  });

  test('of the proxy itself has no more than its sixteen bytes', () => {
    const peer: ProxiedPeer = {
      command: 'local',
      sourceAddress: '192.0.2.1',
      sourcePort: 1,
      destinationAddress: '192.0.2.2',
      destinationPort: 2,
      tls: true,
      authority: 'app.example',
    };
    expect(writeProxyHeader(peer, true)).toEqual(hex(`${SIGNATURE} 20 00 0000`));
    expect(writeProxyLine(peer).toString()).toBe('PROXY UNKNOWN\r\n');
  });

  test.each([
    ['a name instead of an address', { sourceAddress: 'localhost' }, /'localhost' is not an IP address/],
    ['half a pair of addresses', { destinationAddress: '' }, /'' is not an IP address/],
    ['a port beyond all', { sourcePort: 65_536 }, /65536 is not a port/],
    ['a broken port', { destinationPort: 1.5 }, /1\.5 is not a port/],
  ])('cannot have %s', (_name, wrong, message) => {
    const peer: ProxiedPeer = {
      command: 'proxy',
      sourceAddress: '192.0.2.1',
      sourcePort: 1,
      destinationAddress: '192.0.2.2',
      destinationPort: 2,
      tls: false,
      ...wrong,
    };
    expect(() => writeProxyLine(peer)).toThrow(message);
    expect(() => writeProxyHeader(peer)).toThrow(message);
  });

  test('cannot be longer than a reader takes', () => {
    const peer = { ...unnamedPeer(), uniqueId: 'x'.repeat(5000) };
    expect(() => writeProxyHeader(peer)).toThrow(/too long/);
  });

  test('carries TLS without particulars, and addresses of a link without their zone', () => {
    const { peer } = drive(
      writeProxyHeader({ ...unnamedPeer(), sourceAddress: 'fe80::1%eth0', destinationAddress: '192.0.2.1', tls: true }),
    );
    expect(peer).toMatchObject({ sourceAddress: 'fe80::1', destinationAddress: '192.0.2.1', tls: true });
  });
});

describe('bytes from outside', () => {
  test('are judged alike whole and one at a time, and never make the reader throw', () => {
    const part = fc.constantFrom(
      'PROXY ',
      'TCP4 ',
      'TCP6 ',
      'UNKNOWN',
      '1.2.3.4 ',
      '::1 ',
      '80',
      ' ',
      '\r\n',
      '\r',
      '\n',
      hex(SIGNATURE).toString('latin1'),
      '\x21\x11\x00\x0c',
      '\x21\x21\x00\x30',
      '\x20\x00\x00\x00',
      '\x03\x00\x04',
      '\x20\x00\x06\x01\0\0\0\0',
      'twelve bytes',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(part, fc.string({ unit: 'binary-ascii', maxLength: 4 })), { maxLength: 14 }),
        (parts) => {
          const given = Buffer.from(parts.join(''), 'latin1');
          const { given: _whole, ...whole } = drive(given);
          const { given: _single, ...single } = drive(given, 1);
          expect(single).toEqual(whole);
        },
      ),
      { seed: 2011, numRuns: 5000 },
    );
  });

  test('behind a sound fixed part are read or refused, never kept waiting for', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 36, maxLength: 200 }), fc.constantFrom('2111', '2121'), (block, kind) => {
        const length = block.length.toString(16).padStart(4, '0');
        const header = Buffer.concat([hex(`${SIGNATURE} ${kind} ${length}`), block]);
        expect(drive(header).code).not.toBe('more');
      }),
      RUNS,
    );
  });
});

function unnamedPeer(): ProxiedPeer {
  return {
    command: 'proxy',
    sourceAddress: '',
    sourcePort: 0,
    destinationAddress: '',
    destinationPort: 0,
    tls: false,
  };
}
