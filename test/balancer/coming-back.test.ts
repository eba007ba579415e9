import { expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { startNode, startRawNode } from '../support/node-server.ts';
import { waitFor } from '../support/wait-for.ts';

const config = (port: number, more = ''): string => `JVMRoute=n1&Type=http&Host=127.0.0.1&Port=${port}${more}`;
const STATUS = 'JVMRoute=n1&Load=50';
const ENABLE = 'JVMRoute=n1&Alias=localhost&Context=/app';

it('does not hold against a node that moved what a ping of its old address finds out later', async () => {
  const lb = await startTestBalancer({ pingIntervalMs: 300 });
  let pings = 0;
  let closed = 0;
  let hangs = false;
  const old = await startRawNode((socket) => {
    socket.on('data', () => {
      pings++;
      if (!hangs) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    socket.on('close', () => closed++);
  });
  const now = await startNode('now');
  await lb.register('n1', old.port, { config: 'ping=2' });
  hangs = true;
  await waitFor(async () => (await lb.mcmp('INFO')).body.includes('Load: -1'));
  const before = pings;
  await waitFor(() => pings > before);
  // A ping of the old address is under way: it will fail in two seconds.
  await lb.mcmp('CONFIG', config(now.port, '&ping=2'));
  const startedMs = performance.now();
  expect((await lb.mcmp('STATUS', STATUS)).body).toContain('State=OK');
  expect(performance.now() - startedMs).toBeLessThan(1500);
  expect((await lb.get('/app')).status).toBe(200);
  // It has failed.
  await waitFor(() => closed === pings);
  expect(lb.log.filter(({ message }) => message === 'A node is in error')).toHaveLength(1);
  expect((await lb.get('/app')).status).toBe(200);
});

it('asks a node in error at once when it enables a context, as a server does whose connector opens after its first STATUS', async () => {
  const lb = await startTestBalancer({ pingIntervalMs: 60_000 });
  const early = await startNode('early');
  early.kill();
  await lb.mcmp('CONFIG', config(early.port));
  await lb.mcmp('STOP-APP', ENABLE);
  expect((await lb.mcmp('STATUS', STATUS)).body).toContain('State=NOTOK');
  await startNode('ready', undefined, early.port);
  await lb.mcmp('ENABLE-APP', ENABLE);
  await waitFor(async () => (await lb.get('/app')).status === 200);
});

it('waits WaitWorker seconds also for the node that has just refused this very request', async () => {
  const lb = await startTestBalancer({ pingIntervalMs: 300 });
  const node = await startNode('node');
  await lb.register('n1', node.port, { config: 'WaitWorker=5' });
  node.kill();
  const answer = lb.get('/app');
  await waitFor(() => lb.log.some(({ message }) => message === 'A node is in error'));
  await startNode('again', undefined, node.port);
  expect((await answer).status).toBe(200);
});

it('watches over the last requests of a node that has left: when it hangs, they do not wait for --upstream-timeout', async () => {
  const lb = await startTestBalancer({ waitBeforeRemoveMs: 100 });
  let hangs = false;
  let asked = false;
  const node = await startRawNode((socket) => {
    socket.on('data', (chunk) => {
      if (!chunk.toString('latin1').startsWith('OPTIONS')) asked = true;
      else if (!hangs) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    socket.on('error', () => socket.destroy());
  });
  await lb.register('n1', node.port, { config: 'ping=1' });
  const answer = lb.get('/app');
  await waitFor(() => asked);
  await lb.mcmp('REMOVE-APP', 'JVMRoute=n1', '/*');
  await waitFor(async () => !(await lb.mcmp('INFO')).body.includes('Node:'));
  hangs = true;
  const { status, headers } = await answer;
  // It was routed once: 503, not the 404 of a path that nobody has.
  expect([status, headers.get('x-mcmp-reason')]).toEqual([503, 'no-node']);
});
