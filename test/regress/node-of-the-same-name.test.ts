import { describe, expect, it } from 'vitest';
import { createNode, type McmpNode } from '../../src/node/index.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { startNode as startWebServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait-for.ts';

/** A node that lives, and a second one that was given its name by mistake (needs B7). */
describe('a node of a name that is taken', () => {
  it('takes nothing of the other away, neither when it comes nor when it goes', async () => {
    const balancer = await startTestBalancer();
    const start = async (path: string, more: Partial<Parameters<typeof createNode>[0]> = {}): Promise<McmpNode> => {
      const { port } = await startWebServer(path);
      const node = createNode({
        route: 'n1',
        balancers: [`http://127.0.0.1:${balancer.mcmpPort}`],
        contexts: [path],
        connector: { host: '127.0.0.1', port },
        ...more,
      });
      freeAfter(() => node.abandon());
      return node;
    };
    const first = await start('/a');
    await first.registered();
    const before = (await balancer.mcmp('INFO')).body.match(/^(?:Vhost|Context):.*/gm);

    const second = await start('/b', { aliases: ['other.example'] });
    await waitFor(() => second.registrations()[0]?.lastFailure.includes('already exists') === true);
    expect((await balancer.mcmp('INFO')).body.match(/^(?:Vhost|Context):.*/gm)).toEqual(before);
    expect((await balancer.get('/a')).status).toBe(200);

    await second.leave();
    expect((await balancer.mcmp('INFO')).body.match(/^(?:Vhost|Context):.*/gm)).toEqual(before);
    expect((await balancer.get('/a')).status).toBe(200);
  });

  it('may be the same one at another port, and then clears away what it has no longer', async () => {
    const balancer = await startTestBalancer();
    const balancers = [`http://127.0.0.1:${balancer.mcmpPort}`];
    const [old, young] = [await startWebServer('old'), await startWebServer('young')];
    const common = { route: 'n1', balancers };
    const killed = createNode({ ...common, contexts: ['/a', '/b'], connector: { host: '127.0.0.1', port: old.port } });
    await killed.registered();
    await killed.abandon();
    old.kill();
    const back = createNode({ ...common, contexts: ['/b', '/c'], connector: { host: '127.0.0.1', port: young.port } });
    freeAfter(() => back.abandon());
    await back.registered();
    await waitFor(async () => !(await balancer.mcmp('INFO')).body.includes('Context: /a,'));
    const answers = await Promise.all(['/a', '/b', '/c'].map(async (path) => (await balancer.get(path)).status));
    expect(answers).toEqual([404, 200, 200]);
  });
});
