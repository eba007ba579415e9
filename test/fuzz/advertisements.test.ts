import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createDiscovery,
  createJavaListener,
  DEFAULT_DISCOVERY,
  lintAdvertisement,
  printAdvertisement,
  readAdvertisement,
} from '../../src/core/advertise/index.ts';

/** `MCMP_FUZZ=full` (npm run fuzz) sends a million, `npm test` fewer; always the same ones. */
const RUNS = process.env['MCMP_FUZZ'] === 'full' ? 1_000_000 : 5_000;

const whole = printAdvertisement({
  status: 200,
  reason: 'OK',
  date: 'Tue, 03 Nov 2026 10:00:00 GMT',
  sequence: '1',
  server: 'b58743ba',
  managerAddress: '[::1]:6666',
  managerUrl: '/',
  managerProtocol: 'http',
  managerHost: 'lb.example',
}).toString('latin1');

const damaged = fc
  .array(
    fc.tuple(
      fc.nat({ max: whole.length }),
      fc.nat({ max: 40 }),
      fc.constantFrom(
        '',
        '\r\n',
        '\n',
        ': ',
        ':',
        '\0',
        '\u00ff',
        ' ',
        '-1',
        '9'.repeat(40),
        '[',
        ']',
        '%',
        'Server: x\r\n',
      ),
    ),
    { maxLength: 5 },
  )
  .map((edits) => {
    let text = whole;
    for (const [position, length, insert] of edits)
      text = text.slice(0, position) + insert + text.slice(position + length);
    return Buffer.from(text, 'latin1');
  });
const anything = fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes));

test('no datagram makes the reader, the lint, a node that discovers or the model of a Java node fail', () => {
  const listener = createJavaListener('key');
  const discoveries = [undefined, 'key'].map((key) =>
    createDiscovery({ ...DEFAULT_DISCOVERY, key, strict: key !== undefined }),
  );
  let nowMs = Date.UTC(2026, 10, 3, 10);
  fc.assert(
    fc.property(fc.oneof({ weight: 4, arbitrary: damaged }, anything), fc.boolean(), (bytes, withKey) => {
      const reading = readAdvertisement(bytes);
      listener.hear(bytes);
      nowMs += 100;
      for (const discovery of discoveries) {
        discovery.hear(bytes, nowMs);
        expect(discovery.joined().length).toBeLessThanOrEqual(DEFAULT_DISCOVERY.maxBalancers);
      }
      const findings = lintAdvertisement(reading, bytes, {
        receivedAtMs: 0,
        source: '::1',
        ...(withKey ? { key: 'key' } : {}),
      });
      if (reading.httpVersion === undefined)
        expect(findings.map(({ id }) => id)).toContain('advert/not-an-advertisement');
    }),
    { seed: 11, numRuns: RUNS },
  );
});
