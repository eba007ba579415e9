import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { attributesOf, headerOf, startAjpNode } from '../../support/ajp-node.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { startNode, startRawNode } from '../../support/node-server.ts';
import { openRaw, talk } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';

const ajp = (lb: TestBalancer, route: string, port: number): Promise<void> => lb.register(route, port, { type: 'ajp' });

/** A body that is not the same anywhere. */
function bytesOf(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
}

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** A node that reads the whole body and answers its hash. */
const startHashing = () =>
  startAjpNode(async (call) => {
    const body = await call.body();
    call.answer(`${body.length} ${sha256(body)}`);
  });

it('sends what a node by HTTP would get, and what it knows of the connection as attributes', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode((call) => call.answer('hello'));
  await ajp(lb, 'n1', node.port);
  const client = await openRaw(lb.port);
  client.write(
    'GET /app/a%20b;x=1?q=1&r=%20 HTTP/1.1\r\nHost: www.example.com:81\r\nX-Custom:  one, two \r\nCookie: JSESSIONID=a.n1\r\n' +
      'Connection: close, X-Hop\r\nX-Hop: no\r\nTE: trailers\r\nKeep-Alive: timeout=1\r\n\r\n',
  );
  const answer = await client.closed();
  expect(answer.status).toBe(200);
  expect(answer.body).toBe('hello');
  const { request } = node.calls[0] ?? expect.fail('the node was not asked');
  expect(request).toMatchObject({
    method: 'GET',
    protocol: 'HTTP/1.1',
    uri: '/app/a%20b;x=1',
    remoteAddress: '127.0.0.1',
    remoteHost: null,
    serverName: 'www.example.com',
    serverPort: 81,
    isSsl: false,
  });
  expect(request.headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`)).toEqual([
    'host: www.example.com:81',
    'x-custom: one, two',
    'cookie: JSESSIONID=a.n1',
    'via: 1.1 mcmp',
    'x-forwarded-for: 127.0.0.1',
    'x-forwarded-proto: http',
    'x-forwarded-host: www.example.com:81',
  ]);
  expect(attributesOf(request)).toEqual([
    ['query_string', 'q=1&r=%20'],
    ['jvm_route', 'n1'],
    ['req_attribute:AJP_REMOTE_PORT', String(client.socket.localPort)],
    ['req_attribute:AJP_LOCAL_ADDR', '127.0.0.1'],
  ]);
});

it('takes the default port for a Host without one, keeps the brackets of IPv6, and needs no Host of HTTP/1.0 clients', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode((call) => call.answer(`${call.request.serverName} ${call.request.serverPort}`));
  await ajp(lb, 'n1', node.port);
  expect((await talk(lb.port, 'GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).body).toBe('a 80');
  expect((await talk(lb.port, 'GET /app HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n')).body).toBe('[::1] 80');
  expect((await talk(lb.port, 'GET /app HTTP/1.1\r\nHost: [::1]:8\r\nConnection: close\r\n\r\n')).body).toBe('[::1] 8');
  expect((await talk(lb.port, 'GET /app HTTP/1.0\r\n\r\n')).body).toBe(`127.0.0.1 ${node.port}`);
});

it('carries methods that have no code', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode((call) => call.answer(call.request.method));
  await ajp(lb, 'n1', node.port);
  for (const method of ['PATCH', 'VERSION-CONTROL', 'BREW']) {
    expect((await talk(lb.port, `${method} /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)).body).toBe(method);
  }
});

it.each([1, 8186, 8187, 20_000, 1_000_000])(
  'brings a body of %d bytes whole, with a Content-Length',
  async (length) => {
    const lb = await startTestBalancer();
    const node = await startHashing();
    await ajp(lb, 'n1', node.port);
    const body = bytesOf(length);
    const client = await openRaw(lb.port);
    client.write(`POST /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`);
    client.write(body);
    expect((await client.closed(20_000)).body).toBe(`${length} ${sha256(body)}`);
    expect(node.calls[0]?.contentLength).toBe(length);
  },
);

it('sends head and first bytes in one packet each, the second unasked, when they come in one', async () => {
  const lb = await startTestBalancer();
  const received: Buffer[] = [];
  const node = await startRawNode((socket) => {
    socket.on('data', (chunk: Buffer) => {
      if (chunk.length > 5) received.push(chunk);
      else socket.write(Buffer.from('4142000109', 'hex'));
    });
  });
  await ajp(lb, 'n1', node.port);
  const client = await openRaw(lb.port);
  client.write('POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello');
  await waitFor(() => Buffer.concat(received).toString('latin1').endsWith('\x12\x34\x00\x07\x00\x05hello'));
  expect(received).toHaveLength(1);
});

it('takes a chunked body out of its chunks, however they are cut, and gives it a length when all of it is here', async () => {
  const lb = await startTestBalancer();
  const node = await startHashing();
  await ajp(lb, 'n1', node.port);
  const head = 'POST /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
  const whole = await talk(lb.port, `${head}5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: 1\r\n\r\n`);
  expect(whole.body).toBe(`6 ${sha256('hello!')}`);
  expect(node.calls[0]?.contentLength).toBe(6);
  const client = await openRaw(lb.port);
  client.write(head);
  for (const byte of '5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n') client.socket.write(byte);
  expect((await client.closed()).body).toBe(`15 ${sha256('hello0123456789')}`);
});

