import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createLeftOpen } from '../../../src/node/wire/left-open.ts';
import { createWire, type WireOptions } from '../../../src/node/wire/wire.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { createHandClock } from '../../support/hand-clock.ts';
import { startScriptedBalancer } from '../../support/scripted-balancer.ts';
import { waitFor } from '../../support/wait-for.ts';

const NEVER = new AbortController().signal;
const STATUS = { method: 'STATUS', target: '/', pairs: [['JVMRoute', 'node1']] } as const;
const EMPTY = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

interface Peer {
  readonly url: string;
  readonly sockets: Socket[];
  /** The pieces in which requests came. */
  readonly pieces: string[];
}

/** A port that answers only when the test does. */
async function startPeer(onPiece: (socket: Socket, received: string) => void = () => {}): Promise<Peer> {
  const sockets: Socket[] = [];
  const pieces: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let received = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      pieces.push(chunk.toString('latin1'));
      received += chunk.toString('latin1');
      onPiece(socket, received);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  freeAfter(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, pieces };
}

function wireTo(url: string, options: WireOptions) {
  const wire = createWire(url, options);
  freeAfter(() => wire.close());
  return wire;
}

describe('time', () => {
  const TIMEOUT_MS = 1000;

  async function slowly(manners: 'mcmp' | 'java') {
    const clock = createHandClock();
    const peer = await startPeer();
    const exchange = wireTo(peer.url, { manners, clock, timeoutMs: TIMEOUT_MS }).exchange(STATUS, NEVER);
    const outcome = exchange.then(
      ({ status }) => status,
      (error: { code?: string }) => error.code,
    );
    await waitFor(() => peer.pieces.length === 1);
    return { clock, peer, outcome };
  }

  it('is limited for the whole exchange, however busily the peer sends', async () => {
    const { clock, peer, outcome } = await slowly('mcmp');
    clock.advance(600);
    peer.sockets[0]?.write(EMPTY.slice(0, 30));
    clock.advance(399);
    expect(clock.wakesAtMs).toHaveLength(1);
    clock.advance(1);
    expect(await outcome).toBe('MCMP_TIMEOUT');
    expect(clock.wakesAtMs).toHaveLength(0);
  });

  it('is with Java manners limited for each silence', async () => {
    const { clock, peer, outcome } = await slowly('java');
    clock.advance(600);
    const before = clock.asked;
    peer.sockets[0]?.write(EMPTY.slice(0, 30));
    await waitFor(() => clock.asked > before);
    clock.advance(600);
    await waitFor(() => clock.wakesAtMs.length === 1);
    peer.sockets[0]?.write(EMPTY.slice(30));
    expect(await outcome).toBe(200);
  });

  it('begins again with the second attempt of a Java node, on a new connection', async () => {
    const { clock, peer, outcome } = await slowly('java');
    clock.advance(TIMEOUT_MS);
    await waitFor(() => peer.pieces.length === 2);
    expect(peer.pieces[1]).toBe(peer.pieces[0]);
    expect(peer.sockets).toHaveLength(2);
    clock.advance(TIMEOUT_MS - 1);
    peer.sockets[1]?.write(EMPTY);
    expect(await outcome).toBe(200);
  });
});

describe('between two requests', () => {
  const REFUSED = 'HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n';

  async function resting(manners: 'mcmp' | 'java') {
    const peer = await startPeer((socket) => socket.write(EMPTY));
    const wire = wireTo(peer.url, { manners });
    await wire.exchange(STATUS, NEVER);
    return { peer, wire };
  }

  it('nothing may come, or the connection ends', async () => {
    const { peer, wire } = await resting('mcmp');
    peer.sockets[0]?.write(REFUSED);
    await waitFor(() => peer.sockets[0]?.destroyed === true);
    expect((await wire.exchange(STATUS, NEVER)).status).toBe(200);
    expect(peer.sockets).toHaveLength(2);
  });

  it('a Java node does not look, and takes what came for its next answer', async () => {
    const { peer, wire } = await resting('java');
    await new Promise((resolve) => peer.sockets[0]?.write(REFUSED, resolve));
    expect((await wire.exchange(STATUS, NEVER)).status).toBe(500);
    await waitFor(() => peer.pieces.length === 2);
    expect(peer.sockets).toHaveLength(1);
  });

  it('the peer may close, and nothing is said on that connection any more', async () => {
    const { peer, wire } = await resting('mcmp');
    peer.sockets[0]?.end();
    await waitFor(() => peer.sockets[0]?.destroyed === true);
    await wire.exchange(STATUS, NEVER);
    expect([peer.sockets.length, peer.pieces.length]).toEqual([2, 2]);
  });

  it.each(['mcmp', 'java'] as const)('a reset costs nothing, with the manners %s', async (manners) => {
    const { peer, wire } = await resting(manners);
    peer.sockets[0]?.resetAndDestroy();
    expect((await wire.exchange(STATUS, NEVER)).status).toBe(200);
    expect(peer.sockets).toHaveLength(2);
  });
});

