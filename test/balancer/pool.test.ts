import { beforeEach, expect, it } from 'vitest';
import { DEFAULT_OPTIONS } from '../../src/balancer/options.ts';
import { NodePool, type Upstream } from '../../src/balancer/upstream.ts';
import { NodeTls } from '../../src/balancer/upstream-tls.ts';
import {
  apply,
  createCluster,
  findNode,
  MCMP_DIALECT,
  type NodeRecord,
  needOf,
  parseCommand,
} from '../../src/core/index.ts';
import { CommandError } from '../../src/core/mcmp/errors.ts';
import { startRawNode } from '../support/node-server.ts';
import { waitFor } from '../support/wait-for.ts';

/** A clock that stands still until it is told otherwise. */
const clock = { nowMs: 0, wallMs: 0, httpDate: '', refresh: () => {}, onTick: () => {}, stop: () => {} };

beforeEach(() => {
  clock.nowMs = 0;
});

async function poolOf(config: string): Promise<{ pool: NodePool; closeAll: () => void; accepted: () => number }> {
  let accepted = 0;
  const node = await startRawNode(() => {
    accepted++;
  });
  const record = nodeRecord(`JVMRoute=n1&Host=127.0.0.1&Port=${node.port}&Type=http${config}`);
  return {
    pool: new NodePool(record, clock, new NodeTls(DEFAULT_OPTIONS.upstreamTls), (error) => {
      throw error;
    }),
    closeAll: node.kill,
    accepted: () => accepted,
  };
}

function nodeRecord(body: string): NodeRecord {
  const state = createCluster({
    dialect: MCMP_DIALECT,
    defaultBalancer: 'mycluster',
    limits: { maxNodes: 10, maxContexts: 10, maxHosts: 10 },
    waitBeforeRemoveMs: 0,
    brokenNodeTimeoutMs: 0,
    incarnationId: '1',
  });
  const command = parseCommand('CONFIG', '/', body, '', MCMP_DIALECT, {
    defaultBalancer: 'mycluster',
    maxMessageBytes: 9999,
  });
  if (command instanceof CommandError) throw command;
  expect(needOf(state, command).kind).toBe('nothing');
  apply(state, command, 1);
  const node = findNode(state, 'n1');
  if (node === undefined) throw new Error('the node was not registered');
  return node;
}

async function connected(pool: NodePool, repeatable = true): Promise<Upstream> {
  const upstream = pool.take(repeatable, false);
  await waitFor(() => upstream.wire.connected);
  return upstream;
}

it('uses the connection again that was released last', async () => {
  const { pool, accepted } = await poolOf('');
  const [first, second] = [await connected(pool), await connected(pool)];
  pool.release(first, -1);
  pool.release(second, -1);
  expect(pool.take(true, false)).toBe(second);
  expect(pool.take(true, false)).toBe(first);
  await waitFor(() => accepted() === 2);
  pool.destroy();
});

it('opens a new connection for a request that must not be repeated when the kept one was idle for over a second', async () => {
  const { pool } = await poolOf('');
  const kept = await connected(pool);
  pool.release(kept, -1);
  clock.nowMs = 900;
  expect(pool.take(false, false)).toBe(kept);
  pool.release(kept, -1);
  clock.nowMs = 2000;
  expect(pool.take(false, false)).not.toBe(kept);
  expect(pool.take(true, false)).toBe(kept);
  pool.destroy();
});

it('closes connections that were idle for ttl, down to smax', async () => {
  const { pool } = await poolOf('&ttl=5&smax=1');
  const taken = [await connected(pool), await connected(pool), await connected(pool)];
  for (const upstream of taken) pool.release(upstream, -1);
  clock.nowMs = 4999;
  pool.sweep();
  expect(pool.idleCount).toBe(3);
  clock.nowMs = 5000;
  pool.sweep();
  expect(pool.idleCount).toBe(1);
  pool.destroy();
});

it('believes Keep-Alive: timeout of the node, and keeps a margin', async () => {
  const { pool } = await poolOf('');
  const kept = await connected(pool);
  pool.release(kept, 5);
  clock.nowMs = 4400;
  expect(pool.take(true, false)).toBe(kept);
  pool.release(kept, 5);
  clock.nowMs = 9000;
  expect(pool.take(true, false)).not.toBe(kept);
  pool.destroy();
});

it('learns after which idle time a node closes its connections', async () => {
  const { pool, closeAll } = await poolOf('');
  const kept = await connected(pool);
  pool.release(kept, -1);
  clock.nowMs = 20_000;
  closeAll();
  await waitFor(() => pool.idleCount === 0);
  expect(pool.openCount).toBe(0);
});

it('does not take its own tidying for a habit of the node', async () => {
  const { pool } = await poolOf('&ttl=5');
  const old = await connected(pool);
  pool.release(old, -1);
  clock.nowMs = 5000;
  pool.sweep();
  expect(pool.idleCount).toBe(0);
  const next = await connected(pool);
  pool.release(next, -1);
  clock.nowMs = 9900;
  expect(pool.take(true, false)).toBe(next);
  pool.destroy();
});

it('closes idle connections at once when the node is gone, busy ones behind their response', async () => {
  const { pool } = await poolOf('');
  const [idle, busy] = [await connected(pool), await connected(pool)];
  pool.release(idle, -1);
  pool.retire();
  expect(idle.wire.destroyed).toBe(true);
  expect(busy.wire.destroyed).toBe(false);
  pool.release(busy, -1);
  expect(busy.wire.destroyed).toBe(true);
});
