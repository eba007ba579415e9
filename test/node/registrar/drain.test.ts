import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import type { Tamper } from '../../../src/node/registrar/types.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { createHandClock } from '../../support/hand-clock.ts';
import { waitFor } from '../../support/wait-for.ts';
import { infoOf, MEM, outline, scripted, stagedNode, statusAnswer } from './stage.ts';

const GOING = ['DISABLE-APP /app', 'STOP-APP /app', 'REMOVE-APP /app'];

/** STOP-APP-RSP in the words of each implementation. */
const COUNTED: readonly (readonly [string, (requests: number) => string])[] = [
  ['httpd 1.3', (n) => `Type=STOP-APP-RSP&JvmRoute=n1&Alias=localho&Context=/app&Requests=${n}\n`],
  ['nginx', (n) => `Type=STOP-APP-RSP&JvmRoute=n1&Alias=localhost&Context=/app&Requests=${n}\n`],
  ['Undertow', (n) => `Type=STOP-APP-RSP,JvmRoute=n1Alias=localhostContext=/appRequests=${n}`],
];

describe('a context that goes', () => {
  it.each(COUNTED)('is stopped until no request is left, by the count of %s', async (_, answer) => {
    let left = 2;
    const peer = await scripted(({ method }) => (method === 'STOP-APP' ? { body: answer(left--) } : {}));
    const { node } = stagedNode([peer]);
    await node.registered(5000);
    const before = peer.requests.length;
    await node.undeploy('/app');
    expect(outline(peer.requests.slice(before))).toEqual([
      'DISABLE-APP /app',
      'STOP-APP /app',
      'STOP-APP /app',
      'STOP-APP /app',
      'REMOVE-APP /app',
    ]);
  });

  it('is gone at once where its route is unknown to Undertow', async () => {
    const peer = await scripted(({ method }) =>
      method === 'STOP-APP' ? { body: 'Type=STOP-APP-RSP,JvmRoute=n1Alias=localhostContext=/appRequests=-1' } : {},
    );
    const { node } = stagedNode([peer]);
    await node.registered(5000);
    await node.undeploy('/app');
    expect(outline(peer.requests).slice(-3)).toEqual(GOING);
  });

  it('is counted by the node itself where the balancer does not count', async () => {
    const peer = await scripted();
    let inFlight = 3;
    const { node } = stagedNode([peer], { connector: { host: '127.0.0.1', port: 8080, inFlight: () => inFlight-- } });
    await node.registered(5000);
    await node.undeploy('/app');
    expect(outline(peer.requests).filter((line) => line === 'STOP-APP /app')).toHaveLength(4);
  });

  it('where nobody counts waits as long as it was told to', async () => {
    const clock = createHandClock({ random: 0 });
    const peer = await scripted();
    const staged = stagedNode([peer], { clock, blindDrainMs: 3000 });
    await staged.reaches('registered');
    const undeployed = staged.node.undeploy('/app');
    await peer.until(() => outline(peer.requests).includes('STOP-APP /app'));
    await staged.isStill();
    clock.advance(2999);
    expect(outline(peer.requests)).not.toContain('REMOVE-APP /app');
    clock.advance(1);
    await undeployed;
    expect(outline(peer.requests).at(-1)).toBe('REMOVE-APP /app');
  });

  it('has its load reported all the while, and goes when its time is over', async () => {
    const clock = createHandClock({ random: 0 });
    const peer = await scripted(({ method }) =>
      method === 'STOP-APP' ? { body: 'Type=STOP-APP-RSP&Requests=1\n' } : method === 'STATUS' ? statusAnswer() : {},
    );
    const staged = stagedNode([peer], { clock, drainTimeoutMs: 25_000, drainPollMs: 6000 });
    await staged.reaches('registered');
    const before = peer.requests.length;
    let gone = false;
    const undeployed = staged.node.undeploy('/app').then(() => {
      gone = true;
    });
    await peer.until(() => outline(peer.requests).at(-1) === 'STOP-APP /app');
    await staged.isStill();
    for (let count = peer.requests.length; !gone; count = peer.requests.length) {
      clock.toNext();
      await waitFor(() => gone || peer.requests.length > count);
      await staged.isStill();
    }
    await undeployed;
    expect(clock.nowMs()).toBe(25_000);
    expect(outline(peer.requests.slice(before))).toEqual([
      'DISABLE-APP /app',
      'STOP-APP /app', // 0 s
      'STOP-APP /app', // 6 s
      'STATUS', // 10 s
      'STOP-APP /app', // 12 s
      'STOP-APP /app', // 18 s
      'STATUS', // 20 s
      'STOP-APP /app', // 24 s
      'STOP-APP /app', // 25 s
      'REMOVE-APP /app',
    ]);
  });

  it('stays disabled while it has sessions, but not for longer than it may', async () => {
    const clock = createHandClock({ random: 0 });
    const peer = await scripted();
    let sessions = 1;
    const staged = stagedNode([peer], {
      clock,
      contexts: ['/app', '/kept'],
      sessions: (path) => (path === '/app' ? sessions : 9),
    });
    await staged.reaches('registered');
    const undeployed = staged.node.undeploy('/app');
    await peer.until(() => outline(peer.requests).at(-1) === 'DISABLE-APP /app');
    await staged.isStill();
    sessions = 0;
    clock.advance(1000);
    await undeployed;
    expect(outline(peer.requests).slice(-3)).toEqual(GOING);
    const kept = staged.node.undeploy('/kept');
    await peer.until(() => outline(peer.requests).at(-1) === 'DISABLE-APP /kept');
    await staged.isStill();
    clock.advance(10_000);
    await kept;
    expect(outline(peer.requests).at(-1)).toBe('REMOVE-APP /kept');
  });

  it('comes back in the middle of it when it is deployed again', async () => {
    const peer = await scripted(({ method }) =>
      method === 'STOP-APP' ? { body: 'Type=STOP-APP-RSP&Requests=1' } : {},
    );
    const { node } = stagedNode([peer]);
    await node.registered(5000);
    const undeployed = node.undeploy('/app');
    await peer.until(() => outline(peer.requests).includes('STOP-APP /app'));
    await node.deploy('/app');
    await undeployed;
    expect(outline(peer.requests).at(-1)).toBe('ENABLE-APP /app');
    expect(outline(peer.requests)).not.toContain('REMOVE-APP /app');
  });

  it('is told slowly to a slow balancer, but its reports come in time', async () => {
    const clock = createHandClock({ random: 0 });
    const peer = await scripted(({ method }) => {
      // Each answer takes four seconds.
      if (method === 'ENABLE-APP' || method === 'DISABLE-APP') clock.advance(4000);
      return {};
    });
    const paths = ['/1', '/2', '/3', '/4', '/5'];
    const staged = stagedNode([peer], { clock, contexts: paths });
    await staged.reaches('registered');
    const enabled = paths.map((path) => `ENABLE-APP ${path}`);
    expect(outline(peer.requests)).toEqual([
      ...['INFO', 'CONFIG', ...enabled.slice(0, 3), 'STATUS', ...enabled.slice(3), 'STATUS'],
    ]);
    const before = peer.requests.length;
    await staged.node.leave();
    expect(outline(peer.requests.slice(before, before + 6))).toEqual([
      ...['DISABLE-APP /1', 'DISABLE-APP /2', 'DISABLE-APP /3', 'STATUS', 'DISABLE-APP /4', 'DISABLE-APP /5'],
    ]);
  });

  it('does not hold up another that comes', async () => {
    const peer = await scripted(({ method }) =>
      method === 'STOP-APP' ? { body: 'Type=STOP-APP-RSP&Requests=1' } : {},
    );
    const { node } = stagedNode([peer], { drainTimeoutMs: 0 });
    await node.registered(5000);
    void node.undeploy('/app');
    await peer.until(() => outline(peer.requests).includes('STOP-APP /app'));
    await node.deploy('/other');
    expect(outline(peer.requests)).toContain('ENABLE-APP /other');
  });

  it('goes on going after the balancer forgot and is told anew', async () => {
    const clock = createHandClock({ random: 0 });
    let forgot = false;
    let refused = false;
    const peer = await scripted(({ method }) => {
      if (method === 'INFO') return { body: forgot ? infoOf({ '/app': 'STOPPED' }) : '' };
      if (method === 'STOP-APP') return { body: 'Type=STOP-APP-RSP&Requests=1' };
      if (method !== 'STATUS' || !forgot || refused) return {};
      refused = true;
      return MEM;
    });
    const staged = stagedNode([peer], { clock, drainTimeoutMs: 0 });
    await staged.reaches('registered');
    void staged.node.undeploy('/app');
    await peer.until(() => outline(peer.requests).includes('STOP-APP /app'));
    await staged.isStill();
    forgot = true;
    const before = peer.requests.length;
    clock.advance(10_000);
    await peer.until(() => peer.requests.length === before + 5);
    await staged.isStill();
    clock.toNext();
    await peer.until(() => peer.requests.length === before + 6);
    expect(outline(peer.requests.slice(before))).toEqual([
      ...['STOP-APP /app', 'STATUS', 'INFO', 'CONFIG', 'STATUS', 'STOP-APP /app'],
    ]);
  });
});

