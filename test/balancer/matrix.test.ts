import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { AJP, type Back, HTTP, HTTPS, startBack } from '../support/backs.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { type Front, type FrontClient, H1, H1_TLS, H2, H2C, readAll } from '../support/fronts.ts';
import { waitFor } from '../support/wait-for.ts';

/** The same tests over everything that clients and nodes may speak. */
const FRONTS: readonly Front[] = [H1, H1_TLS, H2, H2C];
const BACKS: readonly Back[] = [HTTP, HTTPS, AJP];
const PAIRS = FRONTS.flatMap((front) => BACKS.map((back) => ({ front, back, name: `${front.name} to ${back.name}` })));

interface Scene {
  readonly lb: TestBalancer;
  readonly client: FrontClient;
}

async function scene(front: Front, back: Back): Promise<Scene> {
  const lb = await startTestBalancer({ ...back.options, ...front.options });
  return { lb, client: front.client(lb.port) };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const echo: RequestListener = (request, response) => {
  response.writeHead(200, { 'X-Method': request.method ?? '', 'X-Target': request.url ?? '' });
  request.pipe(response);
};

/** Answers with the headers as they came, as JSON. */
const showHeaders: RequestListener = (request, response) => {
  response.end(JSON.stringify(request.rawHeaders));
};

function headersShown(body: Buffer): [string, string][] {
  const raw: string[] = JSON.parse(body.toString());
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), raw[i + 1] ?? ''] as [string, string]] : []));
}

