import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContextWish, McmpNode } from '../../../src/node/registrar/types.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type ModelBalancer, startModelBalancer } from './model-balancer.ts';
import { stagedNode } from './stage.ts';

const PATHS = ['/', '/a', '/b', '/a/b'];
const WISHES: readonly ContextWish[] = ['enabled', 'disabled', 'stopped'];
const BALANCERS = 3;

type Operation =
  | { readonly kind: 'deploy'; readonly path: string; readonly wish: ContextWish | undefined }
  | { readonly kind: 'undeploy'; readonly path: string }
  | { readonly kind: 'wish'; readonly path: string; readonly wish: ContextWish }
  | { readonly kind: 'join' | 'part' | 'forget'; readonly balancer: number }
  | { readonly kind: 'fail'; readonly balancer: number; readonly how: 'MEM' | 'cut' | 'deaf' }
  | { readonly kind: 'refresh' }
  | { readonly kind: 'turns'; readonly count: number };

const path = fc.constantFrom(...PATHS);
const balancer = fc.nat(BALANCERS - 1);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant('deploy' as const),
    path,
    wish: fc.option(fc.constantFrom(...WISHES), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('undeploy' as const), path }),
  fc.record({ kind: fc.constant('wish' as const), path, wish: fc.constantFrom(...WISHES) }),
  fc.record({ kind: fc.constantFrom('join' as const, 'part' as const), balancer }),
  fc.record({ kind: fc.constantFrom('join' as const, 'part' as const), balancer }),
  fc.record({ kind: fc.constant('forget' as const), balancer }),
  fc.record({
    kind: fc.constant('fail' as const),
    balancer,
    how: fc.constantFrom('MEM' as const, 'cut' as const, 'deaf' as const),
  }),
  fc.constant({ kind: 'refresh' as const }),
  fc.record({ kind: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 40 }) }),
);

/** What the node was told to be. */
interface Model {
  readonly contexts: Map<string, { wish: ContextWish; references: number }>;
  readonly members: Set<number>;
  readonly promises: Promise<void>[];
}

async function perform(node: McmpNode, peers: readonly ModelBalancer[], model: Model, step: Operation): Promise<void> {
  const { contexts, members, promises } = model;
  switch (step.kind) {
    case 'deploy': {
      const row = contexts.get(step.path);
      contexts.set(step.path, {
        wish: step.wish ?? row?.wish ?? 'enabled',
        references: (row?.references ?? 0) + 1,
      });
      promises.push(node.deploy(step.path, step.wish));
      return;
    }
    case 'undeploy': {
      const row = contexts.get(step.path);
      if (row === undefined) return;
      row.references -= 1;
      if (row.references === 0) contexts.delete(step.path);
      promises.push(node.undeploy(step.path));
      return;
    }
    case 'wish': {
      const row = contexts.get(step.path);
      if (row === undefined) return;
      row.wish = step.wish;
      promises.push(node.wish(step.path, step.wish));
      return;
    }
    case 'join':
      members.add(step.balancer);
      node.addBalancer(peers[step.balancer]?.url ?? '');
      return;
    case 'part':
      members.delete(step.balancer);
      promises.push(node.removeBalancer(peers[step.balancer]?.url ?? ''));
      return;
    case 'forget':
      peers[step.balancer]?.forget();
      return;
    case 'fail':
      peers[step.balancer]?.failNext(step.how);
      return;
    case 'refresh':
      node.refresh();
      return;
    case 'turns':
      for (let turn = 0; turn < step.count; turn += 1) await nextTurn();
  }
}

const STATUSES: Readonly<Record<ContextWish, string>> = {
  enabled: 'ENABLED',
  disabled: 'DISABLED',
  stopped: 'STOPPED',
};

function expectedTables({ contexts, members }: Model): (Record<string, string> | undefined)[] {
  const table = Object.fromEntries(
    [...contexts]
      .map(([key, { wish }]) => [key, STATUSES[wish]])
      .sort(([one = ''], [other = '']) => (one < other ? -1 : 1)),
  );
  return Array.from({ length: BALANCERS }, (_, index) => (members.has(index) ? table : undefined));
}

async function storm(steps: readonly Operation[], leaves: boolean): Promise<void> {
  const peers = await Promise.all(Array.from({ length: BALANCERS }, () => startModelBalancer()));
  const [first] = peers;
  const { node } = stagedNode([first?.url ?? ''], {
    contexts: ['/a'],
    statusIntervalMs: 15,
    drainTimeoutMs: 10,
    drainPollMs: 1,
  });
  const model: Model = {
    contexts: new Map([['/a', { wish: 'enabled', references: 1 }]]),
    members: new Set([0]),
    promises: [],
  };
  for (const step of steps) await perform(node, peers, model, step);
  if (leaves) {
    model.members.clear();
    await node.leave();
  }
  await Promise.all(model.promises);
  const tables = (): unknown => peers.map((peer) => peer.table());
  const expected = expectedTables(model);
  const balancers = [...model.members].map((index) => peers[index]?.url.slice('http://'.length)).sort();
  const same = (): boolean =>
    JSON.stringify(tables()) === JSON.stringify(expected) &&
    (leaves ||
      JSON.stringify(
        node
          .registrations()
          .map(({ balancer, state }) => (['registered', 'reporting'].includes(state) ? balancer : state))
          .sort(),
      ) === JSON.stringify(balancers));
  await waitFor(same, 2000).catch(() => {
    expect(tables()).toEqual(expected);
    expect(
      node
        .registrations()
        .map(({ balancer }) => balancer)
        .sort(),
    ).toEqual(balancers);
  });
  if (!leaves) await node.registered(2000);
  await node.abandon();
  await Promise.all(peers.map((peer) => peer.close()));
}

describe('whatever is done to a node, however fast', () => {
  it('the tables of its balancers come to what is wished', async () => {
    await fc.assert(fc.asyncProperty(fc.array(operation, { maxLength: 40, size: 'max' }), fc.boolean(), storm), {
      seed: 64,
      numRuns: 60,
    });
  }, 60_000);
});
