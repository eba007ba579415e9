import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { createFaultBoard } from '../../../src/node/faults/board.ts';
import { parseFault } from '../../../src/node/faults/grammar.ts';
import { parseLoad } from '../../../src/node/load/parse-load.ts';
import type { LoadMeter } from '../../../src/node/load/types.ts';
import { startSimulatedNode } from '../../../src/node/simulator/simulated-node.ts';
import type { NodeCondition, SimulatedNode, SimulatedNodeOptions } from '../../../src/node/simulator/types.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { type ScriptedBalancer, startScriptedBalancer } from '../../support/scripted-balancer.ts';
import { waitFor } from '../../support/wait-for.ts';

async function balancer(): Promise<ScriptedBalancer> {
  const peer = await startScriptedBalancer(({ method }) =>
    method === 'STOP-APP' ? { body: 'Type=STOP-APP-RSP&JvmRoute=n1&Alias=localhost&Context=/app&Requests=0\n' } : {},
  );
  freeAfter(() => peer.close());
  return peer;
}

async function nodeOf(
  peer: ScriptedBalancer | undefined,
  options: Partial<SimulatedNodeOptions> = {},
): Promise<SimulatedNode> {
  const balancers = peer === undefined ? [] : [peer.url];
  const node = await startSimulatedNode({ route: 'n1', balancers, drainPollMs: 5, ...options });
  freeAfter(async () => {
    await node.kill();
    node.close();
  });
  await node.node().registered(5000);
  return node;
}

function urlOf({ port }: SimulatedNode, path: string): string {
  return `http://127.0.0.1:${port}${path}`;
}

