import { connect } from 'node:http2';
import { expect, it } from 'vitest';
import { startTestBalancer } from '../../support/balancer.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { readAll } from '../../support/fronts.ts';
import { CODE, FRAME, fieldBlock, getFields, headFrames, openRawHttp2 } from '../../support/raw-http2.ts';
import { startScriptedNode } from '../../support/scripted-node.ts';

async function scene(answer: string, end = false) {
  const lb = await startTestBalancer({ h2c: true });
  const node = await startScriptedNode((socket) => {
    socket.write(answer, 'latin1');
    if (end) socket.end();
  });
  await lb.register('n1', node.port);
  return lb;
}

async function ask(port: number) {
  const session = connect(`http://127.0.0.1:${port}`);
  freeAfter(() => session.destroy());
  const stream = session.request({ ':path': '/app' });
  let trailers: Record<string, unknown> = {};
  stream.on('trailers', (fields) => {
    trailers = { ...fields };
  });
  const head = await new Promise<Record<string, unknown>>((resolve, reject) => {
    stream.on('response', (fields) => resolve({ ...fields }));
    stream.on('error', reject);
  });
  const body = (await readAll(stream)).toString('latin1');
  return { head, body, trailers };
}

it.each<[string, string, Record<string, unknown>, string]>([
  [
    'a body in chunks, with lines that only HTTP/1.1 has',
    'HTTP/1.1 200 OK\r\nConnection: X-Hop, keep-alive\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTransfer-Encoding: chunked\r\nX-Kept: Yes\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n',
    { ':status': 200, 'x-kept': 'Yes' },
    'abcde',
  ],
  [
    'a field twice that may stand twice',
    'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n',
    { ':status': 200, 'set-cookie': ['a=1', 'b=2'] },
    '',
  ],
  [
    'a field twice that may not: the first counts',
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\nx',
    { ':status': 200, 'content-type': 'text/plain' },
    'x',
  ],
  ['a 205, whatever it announces', 'HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n', { ':status': 205 }, ''],
  [
    'a name that objects have',
    'HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\nContent-Length: 2\r\n\r\nok',
    { ':status': 200, constructor: 'y' },
    'ok',
  ],
])('carries %s', async (_name, answer, fields, body) => {
  const lb = await scene(answer);
  const got = await ask(lb.port);
  expect(got.head).toMatchObject(fields);
  for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'x-hop'])
    expect(got.head).not.toHaveProperty(name);
  expect(got.body).toBe(body);
});

it('carries an interim response with a field twice that may not: the first counts, and the node is not blamed', async () => {
  const lb = await scene(
    'HTTP/1.1 103 Early Hints\r\nETag: "1"\r\nETag: "2"\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  );
  const session = connect(`http://127.0.0.1:${lb.port}`);
  freeAfter(() => session.destroy());
  const stream = session.request({ ':path': '/app' });
  const interim: unknown[] = [];
  stream.on('headers', (fields) => interim.push(fields[':status'], fields['etag']));
  expect((await readAll(stream)).toString('latin1')).toBe('ok');
  expect(interim).toEqual([103, '"1"']);
  expect(lb.log.filter(({ level }) => level === 'error')).toEqual([]);
});

it('carries a body that ends with the connection of the node', async () => {
  const lb = await scene('HTTP/1.1 200 OK\r\n\r\nuntil the end', true);
  expect((await ask(lb.port)).body).toBe('until the end');
});

it('carries bytes beyond ASCII in fields as they are', async () => {
  const lb = await scene('HTTP/1.1 200 OK\r\nX-Name: K\u00f6ln\r\nContent-Length: 0\r\n\r\n');
  expect((await ask(lb.port)).head['x-name']).toBe('K\u00f6ln');
});

it('resets a stream whose chunks the node breaks off, so that nobody takes it for whole', async () => {
  const lb = await scene('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', true);
  const client = await openRawHttp2(lb.port);
  client.get(1, '/app');
  expect((await client.next(FRAME.rstStream, 1)).payload.readUInt32BE(0)).toBe(CODE.internalError);
  expect(
    client.frames.some(({ type, flags, stream }) => type === FRAME.data && stream === 1 && (flags & 1) !== 0),
  ).toBe(false);
});

it('answers before all of the request came, then says that the rest is not wanted', async () => {
  const lb = await startTestBalancer({ h2c: true });
  const client = await openRawHttp2(lb.port);
  client.send(headFrames(1, fieldBlock([[':method', 'POST'], ...getFields('/nowhere').slice(1)]), 0));
  expect(await client.status(1)).toBe(404);
  expect((await client.next(FRAME.rstStream, 1)).payload.readUInt32BE(0)).toBe(CODE.noError);
});
