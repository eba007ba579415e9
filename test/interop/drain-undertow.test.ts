import { beforeAll, describe, expect, it } from 'vitest';
import type { DrainOptions, DrainProgress } from '../../src/operate/index.ts';
import { openTargets, perform, planAction, startDrain, undoPlan } from '../../src/operate/index.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { startNode } from '../support/node-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { INTEROP_WANTED, WHY_SKIPPED } from './java-program.ts';
import { buildUndertowBalancer, startUndertow, type UndertowBalancer } from './undertow-balancer.ts';

if (!INTEROP_WANTED) console.info(`Tests of draining at a real Undertow are left out: ${WHY_SKIPPED}`);

const urlOf = ({ mcmpPort }: { readonly mcmpPort: number }): string => `http://127.0.0.1:${mcmpPort}`;

function drainAt(urls: readonly string[], wishes: Partial<DrainOptions> = {}) {
  const targets = openTargets(urls);
  freeAfter(() => targets.close());
  const seen: DrainProgress[] = [];
  const drain = startDrain({
    survey: targets.survey,
    clients: targets.clients,
    scope: { kind: 'node', route: 'n1' },
    timeoutMs: 15_000,
    intervalMs: 100,
    onProgress: (progress) => seen.push(progress),
    ...wishes,
  });
  return { ...drain, seen };
}

async function registerAt(
  balancer: Pick<UndertowBalancer, 'mcmp'>,
  port: number,
  paths: readonly string[],
): Promise<void> {
  await balancer.mcmp('CONFIG', `JVMRoute=n1&Host=127.0.0.1&Port=${port}&Type=http`);
  for (const path of paths) {
    await balancer.mcmp('ENABLE-APP', `JVMRoute=n1&Alias=localhost,b.example&Context=${encodeURIComponent(path)}`);
  }
  await balancer.mcmp('STATUS', 'JVMRoute=n1&Load=50');
}

async function statuses(balancer: Pick<UndertowBalancer, 'info'>): Promise<string[]> {
  return [...(await balancer.info()).matchAll(/Context: (\S+), Status: (\w+)/g)]
    .map(([, ...parts]) => parts.join(' '))
    .sort();
}

describe.runIf(INTEROP_WANTED)('draining at a real Undertow', { timeout: 60_000 }, () => {
  beforeAll(() => buildUndertowBalancer(), 300_000);

  it('waits by the answers to STOP-APP for the request that runs, and loses none', async () => {
    const held: (() => void)[] = [];
    const node = await startNode('n1', (incoming, response) => {
      if (incoming.url?.endsWith('/slow') === true) held.push(() => response.end('late'));
      else response.end('at once');
    });
    const undertow = await startUndertow();
    await registerAt(undertow, node.port, ['/app', '/a,b']);
    await waitFor(async () => (await undertow.get('/app')).status === 200, 20_000);
    const slow = undertow.get('/app/slow');
    await waitFor(() => held.length === 1);
    const drain = drainAt([urlOf(undertow)]);
    await waitFor(
      () => drain.seen.at(-1)?.targets[0]?.state === 'finishing' && drain.seen.at(-1)?.targets[0]?.requests === 1,
    );
    expect(await statuses(undertow)).toEqual(['/a,b STOPPED', '/app STOPPED']);
    for (const answer of held) answer();
    expect((await slow).body).toBe('late');
    expect(await drain.outcome).toMatchObject({
      end: 'drained',
      targets: [{ brand: 'undertow', how: 'requests per context', requests: 0 }],
    });
  });

  it('is undone to what was there, a DISABLED context of several included', async () => {
    const undertow = await startUndertow();
    await registerAt(undertow, 9, ['/app', '/off', '/dis']);
    await undertow.mcmp('STOP-APP', 'JVMRoute=n1&Alias=localhost,b.example&Context=/off');
    await undertow.mcmp('DISABLE-APP', 'JVMRoute=n1&Alias=localhost,b.example&Context=/dis');
    const before = await statuses(undertow);
    expect(before).toEqual(['/app ENABLED', '/dis DISABLED', '/off STOPPED']);
    const targets = openTargets([urlOf(undertow)]);
    freeAfter(() => targets.close());
    const results = [];
    for (const action of ['disable', 'stop', 'remove'] as const) {
      const scope =
        action === 'remove' ? ({ kind: 'path', path: '/dis' } as const) : ({ kind: 'node', route: 'n1' } as const);
      results.push(...(await perform(planAction(await targets.survey.read(), action, scope), targets.clients)));
    }
    expect(results.map(({ outcome }) => outcome)).not.toContain('refused');
    expect(await statuses(undertow)).toEqual(['/app STOPPED', '/off STOPPED']);
    const undo = await perform(undoPlan(results, await targets.survey.read()), targets.clients);
    expect(undo.every(({ outcome }) => outcome === 'done')).toBe(true);
    expect(await statuses(undertow)).toEqual(before);
  });

  it('goes on at two brands at once, each in its own way', async () => {
    const node = await startNode('n1');
    const undertow = await startUndertow();
    const ours = await startTestBalancer();
    await registerAt(undertow, node.port, ['/app']);
    await ours.register('n1', node.port, { alias: 'localhost' });
    expect(await drainAt([urlOf(undertow), urlOf(ours)], { remove: true }).outcome).toMatchObject({
      end: 'drained',
      targets: [
        { state: 'drained', brand: 'undertow' },
        { state: 'drained', brand: 'mcmp' },
      ],
    });
    expect([await statuses(undertow), (await ours.mcmp('INFO')).body.includes('Context:')]).toEqual([[], false]);
  });
});
