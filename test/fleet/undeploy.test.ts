import { request } from 'undici';
import { expect, it } from 'vitest';
import { startSimulatedNode } from '../../src/node/simulator/simulated-node.ts';
import type { SimulatedNode } from '../../src/node/simulator/types.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { hostPort } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';
import { tableOf } from './table.ts';

const SLOW_REQUESTS = 20;
/** Far longer than it takes until a context is stopped, also on a machine that is busy. */
const SLEEP_MS = 1500;

async function startNode(balancer: TestBalancer, route: string): Promise<SimulatedNode> {
  const node = await startSimulatedNode({
    route,
    balancers: [`http://${hostPort(balancer.mcmpPort)}`],
    contexts: ['/slow', '/stays'],
    drainPollMs: 20,
  });
  freeAfter(() => node.kill());
  await node.node().registered(5000);
  return node;
}

/** Slow requests that are all being answered by nodes when this resolves. */
async function slowRequests(balancer: TestBalancer, nodes: readonly SimulatedNode[]): Promise<Promise<number>[]> {
  const answers = Array.from({ length: SLOW_REQUESTS }, async () => {
    const { statusCode, body } = await request(`http://${hostPort(balancer.port)}/slow?sleep=${SLEEP_MS}ms`);
    await body.dump();
    return statusCode;
  });
  await waitFor(() => nodes.reduce((sum, node) => sum + node.inFlight(), 0) === SLOW_REQUESTS);
  return answers;
}

const ALL_WELL = Array.from({ length: SLOW_REQUESTS }, () => 200);

it('undeploying with slow requests in flight loses none of them, and ends when the last is answered (needs F9, F10)', async () => {
  const balancer = await startTestBalancer();
  const node = await startNode(balancer, 'n1');
  const answers = await slowRequests(balancer, [node]);
  const undeployed = node.node().undeploy('/slow');
  await waitFor(async () => (await tableOf(balancer)).get('n1')?.includes('/slow STOPPED') === true);
  expect(node.inFlight()).toBe(SLOW_REQUESTS);
  // What a balancer had chosen the node for before it heard of the end is still served.
  const { statusCode, body } = await request(`http://${hostPort(node.port)}/slow`);
  await body.dump();
  expect(statusCode).toBe(200);
  expect(await Promise.all(answers)).toEqual(ALL_WELL);
  await undeployed;
  expect(node.inFlight()).toBe(0);
  expect((await tableOf(balancer)).get('n1')).toEqual(['/stays ENABLED']);
});

it('a node that leaves with slow requests in flight loses none of them, while another takes the new ones', async () => {
  const balancer = await startTestBalancer({ waitBeforeRemoveMs: 100 });
  const leaving = await startNode(balancer, 'n1');
  const answers = await slowRequests(balancer, [leaving]);
  const staying = await startNode(balancer, 'n2');
  const left = leaving.leave(10_000);
  const before = leaving.requestCount();
  await waitFor(async () => (await tableOf(balancer)).get('n1')?.includes('/slow STOPPED') === true);
  const { statusCode, body } = await request(`http://${hostPort(balancer.port)}/slow`);
  expect([statusCode, await body.json()]).toMatchObject([200, { route: 'n2' }]);
  expect(leaving.requestCount()).toBe(before);
  expect(await Promise.all(answers)).toEqual(ALL_WELL);
  await left;
  await waitFor(async () => !(await tableOf(balancer)).has('n1'));
  expect(staying.condition()).toBe('running');
});
