import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Advertisement,
  advertiseDigest,
  printAdvertiseDate,
  printAdvertisement,
  readAdvertiseDate,
  readAdvertisement,
} from '../../../src/core/advertise/index.ts';

const HTTPD: Advertisement = {
  status: 200,
  reason: 'OK',
  date: 'Tue, 03 Nov 2026 10:00:00 GMT',
  sequence: '1',
  server: 'b58743ba-fd84-11e1-bd12-ad866be2b4cc',
  managerAddress: '192.0.2.10:6666',
  managerUrl: '/b58743ba-fd84-11e1-bd12-ad866be2b4cc',
  managerProtocol: 'http',
  managerHost: 'lb.example',
};

describe('a datagram', () => {
  it('has the very bytes of the example in reference §7.2', () => {
    expect(printAdvertisement(HTTPD).toString('latin1')).toBe(
      [
        'HTTP/1.0 200 OK',
        'Date: Tue, 03 Nov 2026 10:00:00 GMT',
        'Sequence: 1',
        'Digest: 65a0e5009a0bfd26eae0791e27671615',
        'Server: b58743ba-fd84-11e1-bd12-ad866be2b4cc',
        'X-Manager-Address: 192.0.2.10:6666',
        'X-Manager-Url: /b58743ba-fd84-11e1-bd12-ad866be2b4cc',
        'X-Manager-Protocol: http',
        'X-Manager-Host: lb.example',
        '',
        '',
      ].join('\r\n'),
    );
  });

  it('is digested with the key of that example', () => {
    expect(advertiseDigest(HTTPD, 'secret')).toBe('50c8bfa0af3bf4750e119265dd823349');
    expect(printAdvertisement(HTTPD, { key: 'secret' }).includes('Digest: 50c8bfa0af3bf4750e119265dd823349\r\n')).toBe(
      true,
    );
  });

  it('of a balancer that goes has no manager lines', () => {
    const {
      managerAddress: _address,
      managerUrl: _url,
      managerProtocol: _protocol,
      managerHost: _host,
      ...rest
    } = HTTPD;
    const text = printAdvertisement({ ...rest, status: 410, reason: 'Gone' }).toString('latin1');
    expect(text).toMatch(/^HTTP\/1\.0 410 Gone\r\n/);
    expect(text).not.toContain('X-Manager');
    expect(text.endsWith('\r\n\r\n')).toBe(true);
  });

  it('can leave the last line out, as Undertow does', () => {
    expect(printAdvertisement(HTTPD, { emptyLine: false }).toString('latin1')).toMatch(/lb\.example\r\n$/);
  });

  const word = fc.stringMatching(/^[A-Za-z0-9._:/-]{1,40}$/);
  it('is read as it was written', () => {
    fc.assert(
      fc.property(
        fc.record({
          status: fc.integer({ min: 100, max: 999 }),
          reason: fc.constantFrom('OK', 'Forbidden', 'Gone', ''),
          date: fc
            .date({ min: new Date(0), max: new Date('2090-01-01'), noInvalidDate: true })
            .map((date) => date.toUTCString()),
          sequence: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
          server: word,
          managerAddress: word,
          managerUrl: word,
          managerProtocol: word,
          managerHost: word,
        }),
        fc.boolean(),
        (advertisement, emptyLine) => {
          const reading = readAdvertisement(printAdvertisement(advertisement, { emptyLine }));
          expect(reading).toMatchObject(advertisement);
          expect(reading.digest).toBe(advertiseDigest(advertisement, undefined));
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe('a date', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Tue, 03 Nov 2026 10:00:00 GMT', '2026-11-03T10:00:00.000Z'],
    ['Tue, 3 Nov 2026 10:00:00 +0000', '2026-11-03T10:00:00.000Z'],
    ['Tue, 3 Nov 2026 10:00:00 +0130', '2026-11-03T08:30:00.000Z'],
    ['Tue, 3 Nov 2026 10:00:00 -0500', '2026-11-03T15:00:00.000Z'],
    ['Tue, 03 Nov 2026 10:00:00 UTC', '2026-11-03T10:00:00.000Z'],
    ['mar., 03 nov. 2026 10:00:00 GMT', undefined],
    ['Di, 03 Nov 2026 10:00:00 GMT', undefined],
    ['Tue, 03 Nov 2026 10:00:00', undefined],
    ['Tue, 31 Feb 2026 10:00:00 GMT', undefined],
    ['Tue, 03 Nov 2026 24:00:00 GMT', undefined],
    ['2026-11-03T10:00:00Z', undefined],
    ['', undefined],
  ];
  for (const [text, iso] of rows) {
    it(`${iso === undefined ? 'is not read' : 'is read'}: ${text}`, () => {
      const ms = readAdvertiseDate(text);
      expect(ms === undefined ? undefined : new Date(ms).toISOString()).toBe(iso);
    });
  }

  it('is written as httpd writes it', () => {
    expect(printAdvertiseDate(Date.UTC(2026, 10, 3, 10))).toBe('Tue, 03 Nov 2026 10:00:00 GMT');
  });
});
