import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { startTestBalancer, TEST_OPTIONS } from '../support/balancer.ts';
import { startNode, startRawNode } from '../support/node-server.ts';
import { hostPort, openRaw, talk } from '../support/raw-http.ts';

it('passes a request on with its target, header order and spelling untouched', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  const answer = await talk(
    lb.port,
    `GET /app/%7Ea/b;v=1?x=%20y&z HTTP/1.1\r\nhOST: shop.example\r\nX-b: 2\r\nx-A: 1\r\nConnection: close, X-Gone\r\nX-Gone: 1\r\nKeep-Alive: 5\r\n\r\n`,
  );
  expect(answer.status).toBe(200);
  const [seen] = node.seen;
  expect(seen?.target).toBe('/app/%7Ea/b;v=1?x=%20y&z');
  expect(seen?.rawHeaders.slice(0, 6)).toEqual(['hOST', 'shop.example', 'X-b', '2', 'x-A', '1']);
  const names = (seen?.rawHeaders ?? []).filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  expect(names).not.toContain('x-gone');
  expect(names).not.toContain('keep-alive');
  expect(names).toContain('x-forwarded-for');
  expect(names).toContain('via');
});

it('streams a large upload and a large download byte for byte', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1', (_request, response, body) => response.end(Buffer.from(body, 'latin1')));
  await lb.register('n1', node.port);
  const bytes = randomBytes(5 * 1024 * 1024);
  const head = `POST /app/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  const answer = await talk(lb.port, Buffer.concat([Buffer.from(head), bytes]));
  expect(answer.status).toBe(200);
  expect(sha256(answer.body)).toBe(sha256(bytes.toString('latin1')));
});

it('passes a chunked request body on in chunks, with its trailer', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  const answer = await talk(
    lb.port,
    'POST /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n',
  );
  expect(answer.status).toBe(200);
  expect(node.seen[0]?.body).toBe('hello world');
});

it('answers pipelined requests in order', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1', (request, response) => response.end(`<${request.url}>`));
  await lb.register('n1', node.port);
  const requests = Array.from({ length: 50 }, (_, i) => `GET /app/${i} HTTP/1.1\r\nHost: a\r\n\r\n`).join('');
  const client = await openRaw(lb.port);
  client.write(requests);
  const text = await client.until((received) => received.includes('</app/49>'));
  expect([...text.matchAll(/<\/app\/(\d+)>/g)].map((match) => Number(match[1]))).toEqual([...Array(50).keys()]);
});

it('reads a request that comes one byte at a time', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  const client = await openRaw(lb.port);
  client.socket.setNoDelay(true);
  for (const byte of 'POST /app/slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc') {
    client.write(byte);
    await new Promise(setImmediate);
  }
  const answer = await client.closed();
  expect(answer.status).toBe(200);
  expect(node.seen[0]?.body).toBe('abc');
});

it('unpacks a chunked response for an HTTP/1.0 client', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1', (_request, response) => {
    response.write('one ');
    response.end('two');
  });
  await lb.register('n1', node.port);
  const answer = await talk(lb.port, 'GET /app HTTP/1.0\r\n\r\n');
  expect(answer.body).toBe('one two');
  expect(answer.headers.has('transfer-encoding')).toBe(false);
});

it('puts a response that ends with its connection into chunks, and keeps the client connection', async () => {
  const lb = await startTestBalancer();
  const node = await startRawNode((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end'));
  });
  await lb.register('n1', node.port);
  const client = await openRaw(lb.port);
  client.write('GET /app/1 HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until((text) => text.endsWith('0\r\n\r\n'));
  expect(client.received()).toContain('d\r\nuntil the end\r\n');
  client.write('GET /app/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await client.closed();
  expect(client.received().match(/until the end/g)).toHaveLength(2);
});

it('relays 100 Continue of the node before the body is sent', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  const client = await openRaw(lb.port);
  client.write(
    'POST /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n',
  );
  await client.until((text) => text.startsWith('HTTP/1.1 100 '));
  client.write('body');
  expect((await client.closed()).status).toBe(200);
  expect(node.seen[0]?.body).toBe('body');
});

it('answers HEAD and 304 without a body and keeps the connection in step', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1', (request, response) => {
    if (request.url === '/app/304') response.writeHead(304, { 'Content-Length': '99' }).end();
    else response.writeHead(200, { 'Content-Length': '5' }).end('hello');
  });
  await lb.register('n1', node.port);
  const answer = await talk(
    lb.port,
    'HEAD /app HTTP/1.1\r\nHost: a\r\n\r\nGET /app/304 HTTP/1.1\r\nHost: a\r\n\r\nGET /app/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  expect([...answer.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(['200', '304', '200']);
  expect(answer.text.match(/hello/g)).toHaveLength(1);
});

it('tunnels an upgraded connection both ways, sticky like the rest', async () => {
  const lb = await startTestBalancer();
  const upgrading = (name: string) =>
    startRawNode((socket) => {
      let text = '';
      let open = false;
      socket.on('data', (chunk: Buffer) => {
        if (open) {
          socket.write(`${name}:${chunk.toString()}`);
          return;
        }
        text += chunk.toString();
        if (text.startsWith('OPTIONS')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        else if (text.includes('\r\n\r\n')) {
          open = true;
          socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
        }
      });
      socket.on('end', () => socket.end());
    });
  const [one, two] = [await upgrading('one'), await upgrading('two')];
  await lb.register('n1', one.port);
  await lb.register('n2', two.port);
  const client = await openRaw(lb.port);
  client.write(
    'GET /app/ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nCookie: JSESSIONID=x.n2\r\n\r\nearly',
  );
  await client.until((text) => text.includes('two:early'));
  client.write('later');
  expect(await client.until((text) => text.includes('two:later'))).toMatch(/^HTTP\/1\.1 101 /);
  client.socket.end();
  await client.closed();
});

it('answers 404 where no context matches and 503 where no node can serve', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  expect((await lb.get('/other')).status).toBe(404);
  await lb.mcmp('STATUS', 'JVMRoute=n1&Load=-1');
  expect((await lb.get('/app')).status).toBe(503);
});

it('takes MCMP and web traffic on one port when both addresses are the same', async () => {
  const free = await startRawNode(() => {});
  free.kill();
  const lb = await startTestBalancer({
    listen: [{ host: '127.0.0.1', port: free.port }],
    mcmp: [{ host: '127.0.0.1', port: free.port }],
  });
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  expect(lb.port).toBe(lb.mcmpPort);
  expect(
    (await talk(lb.port, `GET /app HTTP/1.1\r\nHost: ${hostPort(lb.port)}\r\nConnection: close\r\n\r\n`)).status,
  ).toBe(200);
});

it('shows its own paths on such a port to those who may manage it only; others get what the nodes serve there', async () => {
  const free = await startRawNode(() => {});
  free.kill();
  const address = [{ host: '127.0.0.1', port: free.port }];
  const lb = await startTestBalancer({ listen: address, mcmp: address });
  const node = await startNode('n1');
  await lb.register('n1', node.port, { contexts: '/' });
  const bodyOf = async (path: string, more = ''): Promise<string> =>
    (await talk(lb.port, `GET ${path} HTTP/1.1\r\nHost: ${hostPort(lb.port)}\r\nConnection: close\r\n${more}\r\n`))
      .body;
  expect(await bodyOf('/healthz')).toBe('ok\n');
  for (const header of ['X-Forwarded-For: 203.0.113.9', 'Forwarded: for=203.0.113.9', 'Via: 1.1 edge']) {
    expect(await bodyOf('/healthz', `${header}\r\n`), header).toContain('n1');
  }
  lb.balancer.reload({ ...TEST_OPTIONS, listen: address, mcmp: address, mcmpAllow: ['192.0.2.1'] });
  for (const path of ['/healthz', '/metrics', '/api/v1/state', '/mod_cluster_manager']) {
    expect(await bodyOf(path)).toContain('"node":"n1"');
  }
});

function sha256(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}
