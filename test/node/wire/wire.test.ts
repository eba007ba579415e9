import { describe, expect, it } from 'vitest';
import type { McmpWire, Outgoing } from '../../../src/node/wire/types.ts';
import { createWire, type WireOptions } from '../../../src/node/wire/wire.ts';
import { freeAfter } from '../../support/cleanup.ts';
import {
  type BalancerReaction,
  type BalancerRequest,
  type ScriptedBalancer,
  startScriptedBalancer,
} from '../../support/scripted-balancer.ts';

const NEVER = new AbortController().signal;
const INFO: Outgoing = { method: 'INFO', target: '/', pairs: [] };
const STATUS: Outgoing = {
  method: 'STATUS',
  target: '/',
  pairs: [
    ['JVMRoute', 'node1'],
    ['Load', '100'],
  ],
};

async function peerThat(
  react: (request: BalancerRequest) => BalancerReaction | Promise<BalancerReaction>,
): Promise<ScriptedBalancer> {
  const peer = await startScriptedBalancer(react);
  freeAfter(() => peer.close());
  return peer;
}

function wireTo(url: string, options: WireOptions = {}): McmpWire {
  const wire = createWire(url, options);
  freeAfter(() => wire.close());
  return wire;
}

/** How the first connections were used: the number of the connection for each request. */
function connectionsOf(peer: ScriptedBalancer): number[] {
  return peer.requests.map(({ connection }) => connection);
}

describe.each(['mcmp', 'java'] as const)('a wire with the manners %s', (manners) => {
  it('says one thing after the other on one connection, and reads whole answers', async () => {
    const peer = await peerThat(({ method }) => ({ body: `for ${method}`, headers: { 'X-Header': 'one' } }));
    const wire = wireTo(peer.url, { manners });
    expect(wire.localAddress()).toBeUndefined();
    const [first, second] = await Promise.all([wire.exchange(INFO, NEVER), wire.exchange(STATUS, NEVER)]);
    expect(first).toMatchObject({ method: 'INFO', target: '/', status: 200, statusText: 'Reason', body: 'for INFO' });
    expect(first.headers.get('x-header')).toBe('one');
    expect(second.body).toBe('for STATUS');
    expect(peer.said()).toEqual(['INFO /', 'STATUS / JVMRoute=node1&Load=100']);
    expect(connectionsOf(peer)).toEqual([1, 1]);
    expect(wire.localAddress()).toBe('127.0.0.1');
    expect(wire.address).toBe(`127.0.0.1:${peer.port}`);
  });

  it('opens another connection after the balancer said that it closes', async () => {
    const peer = await peerThat(() => ({ headers: { Connection: 'close' } }));
    const wire = wireTo(peer.url, { manners });
    await wire.exchange(INFO, NEVER);
    await wire.exchange(INFO, NEVER);
    expect(connectionsOf(peer)).toEqual([1, 2]);
  });

  it('says it once more on a new connection when a kept one is dead', async () => {
    const peer = await peerThat(({ connection, method }) => (connection === 1 && method === 'STATUS' ? 'close' : {}));
    const wire = wireTo(peer.url, { manners });
    await wire.exchange(INFO, NEVER);
    expect((await wire.exchange(STATUS, NEVER)).status).toBe(200);
    expect(connectionsOf(peer)).toEqual([1, 1, 2]);
  });

  it('ends with the reason of its caller when the caller gives up', async () => {
    const peer = await peerThat(() => 'silence');
    const wire = wireTo(peer.url, { manners });
    const wish = new AbortController();
    const exchange = wire.exchange(INFO, wish.signal);
    await peer.until(() => peer.requests.length === 1);
    wish.abort(new Error('changed my mind'));
    await expect(exchange).rejects.toThrow('changed my mind');
  });
});
