import { createServer, type Server } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { createFaultBoard, createNode, type McmpNode, type NodeEvent, startFleet } from '../../src/node/index.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { waitFor } from '../support/wait-for.ts';
import { INTEROP_WANTED, WHY_SKIPPED } from './java-program.ts';
import { buildTomcatNode, startTomcat } from './tomcat-node.ts';
import { buildUndertowBalancer, startUndertow, type UndertowBalancer } from './undertow-balancer.ts';

if (!INTEROP_WANTED) console.info(`Tests with a real Undertow are left out: ${WHY_SKIPPED}`);

const DEADLINE_MS = 20_000;

interface OurNode {
  readonly node: McmpNode;
  readonly server: Server;
  readonly events: readonly NodeEvent[];
}

/** A plain web server that says its name, as a node with `/one` and `/two`; `?sleep=` takes its time. */
async function startOurs(
  route: string,
  balancers: readonly number[],
  more: Partial<Parameters<typeof createNode>[0]> = {},
): Promise<OurNode> {
  const events: NodeEvent[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://node');
    const answer = (): void => {
      response.end(`${route} ${pathname}`);
    };
    const sleepMs = Number(searchParams.get('sleep') ?? 0);
    if (sleepMs > 0) setTimeout(answer, sleepMs);
    else answer();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const node = createNode({
    route,
    balancers: balancers.map((port) => `http://127.0.0.1:${port}`),
    contexts: ['/one', '/two'],
    connector: server,
    statusIntervalMs: 300,
    onEvent: (event) => events.push(event),
    ...more,
  });
  freeAfter(async () => {
    await node.abandon();
    server.closeAllConnections();
    server.close();
  });
  return { node, server, events };
}

async function answers(balancer: Pick<UndertowBalancer, 'get'>, path: string): Promise<string> {
  const { status, body } = await balancer.get(path);
  return status === 200 ? body : String(status);
}

const until = (balancer: Pick<UndertowBalancer, 'get'>, path: string, expected: string): Promise<void> =>
  waitFor(async () => (await answers(balancer, path)) === expected, DEADLINE_MS);

describe.runIf(INTEROP_WANTED)('a real Undertow', { timeout: 60_000 }, () => {
  beforeAll(() => buildUndertowBalancer(), 300_000);

  describe.each(['mcmp', 'java'] as const)('and our node with the manners %s', (manners) => {
    it('registers, serves, leaves no row', async () => {
      const undertow = await startUndertow();
      const { node } = await startOurs('ours', [undertow.mcmpPort], { manners });
      await until(undertow, '/one/x', 'ours /one/x');
      await until(undertow, '/two', 'ours /two');
      await node.registered();
      expect(await undertow.info()).toMatch(/Name: ours.*Type: http/);

      await node.undeploy('/two');
      expect([await answers(undertow, '/one'), await answers(undertow, '/two')]).toEqual(['ours /one', '404']);
      await node.deploy('/three');
      await until(undertow, '/three', 'ours /three');

      await node.leave();
      expect(await undertow.info()).not.toContain('ours');
      expect(await answers(undertow, '/one')).toBe('404');
    });

    it('disables, stops and enables a context', async () => {
      const undertow = await startUndertow();
      const { node } = await startOurs('ours', [undertow.mcmpPort], { manners });
      await until(undertow, '/one', 'ours /one');
      const status = async (): Promise<string | undefined> =>
        /Context: \/one, Status: (\w+)/.exec(await undertow.info())?.[1];
      expect(await status()).toBe('ENABLED');
      await node.wish('/one', 'disabled');
      expect([await status(), await answers(undertow, '/one')]).toEqual(['DISABLED', '503']);
      await node.wish('/one', 'enabled');
      expect([await status(), await answers(undertow, '/one')]).toEqual(['ENABLED', 'ours /one']);
      await node.wish('/one', 'stopped');
      expect([await status(), await answers(undertow, '/one')]).toEqual(['STOPPED', '503']);
      await node.wish('/one', 'enabled');
      expect([await status(), await answers(undertow, '/one')]).toEqual(['ENABLED', 'ours /one']);
    });

    it('comes back to an Undertow that was started again', async () => {
      const undertow = await startUndertow();
      const { node } = await startOurs('ours', [undertow.mcmpPort], { manners });
      await until(undertow, '/one', 'ours /one');
      await undertow.kill();
      await waitFor(() => node.registrations()[0]?.lastFailure !== '', DEADLINE_MS);
      const again = await startUndertow({ http: String(undertow.port), mcmp: String(undertow.mcmpPort) });
      await until(again, '/one', 'ours /one');
      await until(again, '/two', 'ours /two');
      await node.leave();
      expect(await again.info()).toBe('');
    });
  });

  it('lets a slow request end before the context goes', async () => {
    const undertow = await startUndertow();
    const { node } = await startOurs('ours', [undertow.mcmpPort]);
    await until(undertow, '/one', 'ours /one');
    await until(undertow, '/two', 'ours /two');
    let ended = false;
    const slow = answers(undertow, '/two?sleep=1500').finally(() => {
      ended = true;
    });
    await waitFor(() => node.contexts().some(({ path, inFlight }) => path === '/two' && inFlight === 1));
    await node.undeploy('/two');
    expect(ended).toBe(true);
    expect(await slow).toBe('ours /two');
    expect(await answers(undertow, '/two')).toBe('404');
    expect(await answers(undertow, '/one')).toBe('ours /one');
  });

  describe('calls a node that comes back elsewhere wrong (SYNTAX) when it means that the old one still exists', () => {
    const refusal = 'SYNTAX MEM: Old node still exist';
    const refusals = ({ events }: OurNode): string[] =>
      events
        .flatMap((event) => (event.kind === 'exchange' && event.answer.status === 500 ? [event.answer.headers] : []))
        .map((headers) => `${headers.get('type')} ${headers.get('mess')}`);
    const comeBack = async (undertow: UndertowBalancer, manners: 'mcmp' | 'java'): Promise<OurNode> => {
      const first = await startOurs('ours', [undertow.mcmpPort]);
      await until(undertow, '/one', 'ours /one');
      await first.node.abandon();
      const second = await startOurs('ours', [undertow.mcmpPort], { manners });
      await waitFor(() => refusals(second).length > 0);
      expect(refusals(second)).toEqual([refusal]);
      first.server.closeAllConnections();
      first.server.close();
      return second;
    };

    it('ours says the same again, and is taken', async () => {
      const undertow = await startUndertow();
      const second = await comeBack(undertow, 'mcmp');
      await second.node.registered();
      await until(undertow, '/one', 'ours /one');
      await until(undertow, '/two', 'ours /two');
      const address = second.server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      expect(await undertow.info()).toContain(`Port: ${port}`);
    });

    it('a node with Java manners falls silent until somebody refreshes it', async () => {
      const undertow = await startUndertow();
      const { node } = await comeBack(undertow, 'java');
      await waitFor(() => node.registrations()[0]?.state === 'silent');
      node.refresh();
      await until(undertow, '/one', 'ours /one');
    });
  });

  it.each([false, true])('takes a fleet of 20 simulated nodes; at one port: %s', async (sharePort) => {
    const undertow = await startUndertow();
    const fleet = await startFleet({
      route: 'node',
      nodes: 20,
      balancers: [`http://127.0.0.1:${undertow.mcmpPort}`],
      contexts: ['/one', '/two'],
      statusIntervalMs: 500,
      faults: createFaultBoard(),
      sharePort,
    });
    freeAfter(() => fleet.kill());
    await fleet.registered(DEADLINE_MS);
    const ports = (await undertow.info()).match(/,Port: \d+/g) ?? [];
    expect([ports.length, new Set(ports).size]).toEqual([20, sharePort ? 1 : 20]);
    for (let count = 0; count < 40; count++) {
      expect((await undertow.get(count % 2 === 0 ? '/one' : '/two')).status).toBe(200);
    }
    await fleet.leave();
    expect(await undertow.info()).toBe('');
  });

  it('has a simulated node back at its old address after it was killed', async () => {
    const undertow = await startUndertow();
    const faults = createFaultBoard();
    const balancers = [`http://127.0.0.1:${undertow.mcmpPort}`];
    const fleet = await startFleet({
      route: 'n',
      nodes: 1,
      balancers,
      contexts: ['/one'],
      statusIntervalMs: 300,
      faults,
    });
    freeAfter(() => fleet.kill());
    await waitFor(async () => (await undertow.get('/one')).status === 200, DEADLINE_MS);
    const [node] = fleet.nodes.values();
    await node?.kill();
    expect((await undertow.get('/one')).status).toBe(503);
    await node?.restart();
    await waitFor(async () => (await undertow.get('/one')).status === 200, DEADLINE_MS);
    expect(await undertow.info()).toContain(`Port: ${node?.port}`);
  });
});

describe.runIf(INTEROP_WANTED)('our node and a real Tomcat, behind two balancers at once', { timeout: 90_000 }, () => {
  beforeAll(async () => {
    await buildUndertowBalancer();
    await buildTomcatNode();
  }, 300_000);

  it('both serve behind a real Undertow and behind ours, and both leave', async () => {
    const undertow = await startUndertow();
    const ours = await startTestBalancer();
    const both = [undertow.mcmpPort, ours.mcmpPort];
    const tomcat = await startTomcat({
      balancer: both.map((port) => `127.0.0.1:${port}`).join(','),
      route: 'tomcat',
    });
    const { node } = await startOurs('ours', both);
    const wanted = ['ours /one', 'tomcat /one'];
    for (const balancer of [undertow, ours]) {
      const seen = new Set<string>();
      await waitFor(async () => {
        seen.add(await answers(balancer, '/one'));
        return wanted.every((answer) => seen.has(answer));
      }, DEADLINE_MS);
    }

    await node.undeploy('/one');
    for (const balancer of [undertow, ours]) {
      for (let count = 0; count < 5; count++) expect(await answers(balancer, '/one')).toBe('tomcat /one');
    }
    await node.deploy('/one');
    await tomcat.tell('exit');
    for (const balancer of [undertow, ours]) {
      for (let count = 0; count < 5; count++) expect(await answers(balancer, '/one')).toBe('ours /one');
    }
    await node.leave();
    expect(await undertow.info()).toBe('');
    expect((await ours.mcmp('INFO')).body).not.toMatch(/Vhost|Context/);
  });

  it('go on with one balancer when the other dies', async () => {
    const undertow = await startUndertow();
    const ours = await startTestBalancer();
    const { node } = await startOurs('ours', [undertow.mcmpPort, ours.mcmpPort]);
    await node.registered();
    await until(ours, '/one', 'ours /one');
    await undertow.kill();
    await node.undeploy('/two');
    expect([await answers(ours, '/one'), await answers(ours, '/two')]).toEqual(['ours /one', '404']);
    const again = await startUndertow({ http: String(undertow.port), mcmp: String(undertow.mcmpPort) });
    await until(again, '/one', 'ours /one');
    expect(await answers(again, '/two')).toBe('404');
  });
});
