import { Agent, request } from 'undici';
import { describe, expect, it } from 'vitest';
import { startDrain } from '../../../src/operate/drain/drain.ts';
import type { DrainOptions, DrainProgress } from '../../../src/operate/drain/types.ts';
import { openTargets } from '../../../src/operate/index.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { startNode, type TestNode } from '../../support/node-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const urlOf = ({ mcmpPort }: TestBalancer): string => `http://127.0.0.1:${mcmpPort}`;
/** Nobody listens there. */
const NOBODY = 'http://127.0.0.1:9';

type Wishes = Partial<Omit<DrainOptions, 'survey' | 'clients'>>;

function drainAt(urls: readonly string[], wishes: Wishes = {}) {
  const targets = openTargets(urls, { timeoutMs: 2_000 });
  freeAfter(() => targets.close());
  const seen: DrainProgress[] = [];
  const drain = startDrain({
    survey: targets.survey,
    clients: targets.clients,
    scope: { kind: 'node', route: 'n1' },
    timeoutMs: 8_000,
    intervalMs: 20,
    onProgress: (progress) => seen.push(progress),
    ...wishes,
  });
  const stateAt = (index = 0): string | undefined => seen.at(-1)?.targets[index]?.state;
  return { ...drain, seen, stateAt };
}

/** A node that answers `/app/slow` only when it is let go. */
async function startPatientNode(name: string): Promise<{ node: TestNode; waiting: () => number; letGo: () => void }> {
  const held: (() => void)[] = [];
  const node = await startNode(name, (incoming, response) => {
    if (incoming.url?.endsWith('/slow') === true) held.push(() => response.end(name));
    else response.end(name);
  });
  return {
    node,
    waiting: () => held.length,
    letGo: () => {
      for (const answer of held.splice(0)) answer();
    },
  };
}

async function statuses(lb: TestBalancer): Promise<string[]> {
  const { body } = await lb.mcmp('INFO');
  return [...body.matchAll(/Context: (\S+), Status: (\w+)/g)].map(([, path, status]) => `${path} ${status}`);
}

