import { expect, it } from 'vitest';
import type { StateDocument } from '../../../src/balancer/management/state.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { startNode } from '../../support/node-server.ts';
import { hostPort, openRaw, talk } from '../../support/raw-http.ts';
import { ask, read } from './ask.ts';

const stateOf = (lb: TestBalancer, query = ''): Promise<StateDocument> =>
  read<StateDocument>(lb.mcmpPort, `/api/v1/state${query}`, 'state');

it('tells all about a balancer, its nodes and what they serve', async () => {
  const lb = await startTestBalancer({ useAlias: true });
  const node = await startNode('n1');
  await lb.register('n1', node.port, {
    contexts: '/app,/shop',
    alias: 'a.example,b.example',
    config: 'Domain=blue',
    load: 70,
  });
  await lb.mcmp('DISABLE-APP', 'JVMRoute=n1&Alias=a.example&Context=/shop');
  await lb.get('/app/x', 'X: y\r\n');
  const state = await stateOf(lb);
  expect(state).toMatchObject({
    schemaVersion: 1,
    dialect: 'mcmp',
    closing: false,
    useAlias: true,
    defaultBalancer: 'mycluster',
    listen: { traffic: [hostPort(lb.port)], mcmp: [hostPort(lb.mcmpPort)] },
    limits: { maxNodes: 1000, maxContexts: 10_000, maxHosts: 1000 },
    used: { nodes: 1, contexts: 2, hosts: 2, balancers: 1 },
    balancers: [{ name: 'mycluster', stickySession: true }],
    nodes: [
      {
        route: 'n1',
        balancer: 'mycluster',
        domain: 'blue',
        port: String(node.port),
        load: 70,
        state: 'serving',
        usable: true,
        errorReason: '',
        vhosts: [
          {
            aliases: ['a.example', 'b.example'],
            contexts: [
              { path: '/app', status: 'ENABLED' },
              { path: '/shop', status: 'DISABLED' },
            ],
          },
        ],
      },
    ],
  });
  const ping = await lb.mcmp('PING');
  expect(ping.body).toContain(`id=${state.incarnationId}`);
  expect(state.eventId).toBe(`${state.incarnationId}-0`);
});

it('tells of the traffic of a node, and of its connections', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  await lb.get('/app');
  const [row] = (await stateOf(lb)).nodes;
  expect(row).toMatchObject({ elected: 1, inFlight: 0, connections: { open: 1, idle: 1 } });
  expect(row?.readBytes).toBeGreaterThan(0);
  expect(row?.lastHeardAgoMs).toBeLessThan(60_000);
});

it('says why a node cannot serve', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  node.kill();
  await lb.mcmp('STATUS', 'JVMRoute=n1&Load=50');
  const [row] = (await stateOf(lb)).nodes;
  expect(row).toMatchObject({ state: 'error', usable: false });
  expect(row?.errorReason).not.toBe('');
  expect(row?.failingSinceMs).toBeGreaterThan(0);
});

it('is proper JSON whatever bytes a peer sent', async () => {
  const lb = await startTestBalancer();
  await lb.mcmp('CONFIG', 'JVMRoute=caf%C3%A9&Host=127.0.0.1&Port=9&Type=http');
  await lb.mcmp('CONFIG', 'JVMRoute=caf%E9&Host=127.0.0.1&Port=10&Type=http');
  await lb.mcmp('ENABLE-APP', 'JVMRoute=caf%E9&Alias=%FF%FE.example&Context=/%C3%28');
  const state = await stateOf(lb);
  expect(state.nodes.map(({ route }) => route)).toEqual(['café', 'café']);
  expect(state.nodes[1]?.vhosts).toMatchObject([
    { aliases: ['\u00ff\u00fe.example'], contexts: [{ path: '/\u00c3(' }] },
  ]);
  const found = await stateOf(lb, '?node=caf%C3%A9');
  expect(found.nodes).toHaveLength(2);
});

it.each([
  ['', ['n1', 'n2', 'n3'], ['/a', '/b', '/c', '/d']],
  ['?node=n2', ['n2'], ['/b', '/c']],
  ['?node=n1&node=n3', ['n1', 'n3'], ['/a', '/b', '/d']],
  ['?balancer=other', ['n3'], ['/d']],
  ['?context=/b', ['n1', 'n2'], ['/b', '/b']],
  ['?context=/c&context=/d', ['n2', 'n3'], ['/c', '/d']],
  ['?node=n1&context=/b', ['n1'], ['/b']],
  ['?node=nobody', [], []],
  ['?balancer=other&context=/a', [], []],
])('%j chooses nodes %j', async (query, routes, paths) => {
  const lb = await startTestBalancer();
  const rows = [
    ['n1', '/a,/b', ''],
    ['n2', '/b,/c', ''],
    ['n3', '/d', 'Balancer=other'],
  ] as const;
  for (const [index, [route, contexts, config]] of rows.entries()) {
    await lb.register(route, 10 + index, { contexts, config, load: null });
  }
  const state = await stateOf(lb, query);
  expect(state.nodes.map(({ route }) => route)).toEqual(routes);
  const found = state.nodes.flatMap(({ vhosts }) => vhosts.flatMap(({ contexts }) => contexts.map(({ path }) => path)));
  if (query === '') expect(new Set(found)).toEqual(new Set(paths));
  else expect(found).toEqual(paths);
  expect(state.used.nodes).toBe(3);
});

