import { expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { startNode, startRawNode } from '../support/node-server.ts';
import { openRaw, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const post = (path: string, body = 'hello'): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** A node that answers pings, and does to each other request what it is told. */
function startFaultyNode(onRequest: (socket: import('node:net').Socket, text: string) => void) {
  let requests = 0;
  return startRawNode((socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      const request = text;
      text = '';
      if (request.startsWith('OPTIONS * ')) {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      requests++;
      onRequest(socket, request);
    });
  }).then((node) => ({ ...node, requests: () => requests }));
}

it('gives a GET to another node when the first one refuses connections', async () => {
  const lb = await startTestBalancer();
  const [dead, alive] = [await startNode('dead'), await startNode('alive')];
  await lb.register('n1', dead.port);
  await lb.register('n2', alive.port);
  dead.kill();
  for (let i = 0; i < 6; i++) expect((await lb.get('/app')).status).toBe(200);
  expect(alive.seen).toHaveLength(6);
});

it('gives a POST to another node when nothing of it was sent', async () => {
  const lb = await startTestBalancer();
  const [dead, alive] = [await startNode('dead'), await startNode('alive')];
  await lb.register('n1', dead.port);
  await lb.register('n2', alive.port);
  dead.kill();
  const answer = await talk(lb.port, post('/app'));
  expect(answer.status).toBe(200);
  expect(alive.seen.map(({ body }) => body)).toEqual(['hello']);
});

it('never sends a POST twice: 502 when the node breaks off after it', async () => {
  const lb = await startTestBalancer();
  const breaking = await startFaultyNode((socket) => socket.destroy());
  const alive = await startNode('alive');
  await lb.register('n1', breaking.port);
  await lb.register('n2', alive.port);
  const answer = await talk(lb.port, post('/app'));
  expect(answer.status).toBe(502);
  expect(answer.headers.get('x-mcmp-reason')).toBe('node-lost');
  expect(breaking.requests()).toBe(1);
  expect(alive.seen).toHaveLength(0);
});

it('repeats a GET on the next node when the first one closes before a response byte, at most MaxAttempts times', async () => {
  const lb = await startTestBalancer();
  const breaking = [];
  for (let i = 0; i < 3; i++) breaking.push(await startFaultyNode((socket) => socket.destroy()));
  for (const [i, node] of breaking.entries()) await lb.register(`n${i}`, node.port, { config: 'Maxattempts=1' });
  const answer = await lb.get('/app');
  expect(answer.status).toBe(503);
  expect(breaking.reduce((sum, node) => sum + node.requests(), 0)).toBe(2);
});

it('answers 502 when a node sends something that is not HTTP, and keeps serving', async () => {
  const lb = await startTestBalancer();
  const garbage = await startFaultyNode((socket) => socket.end('I am not a web server\r\n\r\n'));
  await lb.register('n1', garbage.port);
  const answer = await lb.get('/app');
  expect(answer.status).toBe(502);
  expect(answer.headers.get('x-mcmp-reason')).toBe('bad-response');
  expect(answer.end).toBe('fin');
});

it('costs no request anything when a node closes an idle connection', async () => {
  const lb = await startTestBalancer();
  const sockets: import('node:net').Socket[] = [];
  const node = await startFaultyNode((socket) => {
    sockets.push(socket);
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  await lb.register('n1', node.port);
  const client = await openRaw(lb.port);
  for (let i = 1; i <= 20; i++) {
    client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until((text) => text.split('\r\n\r\nok').length - 1 === i);
    sockets.at(-1)?.end();
  }
  expect(client.received()).not.toContain('HTTP/1.1 50');
});

it('closes its connection to a node that says so at its 100th response, as Tomcat does', async () => {
  const lb = await startTestBalancer();
  let connections = 0;
  const node = await startRawNode((socket) => {
    connections++;
    let served = 0;
    socket.on('data', (chunk: Buffer) => {
      if (chunk.toString().startsWith('OPTIONS')) {
        socket.end('HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n');
        return;
      }
      const last = ++served === 100;
      socket.write(`HTTP/1.1 200 \r\nContent-Length: 2\r\n${last ? 'Connection: close\r\n' : ''}\r\nok`);
      if (last) socket.end();
    });
  });
  await lb.register('n1', node.port);
  const before = connections;
  const client = await openRaw(lb.port);
  for (let i = 1; i <= 250; i++) {
    client.write('POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx');
    await client.until((text) => text.split('\r\n\r\nok').length - 1 === i);
  }
  expect(connections - before).toBe(3);
  expect(client.received()).not.toContain('HTTP/1.1 50');
});

it('pings a silent node after a second and gives its GETs to another node, its POSTs 504', async () => {
  const lb = await startTestBalancer();
  const hung = await startRawNode((socket) => {
    socket.on('data', () => {});
  });
  const alive = await startNode('alive');
  await lb.register('n1', hung.port, { config: 'ping=1', load: null });
  await lb.register('n2', alive.port, { load: null });
  // Without STATUS both are hot standbys; the first one in the table is asked first.
  const startedMs = performance.now();
  const [got, posted] = await Promise.all([lb.get('/app'), talk(lb.port, post('/app'))]);
  expect(performance.now() - startedMs).toBeLessThan(2600);
  expect(got.status).toBe(200);
  expect(posted.status).toBe(504);
  expect((await lb.mcmp('INFO')).body).toContain('Name: n1,Balancer: mycluster,LBGroup: ,Host: 127.0.0.1');
  await waitFor(() => lb.log.some(({ message }) => message === 'A node is in error'));
});

it('lets a slow request of a healthy node finish', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1', (_request, response) => {
    setTimeout(() => response.end('slow but fine'), 1800);
  });
  await lb.register('n1', node.port, { config: 'ping=1' });
  const answer = await lb.get('/app');
  expect(answer.status).toBe(200);
  expect(node.pings()).toBeGreaterThan(1);
});

