import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Advertisement,
  createDiscovery,
  DEFAULT_DISCOVERY,
  type Discovery,
  type DiscoveryRules,
  printAdvertisement,
} from '../../../src/core/advertise/index.ts';

const NOW_MS = Date.UTC(2026, 10, 3, 10);
const GOOD: Advertisement = {
  status: 200,
  reason: 'OK',
  date: 'Tue, 03 Nov 2026 10:00:00 GMT',
  sequence: '1',
  server: 'one',
  managerAddress: '192.0.2.10:6666',
  managerUrl: '/',
  managerProtocol: 'http',
  managerHost: 'lb.example',
};

function discovery(rules: Partial<DiscoveryRules> = {}): Discovery {
  return createDiscovery({ ...DEFAULT_DISCOVERY, key: undefined, strict: false, ...rules });
}

const datagram = (change: Partial<Advertisement> = {}, key?: string): Buffer =>
  printAdvertisement({ ...GOOD, ...change }, key === undefined ? {} : { key });

const { managerAddress: _address, managerUrl: _url, managerProtocol: _protocol, managerHost: _host, ...bare } = GOOD;
const goodbye = (sequence: string, key?: string): Buffer =>
  printAdvertisement({ ...bare, sequence, status: 410, reason: 'Gone' }, key === undefined ? {} : { key });

describe('a node that discovers', () => {
  it('joins once, and stays', () => {
    const node = discovery();
    expect(node.hear(datagram(), NOW_MS)).toEqual({ does: 'join', url: 'http://192.0.2.10:6666', server: 'one' });
    expect(node.hear(datagram({ sequence: '2' }), NOW_MS)).toEqual({ does: 'stay' });
    expect(node.joined().map(({ url }) => url)).toEqual(['http://192.0.2.10:6666']);
  });

  it('leaves at the goodbye and comes back at the next 200', () => {
    const node = discovery();
    node.hear(datagram(), NOW_MS);
    expect(node.hear(goodbye('2'), NOW_MS)).toMatchObject({ does: 'leave', url: 'http://192.0.2.10:6666' });
    expect(node.hear(goodbye('3'), NOW_MS)).toEqual({ does: 'stay' });
    expect(node.joined()).toEqual([]);
    expect(node.hear(datagram({ sequence: '4' }), NOW_MS)).toMatchObject({ does: 'join' });
  });

  it('does not come back by what was sent before the goodbye', () => {
    const node = discovery();
    node.hear(datagram({ sequence: '3' }), NOW_MS);
    node.hear(goodbye('5'), NOW_MS);
    expect(node.hear(datagram({ sequence: '4' }), NOW_MS)).toMatchObject({ does: 'ignore' });
    expect(node.joined()).toEqual([]);
  });

  it('stays when a restarted balancer says the goodbye of its old id', () => {
    const node = discovery();
    node.hear(datagram(), NOW_MS);
    expect(node.hear(datagram({ server: 'two' }), NOW_MS)).toEqual({ does: 'stay' });
    expect(node.hear(goodbye('9'), NOW_MS)).toEqual({ does: 'stay' });
    expect(node.joined().map(({ url }) => url)).toEqual(['http://192.0.2.10:6666']);
  });

  it('speaks https where the balancer says so, and knows IPv6', () => {
    const node = discovery();
    const step = node.hear(datagram({ managerAddress: '[2001:db8::1]:8443', managerProtocol: 'https' }), NOW_MS);
    expect(step).toMatchObject({ does: 'join', url: 'https://[2001:db8::1]:8443' });
  });

  const refused: readonly (readonly [string, Buffer, string | undefined])[] = [
    ['another key', datagram({}, 'other'), 'k'],
    ['no key', datagram(), 'k'],
    ['a key that the node does not have', datagram({}, 'k'), undefined],
    ['a wildcard address', datagram({ managerAddress: '0.0.0.0:6666' }), undefined],
    ['no address', printAdvertisement(bare), undefined],
    ['a port that is none', datagram({ managerAddress: '192.0.2.10:0' }), undefined],
    ['a goodbye of a stranger', goodbye('1'), undefined],
    ['garbage', Buffer.from('garbage'), undefined],
    ['nothing', Buffer.alloc(0), undefined],
  ];
  for (const [words, bytes, key] of refused) {
    it(`does not join by ${words}`, () => {
      const node = discovery({ key });
      expect(node.hear(bytes, NOW_MS)).toMatchObject({ does: 'ignore' });
      expect(node.joined()).toEqual([]);
    });
  }

  it('does not follow a known id to another address', () => {
    const node = discovery();
    node.hear(datagram(), NOW_MS);
    expect(node.hear(datagram({ sequence: '2', managerAddress: '198.51.100.66:6666' }), NOW_MS).does).toBe('ignore');
    expect(node.joined().map(({ url }) => url)).toEqual(['http://192.0.2.10:6666']);
  });

  it('makes room for a balancer when as many were joined as may be, and one of them was silent for long', () => {
    const node = discovery({ maxBalancers: 2 });
    const at = (port: number) => ({ server: `id${port}`, managerAddress: `192.0.2.10:${port}` });
    node.hear(datagram(at(1)), NOW_MS);
    node.hear(datagram(at(2)), NOW_MS);
    node.hear(datagram({ ...at(1), sequence: '2' }), NOW_MS + 100_000);
    expect(node.hear(datagram(at(3)), NOW_MS + 120_000).does).toBe('ignore');
    expect(node.hear(datagram(at(3)), NOW_MS + 120_001)).toMatchObject({
      does: 'join',
      url: 'http://192.0.2.10:3',
      instead: { url: 'http://192.0.2.10:2', server: 'id2' },
    });
    expect(node.joined().map(({ server }) => server)).toEqual(['id1', 'id3']);
    expect(node.hear(datagram({ ...at(2), sequence: '2' }), NOW_MS + 120_002).does).toBe('ignore');
  });

  it('joins no more balancers than it may, however many are invented', () => {
    const node = discovery({ maxBalancers: 3 });
    for (let index = 0; index < 20_000; index++) {
      node.hear(datagram({ server: `id${index}`, managerAddress: `192.0.2.10:${1 + index}` }), NOW_MS);
    }
    expect(node.joined()).toHaveLength(3);
  });
});

