import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { startRawNode } from '../support/node-server.ts';
import { openRaw, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/**
 * A node with limits of its own, which it defends as rudely as some application servers do: it resets the connection
 * without a word when a head or a body is too large for it, or when it does not know the method.
 */
async function startRudeNode() {
  return await startRawNode((socket: Socket) => {
    let text = '';
    const onEnd = (): void => void socket.end();
    socket.on('end', onEnd);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const headEnd = text.indexOf('\r\n\r\n');
      const head = headEnd === -1 ? text : text.slice(0, headEnd);
      if (head.length > 4096 || /^(?:FOO|BREW) /.test(text)) socket.resetAndDestroy();
      else if (headEnd === -1) return;
      else if (text.startsWith('OPTIONS * ')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      else if (/Content-Length: \d{6}/i.test(head)) socket.resetAndDestroy();
      else if (text.startsWith('GET /app/refuse ')) {
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      } else if (text.startsWith('GET /app/silent ')) text = '';
      else if (text.startsWith('GET /app/large ')) {
        text = '';
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n${'a'.repeat(1_000_000)}`);
      } else if (text.startsWith('GET') || /\r\n\r\n[\s\S]*(?:done|0\r\n\r\n)$/.test(text)) {
        text = '';
        socket.write(OK);
      }
    });
  });
}

const reset = (client: { socket: Socket }): void => void client.socket.resetAndDestroy();

const FAULTS: readonly [string, (lb: TestBalancer) => Promise<void>][] = [
  [
    'sends a head that is too large for the node',
    async ({ port }) => {
      const { status } = await talk(
        port,
        `GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: ${'x'.repeat(8000)}\r\n\r\n`,
      );
      expect([502, 503]).toContain(status);
    },
  ],
  [
    'sends a head that is too large for the balancer',
    async ({ port }) => {
      const { status } = await talk(port, `GET /app HTTP/1.1\r\nHost: a\r\nCookie: ${'x'.repeat(40_000)}\r\n\r\n`);
      expect(status).toBe(431);
    },
  ],
  [
    'CVE-2022-2053: posts more than the node takes',
    async ({ port }) => {
      const body = 'x'.repeat(500_000);
      const { status } = await talk(
        port,
        `POST /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      expect(status).toBe(502);
    },
  ],
  [
    'uses a method that the node does not know',
    async ({ port }) => {
      for (const method of ['FOO', 'BREW']) {
        const { status } = await talk(port, `${method} /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
        expect(status).toBe(502);
      }
    },
  ],
  [
    'gets a 400 of the node, which closes its connection',
    async (lb) => {
      expect((await lb.get('/app/refuse')).status).toBe(400);
    },
  ],
  [
    'breaks its chunks off',
    async ({ port }) => {
      const client = await openRaw(port);
      client.write('POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
      await new Promise(setImmediate);
      client.write('zz\r\n');
      expect((await client.closed()).status).toBe(400);
    },
  ],
  [
    'resets in the middle of its body',
    async ({ port }) => {
      const client = await openRaw(port);
      client.write('POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhello');
      await new Promise(setImmediate);
      reset(client);
    },
  ],
  [
    'never sends its body',
    async ({ port }) => {
      const client = await openRaw(port);
      client.write('POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhello');
      expect((await client.closed()).status).toBe(408);
    },
  ],
  [
    'goes away before the answer',
    async ({ port }) => {
      const client = await openRaw(port);
      client.write('GET /app/silent HTTP/1.1\r\nHost: a\r\n\r\n');
      await new Promise(setImmediate);
      reset(client);
    },
  ],
  [
    'goes away in the middle of the answer',
    async ({ port }) => {
      const client = await openRaw(port);
      client.write('GET /app/large HTTP/1.1\r\nHost: a\r\n\r\n');
      await client.until((text) => text.length > 1000);
      reset(client);
    },
  ],
  [
    'stops reading',
    async ({ port }) => {
      const client = await openRaw(port);
      client.write('GET /app/large HTTP/1.1\r\nHost: a\r\n\r\n');
      await client.until((text) => text !== '');
      client.socket.pause();
      await new Promise((resolve) => setTimeout(resolve, 500));
      client.close();
    },
  ],
];

it.each(FAULTS)('a node is not put into error when a client %s', async (_, fault) => {
  const lb = await startTestBalancer({ idleTimeoutMs: 300 });
  const node = await startRudeNode();
  await lb.register('n1', node.port);
  for (let i = 0; i < 3; i++) {
    await fault(lb);
    // At once, and again when a ping that the fault caused may be over.
    expect((await lb.get('/app')).status).toBe(200);
  }
  await waitFor(async () => /Connected: 0,Load: 100/.test((await lb.mcmp('INFO')).body));
  expect((await lb.get('/app')).status).toBe(200);
  expect(lb.log.filter(({ message }) => message === 'A node is in error')).toEqual([]);
});

it('all of them together, from many clients at once', async () => {
  const lb = await startTestBalancer({ idleTimeoutMs: 300 });
  const node = await startRudeNode();
  await lb.register('n1', node.port);
  await Promise.all(FAULTS.flatMap(([, fault]) => [fault(lb), fault(lb), fault(lb)]));
  await waitFor(async () => /Connected: 0,Load: 100/.test((await lb.mcmp('INFO')).body));
  expect((await lb.get('/app')).status).toBe(200);
  expect(lb.log.filter(({ message }) => message === 'A node is in error')).toEqual([]);
  expect(lb.log.filter(({ message }) => message.startsWith('A bug'))).toEqual([]);
});
