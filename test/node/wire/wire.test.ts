import dns from 'node:dns';
import { describe, expect, it, vi } from 'vitest';
import type { McmpWire, Outgoing } from '../../../src/node/wire/types.ts';
import { createWire, type WireOptions } from '../../../src/node/wire/wire.ts';
import { freeAfter } from '../../support/cleanup.ts';
import {
  type BalancerReaction,
  type BalancerRequest,
  type ScriptedBalancer,
  startScriptedBalancer,
} from '../../support/scripted-balancer.ts';
import { waitFor } from '../../support/wait-for.ts';

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

it.each(['localhost:8090', '127.0.0.1:8090', 'ftp://balancer', 'http://', ''])('%j is no address', (url) => {
  expect(() => createWire(url)).toThrow(expect.objectContaining({ kind: 'usage', code: 'MCMP_BALANCER_URL' }));
});

describe('a request that is not answered', () => {
  const HALF: BalancerReaction = { bytes: 'HTTP/1.1 2', end: true };

  it.each([
    ['mcmp', 'close', 1, 'MCMP_NO_ANSWER'],
    ['java', 'close', 2, 'MCMP_NO_ANSWER'],
    ['mcmp', 'silence', 1, 'MCMP_TIMEOUT'],
    ['java', 'silence', 2, 'MCMP_TIMEOUT'],
  ] as const)('is with the manners %s and the peer’s %s said %i times', async (manners, reaction, times, code) => {
    const peer = await peerThat(() => reaction);
    const wire = wireTo(peer.url, { manners, timeoutMs: 100 });
    await expect(wire.exchange(INFO, NEVER)).rejects.toMatchObject({ code });
    expect(connectionsOf(peer)).toEqual(times === 1 ? [1] : [1, 2]);
  });

  it.each([
    ['mcmp', 2],
    ['java', 2],
  ] as const)('on a kept connection is with the manners %s said twice, and not more', async (manners, times) => {
    const peer = await peerThat(({ method }) => (method === 'STATUS' ? 'close' : {}));
    const wire = wireTo(peer.url, { manners });
    await wire.exchange(INFO, NEVER);
    await expect(wire.exchange(STATUS, NEVER)).rejects.toMatchObject({ code: 'MCMP_NO_ANSWER' });
    expect(peer.requests.filter(({ method }) => method === 'STATUS')).toHaveLength(times);
  });

  it.each(['mcmp', 'java'] as const)('to a port where nobody listens fails, with the manners %s', async (manners) => {
    const peer = await peerThat(() => ({}));
    await peer.close();
    await expect(wireTo(peer.url, { manners }).exchange(INFO, NEVER)).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'MCMP_UNREACHABLE',
    });
  });

  it('is not repeated once its answer has begun', async () => {
    const peer = await peerThat(({ method }): BalancerReaction => (method === 'STATUS' ? HALF : {}));
    const wire = wireTo(peer.url);
    await wire.exchange(INFO, NEVER);
    await expect(wire.exchange(STATUS, NEVER)).rejects.toMatchObject({
      code: 'MCMP_BROKEN_ANSWER',
      message: expect.stringContaining('closed before the status line was complete'),
    });
    expect(connectionsOf(peer)).toEqual([1, 1]);
  });
});

