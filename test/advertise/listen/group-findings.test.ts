import { describe, expect, it } from 'vitest';
import { groupFindings } from '../../../src/advertise/listen/group-findings.ts';
import type { HeardBalancer } from '../../../src/advertise/tracker.ts';
import { balancer, NOW_MS } from './samples.ts';

const SECOND = { server: 'second', managerAddress: '192.0.2.11:6666' };
const ROWS: readonly (readonly [string, readonly HeardBalancer[], readonly string[]])[] = [
  ['nobody', [], []],
  ['one balancer', [balancer()], []],
  ['two balancers with one key', [balancer(), balancer(SECOND)], ['group/several-balancers']],
  [
    'two balancers with different keys',
    [balancer(), balancer({ ...SECOND, digest: 'wrong-key' })],
    ['group/several-balancers', 'group/different-keys'],
  ],
  [
    'a key that is not given here, beside none',
    [balancer(), balancer({ ...SECOND, digest: 'sender-has-a-key' })],
    ['group/several-balancers', 'group/different-keys'],
  ],
  [
    'two balancers, one of which has been silent for three intervals',
    [balancer(), balancer({ ...SECOND, lastHeardMs: NOW_MS - 30_001 })],
    [],
  ],
  ['two balancers, one of which has said goodbye', [balancer(), balancer({ ...SECOND, status: 410 })], []],
  [
    'two balancers in groups of their own',
    [balancer(), balancer({ ...SECOND, group: { host: '224.0.1.106', port: 23364, family: 'IPv4' } })],
    [],
  ],
  [
    'a new id for the same address, after the old one',
    [balancer({ lastHeardMs: NOW_MS - 20_000 }), balancer({ server: 'second', firstHeardMs: NOW_MS - 10_000 })],
    ['group/restarted'],
  ],
  [
    'two ids for one address at the same time',
    [balancer(), balancer({ server: 'second', firstHeardMs: NOW_MS - 50_000 })],
    ['group/address-shared'],
  ],
];

describe('what is remarkable about a group', () => {
  it.each(ROWS)('of %s', (_, balancers, ids) => {
    expect(groupFindings(balancers, NOW_MS).map(({ id }) => id)).toEqual(ids);
  });

  it('says the same of the same balancers, whichever was heard last: what is told once is told by its text', () => {
    const members = [
      balancer(),
      balancer({ ...SECOND, digest: 'wrong-key' }),
      balancer({ server: 'third', managerAddress: '10.0.0.9:1', digest: 'sender-has-no-key' }),
    ];
    const [one, other] = [members, [...members].reverse()].map((all) => groupFindings(all, NOW_MS));
    expect(one).toHaveLength(2);
    expect(other).toEqual(one);
  });

  it('names a few balancers, and counts the rest', () => {
    const many = Array.from({ length: 9 }, (_, index) =>
      balancer({ server: `s${index}`, managerAddress: `10.0.0.${index}:1` }),
    );
    expect(groupFindings(many, NOW_MS)[0]?.message).toMatch(/^9 balancers: .* and 5 more$/);
  });
});
