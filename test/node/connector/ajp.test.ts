import { createHash, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { AjpAttribute } from '../../../src/core/ajp/index.ts';
import { createApplication } from '../../../src/node/application/application.ts';
import { waitFor } from '../../support/wait-for.ts';
import { ajpRequest, openAjp } from './ajp-client.ts';
import { serve } from './serve.ts';

const SECRET: AjpAttribute = { name: 'secret', value: 's3cret' };
const application = (): ReturnType<typeof createApplication> => createApplication({ route: 'n1', contexts: ['/app'] });

describe('a connector of type ajp', () => {
  it('answers with all that the balancer said, in its order, but not the secret', async () => {
    const { port } = await serve({ type: 'ajp', application: application(), ajp: { secret: 's3cret' } });
    const client = await openAjp(port);
    const attributes: AjpAttribute[] = [
      { name: 'query_string', value: 'a=1&b=%20' },
      { name: 'secret', value: 's3cret' },
      { name: 'jvm_route', value: 'n1' },
      { name: 'ssl_key_size', value: '256' },
      { name: 'req_attribute', key: 'AJP_REMOTE_PORT', value: '50000' },
      { name: 'remote_user', value: 'r\xc3\xb6' },
    ];
    const answer = await client.ask({
      uri: '/app/x;y',
      protocol: 'HTTP/2.0',
      remoteHost: 'client.example',
      isSsl: true,
      serverPort: 443,
      headers: [
        ['Host', 'shop.example'],
        ['X-A', '1'],
        ['x-a', '2'],
        ['Connection', 'close'],
      ],
      attributes,
    });
    expect(answer).toMatchObject({ status: 200, reason: 'OK', reuse: true, events: ['head', 'data', 'end'] });
    expect(answer.body).not.toContain('s3cret');
    expect(JSON.parse(answer.body)).toMatchObject({
      route: 'n1',
      context: '/app',
      method: 'GET',
      target: '/app/x;y?a=1&b=%20',
      path: '/app/x',
      httpVersion: '2.0',
      headers: [
        ['Host', 'shop.example'],
        ['X-A', '1'],
        ['x-a', '2'],
        ['Connection', 'close'],
      ],
      ajp: {
        protocol: 'HTTP/2.0',
        uri: '/app/x;y',
        remoteAddress: '192.0.2.7',
        remoteHost: 'client.example',
        serverName: 'shop.example',
        serverPort: 443,
        isSsl: true,
        secret: 'right',
        attributes: [
          ['query_string', 'a=1&b=%20'],
          ['jvm_route', 'n1'],
          ['ssl_key_size', '256'],
          ['AJP_REMOTE_PORT', '50000'],
          ['remote_user', 'rö'],
        ],
      },
    });
  });

  it.each([
    ['with a length', [['Content-Length', '200000']], 200_000],
    ['of chunks', [['Transfer-Encoding', 'chunked']], 200_000],
    ['of which nothing was said', [], 200_000],
    ['of no bytes', [['Content-Length', '0']], 0],
    ['of one byte', [['Content-Length', '1']], 1],
  ] as const)(
    'reads a body %s to its end, and the connection is good for the next request',
    async (_words, headers, size) => {
      const { port } = await serve({ type: 'ajp', application: application() });
      const client = await openAjp(port);
      const body = randomBytes(size);
      const sha256 = createHash('sha256').update(body).digest('hex');
      for (let i = 0; i < 2; i++) {
        const answer = await client.ask({ method: 'POST', headers }, body);
        expect(answer).toMatchObject({ status: 200, reuse: true });
        expect(JSON.parse(answer.body)).toMatchObject({ method: 'POST', body: { bytes: size, sha256 } });
      }
    },
  );

  it.each(['DELETE', 'PATCH', 'CHECKIN', 'VERSION-CONTROL', 'MYOWN'])(
    'serves %s, asking for a body that there is not',
    async (method) => {
      const { port } = await serve({ type: 'ajp', application: application() });
      const answer = await (await openAjp(port)).ask({ method });
      expect(answer).toMatchObject({ status: 200, events: ['asked', 'head', 'data', 'end'] });
      const said: object = JSON.parse(answer.body);
      expect(said).toMatchObject({ method });
      expect(said).not.toHaveProperty('body');
    },
  );

  it('answers HEAD without a body', async () => {
    const { port } = await serve({ type: 'ajp', application: application() });
    const answer = await (await openAjp(port)).ask({ method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, body: '', events: ['head', 'end'] });
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(100);
  });

  const KEY = 'fault';
  it.each<[string, AjpAttribute[], number]>([
    ['the wrong secret', [{ name: 'secret', value: 's3cres' }], 403],
    ['no secret', [], 403],
    ['an empty secret', [{ name: 'secret', value: '' }], 403],
    ['the right secret and a wrong one', [SECRET, { name: 'secret', value: 'x' }], 403],
    ['a request attribute of its own', [SECRET, { name: 'req_attribute', key: KEY, value: 'x' }], 403],
    ['a query that would be a line of HTTP', [SECRET, { name: 'query_string', value: 'a HTTP/1.1\r\nX: y' }], 400],
  ])('refuses %s before the application sees it, and closes', async (_words, attributes, status) => {
    const { connector, port } = await serve({ type: 'ajp', application: application(), ajp: { secret: 's3cret' } });
    const client = await openAjp(port);
    expect(await client.ask({ attributes })).toMatchObject({ status, reuse: false });
    expect(await client.closed()).toEqual([]);
    expect(connector.requestCount()).toBe(0);
  });

  it('takes a secret of any letters, and does not compare one that it did not ask for', async () => {
    const spelt = 'gehe\u00efm \u2713';
    const { port } = await serve({ type: 'ajp', application: application(), ajp: { secret: spelt } });
    const value = Buffer.from(spelt).toString('latin1');
    const answer = await (await openAjp(port)).ask({ attributes: [{ name: 'secret', value }] });
    expect(JSON.parse(answer.body)).toMatchObject({ ajp: { secret: 'right' } });
    const open = await serve({ type: 'ajp', application: application() });
    const other = await (await openAjp(open.port)).ask({ attributes: [SECRET] });
    expect(JSON.parse(other.body)).toMatchObject({ ajp: { secret: 'not compared', attributes: [] } });
  });

  it('keeps a session by its cookie and by the path, as by HTTP', async () => {
    const { port } = await serve({ type: 'ajp', application: application() });
    const client = await openAjp(port);
    const first = await client.ask({});
    const cookie = /^[^;]+/.exec(first.headers.get('set-cookie') ?? '')?.[0] ?? '';
    expect(cookie).toMatch(/^JSESSIONID=.+\.n1$/);
    const again = await client.ask({ headers: [['Cookie', cookie]] });
    expect(JSON.parse(again.body)).toMatchObject({ sessionIs: 'kept', counter: 2 });
    const inPath = await client.ask({ uri: `/app;jsessionid=${cookie.slice('JSESSIONID='.length)}` });
    expect(JSON.parse(inPath.body)).toMatchObject({ sessionIs: 'kept', counter: 3 });
  });

  it('answers CPING at once, on a fresh connection and between requests', async () => {
    const { connector, port } = await serve({ type: 'ajp' });
    const client = await openAjp(port);
    await client.ping();
    await client.ask({});
    await client.ping();
    expect(connector.requestCount()).toBe(1);
  });

  it('answers requests in one write in their order, one after the other', async () => {
    const { connector, port, release } = await serve({ type: 'ajp' });
    const client = await openAjp(port);
    client.write(Buffer.concat([ajpRequest({ uri: '/wait' }), ajpRequest({ uri: '/b' }), ajpRequest({ uri: '/c' })]));
    await waitFor(() => connector.inFlight() === 1);
    release();
    const first = client.answer();
    expect([(await first).body, (await client.answer()).body, (await client.answer()).body]).toEqual([
      'n1 GET /wait 0',
      'n1 GET /b 0',
      'n1 GET /c 0',
    ]);
  });

  it('lets a balancer that sends no more see what has come of a stream so far', async () => {
    const { port } = await serve({ type: 'ajp', application: application() });
    const answer = await (await openAjp(port)).ask({ attributes: [{ name: 'query_string', value: 'stream=3' }] });
    expect(answer.events.filter((event) => event === 'flush').length).toBeGreaterThanOrEqual(2);
    expect(answer.events.at(-1)).toBe('end');
  });

  it('stops in the middle of an answer that nobody takes, and when the balancer has gone', async () => {
    const { connector, port } = await serve({ type: 'ajp', application: application() });
    const client = await openAjp(port);
    client.socket.pause();
    client.write(ajpRequest({ attributes: [{ name: 'query_string', value: 'size=64MiB' }] }));
    await waitFor(() => connector.inFlight() === 1);
    expect(connector.inFlight()).toBe(1);
    client.socket.destroy();
    await waitFor(() => connector.inFlight() === 0);
  });

  it('reads packets up to the size that was configured, and writes none that is larger', async () => {
    const { port } = await serve({ type: 'ajp', application: application(), ajp: { packetBytes: 65_536 } });
    const client = await openAjp(port, 65_536);
    const long = 'x'.repeat(40_000);
    const answer = await client.ask({ headers: [['X-Long', long]] });
    expect(JSON.parse(answer.body)).toMatchObject({ headers: [['X-Long', long]] });
  });

  it('says 500 in place of an answer whose head does not fit a packet', async () => {
    const request: RequestListener = (_request, response) => {
      response.setHeader('X-Long', 'x'.repeat(9000));
      response.end();
    };
    const { port } = await serve({ type: 'ajp', application: { request, upgrade: () => {} } });
    expect(await (await openAjp(port)).ask({})).toMatchObject({ status: 500, reuse: false });
  });

  it.each([
    ['before it has said anything', false],
    ['in the middle', true],
  ])('ends the connection without END_RESPONSE when the application breaks off %s', async (_words, hasBegun) => {
    const request: RequestListener = (_request, response) => {
      if (hasBegun) response.write('half');
      setImmediate(() => response.destroy());
    };
    const { connector, port } = await serve({ type: 'ajp', application: { request, upgrade: () => {} } });
    const client = await openAjp(port);
    client.write(ajpRequest());
    expect(await client.closed()).toEqual([]);
    await waitFor(() => connector.inFlight() === 0);
  });

  it('does not upgrade: a WebSocket gets the answer of a plain request', async () => {
    const { port } = await serve({ type: 'ajp', application: application() });
    const answer = await (await openAjp(port)).ask({
      headers: [
        ['Connection', 'Upgrade'],
        ['Upgrade', 'websocket'],
      ],
    });
    expect(answer).toMatchObject({ status: 200 });
  });

  it('closes politely: idle connections at once, busy ones with an END_RESPONSE that forbids reuse', async () => {
    const { connector, port, release } = await serve({ type: 'ajp' });
    const idle = await openAjp(port);
    await idle.ping();
    const busy = await openAjp(port);
    busy.write(ajpRequest({ uri: '/wait' }));
    await waitFor(() => connector.inFlight() === 1);
    const closed = connector.close(10_000);
    await idle.closed();
    release();
    expect(await busy.answer()).toMatchObject({ status: 200, reuse: false });
    await closed;
  });

  it('is dead when it was killed', async () => {
    const { connector, port } = await serve({ type: 'ajp' });
    const client = await openAjp(port);
    client.write(ajpRequest({ uri: '/wait' }));
    await waitFor(() => connector.inFlight() === 1);
    await connector.kill();
    expect(await client.closed()).toEqual([]);
  });

  it('serves two nodes at one port, each its own sessions, and no node that speaks something else', async () => {
    const { connector, port } = await serve({ type: 'ajp' });
    const second = await serve({ type: 'ajp', route: 'n2', shareWith: connector });
    expect(second.port).toBe(port);
    const client = await openAjp(port);
    for (const route of ['n2', 'n1', 'n2']) {
      const answer = await client.ask({ headers: [['Cookie', `JSESSIONID=1.${route}`]] });
      expect(answer.body).toBe(`${route} GET /app 0`);
    }
    await expect(serve({ type: 'http', route: 'n3', shareWith: connector })).rejects.toMatchObject({ kind: 'usage' });
  });
});
