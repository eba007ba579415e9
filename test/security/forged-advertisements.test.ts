import { describe, expect, it } from 'vitest';
import {
  type Advertisement,
  createDiscovery,
  DEFAULT_DISCOVERY,
  type Discovery,
  type DiscoveryRules,
  printAdvertisement,
} from '../../src/core/advertise/index.ts';

/** What somebody can do who reads and sends in the group, and does not know the key. */

const NOW_MS = Date.UTC(2026, 10, 3, 10);
const KEY = 'k';
const HEARD: Advertisement = {
  status: 200,
  reason: 'OK',
  date: 'Tue, 03 Nov 2026 10:00:00 GMT',
  sequence: '12',
  server: '58743ba3-fd84-11e1-bd12-ad866be2b4cc',
  managerAddress: '192.0.2.10:6666',
};
const EVIL = '198.51.100.66:6666';

function node(rules: Partial<DiscoveryRules> = {}): Discovery {
  return createDiscovery({ ...DEFAULT_DISCOVERY, key: KEY, strict: false, ...rules });
}

const signed = (change: Partial<Advertisement> = {}): Buffer =>
  printAdvertisement({ ...HEARD, ...change }, { key: KEY });

/** Another text with the digest of a datagram that was heard. */
function forged(heard: Buffer, ...changes: readonly (readonly [string, string])[]): Buffer {
  const text = changes.reduce((now, [from, to]) => {
    expect(now).toContain(from);
    return now.replace(from, to);
  }, heard.toString('latin1'));
  return Buffer.from(text, 'latin1');
}

const address = ['192.0.2.10:6666', EVIL] as const;
const GOODBYE = [
  ['200 OK', '410 Gone'],
  [`X-Manager-Address: ${HEARD.managerAddress}\r\n`, ''],
] as const;

describe('digits moved between the fields that are digested without separators', () => {
  const moved: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      'from the id to the sequence',
      [
        ['Sequence: 12', 'Sequence: 125'],
        ['Server: 5', 'Server: '],
      ],
    ],
    [
      'from the sequence to the id',
      [
        ['Sequence: 12', 'Sequence: 1'],
        ['Server: 5', 'Server: 25'],
      ],
    ],
  ];
  it.each(moved)('%s make no new balancer of an old one, for a node that demands a key', (_, changes) => {
    const strict = node({ strict: true });
    expect(strict.hear(signed(), NOW_MS).does).toBe('join');
    expect(strict.hear(forged(signed(), address, ...changes), NOW_MS)).toEqual({
      does: 'ignore',
      why: 'it is a replay',
    });
    const loud = forged(signed(), address, ...changes).toString('latin1');
    const upper = loud.replace(/Digest: \w+/, (line) => `Digest: ${line.slice(8).toUpperCase()}`);
    expect(strict.hear(Buffer.from(upper, 'latin1'), NOW_MS).does).toBe('ignore');
    expect(strict.joined().map(({ url }) => url)).toEqual(['http://192.0.2.10:6666']);
    expect(strict.hear(signed({ sequence: '13' }), NOW_MS).does).toBe('stay');
  });

  it('make no newer goodbye', () => {
    const heard = signed({ date: 'Tue, 03 Nov 2026 11:00:00 +0100' });
    const lenient = node();
    lenient.hear(heard, NOW_MS);
    const shapes = [
      ['+0100', '+0'],
      ['Sequence: 12', 'Sequence: 10012'],
    ] as const;
    const letters = [
      ['+0100', '+01'],
      ['Sequence: 12', 'Sequence: 0012'],
    ] as const;
    for (const changes of [shapes, letters]) {
      expect(lenient.hear(forged(heard, ...GOODBYE, ...changes), NOW_MS).does).toBe('ignore');
    }
    expect(lenient.joined()).toHaveLength(1);
  });
});

describe('a goodbye made of a datagram that was heard (the status is not digested)', () => {
  it.each([true, false])('moves no node, whether it demands a key (%s)', (strict) => {
    const one = node({ strict });
    one.hear(signed(), NOW_MS);
    expect(one.hear(forged(signed(), ...GOODBYE), NOW_MS).does).toBe('ignore');
    expect(one.joined()).toHaveLength(1);
  });

  it('gains nothing by an old datagram sent again before', () => {
    const one = node();
    for (const sequence of ['12', '13', '14', '12']) one.hear(signed({ sequence }), NOW_MS);
    expect(one.hear(forged(signed({ sequence: '13' }), ...GOODBYE), NOW_MS).does).toBe('ignore');
    expect(one.joined()).toHaveLength(1);
  });

  it('is told from the goodbye of a balancer that began to count again, by its date', () => {
    const one = node();
    one.hear(signed(), NOW_MS);
    const { managerAddress: _, ...bare } = HEARD;
    const later = { ...bare, status: 410, reason: 'Gone', sequence: '1', date: 'Tue, 03 Nov 2026 10:00:01 GMT' };
    expect(one.hear(printAdvertisement(later, { key: KEY }), NOW_MS).does).toBe('leave');
  });
});

describe('a goodbye that anybody can make, where there is no key', () => {
  it('with the largest sequence and a date far away keeps nobody from coming back with the next advertisement', () => {
    const open = node({ key: undefined });
    const { managerAddress: _, ...bare } = HEARD;
    open.hear(printAdvertisement(HEARD), NOW_MS);
    const far = { ...bare, status: 410, reason: 'Gone', sequence: `${2n ** 64n - 1n}` };
    const date = 'Fri, 31 Dec 2099 23:59:59 GMT';
    expect(open.hear(printAdvertisement({ ...far, date }), NOW_MS).does).toBe('leave');
    const next = printAdvertisement({ ...HEARD, sequence: '13', date: 'Tue, 03 Nov 2026 10:00:10 GMT' });
    expect(open.hear(next, NOW_MS + 10_000).does).toBe('join');
  });
});

describe('balancers that are invented, and say goodbye at once', () => {
  it('make a node connect to few addresses, however many come and go', () => {
    const open = node({ key: undefined });
    const { managerAddress: _, ...bare } = HEARD;
    let joins = 0;
    for (let index = 0; index < 20_000; index++) {
      const server = `id${index}`;
      const come = printAdvertisement({ ...HEARD, server, managerAddress: `198.51.100.1:${1 + index}` });
      // A minute of them.
      const step = open.hear(come, NOW_MS + index * 3);
      if (step.does === 'join') joins += 1;
      open.hear(printAdvertisement({ ...bare, server, sequence: '13', status: 410, reason: 'Gone' }), NOW_MS);
    }
    expect(joins).toBeLessThanOrEqual(64 + 16 + 60);
    const real = printAdvertisement({ ...HEARD, server: 'real' });
    expect(open.hear(real, NOW_MS + 62_000).does).toBe('join');
  });
});

describe('an address of the machine that listens', () => {
  const here = new Set(['192.0.2.7', '2001:db8::7']);
  const from = (one: string) => ({ address: one, isOwn: here.has(one), isHere: (host: string) => here.has(host) });

  it.each(['192.0.2.7:9200', '[2001:DB8:0::7]:9200', '3221225991:9200'])(
    '%s is believed of this machine only: what listens there may trust its own machine',
    (managerAddress) => {
      const bytes = signed({ managerAddress });
      expect(node().hear(bytes, NOW_MS, from('192.0.2.8')).does).toBe('ignore');
      expect(node().hear(bytes, NOW_MS, from('192.0.2.7')).does).toBe('join');
    },
  );
});
