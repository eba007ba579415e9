import { describe, expect, it } from 'vitest';
import { ADVERTISE_FAULTS, type AdvertiseFaultName, advertiseFault } from '../../src/advertise/faults.ts';
import { planOf, type SendArgs, warningsOf } from '../../src/advertise/send-command.ts';
import {
  type Advertisement,
  createJavaListener,
  type JavaVerdict,
  lintAdvertisement,
  printAdvertiseDate,
  printAdvertisement,
  readAdvertisement,
} from '../../src/core/advertise/index.ts';

const NOW_MS = Date.UTC(2026, 10, 3, 10);
const GOOD: Advertisement = {
  status: 200,
  reason: 'OK',
  date: printAdvertiseDate(NOW_MS),
  sequence: '8',
  server: 'b58743ba',
  managerAddress: '192.0.2.10:6666',
  managerUrl: '/',
  managerProtocol: 'http',
  managerHost: '192.0.2.10',
};

/** What a Java node with this key does, and the first thing that our lint says. */
const EXPECTED: Readonly<Record<AdvertiseFaultName, readonly [JavaVerdict['does'], string]>> = {
  'wrong-key': ['ignores', 'advert/wrong-key'],
  truncated: ['ignores', 'advert/digest-malformed'],
  'old-date': ['joins', 'advert/clock-skew'],
  replay: ['joins', 'advert/replay'],
  wildcard: ['joins', 'advert/wildcard-manager-address'],
  'lf-lines': ['ignores', 'advert/line-ends'],
  'no-address': ['ignores', 'advert/no-address'],
  'no-digest': ['dies', 'advert/kills-java-listener'],
  'no-date': ['dies', 'advert/kills-java-listener'],
  'no-sequence': ['dies', 'advert/kills-java-listener'],
  'bad-status': ['dies', 'advert/kills-java-listener'],
  'bad-port': ['dies', 'advert/kills-java-listener'],
};

describe('a wrong datagram', () => {
  for (const name of Object.keys(ADVERTISE_FAULTS) as AdvertiseFaultName[]) {
    const { make, kills } = advertiseFault(name);
    const [does, lint] = EXPECTED[name];
    it(`of the kind ${name}: a Java node ${does}, and the lint says ${lint}`, () => {
      const bytes = make(GOOD, 'k');
      expect(createJavaListener('k').hear(bytes).does).toBe(does);
      expect(kills).toBe(does === 'dies');
      const history = { lastSequence: '7', lastDigest: undefined, lastDate: undefined, managerAddress: undefined };
      const findings = lintAdvertisement(readAdvertisement(bytes), bytes, { key: 'k', receivedAtMs: NOW_MS, history });
      expect(findings.map(({ id }) => id)).toContain(lint);
    });
  }
});

describe('what is sent without a fault', () => {
  it('never ends the discovery of a Java node, whatever the options', () => {
    for (const status of [200, 403, 410]) {
      for (const key of [undefined, 'k', 'schl\u00fcssel']) {
        for (const advertisement of [GOOD, { ...GOOD, managerAddress: '[::1]:1' }]) {
          const bytes = printAdvertisement({ ...advertisement, status }, key === undefined ? {} : { key });
          for (const nodeKey of [undefined, 'k']) {
            expect(createJavaListener(nodeKey).hear(bytes).does).not.toBe('dies');
          }
        }
      }
    }
  });
});

describe('the plan of advertise send', () => {
  const ARGS: SendArgs = {
    manager: undefined,
    group: '224.0.1.105:23364',
    interface: undefined,
    ttl: 16,
    ttlLadder: undefined,
    frequency: 10_000,
    count: 0,
    key: undefined,
    keyFile: undefined,
    server: undefined,
    status: undefined,
    goodbye: false,
    fault: undefined,
  };

  it('names no balancer unless told one', () => {
    expect(planOf(ARGS)).toMatchObject({ status: 410, manager: undefined });
    expect(planOf({ ...ARGS, manager: new URL('http://10.0.0.1:8090') }).status).toBe(200);
  });

  it('warns that real nodes may follow, and what a deadly fault does', () => {
    const manager = new URL('http://10.0.0.1:8090');
    expect(warningsOf(planOf(ARGS))).toEqual([]);
    expect(warningsOf(planOf({ ...ARGS, manager }))[0]).toMatch(/may now register with http:\/\/10\.0\.0\.1:8090/);
    expect(warningsOf(planOf({ ...ARGS, manager, fault: 'no-digest' }))[0]).toMatch(/^DANGER: .* until they restart/);
  });

  it('warns of spoiling the id of a real balancer, which is then unknown to Java nodes that start', () => {
    const manager = new URL('http://10.0.0.1:8090');
    for (const args of [{}, { manager, status: '410' }]) {
      expect(warningsOf(planOf({ ...ARGS, ...args, server: 'b58743ba' }))[0]).toMatch(
        /^a Java node that hears b58743ba/,
      );
      expect(warningsOf(planOf({ ...ARGS, ...args }))).toEqual([]);
    }
  });

  it('reads a ladder of TTLs', () => {
    expect(planOf({ ...ARGS, ttlLadder: '1..4' }).ladder).toEqual([1, 2, 3, 4]);
    expect(() => planOf({ ...ARGS, ttlLadder: '4..1' })).toThrow(/from the smaller/);
    expect(() => planOf({ ...ARGS, ttlLadder: '1..300' })).toThrow(/at most 255/);
  });

  const wrong: readonly (readonly [string, Partial<SendArgs>, RegExp])[] = [
    ['a group that is no multicast address', { group: '10.0.0.1:23364' }, /no multicast address/],
    ['a group without a port that is one', { group: '224.0.1.105:0' }, /needs a port/],
    ['a group with a zone', { group: '[ff02::105%lo]:23364' }, /a group has no zone/],
    ['a name for a group', { group: 'localhost:23364' }, /an address, not a name/],
    ['a fault about nobody', { fault: 'replay' }, /needs --manager/],
    ['two keys', { key: 'a', keyFile: 'b' }, /say the same thing/],
    ['a Server id that breaks the line', { server: 'a\r\nb' }, /no spaces/],
    ['an interface that is not there', { interface: 'nonesuch0' }, /no interface of this machine/],
  ];
  for (const [words, change, message] of wrong) {
    it(`refuses ${words}`, () => {
      expect(() => planOf({ ...ARGS, ...change })).toThrow(message);
    });
  }
});
