import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { createSurvey } from '../../src/client/index.ts';
import { planAction } from '../../src/operate/index.ts';
import { createOperator } from '../../src/tui/operator.ts';
import type { Message } from '../../src/tui/update.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { startNode } from '../support/node-server.ts';
import { waitFor } from '../support/wait-for.ts';

const OPTIONS = { survey: {}, intervalMs: 50, drainTimeoutMs: 1_000, words: [] };
const NODE = { kind: 'node', route: 'node1' } as const;

/** Takes connections and says nothing. */
async function startMute(): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    freeAfter(async () => {
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  freeAfter(async () => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  return `http://127.0.0.1:${address.port}`;
}

async function startOne(): Promise<string> {
  const lb = await startTestBalancer();
  const { port } = await startNode('node1');
  await lb.register('node1', port);
  return `http://127.0.0.1:${lb.mcmpPort}`;
}

it('is not held up by a balancer that takes connections and says nothing', async () => {
  const url = await startOne();
  const told: Message[] = [];
  const operator = createOperator((message) => told.push(message), OPTIONS);
  freeAfter(() => operator.close());
  operator.watch([url, await startMute()]);
  await waitFor(() => operator.reading().targets.some(({ outcome }) => outcome === 'read'));
  const startedMs = performance.now();
  await operator.fulfil({ do: 'plan', action: 'disable', scope: NODE, isDrain: false });
  // The survey itself waits for ten seconds.
  expect(performance.now() - startedMs).toBeLessThan(6_000);
  const planned = told.find((message) => message.kind === 'planned');
  expect(planned?.plan.commands.map(({ target }) => target)).toEqual([url]);
}, 15_000);

it.each(['perform', 'drain'] as const)('ends, and does not fail, when no balancer is left to %s at', async (wish) => {
  const url = await startOne();
  const survey = createSurvey([url]);
  const plan = planAction(await survey.read(), 'stop', NODE);
  await survey.close();
  const told: Message[] = [];
  const operator = createOperator((message) => told.push(message), OPTIONS);
  freeAfter(() => operator.close());
  operator.watch([url]);
  operator.watch([]);
  await operator.fulfil({ do: wish, job: 1, plan });
  expect(told.at(-1)).toMatchObject({ kind: 'ended', job: 1, severity: 'bad' });
});
