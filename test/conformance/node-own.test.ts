import { describe, expect, it } from 'vitest';
import { NODE_CASES } from '../../src/conformance/node/cases/index.ts';
import type { NodeKind } from '../../src/conformance/node/kinds.ts';
import type { Manners } from '../../src/node/index.ts';
import { freeAfter } from '../support/cleanup.ts';
import { complaints, isGood } from './judge.ts';
import { judgeNode, judgeNodeCalmly } from './judge-node.ts';
import { LIBRARY_FEATURES, libraryNode, OWN_FEATURES, type OwnNodeOptions, ownNode } from './own-node.ts';

const STATUS_INTERVAL_MS = 250;
/** Long enough for a busy machine; short in the case that waits for it. */
const MCMP_TIMEOUT_MS = 8000;
const SHORT_MCMP_TIMEOUT_MS = 400;
const WAITS_FOR_TIMEOUT = 'transport/silence';

/** A Java node cannot read what HTTP tells every reader to pass over (RFC 9112 §7.1.1). */
const WEAKNESSES = ['answers/chunk-extension'];

const JUDGEMENTS: readonly (readonly [manners: Manners, kind: NodeKind])[] = [
  ['mcmp', 'mcmp'],
  ['mcmp', 'any'],
  ['java', 'java'],
  ['java', 'any'],
];

/** @param chosen ids of the cases */
async function judgeOwn(
  manners: Manners,
  kind: NodeKind,
  mcmpTimeoutMs: number,
  chosen: (id: string) => boolean,
  type: NonNullable<OwnNodeOptions['type']> = 'http',
) {
  const options = {
    start: ownNode({ manners, mcmpTimeoutMs, statusIntervalMs: STATUS_INTERVAL_MS, drainTimeoutMs: 1000, type }),
    kind,
    features: OWN_FEATURES,
    statusIntervalMs: STATUS_INTERVAL_MS,
    cases: NODE_CASES.filter(({ id }) => chosen(id)),
    jobs: 16,
  };
  return await judgeNodeCalmly(options, isGood);
}

/** What is said to its connector, and what it says of that. */
const ABOUT_CONNECTORS = [
  'config/address',
  'config/connector',
  'config/acceptable',
  'order/registration',
  'answers/trailer',
];
/** Asks the application by HTTP. */
const SESSION = 'apps/sessions-drain';

describe('a simulated node passes what is expected', () => {
  it.each(JUDGEMENTS)('with the manners %s, of the kind %s', { timeout: 240_000 }, async (manners, kind) => {
    const isKnown = (id: string): boolean => manners === 'java' && kind === 'any' && WEAKNESSES.includes(id);
    const chosen = (id: string): boolean => id !== WAITS_FOR_TIMEOUT && !isKnown(id);
    const results = [
      ...(await judgeOwn(manners, kind, MCMP_TIMEOUT_MS, chosen)),
      ...(await judgeOwn(manners, kind, SHORT_MCMP_TIMEOUT_MS, (id) => id === WAITS_FOR_TIMEOUT)),
    ];
    expect(complaints(results)).toEqual([]);
    expect(results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(50);
  });

  it.each([
    ['ajp', 'skipped', 'the node speaks ajp'],
    ['https', 'pass', undefined],
  ] as const)('with a connector of type %s: sessions %s', { timeout: 60_000 }, async (type, verdict, reason) => {
    const chosen = [...ABOUT_CONNECTORS, SESSION];
    const results = await judgeOwn('mcmp', 'mcmp', MCMP_TIMEOUT_MS, (id) => chosen.includes(id), type);
    expect(complaints(results)).toEqual([]);
    expect(results).toHaveLength(chosen.length);
    const sessions = results.filter(({ facts }) => facts.id === SESSION);
    expect(sessions).toMatchObject([reason === undefined ? { verdict } : { verdict, reason }]);
    expect(results.filter((result) => result.verdict === 'pass').length).toBeGreaterThanOrEqual(
      ABOUT_CONNECTORS.length,
    );
  });
});

describe('a node of the library passes what needs no configuration', () => {
  it.each(['mcmp', 'any'] as const)('of the kind %s', { timeout: 240_000 }, async (kind) => {
    const results = await judgeNodeCalmly(
      {
        start: libraryNode({
          manners: 'mcmp',
          mcmpTimeoutMs: MCMP_TIMEOUT_MS,
          statusIntervalMs: STATUS_INTERVAL_MS,
          drainTimeoutMs: 1000,
        }),
        kind,
        features: LIBRARY_FEATURES,
        statusIntervalMs: STATUS_INTERVAL_MS,
        cases: NODE_CASES,
        jobs: 16,
      },
      isGood,
    );
    expect(complaints(results)).toEqual([]);
    expect(results.find(({ facts }) => facts.id === 'status/connector-stopped')?.verdict).toBe('pass');
  });
});

describe('a node that somebody started passes what needs no start', () => {
  it.each([
    ['mcmp', 'mcmp'],
    ['java', 'java'],
  ] as const)('with the manners %s', { timeout: 240_000 }, async (manners, kind) => {
    const start = ownNode({
      ...{ manners, mcmpTimeoutMs: MCMP_TIMEOUT_MS, statusIntervalMs: 100, drainTimeoutMs: 1000 },
    });
    const results = await judgeNode({
      ...{ start: undefined, kind, features: new Map(), statusIntervalMs: 100 },
      // One by one, as there is one node only: a few of each kind.
      cases: NODE_CASES.filter(({ id, needs }) => needs.length === 0 && /^(?:order|errors|reset)\//.test(id)),
      stands: async (balancer) => {
        const node = await start({ balancers: [balancer], settings: new Map(), discovers: undefined });
        freeAfter(node.end);
      },
    });
    expect(complaints(results)).toEqual([]);
    expect(results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(12);
  });
});
