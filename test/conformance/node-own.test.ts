import { describe, expect, it } from 'vitest';
import type { Need } from '../../src/conformance/needs.ts';
import { NODE_CASES } from '../../src/conformance/node/cases/index.ts';
import type { NodeKind } from '../../src/conformance/node/kinds.ts';
import type { Manners } from '../../src/node/index.ts';
import { complaints } from './judge.ts';
import { judgeNode } from './judge-node.ts';
import { ownNode } from './own-node.ts';

const STATUS_INTERVAL_MS = 150;
const MCMP_TIMEOUT_MS = 400;

/** What a node of ours can be told to do, and how it can be configured. */
export const OWN_FEATURES: ReadonlyMap<Need, string> = new Map<Need, string>([
  ...(
    [
      'node-deploy',
      'node-undeploy',
      'node-enable',
      'node-disable',
      'node-stop',
      'node-load',
      'node-ping',
      'node-add-balancer',
      'node-second-balancer',
      'node-contexts',
      'node-root-context',
      'node-aliases',
      'node-excluded',
      'node-born-disabled',
      'node-defaults',
      'node-domain',
      'node-balancer-name',
      'node-flush',
      'node-cookie',
      'node-wildcard',
      'node-generated-route',
      'node-engines',
      'node-sessions',
      'node-load-metric',
      'node-proxy-path',
      'node-ipv6',
      'node-tls',
      'node-discovery',
      'patience',
    ] as const
  ).map((need) => [need, ''] as const),
]);

const JUDGEMENTS: readonly (readonly [manners: Manners, kind: NodeKind])[] = [
  ['mcmp', 'mcmp'],
  ['mcmp', 'any'],
  ['java', 'java'],
  ['java', 'any'],
];

describe('a simulated node passes what is expected', () => {
  it.each(JUDGEMENTS)('with the manners %s, of the kind %s', { timeout: 240_000 }, async (manners, kind) => {
    const results = await judgeNode({
      start: ownNode({
        manners,
        statusIntervalMs: STATUS_INTERVAL_MS,
        mcmpTimeoutMs: MCMP_TIMEOUT_MS,
        drainTimeoutMs: 1000,
      }),
      kind,
      features: OWN_FEATURES,
      statusIntervalMs: STATUS_INTERVAL_MS,
      cases: NODE_CASES,
      jobs: 8,
    });
    expect(complaints(results)).toEqual([]);
    expect(results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(10);
  });
});