describe('an answer that nobody can take', () => {
  it.each([
    ['something else than HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'MCMP_BROKEN_ANSWER'],
    ['half of it', 'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nhalf', 'MCMP_BROKEN_ANSWER'],
    ['more than it was told to take', `HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n`, 'MCMP_ANSWER_TOO_LONG'],
    ['a head without end', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}`, 'MCMP_BROKEN_ANSWER'],
  ])('%s', async (_, bytes, code) => {
    const peer = await peerThat(() => ({ bytes, end: true }));
    const wire = wireTo(peer.url, { maxAnswerBytes: 100 });
    await expect(wire.exchange(INFO, NEVER)).rejects.toMatchObject({ kind: 'protocol', code });
  });
});

describe('a connection after its answer', () => {
  const REFUSED: BalancerReaction = { status: 500, headers: { Type: 'MEM' } };

  it.each([
    ['mcmp', 'is kept', [1, 1]],
    ['java', 'is closed', [1, 2]],
  ] as const)('that was not 200 with the manners %s %s', async (manners, _, connections) => {
    const peer = await peerThat(() => REFUSED);
    const wire = wireTo(peer.url, { manners });
    expect((await wire.exchange(INFO, NEVER)).status).toBe(500);
    await wire.exchange(INFO, NEVER);
    expect(connectionsOf(peer)).toEqual(connections);
  });

  it.each([
    ['mcmp', 'goes with what came behind it', 200, [1, 2]],
    ['java', 'keeps it for an answer to the next request', 500, [1, 1]],
  ] as const)('with the manners %s %s', async (manners, _, status, connections) => {
    const surplus = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n';
    const peer = await peerThat(({ method }): BalancerReaction => (method === 'INFO' ? { bytes: surplus } : {}));
    const wire = wireTo(peer.url, { manners });
    expect((await wire.exchange(INFO, NEVER)).status).toBe(200);
    expect((await wire.exchange(STATUS, NEVER)).status).toBe(status);
    await peer.until(() => peer.requests.length === 2);
    expect(connectionsOf(peer)).toEqual(connections);
  });

  it('that is cut does not lose the next request', async () => {
    const bytes = 'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nhalf';
    const cut: BalancerReaction = { bytes, end: true };
    const peer = await peerThat(({ connection }) => (connection === 1 ? cut : {}));
    const wire = wireTo(peer.url, { manners: 'java' });
    expect((await wire.exchange(INFO, NEVER)).body).toBe('half');
    await wire.exchange(STATUS, NEVER);
    expect(peer.requests.at(-1)).toMatchObject({ method: 'STATUS', connection: 2 });
  });

  it('is closed by disconnect, when the exchange that is under way has ended', async () => {
    const peer = await peerThat(() => ({}));
    const wire = wireTo(peer.url);
    const first = wire.exchange(INFO, NEVER);
    wire.disconnect();
    expect((await first).status).toBe(200);
    await wire.exchange(INFO, NEVER);
    wire.disconnect();
    await wire.exchange(INFO, NEVER);
    expect(connectionsOf(peer)).toEqual([1, 2, 3]);
  });

  it('is replaced by one to wherever the name leads then', async () => {
    const lookup = vi.spyOn(dns, 'lookup');
    freeAfter(() => lookup.mockRestore());
    const peer = await peerThat(() => ({ headers: { Connection: 'close' } }));
    const wire = wireTo(peer.url.replace('127.0.0.1', 'localhost'));
    await wire.exchange(INFO, NEVER);
    await wire.exchange(INFO, NEVER);
    const names = lookup.mock.calls.map(([name]) => name);
    expect(names.filter((name) => name === 'localhost')).toHaveLength(2);
  });
});

describe('a caller that waits for its turn', () => {
  it('may give up before it comes, and nothing is said for it', async () => {
    const wish = new AbortController();
    let answer: (reaction: BalancerReaction) => void = () => {};
    const peer = await peerThat(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const wire = wireTo(peer.url);
    const first = wire.exchange(INFO, NEVER);
    const second = wire.exchange(STATUS, wish.signal);
    await waitFor(() => peer.requests.length === 1);
    wish.abort(new Error('changed my mind'));
    await expect(second).rejects.toThrow('changed my mind');
    answer({});
    expect((await first).status).toBe(200);
    expect(peer.said()).toEqual(['INFO /']);
  });

  it('is told when the wire is closed, and so is whoever comes later', async () => {
    const peer = await peerThat(() => 'silence');
    const wire = wireTo(peer.url);
    const exchanges = [wire.exchange(INFO, NEVER), wire.exchange(STATUS, NEVER)].map((exchange) =>
      expect(exchange).rejects.toMatchObject({ code: 'MCMP_WIRE_CLOSED' }),
    );
    await peer.until(() => peer.requests.length === 1);
    await wire.close();
    await Promise.all(exchanges);
    await expect(wire.exchange(INFO, NEVER)).rejects.toMatchObject({ code: 'MCMP_WIRE_CLOSED' });
  });
});
