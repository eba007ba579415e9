import { describe, expect, it } from 'vitest';
import { createFaultBoard } from '../../../src/node/faults/board.ts';
import { startFleet } from '../../../src/node/simulator/fleet.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startTestControl, type TestControl } from './test-control.ts';

interface Scene {
  readonly balancer: TestBalancer;
  readonly control: TestControl;
  /** Route of the node that answered; the status, when none did. */
  where(): Promise<string>;
}

/** Two nodes at our balancer, and their control API. */
async function openScene(): Promise<Scene> {
  const balancer = await startTestBalancer();
  const faults = createFaultBoard();
  const fleet = await startFleet({
    route: 'node',
    nodes: 2,
    balancers: [`http://127.0.0.1:${balancer.mcmpPort}`],
    contexts: ['/app'],
    statusIntervalMs: 100,
    faults,
  });
  freeAfter(async () => {
    await fleet.kill();
    faults.close();
  });
  await fleet.registered(8_000);
  const control = await startTestControl(fleet);
  return {
    balancer,
    control,
    async where() {
      const { status, body } = await balancer.get('/app');
      return status === 200 ? (/"route":\s*"([^"]+)"/.exec(body)?.[1] ?? body) : String(status);
    },
  };
}

async function whereAll(scene: Scene): Promise<string[]> {
  const routes = new Set<string>();
  for (let request = 0; request < 6; request++) routes.add(await scene.where());
  return [...routes].sort();
}

describe('the control API of a real fleet at our balancer', () => {
  it('takes a context out of one node and brings it back', async () => {
    const scene = await openScene();
    const { ask } = scene.control;
    expect(await whereAll(scene)).toEqual(['node1', 'node2']);
    const stopped = await ask('PUT', '/v1/nodes/node1/contexts/%2Fapp', { state: 'stopped' });
    expect(stopped).toMatchObject({ status: 200, document: { contexts: [{ route: 'node1', state: 'stopped' }] } });
    expect(await whereAll(scene)).toEqual(['node2']);
    expect((await ask('PUT', '/v1/nodes/node1/contexts/%2Fapp', { state: 'enabled' })).status).toBe(200);
    expect(await whereAll(scene)).toContain('node1');
  });

  it('undeploys one of two references without a loss (need C13)', async () => {
    const scene = await openScene();
    const { ask } = scene.control;
    expect((await ask('POST', '/v1/nodes/node*/contexts', { path: '/app' })).document).toMatchObject({
      contexts: [{ references: 2 }, { references: 2 }],
    });
    await ask('DELETE', '/v1/nodes/node*/contexts/%2Fapp');
    expect(await whereAll(scene)).toEqual(['node1', 'node2']);
    expect((await ask('DELETE', '/v1/nodes/node*/contexts/%2Fapp')).document).toMatchObject({ contexts: [] });
    expect(await whereAll(scene)).toEqual(['404']);
  });

  it('kills a node, brings it back on its port, and lets it leave', async () => {
    const scene = await openScene();
    const { ask } = scene.control;
    const killed = await ask('POST', '/v1/nodes/node2/kill', {});
    expect(killed).toMatchObject({ status: 200, document: { nodes: [{ condition: 'killed' }] } });
    expect(await whereAll(scene)).toEqual(['node1']);
    const back = await ask('POST', '/v1/nodes/node2/restart', {});
    expect(back).toMatchObject({ status: 200, document: { nodes: [{ condition: 'running' }] } });
    await waitFor(async () => (await whereAll(scene)).includes('node2'));
    const gone = await ask('POST', '/v1/nodes/node2/leave', {});
    expect(gone).toMatchObject({ status: 200, document: { nodes: [{ condition: 'gone' }] } });
    expect(await whereAll(scene)).toEqual(['node1']);
    // Its row stays for a while, without contexts: the balancer's --wait-before-remove.
    expect((await scene.balancer.mcmp('INFO')).body).not.toContain('Context: [1:');
  });

  it('sets a load that the next report carries', async () => {
    const scene = await openScene();
    expect((await scene.control.ask('PATCH', '/v1/nodes/node1', { load: 37 })).status).toBe(200);
    await waitFor(async () => (await scene.balancer.mcmp('INFO')).body.includes('Load: 37'));
    const { document } = await scene.control.ask('GET', '/v1/nodes/node1');
    expect(document).toMatchObject({
      nodes: [{ balancers: [{ load: 37, state: 'registered', reportedState: 'OK' }] }],
    });
  });

  it('says what it is told, and shows the answer of the balancer', async () => {
    const { control, balancer } = await openScene();
    const body = { method: 'PING', pairs: [['JVMRoute', '{route}']] };
    expect((await control.ask('POST', '/v1/nodes/node1/say', body)).document).toMatchObject({
      answers: [
        {
          route: 'node1',
          balancer: `127.0.0.1:${balancer.mcmpPort}`,
          status: 200,
          body: expect.stringContaining('State=OK'),
        },
      ],
    });
  });
});
