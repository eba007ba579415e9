import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/node/clock.ts';
import { probe } from '../../../src/node/sidecar/probe.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { waitFor } from '../../support/wait-for.ts';

interface Peer {
  readonly port: number;
  /** What each connection has said. */
  readonly heard: string[];
  open(): number;
}

/** Answers the first bytes of each connection as told. */
async function startPeer(answer: (socket: Socket) => void): Promise<Peer> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.once('data', (chunk) => {
      heard.push(chunk.toString('latin1'));
      answer(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  freeAfter(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, heard, open: () => sockets.size };
}

const NEVER = new AbortController().signal;

function ask(port: number, timeoutMs = 5000, signal = NEVER) {
  return probe({ origin: new URL(`http://127.0.0.1:${port}`), path: '/health?full', timeoutMs }, systemClock, signal);
}

const QUICKLY_MS = 100;

test.each([
  ['a good answer', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', { kind: 'answered', status: 200 }],
  [
    'a redirect, which is not followed',
    'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
    { kind: 'answered', status: 302 },
  ],
  ['a bad answer', 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n', { kind: 'answered', status: 503 }],
  [
    'an answer after 103',
    'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
    { kind: 'answered', status: 204 },
  ],
  [
    'an answer whose body breaks off',
    'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort',
    { kind: 'answered', status: 200 },
  ],
  ['a body that ends with the connection', 'HTTP/1.1 200 OK\r\n\r\nwords', { kind: 'answered', status: 200 }],
  ['garbage', '\u0000\u0001SSH-2.0\r\n\r\n', { kind: 'broken' }],
  [
    'a switch of protocols',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    { kind: 'broken' },
  ],
  [
    'a head without end',
    `HTTP/1.1 200 OK\r\n${'X-Long: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n'.repeat(1000)}`,
    { kind: 'broken' },
  ],
  ['no answer at all', '', { kind: 'broken' }],
])('%s', async (_, bytes, expected) => {
  const peer = await startPeer((socket) => socket.end(bytes, 'latin1'));
  expect(await ask(peer.port)).toMatchObject(expected);
  expect(peer.heard).toEqual([expect.stringMatching(/^GET \/health\?full HTTP\/1\.1\r\n.*connection: close\r\n/is)]);
  await waitFor(() => peer.open() === 0);
});

test('an application that says nothing is silent when the time is over, and its connection is closed', async () => {
  const peer = await startPeer(() => undefined);
  expect(await ask(peer.port, QUICKLY_MS)).toEqual({ kind: 'silent' });
  await waitFor(() => peer.open() === 0);
});

test('a head that trickles in for ever is no answer', async () => {
  const peer = await startPeer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => socket.write('X-More: x\r\n'), 5);
    socket.once('close', () => clearInterval(timer));
  });
  expect(await ask(peer.port, QUICKLY_MS)).toEqual({ kind: 'silent' });
});

test('an answer whose body hangs counts by its status, and ends with the probe', async () => {
  const peer = await startPeer((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort'));
  expect(await ask(peer.port, 1000)).toEqual({ kind: 'answered', status: 200 });
  await waitFor(() => peer.open() === 0);
});

test('an answer whose body never ends is read no further than it takes to be polite', async () => {
  let written = 0;
  const peer = await startPeer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const more = (): void => {
      do written += 4096;
      while (!socket.destroyed && socket.write(`1000\r\n${'x'.repeat(4096)}\r\n`));
    };
    socket.on('drain', more);
    more();
  });
  // It is the limit that ends this, long before the time is over.
  expect(await ask(peer.port, 60_000)).toEqual({ kind: 'answered', status: 200 });
  await waitFor(() => peer.open() === 0);
  expect(written).toBeLessThan(64 * 1024 * 1024);
});

test('a closed port is gone', async () => {
  const { port } = await new Promise<{ port: number }>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve({ port: typeof address === 'object' && address !== null ? address.port : 0 }));
    });
  });
  expect(await ask(port)).toMatchObject({ kind: 'gone', why: expect.stringContaining('ECONNREFUSED') });
});

test('a probe ends at once when nobody wants to know any more', async () => {
  const peer = await startPeer(() => undefined);
  const stop = new AbortController();
  const asked = ask(peer.port, 60_000, stop.signal);
  await waitFor(() => peer.heard.length === 1);
  stop.abort();
  await asked;
  await waitFor(() => peer.open() === 0);
});

test('whatever bytes come back, a probe has an outcome and nothing is left open', async () => {
  let bytes = Buffer.alloc(0);
  const peer = await startPeer((socket) => socket.end(bytes));
  const piece = fc.oneof(
    fc.constantFrom(
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.1 503 \r\n',
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.0 200\r\n',
      '\r\n',
    ),
    fc.constantFrom(
      'Content-Length: 5\r\n',
      'Content-Length: -1\r\n',
      'Transfer-Encoding: chunked\r\n',
      '5\r\nhello\r\n0\r\n',
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      bytes = Buffer.from(pieces.join(''), 'utf8');
      const outcome = await ask(peer.port);
      expect(['answered', 'broken']).toContain(outcome.kind);
      if (outcome.kind === 'answered') expect(outcome.status).toBeGreaterThanOrEqual(200);
    }),
    { seed: 4, numRuns: 50 },
  );
  await waitFor(() => peer.open() === 0);
});