it('chooses the rows of balancers and the virtual hosts as well', async () => {
  const lb = await startTestBalancer();
  await lb.register('n1', 9, { contexts: '/x', alias: 'a', load: null });
  await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=b&Context=/y');
  await lb.register('n2', 10, { config: 'Balancer=other', load: null });
  const namesOf = async (query: string) => (await stateOf(lb, query)).balancers.map(({ name }) => name);
  expect(await namesOf('')).toEqual(['mycluster', 'other']);
  expect(await namesOf('?balancer=other')).toEqual(['other']);
  const aliasesOf = async (query: string) =>
    (await stateOf(lb, query)).nodes[0]?.vhosts.map(({ aliases }) => aliases.join());
  expect(await aliasesOf('?node=n1')).toEqual(['a', 'b']);
  expect(await aliasesOf('?context=/y')).toEqual(['b']);
});

it('lists each of many contexts of one virtual host', async () => {
  const lb = await startTestBalancer();
  const paths = Array.from({ length: 450 }, (_, index) => `/context-${index}`);
  await lb.register('n1', 9, { contexts: paths.join(','), load: null });
  expect((await stateOf(lb)).nodes[0]?.vhosts[0]?.contexts.map(({ path }) => path)).toEqual(paths);
});

it('refuses a parameter that it does not know, and says which was meant', async () => {
  const lb = await startTestBalancer();
  const { status, text } = await ask(lb.mcmpPort, '/api/v1/state?nodes=n1');
  expect([status, JSON.parse(text)]).toMatchObject([400, { code: 'MCMP_BAD_QUERY', hint: 'Did you mean node?' }]);
});

it('is one document to HTTP/1.0 as well, which has no chunks', async () => {
  const lb = await startTestBalancer();
  const answer = await talk(lb.mcmpPort, 'GET /api/v1/state HTTP/1.0\r\n\r\n');
  expect(answer.headers.has('transfer-encoding')).toBe(false);
  expect(JSON.parse(answer.body)).toMatchObject({ schemaVersion: 1, nodes: [] });
});

it('sends no body to HEAD, and answers the request behind it on the same connection', async () => {
  const lb = await startTestBalancer();
  const client = await openRaw(lb.mcmpPort);
  const host = hostPort(lb.mcmpPort);
  client.write(
    ['HEAD', 'GET', 'GET'].map((method) => `${method} /api/v1/state HTTP/1.1\r\nHost: ${host}\r\n\r\n`).join(''),
  );
  const text = await client.until((received) => received.split('\r\n0\r\n\r\n').length === 3);
  expect(text.split('HTTP/1.1 200')).toHaveLength(4);
  expect(text.split('"schemaVersion":1')).toHaveLength(3);
});

it('makes a large document in slices: others are answered before it is complete, and each row is in it once', async () => {
  const lb = await startTestBalancer({ limits: { maxNodes: 10, maxContexts: 100_000, maxHosts: 10 } });
  await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
  for (let block = 0; block < 10; block++) {
    const paths = Array.from({ length: 2000 }, (_, index) => `/${'x'.repeat(40)}${block * 2000 + index}`);
    await lb.mcmp('ENABLE-APP', `JVMRoute=n1&Alias=a&Context=${paths.join(',')}`);
  }
  const reader = await openRaw(lb.mcmpPort);
  reader.socket.pause();
  reader.write(`GET /api/v1/state HTTP/1.1\r\nHost: ${hostPort(lb.mcmpPort)}\r\nConnection: close\r\n\r\n`);
  // Nobody reads it, so it cannot be complete.
  expect((await ask(lb.mcmpPort, '/healthz')).status).toBe(200);
  await lb.mcmp('REMOVE-APP', 'JVMRoute=n1', '/*');
  expect((await stateOf(lb)).used.contexts).toBe(0);
  reader.socket.resume();
  const { text } = await reader.closed();
  expect(text.endsWith('0\r\n\r\n')).toBe(true);
  const paths = text.match(/\/x{40}\d+/g) ?? [];
  expect(new Set(paths).size).toBe(paths.length);
});
