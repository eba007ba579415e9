import { expect, it } from 'vitest';
import { openTargets, perform, planAction, undoPlan } from '../../src/operate/index.ts';
import type { CommandResult } from '../../src/operate/types.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { startScriptedBalancer } from '../support/scripted-balancer.ts';
import { waitFor } from '../support/wait-for.ts';

const N1 = { kind: 'node', route: 'n1' } as const;

async function register(lb: TestBalancer): Promise<string> {
  await lb.register('n1', 9, { contexts: '/app,/other' });
  return `http://127.0.0.1:${lb.mcmpPort}`;
}

function open(...urls: readonly string[]) {
  const targets = openTargets(urls, { timeoutMs: 2_000 });
  freeAfter(() => targets.close());
  return targets;
}

it('goes on elsewhere when one refuses and one is gone, and tells results in the order of the plan', async () => {
  const [good, strict, gone] = [await startTestBalancer(), await startTestBalancer(), await startTestBalancer()];
  const targets = open(await register(good), await register(strict), await register(gone));
  const plan = planAction(await targets.survey.read(), 'stop', N1);
  // It forgets the node between the plan and the deed; ours refuses a command for the whole of a node it does not know.
  await strict.mcmp('REMOVE-APP', 'JVMRoute=n1', '/*');
  gone.balancer.closeNow();
  const asTheyCame: CommandResult[] = [];
  const results = await perform(plan, targets.clients, { onResult: (result) => asTheyCame.push(result) });
  expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'refused', 'failed']);
  expect(results.map(({ command }) => command)).toEqual(plan.commands);
  expect(results.map(({ words }) => words)).toEqual([
    'done',
    expect.stringContaining("Can't read node"),
    expect.stringContaining('nothing listens there'),
  ]);
  expect(new Set(asTheyCame)).toEqual(new Set(results));
});

it('tells how many requests run where the answer says so', async () => {
  const lb = await startTestBalancer();
  const targets = open(await register(lb));
  const plan = planAction(await targets.survey.read(), 'stop', N1, { plain: true });
  expect(await perform(plan, targets.clients)).toMatchObject([{ outcome: 'done', requests: 0 }]);
});

it('sends nothing more when it is given up', async () => {
  const peer = await startScriptedBalancer(() => 'silence');
  freeAfter(() => peer.close());
  const lb = await startTestBalancer();
  const reading = await open(await register(lb)).survey.read();
  const [command] = planAction(reading, 'stop', N1).commands;
  if (command === undefined) throw new Error('the plan is empty');
  const commands = [
    { ...command, target: peer.url },
    { ...command, target: peer.url },
  ];
  const giveUp = new AbortController();
  const performed = perform({ commands }, open(peer.url).clients, { signal: giveUp.signal });
  await waitFor(() => peer.requests.length === 1);
  giveUp.abort();
  expect((await performed).map(({ outcome, words }) => [outcome, words])).toEqual([
    ['failed', 'given up before it answered'],
    ['failed', 'not sent'],
  ]);
  expect(peer.requests.length).toBe(1);
});

it('undoes a command whose answer was lost, when the balancer shows that it was carried out', async () => {
  const lb = await startTestBalancer();
  const targets = open(await register(lb));
  const results = await perform(planAction(await targets.survey.read(), 'disable', N1), targets.clients);
  const lost = results.map((result) => ({ ...result, outcome: 'failed' as const, words: 'no answer' }));
  const undo = undoPlan(lost, await targets.survey.read());
  expect(undo.counts).toMatchObject({ contexts: 2, nodes: 1, targets: 1 });
  await perform(undo, targets.clients);
  expect((await lb.mcmp('INFO')).body.match(/Status: \w+/g)).toEqual(['Status: ENABLED', 'Status: ENABLED']);
});

it('says that a removed node cannot be brought back, and by whom', async () => {
  const lb = await startTestBalancer();
  const targets = open(await register(lb));
  const results = await perform(planAction(await targets.survey.read(), 'remove', N1), targets.clients);
  const undo = undoPlan(results, await targets.survey.read());
  expect(undo.commands).toEqual([]);
  expect(undo.notes).toEqual([expect.stringContaining('only the node itself can register')]);
});