describe('a node in a flood of invented ids for one address', () => {
  it('stays joined, and still hears the goodbye of the newest', () => {
    const node = discovery();
    for (let index = 0; index < 10_000; index++) node.hear(datagram({ server: `id${index}` }), NOW_MS);
    expect(node.joined().map(({ url }) => url)).toEqual(['http://192.0.2.10:6666']);
    const last = printAdvertisement({ ...bare, server: 'id9999', sequence: '2', status: 410, reason: 'Gone' });
    expect(node.hear(last, NOW_MS).does).toBe('stay');
  });
});

describe('a node that demands a key', () => {
  const strict = (): Discovery => discovery({ key: 'k', strict: true });

  it('joins by a signed and fresh datagram', () => {
    expect(strict().hear(datagram({}, 'k'), NOW_MS + 59_000)).toMatchObject({ does: 'join' });
  });

  it('refuses one that is too old, or from the future', () => {
    for (const shiftMs of [61_000, -61_000]) {
      expect(strict().hear(datagram({}, 'k'), NOW_MS + shiftMs)).toEqual({ does: 'ignore', why: 'it is stale' });
    }
  });

  it('refuses a replay, also one with another address', () => {
    const node = strict();
    node.hear(datagram({ sequence: '7' }, 'k'), NOW_MS);
    for (const change of [{}, { managerAddress: '198.51.100.66:6666' }, { sequence: '6' }]) {
      expect(node.hear(datagram({ sequence: '7', ...change }, 'k'), NOW_MS)).toEqual({
        does: 'ignore',
        why: 'it is a replay',
      });
    }
  });

  it('refuses an unsigned goodbye, and takes a signed one', () => {
    const node = strict();
    node.hear(datagram({}, 'k'), NOW_MS);
    expect(node.hear(goodbye('2'), NOW_MS)).toEqual({ does: 'ignore', why: 'it is not signed' });
    expect(node.hear(goodbye('2', 'k'), NOW_MS)).toMatchObject({ does: 'leave' });
  });
});

