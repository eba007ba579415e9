import { connect as connectHttp2 } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { readExposition, sampleValue } from '../observe/metrics/read-exposition.ts';
import { startAjpNode } from '../support/ajp-node.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { readAll } from '../support/fronts.ts';
import { startNode, startRawNode } from '../support/node-server.ts';
import { openRaw, talk } from '../support/raw-http.ts';
import {
  CODE,
  FLAG,
  FRAME,
  fieldBlock,
  frame,
  getFields,
  headFrames,
  openRawHttp2,
  PREFACE,
  u32,
} from '../support/raw-http2.ts';
import { startScriptedNode } from '../support/scripted-node.ts';
import { waitFor } from '../support/wait-for.ts';

const SCRAPE = 'GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n';
/** SETTINGS_INITIAL_WINDOW_SIZE. */
const INITIAL_WINDOW = Buffer.from([0, 4]);

function withWindow(bytes: number): Buffer {
  return frame(FRAME.settings, 0, 0, Buffer.concat([INITIAL_WINDOW, u32(bytes)]));
}

describe('a client that waits on purpose', () => {
  it('CVE-2019-9517 (internal data buffering): a window that stays closed ends the stream, and frees its node', async () => {
    const lb = await startTestBalancer({ h2c: true, idleTimeoutMs: 300 });
    let closed = 0;
    const node = await startNode('n1', (_request, response) => {
      response.on('close', () => closed++);
      response.end(Buffer.alloc(8 * 1024 * 1024));
    });
    await lb.register('n1', node.port);
    const client = await openRawHttp2(lb.port, withWindow(0));
    client.get(1, '/app');
    expect(await client.status(1)).toBe(200);
    await client.next(FRAME.rstStream, 1);
    await waitFor(() => closed === 1);
  });

  it('CVE-2019-9511 (data dribble): a window of one byte at a time does not hold a node for ever', async () => {
    const lb = await startTestBalancer({ h2c: true, idleTimeoutMs: 300 });
    const node = await startNode('n1', (_request, response) => response.end(Buffer.alloc(8 * 1024 * 1024)));
    await lb.register('n1', node.port);
    const client = await openRawHttp2(lb.port, withWindow(1));
    client.get(1, '/app');
    const dribble = setInterval(() => client.send(frame(FRAME.windowUpdate, 0, 1, u32(1))), 20);
    try {
      await client.next(FRAME.rstStream, 1);
    } finally {
      clearInterval(dribble);
    }
  });

  it('sends nothing for a body that it announced: the stream is answered with 408, the others go on', async () => {
    const lb = await startTestBalancer({ h2c: true, idleTimeoutMs: 400 });
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    const client = await openRawHttp2(lb.port);
    const fields: [string, string][] = [[':method', 'POST'], ...getFields('/app').slice(1), ['content-length', '10']];
    client.send(headFrames(1, fieldBlock(fields), 0));
    expect(await client.status(1)).toBe(408);
    client.get(3, '/app');
    await client.next(FRAME.data, 3);
  });

  it('sends nothing at all, or half a preface: it is closed after --header-timeout', async () => {
    const lb = await startTestBalancer({ h2c: true, headerTimeoutMs: 200 });
    for (const bytes of ['', PREFACE.slice(0, 10)]) {
      const client = await openRaw(lb.port);
      client.write(bytes);
      await client.closed();
    }
  });

  it('sends the preface and no settings, or does not take ours: GOAWAY after --header-timeout', async () => {
    const lb = await startTestBalancer({ h2c: true, headerTimeoutMs: 200 });
    const silent = await openRawHttp2(lb.port, Buffer.alloc(0));
    await silent.goaway();
    const deaf = await openRawHttp2(lb.port, undefined, false);
    expect(await deaf.goaway()).toBe(4);
  });

  it('has nothing to ask: GOAWAY without an error after --idle-timeout, and the connection closes', async () => {
    const lb = await startTestBalancer({ h2c: true, idleTimeoutMs: 300 });
    const client = await openRawHttp2(lb.port);
    expect(await client.goaway()).toBe(CODE.noError);
    await waitFor(() => client.closed);
  });
});

describe('what a client may have at once', () => {
  it('100 requests on a connection; one more, of a client that does not know yet, is refused and may be sent again', async () => {
    const lb = await startTestBalancer({ h2c: true });
    const node = await startScriptedNode(() => {});
    await lb.register('n1', node.port);
    const client = await openRawHttp2(lb.port, undefined, false);
    for (let i = 0; i <= 100; i++) client.get(1 + 2 * i, '/app');
    const { payload } = await client.next(FRAME.rstStream, 201);
    expect(payload.readUInt32BE(0)).toBe(CODE.refused);
    await waitFor(() => node.requests.length === 100);
  });

  it('100 requests on a connection; one more, of a client that knows, ends the connection', async () => {
    const lb = await startTestBalancer({ h2c: true });
    const node = await startScriptedNode(() => {});
    await lb.register('n1', node.port);
    const client = await openRawHttp2(lb.port);
    await client.next(FRAME.settings);
    for (let i = 0; i <= 100; i++) client.get(1 + 2 * i, '/app');
    expect(await client.goaway()).not.toBe(CODE.noError);
  });

  it('--max-connections counts a connection once, whatever runs on it, and bounds what runs on all', async () => {
    const lb = await startTestBalancer({ h2c: true, maxConnections: 3 });
    const node = await startScriptedNode(() => {});
    await lb.register('n1', node.port);
    const first = await openRawHttp2(lb.port);
    for (let i = 0; i < 3; i++) first.get(1 + 2 * i, '/app');
    await waitFor(() => node.requests.length === 3);
    const second = await openRawHttp2(lb.port);
    second.get(1, '/app');
    expect((await second.next(FRAME.rstStream, 1)).payload.readUInt32BE(0)).toBe(CODE.refused);
    const counted = readExposition((await talk(lb.mcmpPort, SCRAPE)).body);
    expect(sampleValue(counted, 'mcmp_client_connections', { listener: 'web' })).toBe(2);
    expect(sampleValue(counted, 'mcmp_http2_connections')).toBe(2);
    expect(sampleValue(counted, 'mcmp_http2_streams')).toBe(3);
    expect(sampleValue(counted, 'mcmp_http2_streams_total', { result: 'refused' })).toBe(1);
    await openRawHttp2(lb.port);
    const fourth = await openRaw(lb.port);
    expect((await fourth.closed()).status).toBe(503);
  });
});

