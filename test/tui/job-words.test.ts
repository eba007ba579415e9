import { expect, it } from 'vitest';
import { planAction, type Scope } from '../../src/operate/index.ts';
import { commandLinesOf, titleOf } from '../../src/tui/job-words.ts';
import { reading, START_MS, THREE_NODES } from './scene.ts';

const N1 = { kind: 'node', route: 'node1' } as const;
const SHOP = { kind: 'context', route: 'node3', path: '/shop' } as const;

it.each<[string, Scope, string[]]>([
  ['a node', N1, ['node1']],
  ['a context', SHOP, ['node3:/shop']],
  ['a path', { kind: 'path', path: '/api' }, ['node1:/api', 'node2:/api', 'node3:/api']],
  ['marked rows', { kind: 'several', scopes: [N1, SHOP] }, ['node1', 'node3:/shop']],
])('a drain of %s is the same as these command lines, with the words of TLS', (_, scope, drained) => {
  const now = reading([THREE_NODES], START_MS);
  const plan = planAction(now, 'stop', scope, { words: ['--ca', 'my ca.pem'] });
  expect(commandLinesOf({ plan, isDrain: true })).toEqual(
    drained.map((what) => `mcmp drain ${what} --balancer http://lb1:8090 --ca 'my ca.pem'`),
  );
  expect(titleOf({ plan, isDrain: true })).toMatch(/^Drain /);
  expect(commandLinesOf({ plan, isDrain: false })).toEqual(plan.commands.map(({ commandLine }) => commandLine));
});
