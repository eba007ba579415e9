import { createHash } from 'node:crypto';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/node/clock.ts';
import { openRaw, talk } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Said, serveApplication } from './serve-application.ts';

async function ask(
  port: number,
  target: string,
  options: { readonly method?: 'GET' | 'POST' | 'HEAD'; readonly cookie?: string; readonly body?: string } = {},
): Promise<{ status: number; headers: ReadonlyMap<string, string>; said: Said }> {
  const { method = 'GET', cookie, body } = options;
  const answer = await request(`http://127.0.0.1:${port}${target}`, {
    method,
    headers: cookie === undefined ? {} : { cookie },
    ...(body === undefined ? {} : { body }),
  });
  const headers = new Map(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
  return { status: answer.statusCode, headers, said: (await answer.body.json()) as Said };
}

describe('what the application says', () => {
  it('names the node and repeats the request as it came, headers in their order and spelling', async () => {
    const { port } = await serveApplication();
    const answer = await talk(
      port,
      'GET /shop/a%20b;v=1/c?x=1&y HTTP/1.1\r\nhOsT: example\r\nX-One: 1\r\nx-two:  2 \r\nX-One: 3\r\nConnection: close\r\n\r\n',
    );
    expect(answer.headers.get('x-route')).toBe('n1');
    const said = JSON.parse(answer.body) as Said;
    expect(said).toMatchObject({
      route: 'n1',
      node: `127.0.0.1:${port}`,
      context: '/shop',
      method: 'GET',
      target: '/shop/a%20b;v=1/c?x=1&y',
      path: '/shop/a b/c',
      httpVersion: '1.1',
      headers: [
        ['hOsT', 'example'],
        ['X-One', '1'],
        ['x-two', '2'],
        ['X-One', '3'],
        ['Connection', 'close'],
      ],
    });
    expect(said.remote).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(said.body).toBeUndefined();
  });

  it('names the address it is told, when it is told one', async () => {
    const { port } = await serveApplication({ address: () => 'node.example:8080' });
    expect((await ask(port, '/shop')).said.node).toBe('node.example:8080');
  });

  it('answers HTTP/1.0 and targets in absolute form', async () => {
    const { port } = await serveApplication();
    const said = JSON.parse((await talk(port, 'GET http://example/api/x?q HTTP/1.0\r\n\r\n')).body) as Said;
    expect(said).toMatchObject({
      httpVersion: '1.0',
      context: '/api',
      path: '/api/x',
      target: 'http://example/api/x?q',
    });
  });

  it.each([
    ['/shop/admin/x', '/shop/admin'],
    ['/shop/administrator', '/shop'],
    ['/sh%6Fp/admin', '/shop/admin'],
    ['/shop;a=b/admin;c/x', '/shop/admin'],
    ['/shop', '/shop'],
  ])('finds %s in the context %s', async (path, context) => {
    const { port } = await serveApplication();
    expect((await ask(port, path)).said.context).toBe(context);
  });

  it.each(['/shopping', '/', '/other', '/%FF/shop'])('answers 404 for %s', async (path) => {
    const { port } = await serveApplication();
    const { status, said } = await ask(port, path, { method: 'POST', body: 'x'.repeat(100_000) });
    expect(status).toBe(404);
    expect(said.error).toContain('no context');
  });

  it('serves contexts that come and go', async () => {
    const contexts = ['/old'];
    const { port } = await serveApplication({ contexts: () => contexts });
    expect((await ask(port, '/new')).status).toBe(404);
    contexts.push('/new', '/');
    expect((await ask(port, '/new/x')).said.context).toBe('/new');
    expect((await ask(port, '/elsewhere')).said.context).toBe('/');
    contexts.splice(0);
    expect((await ask(port, '/old')).status).toBe(404);
  });
});

describe('sessions', () => {
  it('are created with the route behind a dot, and kept', async () => {
    const { port } = await serveApplication();
    const first = await ask(port, '/shop/cart');
    expect(first.said).toMatchObject({ sessionIs: 'created', counter: 1 });
    expect(first.said.session).toMatch(/^[0-9A-F]{32}\.n1$/);
    expect(first.headers.get('set-cookie')).toBe(`JSESSIONID=${first.said.session}; Path=/shop; HttpOnly`);
    const second = await ask(port, '/shop/cart', { cookie: `a=b; JSESSIONID="${first.said.session}"` });
    expect(second.said).toMatchObject({ session: first.said.session, sessionIs: 'kept', counter: 2 });
    expect(second.headers.has('set-cookie')).toBe(false);
  });

  it.each([
    ['ABC.n7', 'of another node'],
    ['ABC', 'without a route'],
    ['ABC.n7.n8', 'with two routes'],
  ])('keep their id and get this route: %s, one %s', async (id) => {
    const { port } = await serveApplication();
    const { said, headers } = await ask(port, '/api', { cookie: `JSESSIONID=${id}` });
    expect(said).toMatchObject({ session: 'ABC.n1', sessionIs: 'moved' });
    expect(headers.get('set-cookie')).toBe('JSESSIONID=ABC.n1; Path=/api; HttpOnly');
  });

  it('are read from the path parameter when there is no cookie', async () => {
    const { port } = await serveApplication();
    expect((await ask(port, '/shop/a;jsessionid=XYZ.n1?x=1')).said).toMatchObject({
      session: 'XYZ.n1',
      path: '/shop/a',
      sessionIs: 'kept',
    });
    const both = await ask(port, '/shop/a;jsessionid=XYZ.n1', { cookie: 'JSESSIONID=COOKIE.n1' });
    expect(both.said.session).toBe('COOKIE.n1');
  });

  it('have the names they are given, and the path of the root context', async () => {
    const { port } = await serveApplication({ contexts: ['/'], sessionCookie: 'SID', sessionPath: 'sid' });
    const { said, headers } = await ask(port, '/x', { cookie: 'JSESSIONID=A.n1' });
    expect(said.sessionIs).toBe('created');
    expect(headers.get('set-cookie')).toBe(`SID=${said.session}; Path=/; HttpOnly`);
    expect((await ask(port, '/x;sid=B.n1')).said.session).toBe('B.n1');
  });

  it.each(['', '.n1', 'A"B.n1', 'A\\B.n1', `${'x'.repeat(300)}.n1`])(
    'are new when the id is nonsense: %s',
    async (id) => {
      const { port } = await serveApplication();
      expect((await ask(port, '/shop', { cookie: `JSESSIONID=${id}` })).said.sessionIs).toBe('created');
    },
  );

  it('expire after half an hour without a request', async () => {
    let nowMs = 0;
    const { port, application } = await serveApplication({ clock: { ...systemClock, nowMs: () => nowMs } });
    await ask(port, '/shop');
    nowMs = 30 * 60_000 - 1;
    expect(application.sessions('/shop')).toBe(1);
    nowMs += 1;
    expect(application.sessions('/shop')).toBe(0);
  });

  it('are counted for each context, can be ended and need not be made', async () => {
    const { port, application } = await serveApplication();
    const { said } = await ask(port, '/shop');
    await ask(port, '/shop');
    await ask(port, '/api');
    expect((await ask(port, '/api?session=none')).said).toMatchObject({ session: null, sessionIs: 'none' });
    expect([application.sessions('/shop'), application.sessions('/api'), application.sessions('/x')]).toEqual([
      2, 1, 0,
    ]);
    const ended = await ask(port, '/shop?session=end', { cookie: `JSESSIONID=${said.session}` });
    expect(ended.said).toMatchObject({ session: null, sessionIs: 'ended' });
    expect(ended.headers.get('set-cookie')).toBe('JSESSIONID=; Max-Age=0; Path=/shop; HttpOnly');
    expect(application.sessions('/shop')).toBe(1);
  });
});

describe('bodies', () => {
  const sent = 'mcmp'.repeat(50_000);
  const words = { bytes: sent.length, sha256: createHash('sha256').update(sent).digest('hex') };

  it('are answered with their length and digest, whatever else was asked for', async () => {
    const { port } = await serveApplication();
    const { said, headers } = await ask(port, '/shop', { method: 'POST', body: sent });
    expect(said.body).toEqual(words);
    expect(headers.get('x-body-sha256')).toBe(words.sha256);
    const other = await request(`http://127.0.0.1:${port}/shop?size=3`, { method: 'PUT', body: sent });
    expect(other.headers).toMatchObject({ 'x-body-bytes': String(sent.length), 'x-body-sha256': words.sha256 });
    expect((await other.body.bytes()).length).toBe(3);
  });

  it('may come in chunks, one byte at a time', async () => {
    const { port } = await serveApplication();
    const client = await openRaw(port);
    const bytes =
      'POST /shop HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
    client.socket.setNoDelay(true);
    for (const byte of bytes) client.write(byte);
    const said = JSON.parse((await client.closed()).body) as Said;
    expect(said.body).toEqual({ bytes: 3, sha256: createHash('sha256').update('abc').digest('hex') });
  });

  it('are waited for with 100 Continue', async () => {
    const { port } = await serveApplication();
    const client = await openRaw(port);
    client.write(
      'POST /shop HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n',
    );
    await client.until((text) => text.startsWith('HTTP/1.1 100 Continue\r\n\r\n'));
    client.write('abc');
    const answer = await client.closed();
    expect((JSON.parse(answer.body) as Said).body?.bytes).toBe(3);
  });

  it('that break off end the connection and nothing else', async () => {
    const { port, connections } = await serveApplication();
    const client = await openRaw(port);
    client.write('POST /shop HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
    await waitFor(async () => (await connections()) === 1);
    client.socket.resetAndDestroy();
    await waitFor(async () => (await connections()) === 0);
    expect((await ask(port, '/shop')).status).toBe(200);
  });
});
