import { describe, expect, it } from 'vitest';
import { openRaw, talk } from '../../../support/raw-http.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { get } from '../../connector/serve.ts';
import { endingOf, type FaultyNode, faultyNode } from './faulty.ts';

const CLOSE = 'Connection: close';
const WEB_SOCKET = ['Connection: Upgrade', 'Upgrade: websocket'];

async function expectHealed(node: FaultyNode): Promise<void> {
  expect((await talk(node.port, get('/healed', CLOSE))).body).toBe('n1 GET /healed 0');
}

it('a board on which nothing is on changes nothing: requests, bodies, kept connections, WebSockets', async () => {
  const node = await faultyNode();
  const client = await openRaw(node.port);
  client.write(`POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`);
  await client.until((text) => text.endsWith('n1 POST /a 100000'));
  client.write(get('/b', ...WEB_SOCKET));
  await client.until((text) => text.includes('101 Switching'));
  client.write('hello');
  await client.until((text) => text.endsWith('hello'));
  client.close();
  await waitFor(() => node.connector.inFlight() === 0);
});

describe('in place of an answer', () => {
  it('reset: the connection ends with a RST and without a byte', async () => {
    const node = await faultyNode();
    const heal = node.suffer('reset');
    expect(await endingOf(node.port, get('/'))).toEqual({ text: '', end: 'reset' });
    expect(node.strikes()).toBe(1);
    heal();
    await expectHealed(node);
  });

  it('half-close: a FIN without a byte, after which the node still reads', async () => {
    const node = await faultyNode();
    const heal = node.suffer('half-close');
    const client = await openRaw(node.port);
    // openRaw answers a FIN with a FIN; here the client's side stays open.
    client.socket.removeAllListeners('end');
    const gotFin = new Promise<void>((resolve) => client.socket.once('end', resolve));
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n');
    await gotFin;
    expect(client.received()).toBe('');
    // More than the buffers of both kernels: that it is taken shows that somebody reads.
    for (let i = 0; i < 20; i++) {
      await new Promise<void>((resolve, reject) => {
        client.socket.write(Buffer.alloc(1024 * 1024), (error) => (error ? reject(error) : resolve()));
      });
    }
    client.close();
    heal();
    await expectHealed(node);
  });

  it('garbage: bytes that are no HTTP, and a FIN', async () => {
    const node = await faultyNode();
    const heal = node.suffer('garbage');
    const answer = await endingOf(node.port, get('/'));
    expect(answer.end).toBe('fin');
    expect(answer.text.length).toBeGreaterThan(10);
    expect(answer.text).not.toContain('HTTP/1');
    heal();
    await expectHealed(node);
  });

  it('wrong-length: 1000 bytes are announced, 100 come, and a FIN', async () => {
    const node = await faultyNode();
    const heal = node.suffer('wrong-length');
    const answer = await talk(node.port, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody`);
    expect(answer).toMatchObject({ status: 200, end: 'fin' });
    expect(answer.headers.get('content-length')).toBe('1000');
    expect(answer.body).toHaveLength(100);
    heal();
    await expectHealed(node);
  });

  it('truncated-chunk: a chunk of 1000 bytes begins, 100 come, and a FIN', async () => {
    const node = await faultyNode();
    const heal = node.suffer('truncated-chunk');
    const answer = await talk(node.port, get('/'));
    expect(answer).toMatchObject({ status: 200, end: 'fin' });
    expect(answer.headers.get('transfer-encoding')).toBe('chunked');
    const [size, data = ''] = answer.body.split('\r\n');
    expect([Number.parseInt(size ?? '', 16), data.length]).toEqual([1000, 100]);
    heal();
    await expectHealed(node);
  });

  it('endless-header: lines without end, until it is switched off', async () => {
    const node = await faultyNode();
    const heal = node.suffer('endless-header');
    const client = await openRaw(node.port);
    client.write(get('/'));
    const text = await client.until((received) => received.length > 200_000);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).not.toContain('\r\n\r\n');
    heal();
    expect((await client.closed()).text).not.toContain('\r\n\r\n');
    await expectHealed(node);
  });

  it('endless-header: ends with the balancer that has enough', async () => {
    const node = await faultyNode();
    node.suffer('endless-header');
    const client = await openRaw(node.port);
    client.write(get('/'));
    await client.until((received) => received.length > 20_000);
    client.close();
    await waitFor(() => node.connector.inFlight() === 0);
  });

  it('error: the status that was asked for, on a connection that lives on', async () => {
    const node = await faultyNode();
    const heal = node.suffer('error:503');
    const client = await openRaw(node.port);
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody');
    await client.until((text) => text.startsWith('HTTP/1.1 503 ') && text.endsWith('fault: error 503\n'));
    heal();
    client.write(get('/after'));
    await client.until((text) => text.endsWith('n1 GET /after 0'));
  });

  it('error with a chance: some requests of many, the same with the same seed', async () => {
    const run = async (): Promise<string> => {
      const node = await faultyNode();
      node.suffer('error:500,30%');
      let statuses = '';
      for (let i = 0; i < 30; i++) statuses += (await talk(node.port, get('/', CLOSE))).status === 500 ? 'x' : '.';
      return statuses;
    };
    const first = await run();
    expect(first).toMatch(/x.*\.|\..*x/);
    expect(await run()).toBe(first);
  });

  it.each([
    ['error:503', 'HTTP/1.1 503 Service Unavailable\r\n', 'fin'],
    ['garbage', '\0', 'fin'],
    ['reset', '', 'reset'],
  ])('%s strikes the handshake of a WebSocket, too', async (fault, beginning, end) => {
    const node = await faultyNode();
    node.suffer(fault);
    const answer = await talk(node.port, get('/', ...WEB_SOCKET));
    expect(answer.text.startsWith(beginning)).toBe(true);
    expect(answer.end).toBe(end);
    await waitFor(() => node.connector.inFlight() === 0);
  });
});

describe('after so many bytes', () => {
  it.each([0, 1, 40, 120])('reset-after:%i: exactly so many bytes, and a RST', async (bytes) => {
    const node = await faultyNode();
    const heal = node.suffer(`reset-after:${bytes}`);
    const answer = await endingOf(node.port, get('/'));
    expect([answer.text.length, answer.end]).toEqual([bytes, 'reset']);
    heal();
    await expectHealed(node);
  });

  it('reset-after: in the middle of a body', async () => {
    const node = await faultyNode({
      application: {
        request: (_request, response) =>
          response.writeHead(200, { 'Content-Length': '100000' }).end('x'.repeat(100_000)),
        upgrade: () => {},
      },
    });
    node.suffer('reset-after:50000');
    const answer = await endingOf(node.port, get('/'));
    expect([answer.text.length, answer.end]).toEqual([50_000, 'reset']);
  });

  it('reset-after: a shorter response is not touched, nor what comes after it counted together', async () => {
    const node = await faultyNode();
    node.suffer('reset-after:400');
    const client = await openRaw(node.port);
    for (let i = 0; i < 4; i++) {
      client.write(get(`/${i}`));
      await client.until((text) => text.endsWith(`n1 GET /${i} 0`));
    }
    expect(client.received().length).toBeGreaterThan(400);
  });

  it('hang-after: exactly so many bytes, and the rest when it is switched off', async () => {
    const node = await faultyNode();
    const heal = node.suffer('hang-after:40');
    const client = await openRaw(node.port);
    client.write(get('/a'));
    await client.until((text) => text.length === 40);
    expect((await talkBehind(node)).length).toBe(40);
    expect(client.received().length).toBe(40);
    heal();
    await client.until((text) => text.endsWith('n1 GET /a 0'));
    client.write(get('/b'));
    await client.until((text) => text.endsWith('n1 GET /b 0'));
  });

  it('reset-after on a WebSocket: so many bytes after the handshake began', async () => {
    const node = await faultyNode();
    const client = await openRaw(node.port);
    client.write(get('/', ...WEB_SOCKET));
    const handshake = await client.until((text) => text.endsWith('\r\n\r\n'));
    node.suffer(`reset-after:${handshake.length + 7}`);
    client.write('12345');
    await client.until((text) => text.endsWith('12345'));
    client.write('67890');
    expect((await client.closed()).text.slice(handshake.length)).toBe('1234567');
  });
});

/** A second request that gets the same: by then the first would have got more, too. */
async function talkBehind(node: FaultyNode): Promise<string> {
  const client = await openRaw(node.port);
  client.write(get('/'));
  return await client.until((text) => text.length >= 40);
}
