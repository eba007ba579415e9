import { expect, it } from 'vitest';
import { createFaultBoard } from '../../src/node/faults/board.ts';
import { startFleet } from '../../src/node/simulator/fleet.ts';
import type { Fleet } from '../../src/node/simulator/types.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { hostPort } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';
import { tableOf } from './table.ts';
import { startVisitors } from './visitors.ts';

const NODES = 20;
const STATUS_INTERVAL_MS = 2_000;

interface RunningFleet {
  readonly fleet: Fleet;
  /** How often nodes began anew with a balancer after the first time. */
  readonly begunAnew: (balancer: TestBalancer) => number;
}

async function fleetOf(...balancers: readonly TestBalancer[]): Promise<RunningFleet> {
  const begun: string[] = [];
  const options = {
    route: 'n',
    nodes: NODES,
    balancers: balancers.map(({ mcmpPort }) => `http://${hostPort(mcmpPort)}`),
    contexts: ['/one', '/two'],
    statusIntervalMs: STATUS_INTERVAL_MS,
    faults: createFaultBoard({}),
  };
  const fleet = await startFleet(options, {
    onEvent(_route, event) {
      if (event.kind === 'life' && event.to === 'introducing') begun.push(event.balancer);
    },
  });
  freeAfter(() => fleet.kill());
  await fleet.registered(10_000);
  return {
    fleet,
    begunAnew: ({ mcmpPort }) => begun.filter((balancer) => balancer === hostPort(mcmpPort)).length,
  };
}

/** Ends a balancer and starts another at the same addresses, which knows nothing. */
async function restart(balancer: TestBalancer): Promise<TestBalancer> {
  balancer.balancer.closeNow();
  return await startTestBalancer({
    listen: [{ host: '127.0.0.1', port: balancer.port }],
    mcmp: [{ host: '127.0.0.1', port: balancer.mcmpPort }],
  });
}

async function isWhole(balancer: TestBalancer): Promise<boolean> {
  const table = await tableOf(balancer);
  return table.size === NODES && [...table.values()].every((contexts) => contexts.length === 2);
}

it('all nodes are back within two STATUS periods after a balancer restarted (need B11)', async () => {
  const balancer = await startTestBalancer();
  await fleetOf(balancer);
  const again = await restart(balancer);
  await waitFor(() => isWhole(again), 2 * STATUS_INTERVAL_MS);
});

it('a balancer that restarts harms neither the other one nor its clients (need B10)', async () => {
  const [steady, other] = [await startTestBalancer(), await startTestBalancer()];
  const { fleet, begunAnew } = await fleetOf(steady, other);
  const visitors = startVisitors(steady.port, ['/one', '/two/page'], 4);
  await waitFor(() => visitors.count() > 50);
  const again = await restart(other);
  await waitFor(() => isWhole(again), 2 * STATUS_INTERVAL_MS);
  expect(await isWhole(steady)).toBe(true);
  const before = visitors.count();
  await waitFor(() => visitors.count() > before + 50);
  await visitors.stop();
  expect(visitors.failures()).toEqual([]);
  // Nobody registered anew with the balancer that was there all the time.
  expect(begunAnew(other)).toBeGreaterThanOrEqual(NODES);
  expect(begunAnew(steady)).toBe(0);
  for (const node of fleet.nodes.values()) {
    await waitFor(() =>
      node
        .node()
        .registrations()
        .every(({ state }) => state === 'registered'),
    );
  }
});