describe('an address that means another machine to each who hears it', () => {
  const here = { address: '192.0.2.7', isOwn: true };
  const elsewhere = { address: '192.0.2.8', isOwn: false };
  const hidden = [
    '127.0.0.1',
    '127.1',
    '0x7f000001',
    '2130706433',
    'localhost',
    'x.localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
  ];

  it.each(hidden)('%s is believed of this machine only', (host) => {
    const bytes = datagram({ managerAddress: `${host}:9200` });
    expect(discovery().hear(bytes, NOW_MS, here).does).toBe('join');
    for (const source of [elsewhere, undefined]) {
      expect(discovery().hear(bytes, NOW_MS, source)).toEqual({
        does: 'ignore',
        why: 'it comes from another machine, and names an address of this one',
      });
    }
  });

  it.each(['0.0.0.0', '0', '0.1.2.3', '[::]', '[::ffff:0.0.0.0]'])('%s is nowhere', (host) => {
    expect(discovery().hear(datagram({ managerAddress: `${host}:9200` }), NOW_MS, here)).toEqual({
      does: 'ignore',
      why: 'it names no address that can be reached',
    });
  });

  it('a link-local one is believed of who has it', () => {
    const metadata = datagram({ managerAddress: '169.254.169.254:80' });
    expect(discovery().hear(metadata, NOW_MS, elsewhere).does).toBe('ignore');
    expect(discovery().hear(metadata, NOW_MS, { address: '169.254.169.254', isOwn: false }).does).toBe('join');
  });
});

describe('whatever is sent', () => {
  it('is survived, remembered within bounds, and never joined without an address', () => {
    const node = discovery();
    for (let size = 0; size < 65_000; size += 997) {
      expect(node.hear(Buffer.alloc(size, 'HTTP/1.0 200 OK\r\nServer: x\r\n'), NOW_MS).does).toBe('ignore');
    }
    expect(node.hear(datagram({ server: 'x'.repeat(300) }), NOW_MS)).toEqual({
      does: 'ignore',
      why: 'its Server id is too long',
    });
  });
});

describe('any order of datagrams', () => {
  const step = fc.record({
    server: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    port: fc.integer({ min: 0, max: 4 }),
    sequence: fc.integer({ min: 0, max: 6 }),
    status: fc.constantFrom(200, 200, 403, 410),
    laterMs: fc.constantFrom(0, 1_000, 200_000),
    cutAt: fc.option(fc.nat({ max: 200 }), { freq: 9 }),
  });

  it('joins what is not joined, leaves what is, and never has too many', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, strict) => {
        const node = discovery({ maxBalancers: 2, maxAgeMs: Number.MAX_SAFE_INTEGER, key: 'k', strict });
        const joined = new Set<string>();
        let nowMs = NOW_MS;
        for (const { server, port, sequence, status, laterMs, cutAt } of steps) {
          nowMs += laterMs;
          const bytes = datagram({ server, status, sequence: `${sequence}`, managerAddress: `192.0.2.1:${port}` }, 'k');
          const done = node.hear(cutAt === null ? bytes : bytes.subarray(0, cutAt), nowMs);
          if (done.does === 'join') {
            if (done.instead !== undefined) expect(joined.delete(done.instead.url)).toBe(true);
            expect(joined.has(done.url)).toBe(false);
            joined.add(done.url);
          }
          if (done.does === 'leave') expect(joined.delete(done.url)).toBe(true);
          expect(node.joined().map(({ url }) => url)).toEqual([...joined]);
          expect(joined.size).toBeLessThanOrEqual(2);
        }
      }),
      { seed: 5, numRuns: 400 },
    );
  });
});