describe('the versions of an application (parallel deployment, need C13)', () => {
  it('are counted: the context goes with the last', async () => {
    const peer = await scripted();
    const { node } = stagedNode([peer]);
    await node.registered(5000);
    const before = peer.requests.length;
    await node.deploy('app/');
    await node.undeploy('/app');
    expect(peer.requests).toHaveLength(before);
    await node.undeploy('/app');
    expect(outline(peer.requests.slice(before))).toEqual(GOING);
    await expect(node.undeploy('/app')).rejects.toMatchObject({ code: 'MCMP_UNKNOWN_CONTEXT' });
  });
});

describe('a node that leaves', () => {
  it('takes all its contexts out before it stops any, and removes them last', async () => {
    const peer = await scripted();
    const { node } = stagedNode([peer], { contexts: ['/one', '/two'] });
    await node.registered(5000);
    const before = peer.requests.length;
    await node.leave();
    expect(outline(peer.requests.slice(before))).toEqual([
      ...['DISABLE-APP /one', 'DISABLE-APP /two', 'STOP-APP /one', 'STOP-APP /two'],
      ...['REMOVE-APP /one', 'REMOVE-APP /two', 'REMOVE-APP /*'],
    ]);
    expect(node.registrations()[0]?.state).toBe('ended');
  });

  it('in the middle of an undeployment ends that too', async () => {
    const peer = await scripted(({ method }) =>
      method === 'STOP-APP' ? { body: 'Type=STOP-APP-RSP&Requests=1' } : {},
    );
    const { node } = stagedNode([peer], { drainTimeoutMs: 0 });
    await node.registered(5000);
    const undeployed = node.undeploy('/app');
    await peer.until(() => outline(peer.requests).includes('STOP-APP /app'));
    await node.leave({ drainTimeoutMs: 20 });
    await undeployed;
    expect(outline(peer.requests).slice(-2)).toEqual(['REMOVE-APP /app', 'REMOVE-APP /*']);
  });

  it('does not wait for a goodbye to one balancer that was given more time', async () => {
    const busy = ({ method }: { readonly method: string }): { readonly body?: string } =>
      method === 'STOP-APP' ? { body: 'Type=STOP-APP-RSP&Requests=1' } : {};
    const [first, second] = [await scripted(busy), await scripted(busy)];
    const { node } = stagedNode([first, second], { drainTimeoutMs: 0 });
    await node.registered(5000);
    const removed = node.removeBalancer(second.url);
    await second.until(() => outline(second.requests).includes('STOP-APP /app'));
    await node.leave({ drainTimeoutMs: 20 });
    await removed;
    for (const peer of [first, second])
      expect(outline(peer.requests).slice(-2)).toEqual(['REMOVE-APP /app', 'REMOVE-APP /*']);
  });

  it('before it was registered has nothing to say, and does not wait for a silent balancer', async () => {
    const peer = await scripted(() => 'silence');
    const { node } = stagedNode([peer]);
    await peer.until(() => peer.requests.length === 1);
    await node.leave();
    expect(outline(peer.requests)).toEqual(['INFO']);
  });

  it('does not wait for the answer to a report either', async () => {
    const peer = await scripted(({ method, connection }) => (method === 'STATUS' && connection === 1 ? 'silence' : {}));
    const { node } = stagedNode([peer]);
    await peer.until(() => peer.requests.at(-1)?.method === 'STATUS');
    await node.leave();
    expect(outline(peer.requests).slice(-4)).toEqual([...GOING, 'REMOVE-APP /*']);
  });

  it('while a balancer refuses it says the last word only', async () => {
    const peer = await scripted(({ method }) => (method === 'STATUS' ? MEM : {}));
    const staged = stagedNode([peer]);
    await staged.reaches('retrying');
    await staged.node.leave();
    expect(outline(peer.requests).at(-1)).toBe('REMOVE-APP /*');
    expect(outline(peer.requests)).not.toContain('DISABLE-APP /app');
  });

  it('vanishes without a word when it is told to, or abandoned', async () => {
    for (const end of ['leave', 'abandon'] as const) {
      const peer = await scripted();
      const tamper: Tamper = {
        outgoing: (message) => [message],
        pace: () => 'whole',
        leavesConnectionOpen: () => false,
        vanishes: () => true,
      };
      const { node } = stagedNode([peer], end === 'leave' ? { tamper } : {});
      await node.registered(5000);
      const before = peer.requests.length;
      await node[end]();
      expect(peer.requests).toHaveLength(before);
    }
  });

  it('is over for good', async () => {
    const peer = await scripted();
    const { node } = stagedNode([peer]);
    await node.registered(5000);
    const left = node.leave();
    expect(node.leave()).toBe(left);
    await left;
    const gone = { code: 'MCMP_NODE_GONE' };
    await expect(node.deploy('/late')).rejects.toMatchObject(gone);
    await expect(node.undeploy('/app')).rejects.toMatchObject(gone);
    await expect(node.wish('/app', 'disabled')).rejects.toMatchObject(gone);
    await expect(node.registered()).rejects.toMatchObject(gone);
    expect(() => node.addBalancer(peer.url)).toThrow(expect.objectContaining(gone));
    expect(await node.say({ method: 'PING', target: '/', pairs: [] })).toMatchObject([{ answer: gone }]);
    node.refresh();
    node.setLoad(5);
    await node.removeBalancer(peer.url);
    await node.abandon();
  });
});