describe('a drain', () => {
  it('disables, waits for the requests that run, stops; the one that ran is answered', async () => {
    const lb = await startTestBalancer();
    const { node, waiting, letGo } = await startPatientNode('n1');
    await lb.register('n1', node.port, { contexts: '/app,/other' });
    const slow = lb.get('/app/slow');
    await waitFor(() => waiting() === 1);
    const drain = drainAt([urlOf(lb)]);
    await waitFor(() => drain.stateAt() === 'waiting' && drain.seen.at(-1)?.targets[0]?.requests === 1);
    expect(await statuses(lb)).toEqual(['/app DISABLED', '/other DISABLED']);
    letGo();
    const outcome = await drain.outcome;
    expect(outcome).toMatchObject({
      end: 'drained',
      targets: [{ state: 'drained', how: 'requests per context', requests: 0, requestsAtStart: 1 }],
    });
    expect((await slow).status).toBe(200);
    expect(await statuses(lb)).toEqual(['/app STOPPED', '/other STOPPED']);
  });

  it('loses no request of 16 clients, who are served by the other node from then on', async () => {
    const lb = await startTestBalancer();
    const slowly = (name: string): Promise<TestNode> =>
      startNode(name, (_, response) => void setTimeout(() => response.end(name), 15));
    const nodes = [await slowly('n1'), await slowly('n2')];
    for (const [index, { port }] of nodes.entries()) await lb.register(`n${index + 1}`, port);
    const agent = new Agent({ connections: 16, pipelining: 1 });
    freeAfter(() => agent.destroy());
    const answers: string[] = [];
    let over = false;
    const visit = async (): Promise<void> => {
      while (!over) {
        const { statusCode, body } = await request(`http://127.0.0.1:${lb.port}/app`, { dispatcher: agent });
        answers.push(`${statusCode} ${await body.text()}`);
      }
    };
    const visits = Promise.all(Array.from({ length: 16 }, visit));
    await waitFor(() => answers.includes('200 n1'));
    const { end, targets } = await drainAt([urlOf(lb)]).outcome;
    const before = answers.length;
    await waitFor(() => answers.length > before + 64);
    over = true;
    await visits;
    expect(end).toBe('drained');
    expect(targets[0]?.requestsAtStart).toBeGreaterThan(0);
    expect(new Set(answers)).toEqual(new Set(['200 n1', '200 n2']));
    // One answer of each client may have been on its way.
    expect(new Set(answers.slice(before + 16))).toEqual(new Set(['200 n2']));
  });

  it('drains one context, and leaves the others of the node alone', async () => {
    const lb = await startTestBalancer();
    await lb.register('n1', 9, { contexts: '/app,/other' });
    const { end } = await drainAt([urlOf(lb)], { scope: { kind: 'context', route: 'n1', path: '/app' } }).outcome;
    expect(end).toBe('drained');
    expect(await statuses(lb)).toEqual(['/app STOPPED', '/other ENABLED']);
  });

  it('says that the time is over and leaves what it did, or brings it back when that is wanted', async () => {
    const lb = await startTestBalancer();
    const { node, waiting, letGo } = await startPatientNode('n1');
    await lb.register('n1', node.port, { contexts: '/app,/off' });
    await lb.mcmp('STOP-APP', 'JVMRoute=n1&Alias=localhost&Context=/off');
    const slow = lb.get('/app/slow');
    await waitFor(() => waiting() === 1);
    expect(await drainAt([urlOf(lb)], { timeoutMs: 500 }).outcome).toMatchObject({
      end: 'timed-out',
      targets: [{ state: 'timed-out', requests: 1, why: '1 request in flight' }],
    });
    expect(await statuses(lb)).toEqual(['/app DISABLED', '/off STOPPED']);
    await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
    expect(await drainAt([urlOf(lb)], { timeoutMs: 500, undoOnTimeout: true }).outcome).toMatchObject({
      end: 'undone',
      undoneAfter: 'timed-out',
    });
    expect(await statuses(lb)).toEqual(['/app ENABLED', '/off STOPPED']);
    letGo();
    await slow;
  });

  it.each([
    ['leave', 'given-up', '/app DISABLED'],
    ['undo', 'undone', '/app ENABLED'],
  ] as const)('ends when it is told to: %s', async (wish, end, status) => {
    const lb = await startTestBalancer();
    await lb.register('n1', 9);
    const drain = drainAt([urlOf(lb)], { waitMs: 60_000 });
    await waitFor(() => drain.stateAt() === 'waiting');
    drain.end(wish);
    expect((await drain.outcome).end).toBe(end);
    expect(await statuses(lb)).toEqual([status]);
  });

  it('ends when somebody enables it again, everywhere', async () => {
    const [one, two] = [await startTestBalancer(), await startTestBalancer()];
    for (const lb of [one, two]) await lb.register('n1', 9);
    const drain = drainAt([urlOf(one), urlOf(two)], {
      waitMs: 60_000,
      whoEnabled: async (target) => `MCMP from nowhere at ${target}`,
    });
    await waitFor(() => drain.stateAt(0) === 'waiting' && drain.stateAt(1) === 'waiting');
    await two.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
    expect(await drain.outcome).toMatchObject({
      end: 'interfered',
      targets: [
        { state: 'given-up' },
        { state: 'interfered', why: `1 context of it: MCMP from nowhere at ${urlOf(two)}` },
      ],
    });
    expect(await statuses(one)).toEqual(['/app DISABLED']);
  });

  it('counts what was enabled again as plans count, a path of two virtual hosts once', async () => {
    const lb = await startTestBalancer({ dialect: 'httpd-2' });
    await lb.register('n1', 9, { contexts: '/app,/other' });
    await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=b.example&Context=/app,/other');
    const drain = drainAt([urlOf(lb)], { waitMs: 60_000 });
    await waitFor(() => drain.stateAt() === 'waiting');
    await lb.mcmp('ENABLE-APP', 'JVMRoute=n1', '/*');
    expect(await drain.outcome).toMatchObject({ end: 'interfered', targets: [{ why: '2 contexts of it' }] });
  });

  it('is over where the node has left', async () => {
    const lb = await startTestBalancer();
    await lb.register('n1', 9);
    const drain = drainAt([urlOf(lb)], { waitMs: 60_000 });
    await waitFor(() => drain.stateAt() === 'waiting');
    await lb.mcmp('REMOVE-APP', 'JVMRoute=n1', '/*');
    expect(await drain.outcome).toMatchObject({ end: 'drained', targets: [{ state: 'left' }] });
  });

  it.each([
    ['is not over where the balancer was started anew and the node registers again', true, 5_000, 'interfered'],
    ['is over where the node stays away from a balancer that was started anew', false, 300, 'drained'],
  ])('%s', async (_, returns, forgottenMs, end) => {
    const lb = await startTestBalancer();
    await lb.register('n1', 9);
    const drain = drainAt([urlOf(lb)], { waitMs: 60_000, forgottenMs });
    const why = (): string => drain.seen.at(-1)?.targets[0]?.why ?? '';
    await waitFor(() => drain.stateAt() === 'waiting');
    lb.balancer.closeNow();
    await waitFor(() => why().includes('nothing listens'));
    const anew = await startTestBalancer({ mcmp: [{ host: '127.0.0.1', port: lb.mcmpPort }] });
    await waitFor(() => drain.seen.some(({ targets }) => targets[0]?.why.includes('registers again') === true));
    if (returns) await anew.register('n1', 9);
    expect((await drain.outcome).end).toBe(end);
  });

  it('removes the node in the end when that is wanted', async () => {
    const lb = await startTestBalancer();
    await lb.register('n1', 9);
    expect((await drainAt([urlOf(lb)], { remove: true }).outcome).end).toBe('drained');
    expect(await statuses(lb)).toEqual([]);
  });

  it('drains where it can when a balancer is dead from the beginning', async () => {
    const lb = await startTestBalancer();
    await lb.register('n1', 9);
    expect(await drainAt([NOBODY, urlOf(lb)]).outcome).toMatchObject({
      end: 'unreachable',
      targets: [{ state: 'unreachable', why: expect.stringContaining('nothing listens') }, { state: 'drained' }],
    });
    expect(await statuses(lb)).toEqual(['/app STOPPED']);
  });

  it('does not wait for ever for a balancer that dies meanwhile', async () => {
    const [one, two] = [await startTestBalancer(), await startTestBalancer()];
    for (const lb of [one, two]) await lb.register('n1', 9);
    const drain = drainAt([urlOf(one), urlOf(two)], { waitMs: 1_000, silentMs: 500 });
    await waitFor(() => drain.stateAt(0) === 'waiting' && drain.stateAt(1) === 'waiting');
    two.balancer.closeNow();
    expect(await drain.outcome).toMatchObject({
      end: 'unreachable',
      targets: [{ state: 'drained' }, { state: 'unreachable' }],
    });
  });

  it('waits until the node is quiet when sessions matter', async () => {
    const lb = await startTestBalancer();
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    const drain = drainAt([urlOf(lb)], { quietMs: 300 });
    await waitFor(() => drain.stateAt() === 'waiting');
    let visits = 0;
    const startedMs = performance.now();
    while (performance.now() - startedMs < 600) {
      const { status } = await lb.get('/app', 'Cookie: JSESSIONID=a.n1\r\n');
      expect([status, drain.stateAt()]).toEqual([200, 'waiting']);
      visits += 1;
    }
    const { end, tookMs } = await drain.outcome;
    expect([end, node.seen.length]).toEqual(['drained', visits]);
    expect(tookMs).toBeGreaterThan(850);
  });

  it('goes by the requests of the node, or by the clock for one of its contexts, where httpd tells no more', async () => {
    const lb = await startTestBalancer({ dialect: 'httpd-2' });
    const { node, waiting, letGo } = await startPatientNode('n1');
    await lb.register('n1', node.port, { contexts: '/app,/other' });
    const slow = lb.get('/other/slow');
    await waitFor(() => waiting() === 1);
    const scope = { kind: 'context', route: 'n1', path: '/app' } as const;
    const { end, targets, tookMs } = await drainAt([urlOf(lb)], { scope, waitMs: 200 }).outcome;
    expect([end, targets[0]?.how]).toEqual(['drained', 'only the clock']);
    // Once for sessions, and once after STOP.
    expect(tookMs).toBeGreaterThan(400);
    const drain = drainAt([urlOf(lb)]);
    await waitFor(() => drain.stateAt() === 'waiting' && drain.seen.at(-1)?.targets[0]?.requests === 1);
    letGo();
    expect(await drain.outcome).toMatchObject({ end: 'drained', targets: [{ how: 'requests of the node' }] });
    expect((await slow).status).toBe(200);
  });

  it('has nothing to do where nobody knows the node', async () => {
    const lb = await startTestBalancer();
    expect(await drainAt([urlOf(lb)]).outcome).toMatchObject({ end: 'nothing', results: [] });
  });
});
