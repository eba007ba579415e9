import { describe, expect, it } from 'vitest';
import { NODE_CASES } from '../../src/conformance/node/cases/index.ts';
import type { NodeKind } from '../../src/conformance/node/kinds.ts';
import type { Manners } from '../../src/node/index.ts';
import { complaints } from './judge.ts';
import { judgeNode } from './judge-node.ts';
import { OWN_FEATURES, ownNode } from './own-node.ts';

const STATUS_INTERVAL_MS = 250;
const MCMP_TIMEOUT_MS = 400;

/** A Java node cannot read what HTTP tells every reader to pass over (RFC 9112 §7.1.1). */
const WEAKNESSES = ['answers/chunk-extension'];

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
      cases: NODE_CASES.filter(({ id }) => kind === manners || manners === 'mcmp' || !WEAKNESSES.includes(id)),
      jobs: 8,
    });
    expect(complaints(results)).toEqual([]);
    expect(results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(10);
  });
});