it('takes a node back that answers its pings again', async () => {
  const lb = await startTestBalancer({ pingIntervalMs: 200 });
  const first = await startNode('n1');
  await lb.register('n1', first.port);
  first.kill();
  expect((await lb.get('/app')).status).toBe(503);
  await startNode('n1', undefined, first.port);
  await waitFor(async () => (await lb.get('/app')).status === 200);
});

it("does not blame a node for its own 5xx, a client that goes away, or a client's malformed request", async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1', (request, response) => {
    if (request.url?.startsWith('/app/wait')) return;
    response.writeHead(500).end('own error');
  });
  await lb.register('n1', node.port);
  expect((await lb.get('/app')).status).toBe(500);
  const leaving = await openRaw(lb.port);
  leaving.write('GET /app/wait HTTP/1.1\r\nHost: a\r\n\r\n');
  await waitFor(() => node.seen.some(({ target }) => target === '/app/wait'));
  leaving.socket.resetAndDestroy();
  expect((await talk(lb.port, 'GET /app HTTP/1.1\r\nHost: a\r\nBad Header: 1\r\n\r\n')).status).toBe(400);
  const broken = await openRaw(lb.port);
  broken.write('POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n');
  expect((await broken.closed()).status).toBe(400);
  expect((await lb.get('/app')).status).toBe(500);
  expect(lb.log.filter(({ message }) => message === 'A node is in error')).toEqual([]);
});

it('lets requests in flight end in peace when the node removes its application', async () => {
  const lb = await startTestBalancer();
  let finish: () => void = () => {};
  const node = await startNode('n1', (_request, response) => {
    response.write('begun ');
    finish = () => response.end('done');
  });
  await lb.register('n1', node.port);
  const client = await openRaw(lb.port);
  client.write('GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await client.until((text) => text.includes('begun'));
  expect((await lb.mcmp('STOP-APP', 'JVMRoute=n1&Alias=localhost&Context=/app')).body).toContain('Requests=1');
  expect((await lb.mcmp('REMOVE-APP', 'JVMRoute=n1', '/*')).status).toBe(200);
  expect((await lb.get('/app')).status).toBe(404);
  finish();
  const answer = await client.closed();
  expect(answer.text).toContain('done');
});

it('answers 504 when a node takes longer than its Timeout', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1', () => {});
  await lb.register('n1', node.port, { config: 'Timeout=1' });
  const answer = await lb.get('/app');
  expect(answer.status).toBe(504);
  expect(answer.headers.get('x-mcmp-reason')).toBe('upstream-timeout');
});

it('waits WaitWorker seconds for a node before it answers 503', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('n1', node.port, { config: 'WaitWorker=5' });
  await lb.mcmp('STATUS', 'JVMRoute=n1&Load=-1');
  const waiting = lb.get('/app');
  await lb.mcmp('STATUS', 'JVMRoute=n1&Load=100');
  expect((await waiting).status).toBe(200);
});

it('answers a client that sends a large body to a context without nodes, instead of resetting it', async () => {
  const lb = await startTestBalancer();
  const client = await openRaw(lb.port);
  client.write(`POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: ${512 * 1024}\r\n\r\n`);
  client.write(Buffer.alloc(512 * 1024, 97));
  const answer = await client.closed();
  expect(answer.status).toBe(404);
  expect(answer.end).toBe('fin');
});

it('never sends HTTP to a node that registered with another protocol', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.mcmp('CONFIG', `JVMRoute=n1&Host=127.0.0.1&Port=${node.port}&Type=ajp`);
  await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
  expect((await lb.get('/app')).status).toBe(502);
  expect((await lb.mcmp('STATUS', 'JVMRoute=n1&Load=100')).body).toContain('State=NOTOK');
  expect((await lb.get('/app')).status).toBe(503);
  expect(node.seen).toHaveLength(0);
});

it('answers 503 for a node whose port is no port, which httpd accepts', async () => {
  const lb = await startTestBalancer({ dialect: 'httpd-2' });
  expect((await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=abc&Type=http')).status).toBe(200);
  await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
  expect((await lb.mcmp('STATUS', 'JVMRoute=n1&Load=100')).body).toContain('State=NOTOK');
  expect((await lb.get('/app')).status).toBe(503);
});
