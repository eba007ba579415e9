import { describe, expect, test } from 'vitest';
import {
  type Advertisement,
  createDiscovery,
  createJavaListener,
  DEFAULT_DISCOVERY,
  printAdvertisement,
} from '../../../src/core/advertise/index.ts';

const SENT: Advertisement = {
  status: 200,
  reason: 'OK',
  date: 'Tue, 03 Nov 2026 10:00:00 GMT',
  sequence: '1',
  server: 'b58743ba-fd84-11e1-bd12-ad866be2b4cc',
  managerAddress: '192.0.2.10:6666',
};
const NOW_MS = Date.UTC(2026, 10, 3, 10);
const REACHED = '192.0.2.10:6666';

const sent = (change: Partial<Advertisement> = {}): Buffer => printAdvertisement({ ...SENT, ...change });

/** Where a node sends INFO after these datagrams. */
type Joins = (...datagrams: readonly Buffer[]) => readonly string[];

const NODES: readonly (readonly [string, Joins])[] = [
  [
    'ours',
    (...datagrams) => {
      const discovery = createDiscovery({ ...DEFAULT_DISCOVERY, key: undefined, strict: false });
      for (const bytes of datagrams) discovery.hear(bytes, NOW_MS);
      return discovery.joined().map(({ url }) => url.replace('http://', ''));
    },
  ],
  [
    'the model of a Java node',
    (...datagrams) => {
      const listener = createJavaListener();
      return datagrams.map((bytes) => listener.hear(bytes)).flatMap((one) => (one.does === 'joins' ? one.address : []));
    },
  ],
];

describe.each(NODES)('lines of the node checklist about discovery: %s', (_, joins) => {
  test('NODE-40 a datagram with a correct digest is joined', () => {
    expect(joins(sent())).toEqual([REACHED]);
  });

  test('NODE-39 one with a wrong digest is not', () => {
    expect(joins(printAdvertisement(SENT, { key: 'other' }))).toEqual([]);
  });

  test('NODE-41 a known id with another address adds nobody', () => {
    expect(joins(sent(), sent({ sequence: '2', managerAddress: '192.0.2.66:6666' }))).toEqual([REACHED]);
  });

  test('NODE-43 what is longer than 512 bytes is taken when the needed lines stand before', () => {
    const long = sent({ managerUrl: `/${'x'.repeat(600)}` });
    expect(long.length).toBeGreaterThan(512);
    expect(joins(long)).toEqual([REACHED]);
  });

  test('NODE-44 what begins with HTTP/2 is ignored', () => {
    for (const version of ['HTTP/2', 'HTTP/2.0']) {
      expect(joins(Buffer.from(sent().toString('latin1').replace('HTTP/1.0', version), 'latin1'))).toEqual([]);
    }
  });
});
