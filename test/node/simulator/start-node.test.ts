import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { type NodeOptions, type RunningNode, startNode } from '../../../src/node/simulator/start-node.ts';
import {
  type BalancerReaction,
  type BalancerRequest,
  type ScriptedBalancer,
  startScriptedBalancer,
} from '../../support/scripted-balancer.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function balancer(
  react: (request: BalancerRequest) => BalancerReaction | Promise<BalancerReaction> = () => ({}),
): Promise<ScriptedBalancer> {
  const peer = await startScriptedBalancer(react);
  cleanups.push(() => peer.close());
  return peer;
}

async function node(peers: readonly { url: string }[], options: Partial<NodeOptions> = {}): Promise<RunningNode> {
  const running = await startNode({
    route: 'n1',
    balancers: peers.map((peer) => peer.url),
    drainPollMs: 5,
    ...options,
  });
  cleanups.push(() => running.kill());
  return running;
}

const MEM = { status: 500, headers: { Version: '0.2.1', Type: 'MEM', Mess: `MEM: Can't read node` } };

describe('a node that comes', () => {
  it('says INFO, CONFIG, ENABLE-APP for each context and STATUS, on one connection', async () => {
    const peer = await balancer();
    const running = await node([peer], { contexts: ['/one', '/two'], aliases: ['localhost', 'example.org'], load: 42 });
    await running.registered(5000);
    expect(peer.said()).toEqual([
      'INFO /',
      `CONFIG / JVMRoute=n1&Host=127.0.0.1&Port=${running.port}&Type=http`,
      'ENABLE-APP / JVMRoute=n1&Alias=localhost,example.org&Context=/one',
      'ENABLE-APP / JVMRoute=n1&Alias=localhost,example.org&Context=/two',
      'STATUS / JVMRoute=n1&Load=42',
    ]);
    expect(new Set(peer.requests.map((one) => one.connection))).toEqual(new Set([1]));
  });

  it('reports its load every interval', async () => {
    let load = 10;
    const peer = await balancer();
    await node([peer], { statusIntervalMs: 5, load: () => load++ });
    const statuses = (): string[] => peer.said().filter((line) => line.startsWith('STATUS'));
    await peer.until(() => statuses().length >= 3);
    expect(
      statuses()
        .slice(0, 3)
        .map((line) => line.split('Load=')[1]),
    ).toEqual(['10', '11', '12']);
  });

  it('is not kept from one balancer by another that is dead or silent', async () => {
    const silent = await balancer(() => 'silence');
    const dead = await balancer();
    await dead.close();
    const good = await balancer();
    const running = await node([silent, dead, good]);
    await good.until(() => good.requests.some((one) => one.method === 'STATUS'));
    expect(running.registrations().map((one) => one.state)).toEqual([
      'introducing',
      expect.stringMatching(/retrying|introducing/),
      expect.anything(),
    ]);
    await expect(running.registered(20)).rejects.toMatchObject({ code: 'MCMP_NOT_REGISTERED', kind: 'timeout' });
  });
});

describe('a node whose balancer forgets it', () => {
  it('registers anew as soon as a STATUS is refused with MEM', async () => {
    let refused = false;
    const peer = await balancer(({ method }) => {
      if (method !== 'STATUS' || refused) return {};
      refused = true;
      return MEM;
    });
    const running = await node([peer]);
    await running.registered(5000);
    expect(peer.requests.map((one) => one.method)).toEqual([
      ...['INFO', 'CONFIG', 'ENABLE-APP', 'STATUS'],
      ...['INFO', 'CONFIG', 'ENABLE-APP', 'STATUS'],
    ]);
  });

  it('comes back over a new connection when the balancer restarts', async () => {
    const peer = await balancer(({ connection, method }) => (connection === 1 && method === 'STATUS' ? 'close' : {}));
    const running = await node([peer]);
    await running.registered(5000);
    const status = peer.requests.filter((one) => one.method === 'STATUS');
    expect(status.map((one) => one.connection)).toEqual([1, 2]);
  });
});

describe('a node that is called wrong', () => {
  it('does not take an address that receives no MCMP for a balancer', async () => {
    const peer = await balancer(() => ({
      status: 501,
      headers: { 'Content-Type': 'text/html' },
      body: '<html></html>',
    }));
    const running = await node([peer]);
    await peer.until(() => peer.requests.length >= 2);
    expect(running.registrations()[0]?.lastFailure).toMatch(/does not receive MCMP/);
  });
});

describe('a node that leaves', () => {
  it('stops each context until no request is left, then removes them and itself', async () => {
    let left = 2;
    const peer = await balancer(({ method }) =>
      method === 'STOP-APP'
        ? { body: `Type=STOP-APP-RSP&JvmRoute=n1&Alias=localhost&Context=/app&Requests=${left--}\n` }
        : {},
    );
    const running = await node([peer]);
    await running.registered(5000);
    const before = peer.requests.length;
    await running.stop();
    expect(peer.said().slice(before)).toEqual([
      'DISABLE-APP / JVMRoute=n1&Alias=localhost&Context=/app',
      'STOP-APP / JVMRoute=n1&Alias=localhost&Context=/app',
      'STOP-APP / JVMRoute=n1&Alias=localhost&Context=/app',
      'STOP-APP / JVMRoute=n1&Alias=localhost&Context=/app',
      'REMOVE-APP / JVMRoute=n1&Alias=localhost&Context=/app',
      'REMOVE-APP /* JVMRoute=n1',
    ]);
    await expect(request(`http://127.0.0.1:${running.port}/app`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('waits no longer than the deadline for requests that never end', async () => {
    const peer = await balancer(({ method }) =>
      method === 'STOP-APP' ? { body: 'Type=STOP-APP-RSP&Requests=1' } : {},
    );
    const running = await node([peer]);
    await running.registered(5000);
    await running.stop(30);
    expect(peer.said().at(-1)).toBe('REMOVE-APP /* JVMRoute=n1');
  });

  it('counts for itself when the balancer does not, and finishes what it has begun', async () => {
    const peer = await balancer(({ method }) =>
      method === 'STOP-APP' ? { body: 'Type=STOP-APP-RSP\nJvmRoute=n1\n' } : {},
    );
    const running = await node([peer]);
    await running.registered(5000);
    const answer = request(`http://127.0.0.1:${running.port}/app?sleep=100`);
    await expect.poll(running.requestCount).toBe(1);
    await running.stop();
    expect((await answer).statusCode).toBe(200);
    expect(peer.requests.filter((one) => one.method === 'STOP-APP').length).toBeGreaterThan(1);
  });

  it('leaves a balancer that is gone in no time', async () => {
    const peer = await balancer();
    const running = await node([peer]);
    await running.registered(5000);
    await peer.close();
    await running.stop();
    expect(running.registrations()[0]?.state).toBe('ended');
  });
});

describe('a node that is killed', () => {
  it('says nothing and resets what it was answering', async () => {
    const peer = await balancer();
    const running = await node([peer]);
    await running.registered(5000);
    const before = peer.requests.length;
    const answer = request(`http://127.0.0.1:${running.port}/app?sleep=60000`).then(
      () => 'answered',
      (error: NodeJS.ErrnoException) => error.code,
    );
    await expect.poll(running.requestCount).toBe(1);
    await running.kill();
    expect(await answer).toBe('ECONNRESET');
    expect(peer.requests).toHaveLength(before);
  });
});
