import { expect, it } from 'vitest';
import { createFaultBoard } from '../../src/node/faults/board.ts';
import { namedRandom, type Random } from '../../src/node/faults/random.ts';
import { startFleet } from '../../src/node/simulator/fleet.ts';
import type { SimulatedNode } from '../../src/node/simulator/types.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { hostPort } from '../support/raw-http.ts';
import { tableOf } from './table.ts';
import { startVisitors } from './visitors.ts';

/** `npm run soak` takes the minute; `npm test` a few seconds of the same. */
const CHURN_MS = process.env['MCMP_SOAK'] === 'full' ? 60_000 : 3_000;
const NODES = 200;
/** Nodes that something happens to at the same time. */
const AT_ONCE = 20;
const CLIENTS = 8;
const CONTEXTS = ['/one', '/two'];
const SEED = Number(process.env['MCMP_SEED'] ?? 4);

/** What happens to nodes of a cluster, and how each comes back. */
const EVENTS: Readonly<Record<string, (node: SimulatedNode) => Promise<void>>> = {
  async dies(node) {
    await node.kill();
    await node.restart();
    await node.node().registered(20_000);
  },
  async leaves(node) {
    await node.leave(2000);
    await node.restart();
    await node.node().registered(20_000);
  },
  async undeploys(node) {
    await node.node().undeploy('/two');
    await node.node().deploy('/two');
  },
  async disables(node) {
    await node.node().wish('/one', 'disabled');
    await node.node().wish('/one', 'enabled');
  },
  async stops(node) {
    await node.node().wish('/two', 'stopped');
    await node.node().wish('/two', 'enabled');
  },
};

function pick<T>(items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random() * items.length)];
}

it(`${NODES} nodes come and go under traffic: no safe request fails, and no row is wrong afterwards (needs C1, F2, F9)`, {
  timeout: CHURN_MS + 60_000,
}, async () => {
  const balancer = await startTestBalancer({ waitBeforeRemoveMs: 500 });
  const fleet = await startFleet({
    route: 'n',
    nodes: NODES,
    balancers: [`http://${hostPort(balancer.mcmpPort)}`],
    contexts: CONTEXTS,
    statusIntervalMs: 2000,
    faults: createFaultBoard({ seed: SEED }),
  });
  freeAfter(() => fleet.kill());
  await fleet.registered(20_000);

  const random = namedRandom(SEED, 'churn');
  const idle = [...fleet.nodes.values()];
  const busy = new Set<Promise<void>>();
  const happened = new Map<string, number>();
  const visitors = startVisitors(
    balancer.port,
    CONTEXTS.map((context) => `${context}/page`),
    CLIENTS,
  );
  const untilMs = performance.now() + CHURN_MS;
  // A machine that is busy takes longer over the same.
  const isEnough = (): boolean =>
    performance.now() >= untilMs && visitors.count() > 100 && happened.size === Object.keys(EVENTS).length;
  while (!isEnough()) {
    const node = pick(idle, random);
    const [name, happen] = pick(Object.entries(EVENTS), random) ?? [];
    if (node === undefined || name === undefined || happen === undefined) break;
    idle.splice(idle.indexOf(node), 1);
    const event: Promise<void> = happen(node).then(() => {
      busy.delete(event);
      idle.push(node);
      happened.set(name, (happened.get(name) ?? 0) + 1);
    });
    busy.add(event);
    if (busy.size >= AT_ONCE) await Promise.race(busy);
  }
  await Promise.all(busy);
  await visitors.stop();

  expect(visitors.failures()).toEqual([]);

  const whole = new Map([...fleet.nodes.keys()].map((route) => [route, ['/one ENABLED', '/two ENABLED']]));
  await expect.poll(() => tableOf(balancer), { timeout: 10_000 }).toEqual(whole);
  await fleet.leave(2000);
  await expect.poll(() => tableOf(balancer), { timeout: 10_000 }).toEqual(new Map());
});
