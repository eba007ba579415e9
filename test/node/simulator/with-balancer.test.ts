import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { createMcmpClient } from '../../../src/client/client.ts';
import { parseLoad } from '../../../src/node/load/parse-load.ts';
import { startSimulatedNode } from '../../../src/node/simulator/simulated-node.ts';
import type { SimulatedNode, SimulatedNodeOptions } from '../../../src/node/simulator/types.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { freeAfter } from '../../support/cleanup.ts';

async function nodeOf(
  balancers: readonly TestBalancer[],
  options: Partial<SimulatedNodeOptions> = {},
): Promise<SimulatedNode> {
  const node = await startSimulatedNode({
    route: 'n1',
    balancers: balancers.map(({ mcmpPort }) => `http://127.0.0.1:${mcmpPort}`),
    statusIntervalMs: 50,
    drainPollMs: 10,
    ...options,
  });
  freeAfter(() => node.kill());
  return node;
}

async function nodesOf(lb: TestBalancer): Promise<string[]> {
  const client = createMcmpClient(`http://127.0.0.1:${lb.mcmpPort}`);
  try {
    const { view } = await client.readState();
    return view.nodes.map(({ name, load, vhosts }) => {
      const contexts = vhosts.flatMap((vhost) => vhost.contexts.map(({ path, status }) => `${path} ${status}`));
      return [name, load, ...contexts].join(' ');
    });
  } finally {
    await client.close();
  }
}

describe('a node and a real balancer', () => {
  it('serves requests as soon as it is registered', async () => {
    const lb = await startTestBalancer();
    const node = await nodeOf([lb], { contexts: ['/shop', '/api'], load: parseLoad('70') });
    await node.node().registered(5000);
    expect(await nodesOf(lb)).toEqual(['n1 70 /shop ENABLED /api ENABLED']);
    const answer = await request(`http://127.0.0.1:${lb.port}/shop/x`);
    expect(await answer.body.json()).toMatchObject({ route: 'n1', context: '/shop' });
  });

  it('takes its requests along when it leaves: those in flight are answered', async () => {
    const lb = await startTestBalancer();
    const node = await nodeOf([lb]);
    await node.node().registered(5000);
    const slow = request(`http://127.0.0.1:${lb.port}/app?sleep=200`);
    await expect.poll(node.requestCount).toBe(1);
    const startedMs = performance.now();
    await node.leave();
    expect(performance.now() - startedMs).toBeGreaterThan(100);
    expect((await slow).statusCode).toBe(200);
    expect((await request(`http://127.0.0.1:${lb.port}/app`)).statusCode).toBe(404);
  });

  it('is back by itself when the balancer comes back empty', async () => {
    const first = await startTestBalancer();
    const node = await nodeOf([first]);
    await node.node().registered(5000);
    first.balancer.closeNow();
    await expect.poll(() => node.node().registrations()[0]?.state).not.toBe('registered');
    const second = await startTestBalancer({ mcmp: [{ host: '127.0.0.1', port: first.mcmpPort }] });
    await node.node().registered(10_000);
    expect(await nodesOf(second)).toEqual(['n1 100 /app ENABLED']);
  });

  it('can be taken out and come back on its port while others serve', async () => {
    const lb = await startTestBalancer();
    const other = await nodeOf([lb], { route: 'n2' });
    await other.node().registered(5000);
    const node = await nodeOf([lb]);
    await node.node().registered(5000);
    await node.kill();
    for (let i = 0; i < 10; i++) {
      expect((await request(`http://127.0.0.1:${lb.port}/app`)).statusCode).toBe(200);
    }
    const again = await nodeOf([lb], { port: node.port });
    await again.node().registered(5000);
    await expect
      .poll(async () => {
        const answer = await request(`http://127.0.0.1:${lb.port}/app`);
        await answer.body.dump();
        return again.requestCount();
      })
      .toBeGreaterThan(0);
  });

  it('belongs to several balancers at once', async () => {
    const balancers = [await startTestBalancer(), await startTestBalancer({ dialect: 'httpd-2' })];
    const node = await nodeOf(balancers);
    await node.node().registered(5000);
    for (const lb of balancers) expect(await nodesOf(lb)).toEqual(['n1 100 /app ENABLED']);
    await node.leave();
    for (const lb of balancers) expect((await nodesOf(lb)).join()).not.toContain('/app');
  });
});
