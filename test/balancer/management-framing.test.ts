import { expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { openRaw, talk } from '../support/raw-http.ts';

it.each([
  ['a whole answer', '/healthz'],
  ['a stream', '/api/v1/state'],
])('answers HEAD with the head alone, and the request behind it on the same connection: %s', async (_, path) => {
  const lb = await startTestBalancer();
  const client = await openRaw(lb.mcmpPort);
  client.write(`HEAD ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  client.write('HEAD /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const heads = (await client.closed()).text.split('\r\n\r\n');
  expect(heads.map((head) => head.slice(0, 12))).toEqual(['HTTP/1.1 200', 'HTTP/1.1 503', '']);
});

it.each([
  ['POST', '/healthz', 'GET, HEAD'],
  ['DELETE', '/mod_cluster_manager', 'GET, HEAD, POST'],
  ['HEAD', '/api/v1/commands', 'POST'],
])('says to %s %s which methods there are', async (method, path, allowed) => {
  const lb = await startTestBalancer();
  const answer = await talk(
    lb.mcmpPort,
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed]);
});

it.each(['/api/v1/state', '/metrics'])(
  'ends %s with the end of the connection for HTTP/1.0, which knows no chunks, also when it wants to keep it',
  async (path) => {
    const lb = await startTestBalancer();
    const answer = await talk(lb.mcmpPort, `GET ${path} HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n`);
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    expect(answer.headers.has('transfer-encoding')).toBe(false);
    expect(answer.body.endsWith('\n')).toBe(true);
  },
);