describe.each(PAIRS)('$name', ({ front, back }) => {
  it('answers GET and HEAD', async () => {
    const { lb, client } = await scene(front, back);
    await startBack(lb, back, 'n1', (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': '5' });
      response.end('hello');
    });
    const got = await client.ask({ path: '/app/x' });
    expect(got.status).toBe(200);
    expect(got.headers.get('content-type')).toBe('text/plain');
    expect(got.body.toString()).toBe('hello');
    const head = await client.ask({ path: '/app/x', method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe('5');
    expect(head.body.length).toBe(0);
  });

  it.each([0, 1, 5, 20_000])('carries a POST of %i bytes both ways', async (size) => {
    const { lb, client } = await scene(front, back);
    await startBack(lb, back, 'n1', echo);
    const bytes = randomBytes(size);
    const answer = await client.ask({
      path: '/app/echo?q=%20',
      method: 'POST',
      body: bytes,
      headers: { 'Content-Length': String(size) },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-method')).toBe('POST');
    expect(answer.headers.get('x-target')).toBe('/app/echo?q=%20');
    expect(sha256(answer.body)).toBe(sha256(bytes));
  });

  it('carries 10 MB both ways, byte for byte', async () => {
    const { lb, client } = await scene(front, back);
    await startBack(lb, back, 'n1', echo);
    const bytes = randomBytes(10 * 1024 * 1024);
    const answer = await client.ask({ path: '/app/echo', method: 'POST', body: bytes });
    expect(answer.body.length).toBe(bytes.length);
    expect(sha256(answer.body)).toBe(sha256(bytes));
  });

  it('streams both ways at once: each piece is answered before the next is sent', async () => {
    const { lb, client } = await scene(front, back);
    await startBack(lb, back, 'n1', echo);
    const talk = client.open({ path: '/app/echo', method: 'POST', streams: true });
    talk.body.write('piece 0;');
    await talk.head();
    const pieces = talk.stream()[Symbol.asyncIterator]();
    for (let i = 0; i < 5; i++) {
      expect(String((await pieces.next()).value)).toBe(`piece ${i};`);
      if (i < 4) talk.body.write(`piece ${i + 1};`);
    }
    talk.body.end();
    expect((await pieces.next()).done).toBe(true);
  });

  it('passes events of a server on at once', async () => {
    const { lb, client } = await scene(front, back);
    let send: (event: string) => void = () => {};
    await startBack(lb, back, 'n1', (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      send = (event) => (event === '' ? response.end() : response.write(`data: ${event}\n\n`));
    });
    const talk = client.open({ path: '/app/events' });
    expect((await talk.head()).headers.get('content-type')).toBe('text/event-stream');
    const events = talk.stream()[Symbol.asyncIterator]();
    for (const event of ['one', 'two', 'three']) {
      send(event);
      expect(String((await events.next()).value)).toBe(`data: ${event}\n\n`);
    }
    send('');
    expect((await events.next()).done).toBe(true);
  });

  it.runIf(back.isHttp)('carries trailers both ways', async () => {
    const { lb, client } = await scene(front, back);
    await startBack(lb, back, 'n1', (request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { Trailer: 'X-Sum' });
        response.write('body');
        response.addTrailers({ 'X-Sum': `got ${request.trailers['x-sum'] ?? 'nothing'}` });
        response.end();
      });
    });
    const answer = await client.ask({ path: '/app' });
    expect(answer.body.toString()).toBe('body');
    expect(answer.trailers).toEqual({ 'x-sum': 'got nothing' });
  });

  it.runIf(back.isHttp)('passes 100 Continue and early hints on before the answer', async () => {
    const { lb, client } = await scene(front, back);
    await startBack(lb, back, 'n1', (request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      request.pipe(response);
    });
    const talk = client.open({
      path: '/app',
      method: 'POST',
      streams: true,
      headers: { Expect: '100-continue', 'Content-Length': '4' },
    });
    await waitFor(() => talk.interim.includes(100));
    talk.body.end('body');
    expect((await talk.head()).status).toBe(200);
    expect((await readAll(talk.stream())).toString()).toBe('body');
    expect(talk.interim).toContain(103);
  });

  it('keeps a session with its node, by one cookie or by many', async () => {
    const { lb, client } = await scene(front, back);
    for (const route of ['n1', 'n2', 'n3']) {
      await startBack(lb, back, route, (request, response) => {
        response.setHeader('Set-Cookie', [`JSESSIONID=s.${route}; Path=/app`, 'theme=dark']);
        response.end(`${route} ${request.headers.cookie ?? ''}`);
      });
    }
    const first = await client.ask({ path: '/app' });
    const [route = ''] = first.body.toString().split(' ');
    expect(first.headers.get('set-cookie')).toBe(`JSESSIONID=s.${route}; Path=/app\ntheme=dark`);
    for (let i = 0; i < 6; i++) {
      const cookie = `a=1; JSESSIONID=s.${route}; b=2`;
      expect((await client.ask({ path: '/app', headers: { Cookie: cookie } })).body.toString()).toBe(
        `${route} ${cookie}`,
      );
    }
  });

  it('says why nobody answers', async () => {
    const { lb, client } = await scene(front, back);
    const unknown = await client.ask({ path: '/app' });
    expect([unknown.status, unknown.headers.get('x-mcmp-reason')]).toEqual([404, 'no-context']);
    const node = await startBack(lb, back, 'n1', echo);
    await node.kill();
    const dead = await client.ask({ path: '/app' });
    expect(dead.status).toBe(503);
    expect(dead.body.toString()).toContain('503 ');
    expect(dead.headers.has('connection')).toBe(front.isHttp2 ? false : dead.headers.has('connection'));
  });

  it('goes on with another node when one dies', async () => {
    const { lb, client } = await scene(front, back);
    const first = await startBack(lb, back, 'n1', (_request, response) => response.end('n1'));
    await startBack(lb, back, 'n2', (_request, response) => response.end('n2'));
    const answers = new Set<string>();
    for (let i = 0; i < 6; i++) answers.add((await client.ask({ path: '/app' })).body.toString());
    expect(answers).toEqual(new Set(['n1', 'n2']));
    await first.kill();
    for (let i = 0; i < 6; i++) {
      const answer = await client.ask({ path: '/app' });
      expect([answer.status, answer.body.toString()]).toEqual([200, 'n2']);
    }
  });

  it('lets a client see that a response broke off', async () => {
    const { lb, client } = await scene(front, back);
    const node = await startBack(lb, back, 'n1', (_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('the beginning');
    });
    const talk = client.open({ path: '/app' });
    await talk.head();
    const rest = readAll(talk.stream());
    await node.kill();
    await expect(rest).rejects.toThrow();
  });

  it('stops the node when the client goes away, and serves the next one', async () => {
    const { lb, client } = await scene(front, back);
    let closed = false;
    await startBack(lb, back, 'n1', (request, response) => {
      if (request.url === '/app/next') {
        response.end('next');
        return;
      }
      // A client that closed only its sending side would still read: what the node sends finds out.
      const writing = setInterval(() => response.write('more'), 5);
      response.on('close', () => {
        clearInterval(writing);
        closed = true;
      });
    });
    const talk = client.open({ path: '/app/first' });
    await talk.head();
    talk.stream().on('error', () => {});
    talk.abort();
    await waitFor(() => closed);
    expect((await client.ask({ path: '/app/next' })).body.toString()).toBe('next');
  });

  it('waits for a client that reads slowly', async () => {
    const { lb, client } = await scene(front, back);
    const size = 32 * 1024 * 1024;
    const piece = Buffer.alloc(64 * 1024, 'x');
    let sent = 0;
    await startBack(lb, back, 'n1', async (_request, response) => {
      response.writeHead(200, { 'Content-Length': String(size) });
      for (; sent < size; sent += piece.length) {
        if (!response.write(piece)) await once(response, 'drain');
      }
      response.end();
    });
    const talk = client.open({ path: '/app' });
    await talk.head();
    // The node is stopped long before it has sent all, and stays so.
    let before = -1;
    await waitFor(async () => {
      const stands = sent === before;
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return stands && sent > 0;
    });
    expect(sent).toBeLessThan(size);
    expect((await readAll(talk.stream())).length).toBe(size);
  });

  it('passes many and large headers both ways', async () => {
    const { lb, client } = await scene(front, back);
    await startBack(lb, back, 'n1', (request, response) => {
      for (let i = 0; i < 50; i++) response.setHeader(`X-Answer-${i}`, `${i}-`.repeat(20));
      showHeaders(request, response);
    });
    const headers = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`X-Ask-${i}`, `${i}-`.repeat(20)]));
    const answer = await client.ask({ path: '/app', headers: { ...headers, 'X-Large': 'l'.repeat(2000) } });
    const seen = new Map(headersShown(answer.body));
    expect(seen.get('x-ask-49')).toBe('49-'.repeat(20));
    expect(seen.get('x-large')?.length).toBe(2000);
    expect(answer.headers.get('x-answer-0')).toBe('0-'.repeat(20));
    expect(answer.headers.get('x-answer-49')).toBe('49-'.repeat(20));
  });

  it('carries a WebSocket, or says clearly that it cannot', async () => {
    const { lb, client } = await scene(front, back);
    await startBack(lb, back, 'n1', (_request, response) => response.end());
    const { status, stream } = await client.websocket('/app');
    if (!back.isHttp) {
      expect(status).toBe(501);
      return;
    }
    expect(status).toBe(200);
    stream?.write('there and back');
    expect(String(await once(stream ?? process, 'data'))).toBe('there and back');
  });

  it('tells the node who asked, and how', async () => {
    const { lb, client } = await scene(front, back);
    await startBack(lb, back, 'n1', showHeaders);
    const answer = await client.ask({ path: '/app', headers: { 'X-Forwarded-Proto': 'gopher' } });
    const seen = new Map(headersShown(answer.body));
    expect(seen.get('x-forwarded-for')).toBe('127.0.0.1');
    expect(seen.get('x-forwarded-proto')).toBe(front.scheme);
    expect(seen.get('x-forwarded-host')).toBe(`127.0.0.1:${lb.port}`);
    expect(seen.get('host')).toBe(`127.0.0.1:${lb.port}`);
    expect(seen.get('via')).toBe(front.isHttp2 ? '2.0 mcmp' : '1.1 mcmp');
    expect([...seen.keys()].filter((name) => name.startsWith(':'))).toEqual([]);
  });

  it.each([
    [301, { Location: 'http://elsewhere.example/x' }],
    [304, { ETag: '"1"' }],
    [204, {}],
  ])('passes a %i on as it is', async (status, headers) => {
    const { lb, client } = await scene(front, back);
    await startBack(lb, back, 'n1', (_request, response) => response.writeHead(status, headers).end());
    const answer = await client.ask({ path: '/app' });
    expect(answer.status).toBe(status);
    expect(answer.body.length).toBe(0);
    for (const [name, value] of Object.entries(headers)) expect(answer.headers.get(name.toLowerCase())).toBe(value);
  });

  it('gives each of many requests at once its own answer', async () => {
    const { lb, client } = await scene(front, back);
    await startBack(lb, back, 'n1', (request, response) => response.end(request.url));
    const paths = Array.from({ length: 300 }, (_, i) => `/app/${i}`);
    const answers = await Promise.all(paths.map(async (path) => (await client.ask({ path })).body.toString()));
    expect(answers).toEqual(paths);
  });
});
