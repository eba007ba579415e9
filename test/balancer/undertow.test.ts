import { describe, expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { startNode, startRawNode } from '../support/node-server.ts';
import { talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

/** What `--dialect undertow` does with requests: the routing of Undertow as it was measured (reference §4). */

async function twoNodes(config = '', loads: readonly [number, number] = [100, 100]) {
  const lb = await startTestBalancer({ dialect: 'undertow' });
  const [one, two] = [await startNode('one'), await startNode('two')];
  await lb.register('n1', one.port, { config, load: loads[0] });
  await lb.register('n2', two.port, { config, load: loads[1] });
  return { lb, one, two };
}

const APP = 'Alias=localhost&Context=/app';
const cookie = (value: string): string => `Cookie: ${value}\r\n`;
const load = async (lb: TestBalancer, route: string): Promise<string> =>
  new RegExp(`Name: ${route},.*Load: (-?\\d+)`).exec((await lb.mcmp('INFO')).body)?.[1] ?? 'gone';

describe('a context that nobody may serve', () => {
  it.each([
    ['MCMP-ROUTE-13', 'is STOPPED', async (lb: TestBalancer) => await lb.mcmp('STOP-APP', `JVMRoute=n1&${APP}`)],
    ['MCMP-ROUTE-14', 'is DISABLED', async (lb: TestBalancer) => await lb.mcmp('DISABLE-APP', `JVMRoute=n1&${APP}`)],
  ])('%s: gets 503 without a body when it %s', async (_, __, stop) => {
    const lb = await startTestBalancer({ dialect: 'undertow' });
    await lb.register('n1', (await startNode('one')).port);
    await stop(lb);
    const answer = await lb.get('/app');
    expect([answer.status, answer.body]).toEqual([503, '']);
  });

  it('MCMP-ROUTE-16 and MCMP-STATE-02: gets 503 before its first STATUS, and 404 when it is gone', async () => {
    const lb = await startTestBalancer({ dialect: 'undertow' });
    await lb.register('n1', (await startNode('one')).port, { load: null });
    expect((await lb.get('/app')).status).toBe(503);
    await lb.mcmp('STATUS', 'JVMRoute=n1&Load=100');
    expect((await lb.get('/app')).status).toBe(200);
    await lb.mcmp('REMOVE-APP', 'JVMRoute=n1', '/*');
    const answer = await lb.get('/app');
    expect([answer.status, answer.body]).toEqual([404, '']);
  });
});

describe('sessions', () => {
  it.each<[string, string, number, string]>([
    ['MCMP-STICKY-01 a cookie', cookie('JSESSIONID=abc.n2'), 200, 'two'],
    ['a cookie in quotes, which are a part of the route', cookie('JSESSIONID="abc.n2"'), 503, ''],
    ['MCMP-STICKY-06 the last of two cookies', cookie('JSESSIONID=abc; JSESSIONID=abc.n2'), 200, 'two'],
    ['the last of two cookies also with two routes', cookie('JSESSIONID=abc.n1; JSESSIONID=abc.n2'), 200, 'two'],
    ['MCMP-STICKY-12 a route that nobody has', cookie('JSESSIONID=abc.n9'), 503, ''],
    ['MCMP-STICKY-08 a dot in the id', cookie('JSESSIONID=abc.x.n2'), 503, ''],
    ['the last of two cookies also without a route', cookie('JSESSIONID=abc.n9; JSESSIONID=abc'), 200, ''],
  ])('%s', async (_, headers, status, served) => {
    const { lb } = await twoNodes();
    for (let i = 0; i < 3; i++) {
      const answer = await lb.get('/app', headers);
      expect(answer.status).toBe(status);
      if (served !== '') expect(answer.body).toContain(served);
    }
  });

  it('MCMP-STICKY-12: an unknown route is balanced without StickySessionForce', async () => {
    const { lb } = await twoNodes('StickySessionForce=No');
    expect((await lb.get('/app', cookie('JSESSIONID=abc.n9'))).status).toBe(200);
  });

  it('MCMP-STICKY-02 and MCMP-STICKY-03: the path names a node, the query does not', async () => {
    const { lb, two } = await twoNodes();
    for (let i = 0; i < 4; i++) await lb.get('/app/a;jsessionid=x.n2/b');
    expect(two.seen).toHaveLength(4);
    expect((await lb.get('/app?jsessionid=x.n9')).status).toBe(200);
  });

  it('MCMP-STICKY-17 and MCMP-STICKY-20: a DISABLED context serves the sessions of its own node alone', async () => {
    const lb = await startTestBalancer({ dialect: 'undertow' });
    await lb.register('n1', (await startNode('one')).port, { config: 'StickySessionForce=No' });
    await lb.mcmp('DISABLE-APP', `JVMRoute=n1&${APP}`);
    expect((await lb.get('/app', cookie('JSESSIONID=abc.n1'))).status).toBe(200);
    expect((await lb.get('/app', cookie('JSESSIONID=abc.n9'))).status).toBe(503);
    expect((await lb.get('/app', cookie('JSESSIONID=abc'))).status).toBe(503);
  });

  it('MCMP-STATE-06: sessions of a removed node stay in its domain', async () => {
    const lb = await startTestBalancer({ dialect: 'undertow' });
    const [a1, a2, b1] = [await startNode('a1'), await startNode('a2'), await startNode('b1')];
    await lb.register('a1', a1.port, { config: 'Domain=A' });
    await lb.register('a2', a2.port, { config: 'Domain=A' });
    await lb.register('b1', b1.port, { config: 'Domain=B' });
    await lb.mcmp('REMOVE-APP', 'JVMRoute=a1', '/*');
    for (let i = 0; i < 3; i++) expect((await lb.get('/app', cookie('JSESSIONID=x.a1'))).body).toContain('a2');
    await lb.mcmp('DISABLE-APP', `JVMRoute=a2&${APP}`);
    expect((await lb.get('/app', cookie('JSESSIONID=x.a1'))).body).toContain('a2');
    await lb.mcmp('STOP-APP', `JVMRoute=a2&${APP}`);
    expect((await lb.get('/app', cookie('JSESSIONID=x.a1'))).status).toBe(503);
  });

  it('MCMP-STICKY-15: sessions of a node in error may go to a hot standby of its domain', async () => {
    const { lb, two } = await twoNodes('Domain=A', [100, 0]);
    await lb.mcmp('STATUS', 'JVMRoute=n1&Load=-1');
    expect((await lb.get('/app', cookie('JSESSIONID=x.n1'))).status).toBe(200);
    expect(two.seen).toHaveLength(1);
  });
});

it('MCMP-ROUTE-11: with --use-alias names are compared letter by letter, ports aside', async () => {
  const lb = await startTestBalancer({ dialect: 'undertow', useAlias: true });
  await lb.register('n1', (await startNode('one')).port, { alias: 'h1,Mixed' });
  const ask = async (host: string): Promise<number> =>
    (await talk(lb.port, `GET /app HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status;
  expect(await Promise.all(['h1', 'h1:8080', 'Mixed', 'H1', 'mixed'].map(ask))).toEqual([200, 200, 200, 404, 404]);
});

describe('nodes that fail', () => {
  it('MCMP-FAIL-08, MCMP-HEALTH-04 and MCMP-STATUS-20: only STATUS brings a node back', async () => {
    const lb = await startTestBalancer({ dialect: 'undertow', pingIntervalMs: 100 });
    const node = await startNode('one');
    await lb.register('n1', node.port);
    node.kill();
    expect((await lb.get('/app')).status).toBe(503);
    expect(await load(lb, 'n1')).toBe('-1');
    const again = await startNode('again', undefined, node.port);
    await waitFor(() => again.pings() >= 2);
    expect((await lb.get('/app')).status).toBe(503);
    expect((await lb.mcmp('STATUS', 'JVMRoute=n1&Load=50')).body).toContain('State=OK');
    expect((await lb.get('/app')).status).toBe(200);
  });

  it('MCMP-FAIL-06: a POST that a node broke off gets 503, and is not sent again', async () => {
    const lb = await startTestBalancer({ dialect: 'undertow' });
    const node = await startRawNode((socket) => {
      socket.on('data', (chunk: Buffer) => {
        if (chunk.toString('latin1').startsWith('OPTIONS')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        else socket.destroy();
      });
    });
    await lb.register('n1', node.port);
    const post = 'POST /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi';
    const answer = await talk(lb.port, post);
    expect([answer.status, answer.body]).toEqual([503, '']);
  });

  it('MCMP-HEALTH-05: a ping names the host without its port, and mod_cluster', async () => {
    const lb = await startTestBalancer({ dialect: 'undertow' });
    let seen = '';
    const node = await startRawNode((socket) => {
      socket.on('data', (chunk: Buffer) => {
        seen += chunk.toString('latin1');
        socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      });
    });
    await lb.register('n1', node.port);
    expect(seen).toMatch(/^OPTIONS \* HTTP\/1\.1\r\nHost: 127\.0\.0\.1\r\nUser-Agent: mod_cluster ping\r\n/);
  });
});

it('MCMP-WIRE-36: the target * is refused, and so is whatever it carries', async () => {
  const { lb } = await twoNodes();
  const answer = await lb.mcmp('DISABLE-APP', 'JVMRoute=n1', '*');
  expect([answer.status, answer.body]).toEqual([400, '']);
  expect((await lb.mcmp('INFO')).body).not.toContain('DISABLED');
});

it('MCMP-APP-28: STOP-APP counts the requests in progress', async () => {
  const lb = await startTestBalancer({ dialect: 'undertow' });
  let release = (): void => undefined;
  const node = await startRawNode((socket) => {
    socket.on('data', (chunk: Buffer) => {
      const answer = (): void => {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      };
      if (chunk.toString('latin1').startsWith('OPTIONS')) answer();
      else release = answer;
    });
  });
  const none = release;
  await lb.register('n1', node.port);
  const running = lb.get('/app');
  await waitFor(() => release !== none);
  expect((await lb.mcmp('STOP-APP', `JVMRoute=n1&${APP}`)).body).toMatch(/Requests=1$/);
  release();
  expect((await running).status).toBe(200);
  expect((await lb.mcmp('STOP-APP', `JVMRoute=n1&${APP}`)).body).toMatch(/Requests=0$/);
});

it('an operator of the manager page or the API reaches a context by one of its aliases', async () => {
  const lb = await startTestBalancer({ dialect: 'undertow' });
  await lb.register('n1', (await startNode('one')).port, { alias: 'a,b' });
  const body = JSON.stringify({ command: 'DISABLE-APP', node: 'n1', alias: 'b', context: '/app' });
  const head = `POST /api/v1/commands HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n`;
  const answer = await talk(lb.mcmpPort, `${head}Content-Length: ${body.length}\r\n\r\n${body}`);
  expect(answer.status, answer.body).toBe(200);
  expect((await lb.mcmp('INFO')).body).toContain('Context: [1:1:1], Context: /app, Status: DISABLED');
});