describe('a web server as a connector', () => {
  it('is told when it listens, has its requests counted by context, and is out of order when it closes', async () => {
    const peer = await scripted();
    const waiting: (() => void)[] = [];
    const server = createServer((_, response) => {
      waiting.push(() => response.end('done'));
    });
    freeAfter(() => {
      server.closeAllConnections();
      server.close();
    });
    const { node } = stagedNode([peer], { connector: server, contexts: ['/', '/app'], statusIntervalMs: 20 });
    expect(node.registrations()[0]?.state).toBe('waiting');
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const { port } = server.address() as AddressInfo;
    await node.registered(5000);
    expect(peer.said()[1]).toBe(`CONFIG / JVMRoute=n1&Host=127.0.0.1&Port=${port}&Type=http`);
    const answers = ['/app/x?y', '/app', '/apple'].map((path) => request(`http://127.0.0.1:${port}${path}`));
    await waitFor(() => waiting.length === 3);
    expect(node.contexts().map(({ path, inFlight }) => [path, inFlight])).toEqual([
      ['/', 3],
      ['/app', 2],
    ]);
    const ping = httpRequest({ port, path: '*', method: 'OPTIONS' })
      .on('error', () => undefined)
      .end();
    await waitFor(() => waiting.length === 4);
    expect(node.contexts()[0]?.inFlight).toBe(3);
    for (const answer of waiting) answer();
    for (const answer of answers) await (await answer).body.dump();
    ping.destroy();
    await waitFor(() => node.contexts()[0]?.inFlight === 0);
    server.close();
    await peer.until(() => peer.said().at(-1) === 'STATUS / JVMRoute=n1&Load=-1');
  });

  it('that moves to another port is taken along, its old row first', async () => {
    let reported = '';
    const peer = await scripted(({ method }) => (method === 'INFO' ? { body: reported } : {}));
    const server = createServer();
    freeAfter(() => {
      server.close();
    });
    const listen = () => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await listen();
    const staged = stagedNode([peer], { connector: server });
    await staged.node.registered(5000);
    const first = (server.address() as AddressInfo).port;
    reported = infoOf({ '/app': 'ENABLED' }, { port: first });
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    const before = peer.requests.length;
    await listen();
    const second = (server.address() as AddressInfo).port;
    if (second === first) return;
    await peer.until(() => peer.requests.length === before + 5);
    expect(outline(peer.requests.slice(before))).toEqual([
      'INFO',
      'REMOVE-APP /*',
      'CONFIG',
      'ENABLE-APP /app',
      'STATUS',
    ]);
    expect(peer.said()[before + 2]).toContain(`Port=${second}&`);
  });
});