it('announces a body whose length nobody knows in its own words, which Undertow needs', async () => {
  const lb = await startTestBalancer();
  const node = await startHashing();
  await ajp(lb, 'n1', node.port);
  const client = await openRaw(lb.port);
  client.write('POST /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: ChUnKeD\r\n\r\n');
  await waitFor(() => node.calls.length === 1);
  client.write('5\r\nhello\r\n0\r\n\r\n');
  expect((await client.closed()).body).toBe(`5 ${sha256('hello')}`);
  const { request } = node.calls[0] ?? expect.fail();
  expect(headerOf(request, 'Transfer-Encoding')).toBe('chunked');
  expect(headerOf(request, 'Content-Length')).toBeUndefined();
});

it('answers a node that asks for a body although there is none, also a second time', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode(async (call) => {
    const first = await call.ask();
    const second = await call.ask();
    call.answer(`${first.length} ${second.length}`);
  });
  await ajp(lb, 'n1', node.port);
  for (const request of [
    'DELETE /app HTTP/1.1\r\nHost: a\r\n',
    'POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n',
  ]) {
    expect((await talk(lb.port, `${request}Connection: close\r\n\r\n`)).body).toBe('0 0');
  }
  expect(node.connections()).toBe(1);
});

it('gives a node no more than it asks for, and waits for a client that is slower', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode(async (call) => {
    const pieces: string[] = [(await call.first()).toString()];
    for (let piece = await call.ask(3); piece.length > 0; piece = await call.ask(3)) pieces.push(piece.toString());
    call.answer(pieces.join('|'));
  });
  await ajp(lb, 'n1', node.port);
  const client = await openRaw(lb.port);
  client.write('POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nConnection: close\r\n\r\n01');
  await waitFor(() => node.calls.length === 1);
  client.write('23456789');
  expect((await client.closed()).body).toBe('01|234|567|89');
});

it('reads no more of a client than the node wants', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode(() => {});
  await ajp(lb, 'n1', node.port);
  const client = await openRaw(lb.port);
  const mebibyte = Buffer.alloc(1024 * 1024);
  client.write(`POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: ${64 * mebibyte.length}\r\n\r\n`);
  for (let i = 0; i < 64; i++) client.write(mebibyte);
  await waitFor(() => node.calls.length === 1);
  let before = -1;
  await waitFor(() => {
    const stands = before === client.socket.writableLength;
    before = client.socket.writableLength;
    return stands;
  });
  expect(before).toBeGreaterThan(48 * mebibyte.length);
});

it.each([
  ['with a length', 'Content-Length: 5', 'hello'],
  ['in chunks', 'Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
])('tells a client that waits for it to send its body %s', async (_how, framing, body) => {
  const lb = await startTestBalancer();
  const node = await startHashing();
  await ajp(lb, 'n1', node.port);
  const client = await openRaw(lb.port);
  client.write(`POST /app HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n${framing}\r\nConnection: close\r\n\r\n`);
  await client.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
  client.write(body);
  expect((await client.closed()).body).toBe(`5 ${sha256('hello')}`);
  expect(headerOf(node.calls[0]?.request ?? expect.fail(), 'Expect')).toBeUndefined();
});

it('says nothing of the kind behind the head of the response', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode(async (call) => {
    call.head(200);
    call.data('early ');
    call.data(await call.ask());
    call.end();
  });
  await ajp(lb, 'n1', node.port);
  const client = await openRaw(lb.port);
  client.write(
    'POST /app HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n',
  );
  await client.until((text) => text.includes('early '));
  client.write('5\r\nhello\r\n0\r\n\r\n');
  const { text } = await client.closed();
  expect(text).not.toContain('100 Continue');
  expect(text.endsWith('6\r\nearly \r\n5\r\nhello\r\n0\r\n\r\n')).toBe(true);
});

it('takes back the connection of a node that did not read the body, once its first packet was sent', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode(async (call) => {
    if (call.contentLength > 0) await call.first();
    call.answer('not read', [], 403);
  });
  await ajp(lb, 'n1', node.port);
  await lb.get('/app');
  const client = await openRaw(lb.port);
  client.write(`POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n`);
  client.write(Buffer.alloc(100_000));
  expect((await client.closed()).status).toBe(403);
  expect((await lb.get('/app')).body).toBe('not read');
  expect(node.connections()).toBe(1);
});

it('closes the connection of a node that answers before the first packet of the body came', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode((call) => call.answer('early'));
  await ajp(lb, 'n1', node.port);
  const client = await openRaw(lb.port);
  client.write('POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n');
  await client.until((text) => text.endsWith('early'));
  client.write('hello');
  expect((await lb.get('/app')).body).toBe('early');
  expect(node.connections()).toBe(2);
});

const BODIES = [
  ['with a length', 'Content-Length: 5\r\n\r\nhello'],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
];
it.each(
  BODIES.flatMap(([how, framed]) => [['http', 'ajp', how, framed] as const, ['ajp', 'http', how, framed] as const]),
)('brings a body from an %s node that is gone to an %s node, %s', async (from, to, _how, framed) => {
  const lb = await startTestBalancer();
  const gone = await startNode('gone');
  const httpNode = await startNode('n2', (_request, response, body) => response.end(`${body.length} ${sha256(body)}`));
  const node = to === 'ajp' ? await startHashing() : httpNode;
  await lb.register('gone', gone.port, { type: 'http', config: 'StickySessionForce=no' });
  if (from === 'ajp') await lb.mcmp('CONFIG', `JVMRoute=gone&Host=127.0.0.1&Port=${gone.port}&Type=ajp`);
  gone.kill();
  await lb.register('n2', node.port, { type: to, config: 'StickySessionForce=no' });
  const answer = await talk(
    lb.port,
    `POST /app HTTP/1.1\r\nCookie: JSESSIONID=a.gone\r\nHost: a\r\nConnection: close\r\n${framed}`,
  );
  expect(answer.text).toContain(`5 ${sha256('hello')}`);
});
