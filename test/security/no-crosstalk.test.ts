import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { type Chooser, chooser, pick } from '../support/mutate.ts';
import { waitFor } from '../support/wait-for.ts';

/**
 * CVE-2024-6162 and CVE-2024-7885 class: buffers and objects that serve one connection after the other must never show
 * one client what belongs to another. Every request names itself; every byte of its answer is made of that name.
 */
const CLIENTS = 48;
const REQUESTS_EACH = 16;

/** Bytes that say at each place whose they are. */
function bytesOf(name: string, length: number): Buffer {
  return Buffer.alloc(length, `<${name}>`);
}

/** Answers with bytes of the request's name, and echoes bodies; some answers come in pieces, some late. */
async function startEcho(choose: Chooser): Promise<{ port: number; wrong: string[] }> {
  const wrong: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'OPTIONS') {
      response.end();
      return;
    }
    const url = new URL(request.url ?? '', 'http://a');
    const name = url.searchParams.get('name') ?? '';
    if (request.headers['x-name'] !== name) wrong.push(`${request.url} came with X-Name ${request.headers['x-name']}`);
    readAll(request).then(
      (body) => {
        if (!body.equals(bytesOf(name, body.length))) wrong.push(`the body of ${name} holds what is not its own`);
        const answer = bytesOf(name, Number(url.searchParams.get('length')));
        const half = choose(answer.length + 1);
        response.setHeader('X-Name', name);
        if (choose(2) === 0) response.setHeader('Content-Length', answer.length);
        if (choose(3) > 0) response.end(answer);
        else {
          response.write(answer.subarray(0, half));
          setTimeout(() => response.end(answer.subarray(half)), choose(5));
        }
      },
      // A client that goes away takes its request with it.
      () => response.destroy(),
    );
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, first: Buffer) => {
    const name = new URL(request.url ?? '', 'http://a').searchParams.get('name') ?? '';
    socket.on('error', () => socket.destroy());
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Name: ${name}\r\n\r\n`);
    if (first.length > 0) socket.write(first);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  freeAfter(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, wrong };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** A whole name in what a client received that is not one of its own; chunk sizes may cut names in two. */
function strangerIn(received: string, client: string): string | undefined {
  const names = [...received.matchAll(/<([^<>\r\n]*)>/g)].map(([, found]) => found);
  return names.find((found) => !found?.startsWith(`${client}-`));
}

it(`${CLIENTS} clients that come, go, pipeline, upload, tunnel and read slowly only ever see their own bytes`, async () => {
  const lb = await startTestBalancer();
  const nodes = [await startEcho(chooser(11)), await startEcho(chooser(12))];
  for (const [i, node] of nodes.entries()) await lb.register(`n${i}`, node.port);
  let complete = 0;

  const talkOnce = async (choose: Chooser, client: string, round: number): Promise<void> => {
    const socket = connect(lb.port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (choose(6) > 0) return;
      socket.pause();
      setTimeout(() => socket.resume(), choose(8));
    });
    const name = `${client}-${round}`;
    const count = 1 + choose(3);
    const tunnels = choose(8) === 0;
    let expected = 0;
    for (let i = 0; i < count; i++) {
      const length = pick(choose, [0, 1, 100, 5_000, 40_000, 70_000, 300_000]);
      const body = choose(3) === 0 ? bytesOf(name, pick(choose, [1, 1000, 70_000, 200_000])) : undefined;
      const last = i === count - 1;
      const lines = [
        `${body === undefined ? 'GET' : 'POST'} /app?name=${name}&length=${length} HTTP/1.1`,
        'Host: a',
        `X-Name: ${name}`,
        ...(body === undefined ? [] : [`Content-Length: ${body.length}`]),
        ...(last ? [tunnels ? 'Connection: Upgrade\r\nUpgrade: echo' : 'Connection: close'] : []),
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      if (body !== undefined) socket.write(body);
      if (!(last && tunnels)) expected += length;
    }
    if (choose(5) === 0) {
      // Goes away in the middle of it.
      await new Promise((resolve) => setTimeout(resolve, choose(10)));
      if (choose(2) === 0) socket.resetAndDestroy();
      else socket.destroy();
      await closed;
    } else {
      if (tunnels) {
        await waitFor(() => received.includes('Upgrade: echo') || socket.destroyed);
        socket.write(bytesOf(name, 5_000));
        await waitFor(() => received.endsWith(bytesOf(name, 5_000).toString('latin1', 4_000)) || socket.destroyed);
        socket.end();
      }
      await closed;
      expect(received.match(/HTTP\/1\.1 (?:200|101)/g), name).toHaveLength(count);
      expect(received.length).toBeGreaterThanOrEqual(expected);
      complete++;
    }
    expect(strangerIn(received, client), `${name} saw what belongs to another`).toBeUndefined();
  };

  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, i) => {
      const choose = chooser(1000 + i);
      // Letters, so that no name is the beginning of another.
      const client = `${String.fromCharCode(97 + (i % 26))}${String.fromCharCode(97 + Math.floor(i / 26))}-${i}`;
      for (let round = 0; round < REQUESTS_EACH; round++) await talkOnce(choose, client, round);
    }),
  );
  expect(nodes.flatMap(({ wrong }) => wrong)).toEqual([]);
  expect(complete).toBeGreaterThan((CLIENTS * REQUESTS_EACH) / 2);
  await waitFor(async () => !/Connected: [1-9-]/.test((await lb.mcmp('INFO')).body));
  expect(lb.log.filter(({ message }) => message.startsWith('A bug'))).toEqual([]);
});
