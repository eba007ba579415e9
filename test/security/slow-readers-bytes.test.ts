import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { startNode } from '../support/node-server.ts';
import { waitFor } from '../support/wait-for.ts';

const MIB = 1024 * 1024;

/** Bytes that differ at every place and for every name, so that nothing can be lost, doubled, moved or exchanged. */
function bytesOf(name: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, i = 0; at < length; i++) at += bytes.write(`<${name}:${i}>`, at, 'latin1');
  return bytes;
}

const content = new Map<string, Buffer>();

/** A node whose answers are told by the path: `/app/name/length`; it takes uploads and compares them. */
async function startStore(): Promise<{ port: number; uploaded: Map<string, boolean> }> {
  const uploaded = new Map<string, boolean>();
  const { port } = await startNode('n1', (request, response, body) => {
    const [, , name = '', length = ''] = request.url?.split('/') ?? [];
    const bytes = content.get(`${name}/${length}`) ?? bytesOf(name, Number(length));
    content.set(`${name}/${length}`, bytes);
    if (request.method === 'POST') uploaded.set(name, bytes.equals(Buffer.from(body, 'latin1')));
    if (request.headers['x-chunked'] === undefined) response.setHeader('Content-Length', bytes.length);
    response.end(bytes);
  });
  return { port, uploaded };
}

/** Asks for all targets at once, reads nothing until the balancer cannot get rid of any more, then everything. */
async function readLate(lb: TestBalancer, targets: readonly string[], lines: string): Promise<Buffer> {
  const socket = connect(lb.port, '127.0.0.1');
  freeAfter(() => void socket.destroy());
  socket.pause();
  for (const [i, target] of targets.entries()) {
    const last = i === targets.length - 1 ? 'Connection: close\r\n' : '';
    socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n${lines}${last}\r\n`);
  }
  await stalled(lb);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    // A little at a time, so that the balancer has to wait again and again.
    socket.pause();
    setTimeout(() => socket.resume(), chunks.length % 8 === 0 ? 2 : 0);
  });
  socket.resume();
  await new Promise<void>((resolve) => socket.on('close', () => resolve()));
  return Buffer.concat(chunks);
}

/** Nothing more comes from the node. */
async function stalled(lb: TestBalancer): Promise<void> {
  let before = '';
  await waitFor(async () => {
    const now = /Read: \d+/.exec((await lb.mcmp('INFO')).body)?.[0] ?? '';
    const same = now === before && now !== 'Read: 0';
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 30));
    return same;
  });
}

/** Takes the heads, and the framing of chunks, out of what came on a connection. */
function bodiesOf(received: Buffer): Buffer[] {
  const bodies: Buffer[] = [];
  let at = 0;
  while (at < received.length) {
    const headEnd = received.indexOf('\r\n\r\n', at) + 4;
    const head = received.toString('latin1', at, headEnd);
    at = headEnd;
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? -1);
    if (length >= 0) {
      bodies.push(received.subarray(at, at + length));
      at += length;
      continue;
    }
    const chunks: Buffer[] = [];
    for (;;) {
      const lineEnd = received.indexOf('\r\n', at);
      const size = Number.parseInt(received.toString('latin1', at, lineEnd), 16);
      at = lineEnd + 2 + size + 2;
      if (!(size > 0)) break;
      chunks.push(received.subarray(at - size - 2, at - 2));
    }
    bodies.push(Buffer.concat(chunks));
  }
  return bodies;
}

it.each([
  ['with a length', ''],
  ['in chunks', 'X-Chunked: 1\r\n'],
])('gives slow readers of large bodies %s every byte of their own, in order', async (_, lines) => {
  const lb = await startTestBalancer();
  const { port } = await startStore();
  await lb.register('n1', port);
  const names = ['one', 'two', 'three', 'four'];
  const received = await Promise.all(names.map((name) => readLate(lb, [`/app/${name}/${12 * MIB}`], lines)));
  for (const [i, bytes] of received.entries()) {
    const [body] = bodiesOf(bytes);
    expect(body?.equals(bytesOf(names[i] ?? '', 12 * MIB)), names[i]).toBe(true);
  }
});

it.each([8_000, 20_000, 30_000, 100_000])(
  'gives slow readers of many pipelined answers of %i bytes every byte of their own, in order',
  async (length) => {
    const lb = await startTestBalancer();
    const { port } = await startStore();
    await lb.register('n1', port);
    const targetsOf = (who: number) =>
      Array.from({ length: Math.ceil((6 * MIB) / length) }, (_, i) => `/app/${who}-${i % 7}/${length}`);
    const received = await Promise.all([0, 1, 2].map((who) => readLate(lb, targetsOf(who), '')));
    for (const [who, bytes] of received.entries()) {
      const bodies = bodiesOf(bytes);
      expect(bodies).toHaveLength(targetsOf(who).length);
      const wrong = bodies.findIndex(
        (body, i) => !body.equals(content.get(`${who}-${i % 7}/${length}`) ?? Buffer.alloc(0)),
      );
      expect(wrong).toBe(-1);
    }
  },
);

it('keeps the last bytes of a response that nobody reads yet from what other clients get meanwhile', async () => {
  const lb = await startTestBalancer();
  const { port } = await startStore();
  await lb.register('n1', port);
  const ask = (target: string) => {
    const socket = connect(lb.port, '127.0.0.1');
    freeAfter(() => void socket.destroy());
    socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    return socket.pause();
  };
  const readAll = async (socket: Socket): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(Buffer.from(chunk));
    return bodiesOf(Buffer.concat(chunks))[0] ?? Buffer.alloc(0);
  };
  ask(`/app/probe/${32 * MIB}`);
  await stalled(lb);
  const taken = Number(/Read: (\d+)/.exec((await lb.mcmp('INFO')).body)?.[1]);
  // Of some of these, the balancer has all bytes from the node, and cannot get rid of the last ones.
  const lengths = [0, 1, 2, 3, 4, 5, 6].map((step) => taken - step * 40_000 - 1000);
  const slow = lengths.map((length) => ask(`/app/slow/${length}`));
  await stalled(lb);
  await waitFor(async () => (await lb.mcmp('INFO')).body.includes('Connected: 1,'));
  for (let round = 0; round < 3; round++) {
    const quick = Array.from({ length: 6 }, (_, i) => readAll(ask(`/app/quick-${i}/${2 * MIB}`)));
    for (const [i, body] of (await Promise.all(quick)).entries()) {
      expect(body.equals(bytesOf(`quick-${i}`, 2 * MIB))).toBe(true);
    }
  }
  for (const [i, socket] of slow.entries()) {
    const length = lengths[i] ?? 0;
    expect((await readAll(socket)).equals(bytesOf('slow', length)), String(length)).toBe(true);
  }
});

it('gives a slow node every byte of large uploads, in order', async () => {
  const lb = await startTestBalancer();
  const { port, uploaded } = await startStore();
  await lb.register('n1', port);
  const names = ['one', 'two', 'three'];
  await Promise.all(
    names.map(async (name) => {
      const bytes = bytesOf(name, 12 * MIB);
      const socket = connect(lb.port, '127.0.0.1');
      freeAfter(() => void socket.destroy());
      socket.write(
        `POST /app/${name}/${bytes.length} HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`,
      );
      socket.write(bytes);
      socket.resume();
      await new Promise<void>((resolve) => socket.on('close', () => resolve()));
    }),
  );
  expect([...uploaded.values()]).toEqual([true, true, true]);
});