describe('whoever watches the clock', () => {
  it('looks after one exchange after the other, and ends with the wire', async () => {
    const clock = createHandClock();
    const peer = await startPeer((socket) => {
      if (peer.pieces.length === 1) socket.write(EMPTY);
    });
    const wire = wireTo(peer.url, { clock, timeoutMs: 1000 });
    expect((await wire.exchange(STATUS, NEVER)).status).toBe(200);
    expect(clock.wakesAtMs).toHaveLength(1);
    clock.advance(900);
    const second = wire.exchange(STATUS, NEVER).catch(({ code }: { code?: string }) => code);
    await waitFor(() => peer.pieces.length === 2);
    expect(clock.wakesAtMs).toHaveLength(1);
    clock.advance(999);
    await waitFor(() => clock.wakesAtMs.length === 1);
    clock.advance(1);
    expect(await second).toBe('MCMP_TIMEOUT');
    expect(clock.wakesAtMs).toHaveLength(0);
    const third = wire.exchange(STATUS, NEVER).catch(({ code }: { code?: string }) => code);
    await waitFor(() => peer.pieces.length === 3);
    expect(clock.wakesAtMs).toHaveLength(1);
    await wire.close();
    expect(await third).toBe('MCMP_WIRE_CLOSED');
    expect(clock.wakesAtMs).toHaveLength(0);
  });
});

describe('a request that goes out byte by byte', () => {
  it('arrives in many pieces and is answered as a whole', async () => {
    const peer = await startPeer((socket, received) => {
      if (received.endsWith('JVMRoute=node1')) socket.write(EMPTY);
    });
    const wire = wireTo(peer.url, { pace: () => 'byte-by-byte' });
    expect((await wire.exchange(STATUS, NEVER)).status).toBe(200);
    const text = peer.pieces.join('');
    expect(text).toBe(
      `STATUS / HTTP/1.1\r\nHost: ${new URL(peer.url).host}\r\nContent-Length: 14\r\nUser-Agent: mcmp-node\r\n\r\nJVMRoute=node1`,
    );
    // A reader that is late gets several bytes at once.
    expect(peer.pieces.length).toBeGreaterThan(text.length / 3);
    await wire.exchange(STATUS, NEVER);
    expect(peer.sockets).toHaveLength(1);
  });

  it('ends when its answer came too early, and with it the connection', async () => {
    let answered = false;
    const peer = await startPeer((socket) => {
      if (!answered) socket.write('HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n');
      answered = true;
    });
    const wire = wireTo(peer.url, { pace: () => 'byte-by-byte' });
    expect((await wire.exchange(STATUS, NEVER)).status).toBe(400);
    await waitFor(() => peer.sockets[0]?.destroyed === true);
    expect(peer.pieces.join('')).not.toContain('JVMRoute');
  });
});

describe('connections that are left open', () => {
  it('are one for each exchange, until the wire is closed', async () => {
    const peer = await startScriptedBalancer(() => ({}));
    freeAfter(() => peer.close());
    const wire = createWire(peer.url, { leavesConnectionOpen: () => true });
    for (let turn = 0; turn < 3; turn += 1) await wire.exchange(STATUS, NEVER);
    expect(peer.requests.map(({ connection }) => connection)).toEqual([1, 2, 3]);
    await wire.close();
  });

  it('stay open on both sides, and are closed with the wire', async () => {
    const peer = await startPeer((socket, received) => {
      if (received.endsWith('JVMRoute=node1')) socket.write(EMPTY);
    });
    const wire = wireTo(peer.url, { leavesConnectionOpen: () => true });
    await wire.exchange(STATUS, NEVER);
    await wire.exchange(STATUS, NEVER);
    expect(peer.sockets.map(({ destroyed }) => destroyed)).toEqual([false, false]);
    await wire.close();
    await waitFor(() => peer.sockets.every(({ destroyed }) => destroyed));
  });

  it('are bounded: the oldest goes first', () => {
    const closed: number[] = [];
    const gone = new Map<number, () => void>();
    const leftOpen = createLeftOpen(2);
    for (const id of [1, 2, 3, 4]) {
      leftOpen.add({ close: () => closed.push(id), onClose: (callback) => gone.set(id, callback) });
    }
    expect(closed).toEqual([1, 2]);
    gone.get(3)?.();
    leftOpen.close();
    expect(closed).toEqual([1, 2, 4]);
  });
});
