import { describe, expect, it } from 'vitest';
import { McmpError, UsageError } from '../../../src/core/errors.ts';
import { openConnector } from '../../../src/node/connector/connector.ts';
import type { ConnectorOptions } from '../../../src/node/connector/types.ts';
import { createFaultBoard } from '../../../src/node/faults/board.ts';
import { openRaw, talk } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { get, type Served, serve as serveWith, testApplication } from './serve.ts';

const CLOSE = 'Connection: close';

/** A board on which nothing is on must not be seen: all of this holds with and without one. */
describe.each([
  ['without a board of faults', () => ({})],
  ['with a board of faults', () => ({ faults: createFaultBoard() })],
])('%s', (_name, board) => {
  const serve = (options: Partial<ConnectorOptions> = {}): Promise<Served> => serveWith({ ...board(), ...options });

  describe('a connector', () => {
    it('hands requests to the application and counts them, by path too', async () => {
      const seen: string[] = [];
      const { connector, port } = await serve({
        onRequest: (path) => {
          seen.push(`+${path}`);
          return () => seen.push(`-${path}`);
        },
      });
      const answer = await talk(port, get('/app/x;jsessionid=1.n1?y', CLOSE));
      expect(answer.body).toBe('n1 GET /app/x;jsessionid=1.n1?y 0');
      expect(connector.requestCount()).toBe(1);
      await waitFor(() => connector.inFlight() === 0);
      expect(seen).toEqual(['+/app/x', '-/app/x']);
    });

    it.each(['HTTP/1.1\r\nHost: a', 'HTTP/1.0'])(
      'answers OPTIONS * in %j itself and does not count it',
      async (rest) => {
        const { connector, port } = await serve();
        const answer = await talk(port, `OPTIONS * ${rest}\r\nConnection: close\r\n\r\n`);
        expect(answer.status).toBe(200);
        expect(answer.headers.get('allow')).toContain('POST');
        expect(connector.requestCount()).toBe(0);
      },
    );

    const PING = 'OPTIONS * HTTP/1.1\r\nHost: a\r\n';
    it.each([
      ['in pieces', ['OPTIONS * HT', 'TP/1.1\r\nHost: a\r\nConnection: cl', 'ose\r\n\r\n'], 1],
      ['that keeps the connection, and another', [`${PING}\r\n`, `${PING}${CLOSE}\r\n\r\n`], 2],
      ['with a request behind it', [`${PING}\r\n${get('/x', CLOSE)}`], 2],
      ['with a body', [`${PING}Content-Length: 2\r\n\r\nab${get('/x', CLOSE)}`], 2],
      ['with a body of chunks', [`${PING}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${get('/x', CLOSE)}`], 2],
      ['that says close and has a request behind it', [`${PING}${CLOSE}\r\n\r\n${get('/x')}`], 1],
    ])('reads a ping %s as HTTP does', async (_words, pieces, answers) => {
      const { port } = await serve();
      const client = await openRaw(port);
      for (const piece of pieces) {
        client.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await client.closed();
      expect(client.received().split('HTTP/1.1 200').length - 1).toBe(answers);
    });

    it('keeps a connection open between requests', async () => {
      const { port } = await serve();
      const client = await openRaw(port);
      for (const path of ['/one', '/two']) {
        client.write(get(path));
        await client.until((text) => text.endsWith(`n1 GET ${path} 0`));
      }
      expect(client.received()).toContain('Keep-Alive: timeout=65');
    });

    it('announces the end of a connection with the response after which it closes, as Tomcat does', async () => {
      const { port } = await serve({ maxRequestsPerConnection: 3 });
      const client = await openRaw(port);
      for (let i = 1; i <= 3; i++) {
        client.write(get(`/${i}`));
        await client.until((text) => text.includes(`n1 GET /${i} 0`));
      }
      const { text, end } = await client.closed();
      expect(end).toBe('fin');
      expect(text.match(/Connection: (keep-alive|close)/g)).toEqual([
        'Connection: keep-alive',
        'Connection: keep-alive',
        'Connection: close',
      ]);
    });

    it('works on IPv6', async () => {
      const { port } = await serve({ host: '[::1]' });
      const client = await openRaw(port, '::1');
      client.write(get('/', CLOSE));
      expect((await client.closed()).status).toBe(200);
    });

    it('hands WebSockets over and counts them as running until they close', async () => {
      const { connector, port } = await serve();
      const client = await openRaw(port);
      client.write(`${get('/chat', 'Connection: Upgrade', 'Upgrade: websocket')}first`);
      await client.until((text) => text.startsWith('HTTP/1.1 101 ') && text.endsWith('first'));
      client.write(' second');
      await client.until((text) => text.endsWith('first second'));
      expect([connector.requestCount(), connector.inFlight()]).toEqual([1, 1]);
      client.close();
      await waitFor(() => connector.inFlight() === 0);
    });

    it('ignores an upgrade that is no WebSocket, and reads the request with its body', async () => {
      const { connector, port } = await serve();
      const client = await openRaw(port);
      const h2c = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'];
      client.write(['POST /a HTTP/1.1', 'Host: a', 'Content-Length: 4', ...h2c, '', 'body'].join('\r\n'));
      await client.until((text) => text.endsWith('n1 POST /a 4'));
      client.write(get('/b', CLOSE));
      const answer = await client.closed();
      expect(answer.text).toMatch(/n1 GET \/b 0$/);
      expect(connector.requestCount()).toBe(2);
    });

    it('says 100 Continue before the body, to those who wait for it', async () => {
      const { connector, port } = await serve();
      const client = await openRaw(port);
      client.write('POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
      await client.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
      client.write('body');
      await client.until((text) => text.endsWith('n1 POST /a 4'));
      expect(connector.requestCount()).toBe(1);
    });

    it('counts requests out that were pipelined when the connection ends', async () => {
      const { connector, port } = await serve();
      const client = await openRaw(port);
      client.write(get('/wait') + get('/wait') + get('/'));
      await waitFor(() => connector.inFlight() === 3);
      client.close();
      await waitFor(() => connector.inFlight() === 0);
    });

    it('answers 400 to what is no HTTP and lives on', async () => {
      const { port } = await serve();
      expect((await talk(port, 'no such thing\r\n\r\n')).status).toBe(400);
      expect((await talk(port, get('/', CLOSE))).status).toBe(200);
    });
  });

  describe('a connector that closes', () => {
    it('ends idle connections at once, and running ones with their response', async () => {
      const { connector, port, release } = await serve();
      const idle = await openRaw(port);
      idle.write(get('/'));
      await idle.until((text) => text.endsWith('n1 GET / 0'));
      const busy = await openRaw(port);
      busy.write(get('/wait'));
      await waitFor(() => connector.inFlight() === 1);
      const closed = connector.close(8000);
      expect((await idle.closed()).end).toBe('fin');
      await expect(openRaw(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      release();
      const answer = await busy.closed();
      expect(answer).toMatchObject({ status: 200, end: 'fin', body: 'n1 GET /wait 0' });
      expect(answer.headers.get('connection')).toBe('close');
      await closed;
      expect(connector.inFlight()).toBe(0);
    });

    it('cuts off what takes too long', async () => {
      const { connector, port } = await serve();
      const busy = await openRaw(port);
      busy.write(get('/wait'));
      await waitFor(() => connector.inFlight() === 1);
      await connector.close(10);
      expect((await busy.closed()).status).toBe(0);
      expect(connector.inFlight()).toBe(0);
    });

    it('resets everything when it is killed, and its port is free', async () => {
      const { connector, port } = await serve();
      const [idle, busy] = [await openRaw(port), await openRaw(port)];
      busy.write(get('/wait'));
      await waitFor(() => connector.inFlight() === 1);
      await connector.kill();
      expect((await idle.closed()).end).toBe('reset');
      expect((await busy.closed()).end).toBe('reset');
      const again = await serve({ port });
      expect((await talk(again.port, get('/', CLOSE))).status).toBe(200);
    });
  });

  it('a connector can be killed while it closes', async () => {
    const { connector, port } = await serve();
    const idle = await openRaw(port);
    idle.write(get('/'));
    await idle.until((text) => text.endsWith('n1 GET / 0'));
    const busy = await openRaw(port);
    busy.write(get('/wait'));
    await waitFor(() => connector.inFlight() === 1);
    const closed = connector.close(60_000);
    await connector.kill();
    await closed;
    expect((await busy.closed()).end).toBe('reset');
  });

  describe('connectors that share an address', () => {
    it('get the requests of their sessions, and take turns with the others', async () => {
      const first = await serve();
      const second = await serve({ route: 'n2', shareWith: first.connector });
      expect(second.port).toBe(first.port);
      const asked = async (path: string, ...headers: string[]): Promise<string> =>
        (await talk(first.port, get(path, CLOSE, ...headers))).body.slice(0, 2);
      expect(await asked('/', 'Cookie: a=b.n1x; JSESSIONID=1.n2')).toBe('n2');
      expect(await asked('/a;jsessionid=1.n1?x=1')).toBe('n1');
      expect([await asked('/'), await asked('/')].sort()).toEqual(['n1', 'n2']);
      expect([first.connector.requestCount(), second.connector.requestCount()]).toEqual([2, 2]);
    });

    it('leave one by one: the address goes with the last', async () => {
      const first = await serve();
      const second = await serve({ route: 'n2', shareWith: first.connector });
      await first.connector.close(1000);
      const answer = await talk(first.port, get('/', CLOSE, 'Cookie: JSESSIONID=1.n1'));
      expect(answer.body.slice(0, 2)).toBe('n2');
      await second.connector.close(1000);
      await expect(openRaw(first.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await expect(serve({ route: 'n3', shareWith: second.connector })).rejects.toMatchObject({ code: 'MCMP_LISTEN' });
    });

    it('die alone: only connections with requests of the dead one are reset', async () => {
      const first = await serve();
      const second = await serve({ route: 'n2', shareWith: first.connector });
      const clients = [await openRaw(first.port), await openRaw(first.port)];
      for (const [i, client] of clients.entries()) client.write(get('/wait', `Cookie: s=1.n${i + 1}`));
      await waitFor(() => first.connector.inFlight() === 1 && second.connector.inFlight() === 1);
      await first.connector.kill();
      expect((await clients[0]?.closed())?.end).toBe('reset');
      second.release();
      await clients[1]?.until((text) => text.endsWith('n2 GET /wait 0'));
    });
  });
});

describe('a connector that cannot be', () => {
  it('says which address is taken and what to do', async () => {
    const { port } = await serveWith();
    const second = openConnector({ route: 'n2', host: '127.0.0.1', port, application: testApplication('n2') });
    const error = await second.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(McmpError);
    expect(error).toMatchObject({
      kind: 'unreachable',
      code: 'MCMP_LISTEN',
      message: expect.stringContaining(`127.0.0.1:${port}`),
      hint: expect.stringContaining('Port 0'),
    });
  });

  it.each([
    ['https', 'needs a certificate', 'mcmp certs dev'],
    ['htp', 'no connector of type "htp"', 'Did you mean http?'],
  ])('refuses the type %s', async (type, message, hint) => {
    const opened = openConnector({ route: 'n1', host: '127.0.0.1', port: 0, type, application: testApplication('n1') });
    const error = await opened.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ message: expect.stringContaining(message), hint: expect.stringContaining(hint) });
  });
});
