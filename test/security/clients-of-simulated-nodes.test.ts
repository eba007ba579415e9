import { describe, expect, it } from 'vitest';
import { createApplication } from '../../src/node/application/application.ts';
import { openConnector } from '../../src/node/connector/connector.ts';
import type { Connector } from '../../src/node/connector/types.ts';
import { createFaultBoard } from '../../src/node/faults/board.ts';
import { parseFault } from '../../src/node/faults/grammar.ts';
import { freeAfter } from '../support/cleanup.ts';
import { openRaw } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

/** A simulated node with its own application, with or without faults. */
async function startNode(...faults: readonly string[]): Promise<Connector> {
  const application = createApplication({ route: 'n1', contexts: ['/app'] });
  const board = faults.length === 0 ? {} : { faults: createFaultBoard({ specs: faults.map(parseFault) }) };
  const connector = await openConnector({ route: 'n1', host: '127.0.0.1', port: 0, application, ...board });
  freeAfter(() => {
    application.close();
    return connector.kill();
  });
  return connector;
}

function get(target: string, ...headers: readonly string[]): string {
  return [`GET ${target} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');
}

async function expectAlive({ port }: Connector): Promise<void> {
  const client = await openRaw(port);
  client.write(get('/app'));
  await client.until((text) => text.includes('"route":"n1"'));
  client.close();
}

const HANDSHAKE = [
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
] as const;

/** A frame from a client, masked with zeros. */
function frame(firstByte: number, payload: string): Buffer {
  const bytes = Buffer.from(payload, 'latin1');
  return Buffer.concat([Buffer.from([firstByte, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}

describe('requests that are pipelined while answers wait', () => {
  it.each([
    ['asked to sleep', get('/app?sleep=600s'), []],
    ['at a node that hangs', get('/app'), ['hang']],
    ['and are pings of a node that is silent', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', ['options-silent']],
  ] as const)('%s, end their connection when they are too many', async (_, request, faults) => {
    const connector = await startNode(...faults);
    const client = await openRaw(connector.port);
    client.write(request.repeat(5000));
    expect((await client.closed()).text).toBe('');
    await waitFor(() => connector.inFlight() === 0);
    expect(connector.requestCount()).toBeLessThan(200);
  });

  it('are answered in their order when they are few', async () => {
    const { port } = await startNode();
    const client = await openRaw(port);
    client.write(Array.from({ length: 100 }, (_, i) => get(`/app?n=${i}`)).join(''));
    const text = await client.until((all) => all.includes('?n=99"'));
    const order = [...text.matchAll(/"target":"\/app\?n=(\d+)"/g)].map(([, n]) => Number(n));
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe('a WebSocket', () => {
  async function connected(...faults: readonly string[]) {
    const connector = await startNode(...faults);
    const client = await openRaw(connector.port);
    client.write(get('/app', ...HANDSHAKE));
    await client.until((text) => text.includes('101 Switching Protocols'));
    return { connector, client };
  }

  it('in too many fragments is ended', async () => {
    const { connector, client } = await connected();
    const one = frame(0x00, 'x');
    client.write(Buffer.concat([frame(0x01, 'x'), ...Array.from({ length: 20_000 }, () => one)]));
    await client.closed();
    await expectAlive(connector);
  });

  it('whose frame says it has 2^62 bytes is ended (CVE-2016-10542)', async () => {
    const { connector, client } = await connected();
    client.write(Buffer.from([0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]));
    await client.closed();
    await expectAlive(connector);
  });

  it.each([
    ['a compressed frame, which was not agreed on', frame(0xc1, 'x')],
    ['a frame without a mask', Buffer.from([0x81, 0x01, 0x61])],
    ['an unknown opcode', frame(0x8b, '')],
    ['a ping of 126 bytes', Buffer.from([0x89, 0xfe, 0, 126, 0, 0, 0, 0])],
    ['a fragmented ping', frame(0x09, 'x')],
    ['a close with half a code', frame(0x88, 'x')],
    ['text that is no UTF-8', frame(0x81, '\xff\xfe')],
    ['a continuation of nothing', frame(0x80, 'x')],
  ])('with %s is ended, with faults and without', async (_, bytes) => {
    for (const faults of [[], ['latency:1ms']]) {
      const { connector, client } = await connected(...faults);
      client.write(bytes);
      await client.closed();
      await expectAlive(connector);
    }
  });

  it.each([
    [
      'more headers than are read (CVE-2024-37890)',
      get('/app', ...Array.from({ length: 2200 }, () => 'x:1'), ...HANDSHAKE),
    ],
    [
      'a list of protocols that takes long to read (CVE-2021-32640)',
      get('/app', `Sec-WebSocket-Protocol: b${' '.repeat(15_000)}x`, ...HANDSHAKE),
    ],
    [
      'extensions without end',
      get('/app', `Sec-WebSocket-Extensions: permessage-deflate${'; a=1'.repeat(3000)}`, ...HANDSHAKE),
    ],
  ])('that is asked for with %s ends nobody', async (_, bytes) => {
    const connector = await startNode();
    const client = await openRaw(connector.port);
    client.write(bytes);
    await client.until((text) => text.includes('HTTP/1.1 '));
    client.close();
    await expectAlive(connector);
  });
});

describe('a request to a simulated node', () => {
  it.each([
    ['with a head of 64 KiB', get('/app', `X: ${'x'.repeat(65_536)}`), 431],
    ['with two lengths', get('/app', 'Content-Length: 1', 'Content-Length: 2'), 400],
    ['with chunks that have no size', `${get('/app', 'Transfer-Encoding: chunked')}zz\r\n`, 400],
    ['with TLS in place of HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['for a size of a terabyte', get('/app?size=1000GiB'), 400],
    ['for a million parts', get('/app?stream=1000000'), 400],
    ['for a sleep of a year', get('/app?sleep=365d'), 400],
    ['for a status of nobody', get('/app?status=99'), 400],
    [
      'that names a prototype',
      get('/app/__proto__/constructor?__proto__=1', 'Cookie: __proto__=1; constructor=2'),
      200,
    ],
    ['with a session of control characters', get('/app;jsessionid=%0d%0aX:y', 'Cookie: JSESSIONID="a\tb"'), 200],
  ])('%s is answered %3$d, and the node lives', async (_, bytes, status) => {
    const connector = await startNode();
    const client = await openRaw(connector.port);
    client.write(bytes);
    const text = await client.until((all) => /^HTTP\/1\.1 \d{3}/.test(all));
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    client.close();
    await expectAlive(connector);
  });
});
