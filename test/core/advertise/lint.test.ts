import { describe, expect, it } from 'vitest';
import {
  ADVERTISE_LINTS,
  type AdvertiseLintId,
  type Advertisement,
  advertiseDigest,
  type LintContext,
  lintAdvertisement,
  printAdvertisement,
  readAdvertisement,
} from '../../../src/core/advertise/index.ts';

const GOOD: Advertisement = {
  status: 200,
  reason: 'OK',
  date: 'Tue, 03 Nov 2026 10:00:00 GMT',
  sequence: '8',
  server: 'b58743ba',
  managerAddress: '192.0.2.10:6666',
  managerUrl: '/b58743ba',
  managerProtocol: 'http',
  managerHost: 'lb.example',
};
const RECEIVED_AT_MS = Date.UTC(2026, 10, 3, 10);
const CONTEXT: LintContext = { receivedAtMs: RECEIVED_AT_MS, source: '192.0.2.10' };

function lint(bytes: Buffer, context: Partial<LintContext> = {}): AdvertiseLintId[] {
  return lintAdvertisement(readAdvertisement(bytes), bytes, { ...CONTEXT, ...context }).map(({ id }) => id);
}

const good = printAdvertisement(GOOD);
const changed = (from: string | RegExp, to: string): Buffer =>
  Buffer.from(good.toString('latin1').replace(from, to), 'latin1');
const at = (managerAddress: string): Buffer => printAdvertisement({ ...GOOD, managerAddress });
const { managerAddress: _gone, ...withoutAddress } = GOOD;

const HEARD = {
  lastSequence: '7',
  lastDigest: advertiseDigest({ ...GOOD, sequence: '7' }, undefined),
  lastDate: GOOD.date,
  managerAddress: '192.0.2.10:6666',
};
const digest = advertiseDigest(GOOD, undefined);

const rows: readonly (readonly [string, Buffer, Partial<LintContext>, readonly AdvertiseLintId[]])[] = [
  ['nothing wrong', good, {}, []],
  ['nothing wrong after the one before', good, { history: HEARD }, []],
  ['the same key', printAdvertisement(GOOD, { key: 'k' }), { key: 'k' }, []],
  ['another key', printAdvertisement(GOOD, { key: 'other' }), { key: 'k' }, ['advert/wrong-key']],
  ['a sender without a key', good, { key: 'k' }, ['advert/no-key']],
  ['a sender with a key', printAdvertisement(GOOD, { key: 'k' }), {}, ['advert/unexpected-key']],
  ['no Digest', changed(/Digest.*\r\n/, ''), {}, ['advert/kills-java-listener', 'advert/digest-missing']],
  ['no Date', changed(/Date.*\r\n/, ''), {}, ['advert/kills-java-listener']],
  ['a short Digest', changed(/(Digest: .{30}).*\r\n/, '$1\r\n'), {}, ['advert/digest-malformed']],
  ['a status that is no number', changed('200', 'abc'), {}, ['advert/kills-java-listener', 'advert/status-unreadable']],
  ['a port that is no number', at('192.0.2.10:port'), {}, ['advert/kills-java-listener', 'advert/bad-address']],
  ['no port', at('192.0.2.10'), {}, ['advert/bad-address']],
  ['no Server', changed(/Server.*\r\n/, ''), {}, ['advert/no-server']],
  ['no address', printAdvertisement(withoutAddress), {}, ['advert/no-address']],
  ['a goodbye', printAdvertisement({ ...withoutAddress, status: 410, reason: 'Gone' }), {}, ['advert/status-not-200']],
  ['a wildcard', at('0.0.0.0:6666'), {}, ['advert/wildcard-manager-address']],
  ['an IPv6 wildcard', at('[::]:6666'), {}, ['advert/wildcard-manager-address']],
  ['a mapped wildcard', at('[::ffff:0.0.0.0]:6666'), {}, ['advert/wildcard-manager-address']],
  ['loopback', at('127.0.0.1:6666'), { source: '127.0.0.1' }, ['advert/loopback']],
  ['loopback from elsewhere', at('[::1]:6666'), {}, ['advert/loopback', 'advert/foreign-source']],
  ['an IPv4 source on an IPv6 socket', good, { source: '::ffff:192.0.2.10' }, []],
  ['IPv6 spelled otherwise', at('[2001:DB8:0::1]:6666'), { source: '2001:db8::1' }, []],
  ['a name', at('lb.example:6666'), { resolved: ['192.0.2.10'] }, ['advert/name']],
  [
    'a name of somewhere else',
    at('lb.example:6666'),
    { resolved: ['192.0.2.99'] },
    ['advert/foreign-source', 'advert/name'],
  ],
  ['a name that does not resolve', at('lb.example:6666'), { resolved: 'failed' }, ['advert/name-does-not-resolve']],
  ['another source', good, { source: '192.0.2.11' }, ['advert/foreign-source']],
  ['a slow clock', good, { receivedAtMs: RECEIVED_AT_MS + 400_000 }, ['advert/clock-skew']],
  ['a fast clock', good, { receivedAtMs: RECEIVED_AT_MS - 400_000 }, ['advert/clock-skew']],
  ['a foreign date', printAdvertisement({ ...GOOD, date: 'mar. 3 nov. 2026' }), {}, ['advert/date-unreadable']],
  ['lost datagrams', printAdvertisement({ ...GOOD, sequence: '12' }), { history: HEARD }, ['advert/sequence-gap']],
  [
    'a sequence from the start',
    printAdvertisement({ ...GOOD, sequence: '1' }),
    { history: HEARD },
    ['advert/sequence-restart'],
  ],
  ['an old one', printAdvertisement({ ...GOOD, sequence: '5' }), { history: HEARD }, ['advert/replay']],
  ['the same again', good, { history: { ...HEARD, lastSequence: '8', lastDigest: digest } }, ['advert/replay']],
  ['a sequence in words', printAdvertisement({ ...GOOD, sequence: 'eight' }), {}, ['advert/sequence-unreadable']],
  ['a new address under the same id', at('192.0.2.10:7777'), { history: HEARD }, ['advert/address-changed']],
  ['long after the address', changed('lb.example', 'x'.repeat(600)), {}, ['advert/too-long']],
  ['LF only', changed(/\r\n/g, '\n'), {}, ['advert/line-ends']],
  [
    'the address before the id',
    changed(/(Server.*\r\n)(X-Manager-Address.*\r\n)/, '$2$1'),
    {},
    ['advert/java-ignores'],
  ],
  ['HTTP/2', changed('HTTP/1.0', 'HTTP/2.0'), {}, ['advert/java-ignores']],
  ['nothing', Buffer.alloc(0), {}, ['advert/not-an-advertisement']],
  ['garbage', Buffer.from([0, 255, 10, 13]), {}, ['advert/not-an-advertisement']],
];

describe('the lint of advertisements', () => {
  for (const [words, bytes, context, ids] of rows) {
    it(`finds in ${words}: ${ids.join(', ') || 'nothing'}`, () => {
      expect(lint(bytes, context)).toEqual(ids);
    });
  }

  it('has a row here for each of its ids', () => {
    const seen = new Set(rows.flatMap(([, , , ids]) => ids));
    expect(Object.keys(ADVERTISE_LINTS).filter((id) => !seen.has(id as AdvertiseLintId))).toEqual([]);
  });
});
