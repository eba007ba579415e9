import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBalancer } from '../../src/balancer/index.ts';
import type { BalancerOptions } from '../../src/balancer/options.ts';
import { startTestBalancer, TEST_OPTIONS, type TestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { startNode, startRawNode } from '../support/node-server.ts';
import { openRaw, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

type Line = Readonly<Record<string, unknown>>;

interface Logged extends TestBalancer {
  readonly file: string;
  lines(): Line[];
  /** Resolves with all lines when there are so many. */
  until(count: number): Promise<Line[]>;
}

async function startLogged(overrides: Partial<BalancerOptions> = {}): Promise<Logged> {
  const directory = mkdtempSync(join(tmpdir(), 'mcmp-access-log-'));
  freeAfter(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'access.log');
  const lb = await startTestBalancer({ accessLog: { file, format: 'json' }, ...overrides });
  const lines = (): Line[] => linesOf(file).map((line) => JSON.parse(line) as Line);
  return {
    ...lb,
    file,
    lines,
    async until(count) {
      await waitFor(() => lines().length >= count);
      return lines();
    },
  };
}

function linesOf(file: string): string[] {
  const text = readFileSync(file, 'latin1');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
}

const request = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${more}\r\n`;

/** A node that answers pings, and does to each other request what it is told. */
function startRudeNode(onRequest: (socket: Socket, text: string) => void) {
  return startRawNode((socket) => {
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      if (text.startsWith('OPTIONS * ')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      else onRequest(socket, text);
    });
  });
}

const ONE_HUNDRED = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n';

describe('a line of the access log', () => {
  it('says who asked for what, what came of it and how long it took', async () => {
    const lb = await startLogged();
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    const before = Date.now();
    const answer = await talk(
      lb.port,
      'POST /app/x?y=1 HTTP/1.1\r\nHost: shop.example\r\nReferer: http://from.example/\r\nUser-Agent: tester/1\r\n' +
        'Connection: close\r\nContent-Length: 5\r\n\r\nhello',
    );
    const [line] = await lb.until(1);
    expect(line).toMatchObject({
      client: '127.0.0.1',
      forwardedFor: null,
      method: 'POST',
      target: '/app/x?y=1',
      version: '1.1',
      host: 'shop.example',
      status: 200,
      complete: true,
      sentBytes: answer.body.length,
      receivedBytes: 5,
      referer: 'http://from.example/',
      userAgent: 'tester/1',
      route: 'n1',
      context: '/app',
      code: 'elected',
      attempts: 1,
      session: null,
    });
    const { time, sentAfterMs, firstByteAfterMs, totalMs } = line ?? {};
    expect(Math.abs(Date.parse(String(time)) - before)).toBeLessThan(5_000);
    const times = [0, sentAfterMs, firstByteAfterMs, totalMs].map(Number);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Number(totalMs)).toBeGreaterThan(0);
  });

  it.each<[string, string, (lb: Logged) => Promise<unknown>, Line]>([
    ['no context', '/none', (lb) => lb.get('/none'), { status: 404, code: 'no-context', route: null, attempts: 0 }],
    ['an unsafe path', '/%2e%2e/app', (lb) => lb.get('/a%00b'), { status: 400, code: 'bad-path', complete: true }],
    [
      'MCMP on this port',
      '/',
      (lb) => talk(lb.port, 'STATUS / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
      { method: 'STATUS', status: 501, code: 'no-mcmp-here', session: null },
    ],
    [
      'a head that is no HTTP',
      '',
      (lb) => talk(lb.port, 'GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n'),
      { method: null, target: null, status: 400, code: 'HTTP_TARGET', complete: true, totalMs: null },
    ],
    [
      'a body whose chunks are broken',
      '/app',
      (lb) => talk(lb.port, 'POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
      { status: 400, code: 'HTTP_CHUNK_SIZE', complete: true, route: 'n1' },
    ],
  ])('names the code of our own answer: %s', async (_what, _path, send, expected) => {
    const lb = await startLogged();
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    await send(lb);
    const [line] = await lb.until(1);
    expect(line).toMatchObject(expected);
    await lb.balancer.close();
    expect(lb.lines()).toHaveLength(1);
  });

  it('names the session outcome, the node that served, and how many attempts it took', async () => {
    const lb = await startLogged();
    const [one, two] = [await startNode('one'), await startNode('two')];
    await lb.register('n1', one.port, { config: 'StickySessionForce=No' });
    await lb.register('n2', two.port, { config: 'StickySessionForce=No' });
    await lb.get('/app', 'Cookie: JSESSIONID=x.n1\r\n');
    await lb.get('/app', 'Cookie: JSESSIONID=x.gone\r\n');
    await lb.get('/app;jsessionid=x.n2');
    one.kill();
    await lb.get('/app', 'Cookie: JSESSIONID=x.n1\r\n');
    const lines = await lb.until(4);
    expect(lines.map(({ session, code }) => [session, code])).toEqual([
      ['hit', 'sticky'],
      ['no-route', 'elected'],
      ['hit', 'sticky'],
      ['failover', 'failover'],
    ]);
    expect(lines[3]).toMatchObject({ route: 'n2', attempts: 2, status: 200 });
  });

  it('says nothing of the session of the request before on the same connection', async () => {
    const lb = await startLogged();
    const node = await startNode('one');
    await lb.register('n1', node.port);
    await talk(
      lb.port,
      'GET /app HTTP/1.1\r\nHost: a\r\nCookie: JSESSIONID=x.n1\r\n\r\n' +
        'STATUS / HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    const lines = await lb.until(3);
    expect(lines.map(({ session, route }) => [session, route])).toEqual([
      ['hit', 'n1'],
      [null, null],
      [null, null],
    ]);
  });

  it.each<[string, (socket: Socket) => void, Partial<BalancerOptions>, Line]>([
    [
      'the node broke off',
      (socket) => socket.end(`${ONE_HUNDRED}half`),
      {},
      { status: 200, complete: false, code: 'node-broke-off', sentBytes: 4 },
    ],
    [
      'the node fell silent in the middle',
      (socket) => socket.write(`${ONE_HUNDRED}half`),
      { upstreamTimeoutMs: 300 },
      { status: 200, complete: false, code: 'upstream-timeout', sentBytes: 4 },
    ],
    [
      'the node never answered',
      () => {},
      { upstreamTimeoutMs: 300 },
      { status: 504, complete: true, code: 'upstream-timeout', firstByteAfterMs: null, route: 'n1' },
    ],
    [
      'the node speaks no HTTP',
      (socket) => socket.end('SSH-2.0-x\r\n\r\n'),
      {},
      { status: 502, complete: true, code: 'bad-response', route: 'n1' },
    ],
  ])('says how a request was lost: %s', async (_what, answer, options, expected) => {
    const lb = await startLogged(options);
    const node = await startRudeNode(answer);
    await lb.register('n1', node.port);
    await talk(lb.port, request('/app'));
    const [line] = await lb.until(1);
    expect(line).toMatchObject(expected);
    if (expected['code'] === 'upstream-timeout') expect(Number(line?.['totalMs'])).toBeGreaterThanOrEqual(300);
  });

  it('says so when the client went away, before the answer and in the middle of it', async () => {
    const lb = await startLogged();
    const asked: Socket[] = [];
    const node = await startRudeNode((socket) => asked.push(socket));
    await lb.register('n1', node.port);
    const early = await openRaw(lb.port);
    early.write(request('/app/1').replace('Connection: close\r\n', ''));
    await waitFor(() => asked.length === 1);
    early.socket.resetAndDestroy();
    await lb.until(1);
    const late = await openRaw(lb.port);
    late.write(request('/app/2').replace('Connection: close\r\n', ''));
    await waitFor(() => asked.length === 2);
    asked[1]?.write(`${ONE_HUNDRED}half`);
    await late.until((text) => text.endsWith('half'));
    late.socket.resetAndDestroy();
    expect(await lb.until(2)).toMatchObject([
      { target: '/app/1', status: null, complete: false, code: 'client-gone', route: 'n1', sentBytes: 0 },
      { target: '/app/2', status: 200, complete: false, code: 'client-gone', sentBytes: 4 },
    ]);
  });

  it('comes at the end of a tunnel, with what went through it', async () => {
    const lb = await startLogged();
    const node = await startRudeNode((socket, text) => {
      if (text.startsWith('GET')) {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
      } else socket.end('seen');
    });
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    client.write('GET /app HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
    await client.until((text) => text.includes('101'));
    client.write('knock');
    await client.closed();
    const [line] = await lb.until(1);
    expect(line).toMatchObject({ status: 101, complete: true, code: 'elected', receivedBytes: 5, sentBytes: 4 });
  });

  it('has the client that a trusted proxy speaks of, and only a trusted one', async () => {
    for (const [trustProxy, expected] of [
      [['127.0.0.1'], '192.0.2.7'],
      [[], null],
    ] as const) {
      const lb = await startLogged({ trustProxy });
      await lb.get('/none', 'X-Forwarded-For: 192.0.2.7\r\n');
      expect((await lb.until(1))[0]).toMatchObject({ client: '127.0.0.1', forwardedFor: expected });
    }
  });
});

it('logs nothing of MCMP and of the management address', async () => {
  const lb = await startLogged();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  await talk(lb.mcmpPort, 'GET /api/v1/explain?url=/app HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await talk(lb.mcmpPort, 'nonsense\r\n\r\n');
  await lb.get('/app/only');
  await lb.balancer.close();
  expect(lb.lines().map(({ target }) => target)).toEqual(['/app/only']);
});

it('logs every request of a pipelining client, in order, before the balancer has closed', async () => {
  const lb = await startLogged();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  const requests = Array.from({ length: 300 }, (_, i) => `GET /app/${i} HTTP/1.1\r\nHost: a\r\n\r\n`).join('');
  const client = await openRaw(lb.port);
  client.write(`${requests}${request('/app/last')}`);
  await client.closed();
  await lb.balancer.close();
  const targets = lb.lines().map(({ target }) => target);
  expect(targets).toEqual([...Array.from({ length: 300 }, (_, i) => `/app/${i}`), '/app/last']);
});

it('logs what the end of the balancer cut off', async () => {
  const lb = await startLogged({ shutdownTimeoutMs: 50 });
  let asked = false;
  const node = await startRudeNode(() => {
    asked = true;
  });
  await lb.register('n1', node.port);
  const client = await openRaw(lb.port);
  client.write(request('/app'));
  await waitFor(() => asked);
  await lb.balancer.close();
  expect(lb.lines()).toMatchObject([{ target: '/app', status: null, code: 'balancer-stopped', complete: false }]);
});

it('goes on in a new file after the old one was renamed and SIGHUP said so, and loses no line', async () => {
  const lb = await startLogged();
  await lb.get('/1');
  await lb.until(1);
  renameSync(lb.file, `${lb.file}.1`);
  await lb.get('/2');
  await waitFor(() => linesOf(`${lb.file}.1`).length === 2);
  lb.balancer.reload({ ...TEST_OPTIONS, accessLog: { file: lb.file, format: 'json' } });
  await waitFor(() => {
    try {
      return linesOf(lb.file).length === 0;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
      throw error;
    }
  });
  await lb.get('/3');
  expect((await lb.until(1)).map(({ target }) => target)).toEqual(['/3']);
});

it('keeps the old file when the new one cannot be opened, and says so in the log', async () => {
  const lb = await startLogged();
  rmSync(join(lb.file, '..'), { recursive: true });
  lb.balancer.reload({ ...TEST_OPTIONS, accessLog: { file: lb.file, format: 'json' } });
  await waitFor(() => lb.log.some(({ message }) => message.startsWith('The access log could not be opened again')));
  expect((await lb.get('/none')).status).toBe(404);
});

it.each([
  ['a directory', (directory: string) => directory, 'directory'],
  ['a directory that is not there', (directory: string) => join(directory, 'no', 'access.log'), 'mkdir'],
])('does not start with an access log that is %s', async (_what, fileIn, hint) => {
  const directory = mkdtempSync(join(tmpdir(), 'mcmp-access-log-'));
  freeAfter(() => rmSync(directory, { recursive: true, force: true }));
  const nothing = (): void => {};
  const log = { error: nothing, warn: nothing, info: nothing, debug: nothing };
  const options: BalancerOptions = { ...TEST_OPTIONS, accessLog: { file: fileIn(directory), format: 'json' } };
  const failed = await startBalancer(options, { log }).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 'MCMP_ACCESS_LOG', kind: 'usage', hint: expect.stringContaining(hint) });
});