async function outcome(answer: ReturnType<typeof request>): Promise<string> {
  try {
    const { statusCode, body } = await answer;
    await body.dump();
    return String(statusCode);
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

describe('a simulated node', () => {
  it('says where its connector is, what it serves and how it is loaded', async () => {
    const peer = await balancer();
    const node = await nodeOf(peer, {
      contexts: ['/one', { path: '/two', wish: 'disabled' }],
      aliases: ['localhost', 'example.org'],
      config: { Balancer: 'blue', StickySessionForce: 'No' },
      load: parseLoad('42'),
    });
    const [introduced, configured, ...rest] = peer.said();
    expect(introduced).toBe('INFO /');
    expect(configured).toMatch(/^CONFIG \/ JVMRoute=n1&/);
    const sent = new URLSearchParams(configured?.replace('CONFIG / ', ''));
    expect(Object.fromEntries(sent)).toEqual({
      JVMRoute: 'n1',
      Host: '127.0.0.1',
      Port: `${node.port}`,
      Type: 'http',
      Balancer: 'blue',
      StickySessionForce: 'No',
    });
    expect(rest.map((line) => line.split(' ')[0])).toEqual(['ENABLE-APP', 'DISABLE-APP', 'STATUS']);
    expect(rest.at(-1)).toBe('STATUS / JVMRoute=n1&Load=42');
    const { body } = await request(urlOf(node, '/one/x'));
    expect(await body.json()).toMatchObject({ route: 'n1', context: '/one' });
    expect(node.requestCount()).toBe(1);
  });

  it('serves the contexts that it has now', async () => {
    const node = await nodeOf(await balancer());
    expect(await outcome(request(urlOf(node, '/new')))).toBe('404');
    await node.node().deploy('/new');
    expect(await outcome(request(urlOf(node, '/new')))).toBe('200');
    await node.node().undeploy('/new');
    expect(await outcome(request(urlOf(node, '/new')))).toBe('404');
  });

  it('counts the requests of each context', async () => {
    const node = await nodeOf(await balancer(), { contexts: ['/a', '/b'] });
    const slow = outcome(request(urlOf(node, '/a/x?sleep=300ms')));
    await waitFor(() => node.inFlight() === 1);
    expect(node.node().contexts()).toMatchObject([
      { path: '/a', inFlight: 1 },
      { path: '/b', inFlight: 0 },
    ]);
    expect(await slow).toBe('200');
    await waitFor(() => node.inFlight() === 0);
    expect(node.node().contexts()[0]).toMatchObject({ path: '/a', inFlight: 0 });
  });

  it('reports another load as soon as it has one, and closes the one before', async () => {
    const peer = await balancer();
    const node = await nodeOf(peer, { statusIntervalMs: 10 });
    const closed: string[] = [];
    const meter = (value: number): LoadMeter => ({
      text: `${value}`,
      next: () => value,
      close: () => closed.push(`${value}`),
    });
    node.setLoad(meter(7));
    await peer.until(() => peer.said().at(-1) === 'STATUS / JVMRoute=n1&Load=7');
    node.setLoad(meter(8));
    expect(closed).toEqual(['7']);
    await peer.until(() => peer.said().at(-1) === 'STATUS / JVMRoute=n1&Load=8');
    node.close();
    expect(closed).toEqual(['7', '8']);
  });

  it('can go wrong on purpose, in its answers and in its words', async () => {
    const peer = await balancer();
    const faults = createFaultBoard({ specs: [parseFault('error:503'), parseFault('changed-port')] });
    freeAfter(() => faults.close());
    const node = await nodeOf(peer, { faults });
    expect(await outcome(request(urlOf(node, '/app')))).toBe('503');
    expect(peer.said().find((line) => line.startsWith('CONFIG'))).not.toContain(`Port=${node.port}&`);
  });

  it('has no use for a certificate when it speaks HTTP in clear', async () => {
    await expect(startSimulatedNode({ route: 'n1', balancers: [], nodeTls: {} })).rejects.toMatchObject({
      kind: 'usage',
    });
  });

  it('does not take a port that somebody has', async () => {
    const node = await nodeOf(undefined);
    await expect(startSimulatedNode({ route: 'n2', balancers: [], port: node.port })).rejects.toMatchObject({
      code: 'MCMP_LISTEN',
    });
  });
});

describe('the end of a simulated node', () => {
  it('is polite when it leaves: goodbye first, then the requests, then the port', async () => {
    const peer = await balancer();
    const conditions: string[] = [];
    const node = await nodeOf(peer, { onCondition: (from, to) => conditions.push(`${from} ${to}`) });
    const slow = outcome(request(urlOf(node, '/app?sleep=200ms')));
    await waitFor(() => node.inFlight() === 1);
    await node.leave();
    expect(await slow).toBe('200');
    expect(peer.said().at(-1)).toBe('REMOVE-APP /* JVMRoute=n1');
    expect(await outcome(request(urlOf(node, '/app')))).toBe('ECONNREFUSED');
    expect(conditions).toEqual(['starting running', 'running leaving', 'leaving gone']);
  });

  it('is without a word when it is killed: what it was answering is reset', async () => {
    const peer = await balancer();
    const node = await nodeOf(peer);
    const before = peer.requests.length;
    const slow = outcome(request(urlOf(node, '/app?sleep=60s')));
    await waitFor(() => node.inFlight() === 1);
    await node.kill();
    expect(await slow).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    expect(node.condition()).toBe('killed');
    expect(peer.requests).toHaveLength(before);
  });

  it('is without a word to balancers, but not to clients, when it deserts', async () => {
    const peer = await balancer();
    const node = await nodeOf(peer);
    const before = peer.requests.length;
    const slow = outcome(request(urlOf(node, '/app?sleep=200ms')));
    await waitFor(() => node.inFlight() === 1);
    await node.desert();
    expect(await slow).toBe('200');
    expect(peer.requests).toHaveLength(before);
    expect(node.condition()).toBe('gone');
  });

  it('can be had a second time without anything happening', async () => {
    const node = await nodeOf(await balancer());
    await node.leave();
    await Promise.all([node.leave(), node.kill(), node.desert()]);
    expect(node.condition()).toBe('gone');
  });

  it('is a kill when somebody kills it while it leaves', async () => {
    const peer = await startScriptedBalancer(({ method }) => (method === 'STOP-APP' ? 'silence' : {}));
    freeAfter(() => peer.close());
    const node = await nodeOf(peer);
    const leaving = node.leave();
    await peer.until(() => peer.said().some((line) => line.startsWith('STOP-APP')));
    await node.kill();
    await leaving;
    expect(node.condition()).toBe('killed');
  });
});

describe('a simulated node that comes back', () => {
  it.each<[string, NodeCondition, (node: SimulatedNode) => Promise<void>]>([
    ['was killed', 'killed', (node) => node.kill()],
    ['has left', 'gone', (node) => node.leave()],
    ['is running', 'running', async () => undefined],
  ])('after it %s has its port again and registers', async (_, condition, end) => {
    const peer = await balancer();
    const node = await nodeOf(peer);
    const { port } = node;
    expect(await outcome(request(urlOf(node, '/app')))).toBe('200');
    await end(node);
    expect(node.condition()).toBe(condition);
    const before = peer.requests.length;
    await node.restart();
    await node.node().registered(5000);
    expect(node.condition()).toBe('running');
    expect(node.port).toBe(port);
    expect(peer.said().slice(before)[0]).toBe('INFO /');
    expect(await outcome(request(urlOf(node, '/app')))).toBe('200');
    expect(node.requestCount()).toBe(2);
  });

  it('does so as often as it is told, one after the other', async () => {
    const node = await nodeOf(await balancer());
    await Promise.all([node.restart(), node.restart(), node.restart()]);
    await node.node().registered(5000);
    expect(await outcome(request(urlOf(node, '/app')))).toBe('200');
  });

  it('says so when its port is taken meanwhile, and can be asked again', async () => {
    const node = await nodeOf(undefined);
    await node.kill();
    const thief = await nodeOf(undefined, { route: 'n2', port: node.port });
    await expect(node.restart()).rejects.toMatchObject({ code: 'MCMP_LISTEN' });
    expect(node.condition()).toBe('killed');
    await thief.kill();
    await node.restart();
    expect(node.condition()).toBe('running');
  });
});
