import { expect, it } from 'vitest';
import { balancerCase } from '../../src/conformance/balancer/trial.ts';
import { said } from '../../src/conformance/case.ts';
import { inAll } from '../../src/conformance/dialects.ts';
import { freeAfter } from '../support/cleanup.ts';
import { judge } from './judge.ts';
import { startOwnBalancer } from './own-balancer.ts';

const TWO_NODES = balancerCase({
  id: 'mine/two-nodes',
  requirement: 'Two nodes are taken.',
  level: 'must',
  lines: [],
  spec: 'ours',
  expected: inAll(said('taken')),
  async run(trial) {
    await trial.node();
    await trial.node();
  },
});

it.each([
  ['httpd-2', { maxNodes: 1, maxHosts: 10, maxContexts: 10 }, /no room.*MEM: Can't update or insert node.*Maxnode/],
  ['httpd-1.3', { maxNodes: 10, maxHosts: 10, maxContexts: 1 }, /no room.*MEM: Can't .* context.*Maxcontext/],
] as const)('tables of %s that are full are no fault of what a case looks at', async (dialect, limits, reason) => {
  const { target, close } = await startOwnBalancer(dialect, { limits });
  freeAfter(close);
  const [result] = await judge(target, dialect, [TWO_NODES]);
  expect(result).toMatchObject({ verdict: 'error', reason: expect.stringMatching(reason) });
});
