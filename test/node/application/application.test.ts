import { connect } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApplication } from '../../../src/node/application/application.ts';
import { type Connector, openConnector } from '../../../src/node/connector/connector.ts';

let connector: Connector;

beforeAll(async () => {
  const contexts = ['/shop', '/shop/admin', '/api'];
  const application = createApplication({
    route: 'n1',
    contexts,
    sessionCookie: 'JSESSIONID',
    sessionPath: 'jsessionid',
  });
  connector = await openConnector('127.0.0.1', 0, application);
});

afterAll(() => connector.kill());

interface Said {
  readonly route: string;
  readonly context: string;
  readonly session: string;
  readonly counter: number;
  readonly path: string;
}

async function get(
  target: string,
  cookie?: string,
): Promise<{ status: number; setCookie: string | undefined; said: Said }> {
  const answer = await request(`http://127.0.0.1:${connector.port}${target}`, {
    headers: cookie === undefined ? {} : { cookie },
  });
  const { 'set-cookie': setCookie } = answer.headers;
  return {
    status: answer.statusCode,
    setCookie: Array.isArray(setCookie) ? setCookie.join() : setCookie,
    said: (await answer.body.json()) as Said,
  };
}

describe('the application of a simulated node', () => {
  it('creates a session with its route behind a dot, and keeps it', async () => {
    const first = await get('/shop/cart');
    expect(first.said).toMatchObject({ route: 'n1', context: '/shop', counter: 1, path: '/shop/cart' });
    expect(first.said.session).toMatch(/^[0-9A-F]{32}\.n1$/);
    expect(first.setCookie).toBe(`JSESSIONID=${first.said.session}; Path=/shop; HttpOnly`);
    const second = await get('/shop/cart', `a=b; JSESSIONID="${first.said.session}"`);
    expect(second.said.session).toBe(first.said.session);
    expect(second.said.counter).toBe(2);
    expect(second.setCookie).toBeUndefined();
    expect((await get('/shop', `JSESSIONID=${first.said.session}`)).said.counter).toBe(3);
  });

  it('takes over the session of another node and puts its own route behind it', async () => {
    const { said, setCookie } = await get('/api', 'JSESSIONID=ABC.n7');
    expect(said.session).toBe('ABC.n1');
    expect(setCookie).toContain('JSESSIONID=ABC.n1;');
  });

  it('reads the session from the path parameter', async () => {
    const { said } = await get('/shop/a;jsessionid=XYZ.n1?x=1');
    expect(said).toMatchObject({ session: 'XYZ.n1', path: '/shop/a' });
  });

  it.each([
    ['/shop/admin/x', '/shop/admin'],
    ['/shop/administrator', '/shop'],
    ['/shop', '/shop'],
  ])('finds %s in the context %s', async (path, context) => {
    expect((await get(path)).said.context).toBe(context);
  });

  it.each(['/shopping', '/', '/other'])('answers 404 for %s', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  it.each(['/shop?sleep=soon', '/shop?size=-1'])('refuses %s', async (path) => {
    expect((await get(path)).status).toBe(400);
  });

  it('sends as many bytes as were asked for', async () => {
    const answer = await request(`http://127.0.0.1:${connector.port}/shop?size=300001`);
    expect((await answer.body.arrayBuffer()).byteLength).toBe(300_001);
    expect(answer.headers['content-length']).toBe('300001');
  });

  it('sleeps as long as it was asked to', async () => {
    const startedMs = performance.now();
    await get('/shop?sleep=60');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(58);
  });

  it('answers the ping of a balancer without counting it', async () => {
    const before = connector.requestCount();
    expect(await ping(connector.port)).toContain('HTTP/1.1 200 OK');
    expect(connector.requestCount()).toBe(before);
  });
});

/** By hand, because undici refuses `*` as a target. */
async function ping(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    );
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}
