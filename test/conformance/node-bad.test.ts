import { describe, expect, it } from 'vitest';
import { NODE_CASES } from '../../src/conformance/node/cases/index.ts';
import type { CaseResult } from '../../src/conformance/result.ts';
import { VERDICTS } from '../../src/conformance/verdict.ts';
import { BAD_NODES } from './bad-nodes/index.ts';
import { judgeNodeCalmly } from './judge-node.ts';
import { LIBRARY_FEATURES, libraryNode, OWN_FEATURES, ownNode } from './own-node.ts';

const STATUS_INTERVAL_MS = 250;
const MCMP_TIMEOUT_MS = 8000;

describe.concurrent('each bad node is caught by the cases that it is about', { timeout: 120_000 }, () => {
  it.for(BAD_NODES)('$id', async (bad, context) => {
    const { manners, kind, aims, spoil, isLibrary = false, statusIntervalMs = STATUS_INTERVAL_MS } = bad;
    const good = isLibrary ? libraryNode : ownNode;
    const options = {
      start: spoil(good({ manners, mcmpTimeoutMs: MCMP_TIMEOUT_MS, statusIntervalMs, drainTimeoutMs: 500 })),
      kind,
      features: isLibrary ? LIBRARY_FEATURES : OWN_FEATURES,
      statusIntervalMs,
      startTimeoutMs: 500,
      cases: NODE_CASES.filter(({ id }) => aims.includes(id)),
      jobs: 8,
    };
    const isCaught = ({ verdict }: CaseResult): boolean => VERDICTS[verdict].fails && verdict !== 'error';
    const results = await judgeNodeCalmly(options, isCaught);
    const missed = results.filter((result) => !isCaught(result));
    context.expect(missed.map(({ facts, verdict, reason }) => `${facts.id}: ${verdict} ${reason ?? ''}`)).toEqual([]);
    context.expect(results).toHaveLength(aims.length);
  });
});

describe('the cases of the node direction', () => {
  it('catch a bad node each', () => {
    const caught = new Set(BAD_NODES.flatMap(({ aims }) => aims));
    expect(NODE_CASES.map(({ id }) => id).filter((id) => !caught.has(id))).toEqual([]);
  });
});
