import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type AjpCall, type AjpNode, startAjpNode } from '../../support/ajp-node.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { openRaw, type RawAnswer, readAnswer, talk } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';

const CLIENTS = 16;

const register = (lb: TestBalancer, route: string, node: AjpNode, config = 'ping=1'): Promise<void> =>
  lb.register(route, node.port, { type: 'ajp', config });

const withSession = (lb: TestBalancer, route: string, method = 'GET'): Promise<RawAnswer> =>
  talk(
    lb.port,
    `${method} /app HTTP/1.1\r\nHost: a\r\nCookie: JSESSIONID=a.${route}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );

/** Answers in a later turn of the event loop, so that requests are with the node when it is killed. */
const slowly =
  (acted: string[]) =>
  async (call: AjpCall): Promise<void> => {
    const body = call.contentLength > 0 ? (await call.first()).toString() : '';
    if (body !== '') acted.push(body);
    setTimeout(() => call.answer('ok'), 2);
  };

/** Clients that ask one request after the other on one connection each, opened again when it ends. */
async function drive(lb: TestBalancer, method: 'GET' | 'POST', enough: () => boolean): Promise<number[]> {
  const statuses: number[] = [];
  const visit = async (client: number): Promise<void> => {
    let socket = await openRaw(lb.port);
    let seen = 0;
    for (let i = 0; !enough(); i++) {
      const id = `${client}-${i}`;
      const framing = method === 'POST' ? `Content-Length: ${id.length}\r\n\r\n${id}` : '\r\n';
      socket.write(`${method} /app HTTP/1.1\r\nHost: a\r\n${framing}`);
      const text = await socket.until((received) => /\r\n\r\n(?:ok|\d{3} [^\n]*\n)$/.test(received.slice(seen)));
      statuses.push(readAnswer(text.slice(seen), 'open').status);
      seen = text.length;
      if (statuses.at(-1) === 200) continue;
      socket.close();
      socket = await openRaw(lb.port);
      seen = 0;
    }
    socket.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => visit(client)));
  return statuses;
}

it.each(['GET', 'POST'] as const)('when an AJP node is killed under %s requests', async (method) => {
  const lb = await startTestBalancer();
  const acted: string[] = [];
  const nodes = [await startAjpNode(slowly(acted)), await startAjpNode(slowly(acted))] as const;
  await register(lb, 'n0', nodes[0]);
  await register(lb, 'n1', nodes[1]);
  let killedAt = 0;
  const statuses = await drive(lb, method, () => {
    const calls = nodes[0].calls.length + nodes[1].calls.length;
    if (killedAt === 0 && calls > 300 && nodes[0].calls.length > 50) {
      killedAt = calls;
      nodes[0].kill();
    }
    return killedAt > 0 && calls > killedAt + 200;
  });
  const failed = statuses.filter((status) => status !== 200);
  if (method === 'GET') {
    expect(failed).toEqual([]);
  } else {
    expect(failed.every((status) => status === 502)).toBe(true);
    expect(failed.length).toBeLessThanOrEqual(CLIENTS);
    expect(new Set(acted).size).toBe(acted.length);
  }
});

it('keeps a session with its AJP node, and takes it elsewhere when that is gone and may be left', async () => {
  const lb = await startTestBalancer();
  const nodes = [
    await startAjpNode((call) => call.answer('zero')),
    await startAjpNode((call) => call.answer('one')),
  ] as const;
  await register(lb, 'n0', nodes[0], 'StickySessionForce=no');
  await register(lb, 'n1', nodes[1], 'StickySessionForce=no');
  for (let i = 0; i < 5; i++) expect((await withSession(lb, 'n1')).body).toBe('one');
  nodes[1].kill();
  expect((await withSession(lb, 'n1')).body).toBe('zero');
  // Nothing was sent to the one that is gone, so the method does not matter.
  expect((await withSession(lb, 'n1', 'POST')).body).toBe('zero');
});

it('answers 502 to a request that a node may have acted upon, and repeats one that it may not have changed anything by', async () => {
  const lb = await startTestBalancer();
  const nodes = [
    await startAjpNode((call) => {
      call.socket.destroy();
    }),
    await startAjpNode((call) => call.answer('one')),
  ] as const;
  await register(lb, 'n0', nodes[0], 'StickySessionForce=no');
  await register(lb, 'n1', nodes[1], 'StickySessionForce=no');
  const lost = await withSession(lb, 'n0', 'POST');
  expect([lost.status, lost.headers.get('x-mcmp-reason')]).toEqual([502, 'node-lost']);
  expect((await withSession(lb, 'n0')).body).toBe('one');
});

it('lets what runs on an AJP node finish when its context is stopped', async () => {
  const lb = await startTestBalancer();
  const calls: AjpCall[] = [];
  const node = await startAjpNode((call) => {
    calls.push(call);
  });
  await register(lb, 'n0', node);
  const answered = lb.get('/app');
  await waitFor(() => calls.length === 1);
  expect((await lb.mcmp('STOP-APP', 'JVMRoute=n0&Alias=localhost&Context=/app')).body).toContain('Requests=1');
  calls[0]?.answer('finished');
  expect((await answered).body).toBe('finished');
  expect((await lb.mcmp('STOP-APP', 'JVMRoute=n0&Alias=localhost&Context=/app')).body).toContain('Requests=0');
});

it('counts and logs requests to AJP nodes as those to any other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcmp-ajp-'));
  freeAfter(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'access.log');
  const lb = await startTestBalancer({ accessLog: { file, format: 'json' } });
  const node = await startAjpNode(async (call) => call.answer(await call.body()));
  await register(lb, 'n0', node);
  await talk(lb.port, 'POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello');
  await lb.get('/app');
  await talk(lb.port, `GET /app HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(9000)}\r\nConnection: close\r\n\r\n`);
  const lines = (): Record<string, unknown>[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  await waitFor(() => lines().length === 3);
  expect(lines()).toMatchObject([
    { method: 'POST', status: 200, route: 'n0', attempts: 1 },
    { method: 'GET', status: 200, route: 'n0', attempts: 1 },
    { status: 431, route: 'n0' },
  ]);
  const metrics = (await talk(lb.mcmpPort, 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'))
    .body;
  expect(metrics).toMatch(/^mcmp_node_requests_total\{(?=.*node="n0")(?=.*result="2xx").*\} 2$/m);
  expect(metrics).toMatch(/^mcmp_node_requests_total\{(?=.*node="n0")(?=.*result="4xx").*\} 1$/m);
  const of = (name: string): number =>
    Number(new RegExp(`^${name}\\{.*node="n0".*\\} (\\d+)$`, 'm').exec(metrics)?.[1]);
  expect(of('mcmp_node_sent_bytes_total')).toBeGreaterThan(300);
  expect(of('mcmp_node_received_bytes_total')).toBeGreaterThan(80);
});

it('takes no node out for what clients do: bodies that never come, clients that leave, heads that are too large', async () => {
  const lb = await startTestBalancer({ idleTimeoutMs: 500 });
  const node = await startAjpNode((call) => {
    if (call.contentLength > 0) void call.body();
    else call.answer('well');
  });
  await register(lb, 'n0', node);
  const silent = await openRaw(lb.port);
  silent.write('POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe');
  await waitFor(() => node.calls.length === 1);
  const leaving = await openRaw(lb.port);
  leaving.write('POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe');
  await waitFor(() => node.calls.length === 2);
  leaving.close();
  await waitFor(() => node.calls[1]?.socket.destroyed === true);
  await silent.until((text) => text.startsWith('HTTP/1.1 408 ') && text.includes('client-timeout'));
  expect((await lb.get('/app')).body).toBe('well');
  expect((await lb.mcmp('INFO')).body).toContain('Load: 100');
});