it('at the end running requests are answered, and the client is told to go', async () => {
  const lb = await startTestBalancer({ h2c: true });
  let answer: () => void = () => {};
  const node = await startNode('n1', (_request, response) => {
    answer = () => response.end('late');
  });
  await lb.register('n1', node.port);
  const client = await openRawHttp2(lb.port);
  client.get(1, '/app');
  await waitFor(() => node.seen.length === 1);
  const closing = lb.balancer.close();
  expect(await client.goaway()).toBe(CODE.noError);
  answer();
  const data = await client.next(FRAME.data, 1);
  expect(data.payload.toString()).toBe('late');
  await closing;
  await waitFor(() => client.closed);
  expect(
    client.frames.some(
      ({ type, flags, stream }) => type === FRAME.data && stream === 1 && (flags & FLAG.endStream) !== 0,
    ),
  ).toBe(true);
});

it('without --h2c a client that begins with HTTP/2 is told so', async () => {
  const lb = await startTestBalancer();
  const client = await openRaw(lb.port);
  client.write(PREFACE);
  const answer = await client.closed();
  expect(answer.status).toBe(505);
  expect(answer.body).toContain('HTTP/2');
});

it('with --h2c HTTP/1.1 is spoken as before, whatever its first letters are, and Upgrade: h2c is ignored', async () => {
  const lb = await startTestBalancer({ h2c: true });
  const node = await startNode('n1', (request, response) =>
    response.end(`${request.method} ${request.headers.upgrade}`),
  );
  await lb.register('n1', node.port);
  for (const method of ['GET', 'POST', 'PROPFIND']) {
    const client = await openRaw(lb.port);
    for (const byte of `${method} /app HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 0\r\n\r\n`) {
      client.write(byte);
      await new Promise(setImmediate);
    }
    expect((await client.closed()).body).toBe(`${method} undefined`);
  }
});

it('many large uploads at once to nodes that take their time are no attack: the connection goes on', async () => {
  const lb = await startTestBalancer({ h2c: true, upstreamTimeoutMs: 60_000 });
  let isReading = false;
  const answers: (() => Promise<void>)[] = [];
  const node = await startAjpNode(async (call) => {
    const answer = async (): Promise<void> => call.answer(String((await call.body()).length));
    if (isReading) await answer();
    else answers.push(answer);
  });
  await lb.register('n1', node.port, { type: 'ajp' });
  const session = connectHttp2(`http://127.0.0.1:${lb.port}`);
  freeAfter(() => session.destroy());
  let goaways = 0;
  session.on('goaway', () => goaways++);
  const uploads = Array.from({ length: 40 }, () => {
    const stream = session.request({ ':path': '/app', ':method': 'POST', 'content-length': '250000' });
    stream.end(Buffer.alloc(250_000));
    return readAll(stream).catch((error: unknown) => Buffer.from(String(error)));
  });
  await waitFor(() => answers.length === 40);
  // Time in which the session is judged, several times.
  const from = performance.now();
  await waitFor(() => performance.now() > from + 2500);
  isReading = true;
  for (const answer of answers) await answer();
  expect((await Promise.all(uploads)).map(String)).toEqual(uploads.map(() => '250000'));
  expect(goaways).toBe(0);
});

describe('a client that closes its side of the connection', () => {
  it('in the middle of its uploads holds no node', async () => {
    const lb = await startTestBalancer({ h2c: true });
    let held = 0;
    const node = await startRawNode((socket) => {
      held++;
      socket.on('close', () => held--);
      socket.on('data', (chunk: Buffer) => {
        if (chunk.toString('latin1').startsWith('OPTIONS ')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
      socket.on('end', () => socket.end());
    });
    await lb.register('n1', node.port);
    await waitFor(() => held === 0);
    const client = await openRawHttp2(lb.port);
    for (const stream of [1, 3]) {
      client.send(headFrames(stream, fieldBlock([[':method', 'POST'], ...getFields('/app').slice(1)]), 0));
      client.send(frame(FRAME.data, 0, stream, 'the first half'));
    }
    await waitFor(() => held === 2);
    client.socket.end();
    await waitFor(() => held === 0 && client.closed);
  });
});
