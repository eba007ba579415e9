import { describe, expect, test } from 'vitest';
import { startNode } from '../../support/node-server.ts';
import { talk } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { checkSituations, command, nameIn, registerAll, type Situation, startHttpd2 } from './situation.ts';

const n1 = (contexts = '/app', more = {}) => ({ route: 'n1', contexts, ...more });
const n2 = (contexts = '/app', more = {}) => ({ route: 'n2', contexts, ...more });
const cookie = (value: string): string => `Cookie: JSESSIONID=${value}\r\n`;
const FORCE_OFF = { config: 'StickySessionForce=No' };
const app = (verb: string, route: string, context: string): readonly [string, string] => [
  `${verb}-APP`,
  `JVMRoute=${route}&Alias=localhost&Context=${context}`,
];

const ROUTE: readonly Situation[] = [
  { id: 'MCMP-ROUTE-01 the context itself', nodes: [n1()], path: '/app', answers: ['n1'] },
  { id: 'MCMP-ROUTE-02 a path under the context', nodes: [n1()], path: '/app/x', answers: ['n1'] },
  { id: 'MCMP-ROUTE-03 a path that only begins like it', nodes: [n1()], path: '/application', answers: 404 },
  { id: 'MCMP-ROUTE-04 another letter case', nodes: [n1()], path: '/App', answers: 404 },
  { id: 'MCMP-ROUTE-05 the longest context', nodes: [n1('/app'), n2('/app/sub')], path: '/app/sub/x', answers: ['n2'] },
  { id: 'MCMP-ROUTE-06 the root takes what is left', nodes: [n1('/'), n2('/app')], path: '/other', answers: ['n1'] },
  { id: 'MCMP-ROUTE-06 but nothing else', nodes: [n1('/'), n2('/app')], path: '/app/x', answers: ['n2'] },
  {
    id: 'MCMP-ROUTE-07 the longest context hides the shorter one even when it is stopped',
    nodes: [n1('/app'), n2('/app/sub')],
    commands: [app('STOP', 'n2', '/app/sub')],
    path: '/app/sub',
    answers: 404,
  },
  { id: 'MCMP-ROUTE-08 a slash at its end is part of a context', nodes: [n1('/app/')], path: '/app/x', answers: 404 },
  {
    id: 'MCMP-ROUTE-09 without --use-alias the Host header does not matter',
    nodes: [n1('/app', { alias: 'h1' })],
    path: '/app',
    answers: ['n1'],
  },
  {
    id: 'MCMP-ROUTE-18 path parameters are not part of the path',
    nodes: [n1()],
    path: '/app;jsessionid=x.n1',
    answers: ['n1'],
  },
  { id: 'MCMP-ROUTE-19 nor is the query', nodes: [n1()], path: '/app?x=/other', answers: ['n1'] },
  { id: 'MCMP-ROUTE-20 the path is decoded', nodes: [n1()], path: '/%61pp/x', answers: ['n1'] },
  { id: 'MCMP-ROUTE-12 no nodes', nodes: [], path: '/app', answers: 404 },
  {
    id: 'MCMP-ROUTE-13 the only copy is stopped',
    nodes: [n1()],
    commands: [app('STOP', 'n1', '/app')],
    path: '/app',
    answers: 404,
  },
  {
    id: 'MCMP-ROUTE-14 the only copy is disabled',
    nodes: [n1()],
    commands: [app('DISABLE', 'n1', '/app')],
    path: '/app',
    answers: 404,
  },
  { id: 'MCMP-ROUTE-15 the only node is in error', nodes: [n1('/app', { dead: true })], path: '/app', answers: 503 },
  { id: 'MCMP-ROUTE-16 a node without STATUS', nodes: [n1('/app', { load: null })], path: '/app', answers: ['n1'] },
  { id: 'MCMP-ROUTE-17 two nodes share', nodes: [n1(), n2()], path: '/app', times: 20, answers: ['n1', 'n2'] },
  {
    id: 'MCMP-ROUTE-21 all contexts are removed',
    nodes: [n1()],
    commands: [app('REMOVE', 'n1', '/app')],
    path: '/app',
    answers: 404,
  },
];

const STICKY: readonly Situation[] = [
  { id: 'MCMP-STICKY-01 a cookie', nodes: [n1(), n2()], path: '/app', headers: cookie('abc.n2'), answers: ['n2'] },
  { id: 'MCMP-STICKY-02 a path parameter', nodes: [n1(), n2()], path: '/app/x;jsessionid=abc.n2', answers: ['n2'] },
  {
    id: 'MCMP-STICKY-03 not a query parameter',
    nodes: [n1(), n2()],
    path: '/app?jsessionid=abc.n2',
    answers: ['n1', 'n2'],
  },
  {
    id: 'MCMP-STICKY-04 the cookie before the path',
    nodes: [n1(), n2()],
    path: '/app;jsessionid=abc.n2',
    headers: cookie('abc.n1'),
    answers: ['n1'],
  },
  {
    id: 'MCMP-STICKY-05 the first of two cookies',
    nodes: [n1(), n2()],
    path: '/app',
    headers: cookie('abc.n1; JSESSIONID=abc.n2'),
    answers: ['n1'],
  },
  {
    id: 'MCMP-STICKY-06 also when it has no route',
    nodes: [n1(), n2()],
    path: '/app',
    headers: cookie('abc; JSESSIONID=abc.n2'),
    answers: ['n1', 'n2'],
  },
  { id: 'MCMP-STICKY-07 in quotes', nodes: [n1(), n2()], path: '/app', headers: cookie('"abc.n2"'), answers: ['n2'] },
  {
    id: 'MCMP-STICKY-08 the route begins at the first dot',
    nodes: [n1(), n2()],
    path: '/app',
    headers: cookie('abc.x.n2'),
    answers: ['n1', 'n2'],
  },
  {
    id: 'MCMP-STICKY-09 a cookie of another name',
    nodes: [n1('/app', { config: 'StickySessionCookie=SID' }), n2('/app', { config: 'StickySessionCookie=SID' })],
    path: '/app',
    headers: 'Cookie: JSESSIONID=abc.n1; SID=abc.n2\r\n',
    answers: ['n2'],
  },
  {
    id: 'MCMP-STICKY-10 StickySession=No',
    nodes: [n1('/app', { config: 'StickySession=No' }), n2('/app', { config: 'StickySession=No' })],
    path: '/app',
    headers: cookie('abc.n2'),
    answers: ['n1', 'n2'],
  },
  {
    id: 'MCMP-STICKY-11 a route that never was',
    nodes: [n1(), n2()],
    path: '/app',
    headers: cookie('abc.nX'),
    answers: ['n1', 'n2'],
  },
  {
    id: 'MCMP-STICKY-13 Force and the node in error',
    nodes: [n1(), n2('/app', { dead: true })],
    path: '/app',
    headers: cookie('abc.n2'),
    answers: 503,
  },
  {
    id: 'MCMP-STICKY-14 no Force and the node in error',
    nodes: [n1('/app', FORCE_OFF), n2('/app', { ...FORCE_OFF, dead: true })],
    path: '/app',
    headers: cookie('abc.n2'),
    answers: ['n1'],
  },
  {
    id: 'MCMP-STICKY-15 Force, and another node of its domain',
    nodes: [
      n1('/app', { config: 'Domain=g1' }),
      n2('/app', { config: 'Domain=g1', dead: true }),
      { route: 'n3', config: 'Domain=g2' },
    ],
    path: '/app',
    headers: cookie('abc.n2'),
    answers: ['n1'],
  },
  {
    id: 'MCMP-STICKY-16 Force, and nobody else in its domain',
    nodes: [n1('/app', { config: 'Domain=g1' }), n2('/app', { config: 'Domain=g2', dead: true })],
    path: '/app',
    headers: cookie('abc.n2'),
    answers: 503,
  },
  {
    id: 'MCMP-STICKY-17 a disabled context keeps its sessions',
    nodes: [n1(), n2()],
    commands: [app('DISABLE', 'n2', '/app')],
    path: '/app',
    headers: cookie('abc.n2'),
    answers: ['n2'],
  },
  {
    id: 'MCMP-STICKY-18 a stopped one does not',
    nodes: [n1('/app', FORCE_OFF), n2('/app', FORCE_OFF)],
    commands: [app('STOP', 'n2', '/app')],
    path: '/app',
    headers: cookie('abc.n2'),
    answers: ['n1'],
  },
  {
    id: 'MCMP-STICKY-19 all copies are disabled and there is a session',
    nodes: [n1()],
    commands: [app('DISABLE', 'n1', '/app')],
    path: '/app',
    headers: cookie('abc'),
    answers: ['n1'],
  },
  {
    id: 'MCMP-STICKY-22 the route chooses the balancer',
    nodes: [n1('/app', { config: 'Balancer=a' }), n2('/app', { config: 'Balancer=b' })],
    path: '/app',
    headers: cookie('abc.n2'),
    answers: ['n2'],
  },
];

const LB: readonly Situation[] = [
  { id: 'MCMP-LB-02 the lower id first', nodes: [n1(), n2()], path: '/app', times: 1, answers: ['n1'] },
  {
    id: 'MCMP-LB-03 a hot standby waits',
    nodes: [n1('/app', { load: 1 }), n2('/app', { load: 0 })],
    path: '/app',
    answers: ['n1'],
  },
  {
    id: 'MCMP-LB-04 and steps in',
    nodes: [n1('/app', { dead: true }), n2('/app', { load: 0 })],
    path: '/app',
    answers: ['n2'],
  },
  {
    id: 'MCMP-LB-05 all are hot standbys',
    nodes: [n1('/app', { load: 0 }), n2('/app', { load: 0 })],
    path: '/app',
    times: 1,
    answers: ['n1'],
  },
  { id: 'MCMP-LB-06 load -1', nodes: [n1('/app', { load: -1 }), n2()], path: '/app', answers: ['n2'] },
  { id: 'MCMP-STATUS-12 load -1 and nobody else', nodes: [n1('/app', { load: -1 })], path: '/app', answers: 503 },
  {
    id: 'MCMP-STATUS-13 load 100 after load -1',
    nodes: [n1('/app', { load: -1 })],
    commands: [['STATUS', 'JVMRoute=n1&Load=100']],
    path: '/app',
    answers: ['n1'],
  },
  {
    id: 'MCMP-CONFIG-38 a context of CONFIG is not served',
    nodes: [n1('/other', { config: 'Alias=a&Context=/x' })],
    path: '/x',
    answers: 404,
  },
];

describe.each(['httpd-2', 'httpd-1.3'] as const)('%s', (dialect) => {
  describe('routing', () => checkSituations(ROUTE, dialect));
  describe('sessions', () => checkSituations(STICKY, dialect));
  describe('elections', () => checkSituations(LB, dialect));
});

describe('more of routing', () => {
  test('MCMP-ROUTE-02 the node sees the whole path', async () => {
    const balancer = await startHttpd2();
    const node = await startNode('n1');
    await balancer.register('n1', node.port);
    await balancer.get('/app/x/%7Ey?z=1');
    expect(node.seen[0]?.target).toBe('/app/x/%7Ey?z=1');
  });

  test.for([
    ['H1:8080', 200],
    ['h1', 200],
    ['h2', 404],
  ] as const)('MCMP-ROUTE-10 with --use-alias, Host: %s gets %d', async ([host, status]) => {
    const balancer = await startHttpd2({ useAlias: true });
    const node = await startNode('n1');
    await balancer.register('n1', node.port, { alias: 'h1' });
    const answer = await talk(balancer.port, `GET /app HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(answer.status).toBe(status);
  });

  test.for([
    ['MCMP-LB-01 twice the load factor', 100, 50, 300, 1.7, 2.3],
    ['MCMP-LB-07 a hundred times the load factor', 100, 1, 200, 20, Number.POSITIVE_INFINITY],
  ] as const)('%s', async ([, loadOfFirst, loadOfSecond, requests, least, most]) => {
    const balancer = await startHttpd2({ recalcIntervalMs: 60_000 });
    const [first, second] = [await startNode('n1'), await startNode('n2')];
    await balancer.register('n1', first.port, { load: loadOfFirst });
    await balancer.register('n2', second.port, { load: loadOfSecond });
    for (let i = 0; i < requests; i++) await balancer.get('/app');
    const ratio = first.seen.length / second.seen.length;
    expect(ratio).toBeGreaterThan(least);
    expect(ratio).toBeLessThanOrEqual(most);
  });

  test('MCMP-CONFIG-43 an identical CONFIG does not interrupt', async () => {
    const balancer = await startHttpd2();
    const { port } = await startNode('n1');
    await balancer.register('n1', port);
    await command(balancer, 'CONFIG', `JVMRoute=n1&Host=127.0.0.1&Port=${port}&Type=http`);
    expect(nameIn((await balancer.get('/app')).body)).toBe('n1');
    expect(await command(balancer, 'INFO')).toContain('Load: 100');
  });

  test('MCMP-CONFIG-45 nor does one with another port, which is refused', async () => {
    const balancer = await startHttpd2();
    await balancer.register('n1', (await startNode('n1')).port);
    const { port } = await startNode('elsewhere');
    const answer = await balancer.mcmp('CONFIG', `JVMRoute=n1&Host=127.0.0.1&Port=${port}&Type=http`);
    expect(answer.headers.get('mess')).toBe('MEM: Node with "n1" JVMRoute already exists');
    expect(nameIn((await balancer.get('/app')).body)).toBe('n1');
  });

  test.for([
    ['httpd-2', 'is not remembered', ['n1', 'n3']],
    ['httpd-1.3', 'is, for 5 minutes', ['n1']],
  ] as const)('MCMP-STATE-06 in %s the domain of a node that is gone %s', async ([dialect, , names]) => {
    const balancer = await startHttpd2({ dialect, waitBeforeRemoveMs: 20 });
    const nodes = [
      { route: 'n1', config: 'Domain=g1' },
      { route: 'n2', config: 'Domain=g1' },
      { route: 'n3', config: 'Domain=g2' },
    ];
    await registerAll(balancer, nodes);
    await command(balancer, 'REMOVE-APP /*', 'JVMRoute=n2');
    await waitFor(async () => !/Name: (n2|REMOVED)/.test(await command(balancer, 'INFO')));
    const answers = new Set<string>();
    for (let i = 0; i < 6; i++) answers.add(nameIn((await balancer.get('/app', cookie('abc.n2'))).body));
    expect([...answers].sort()).toEqual(names);
  });

  test('MCMP-INFO-07 and MCMP-INFO-08 the numbers of INFO grow with the requests', async () => {
    const balancer = await startHttpd2();
    await balancer.register('n1', (await startNode('n1')).port);
    const numbers = async (): Promise<number[]> =>
      [...(await command(balancer, 'INFO')).matchAll(/(?:Elected|Read|Transfered|Connected): (\d+)/g)].map((match) =>
        Number(match[1]),
      );
    const before = await numbers();
    for (let i = 0; i < 5; i++) await balancer.get('/app');
    const [elected = 0, read = 0, transferred = 0, connected = 0] = await numbers();
    expect(before).toEqual([0, expect.any(Number), expect.any(Number), 0]);
    expect(elected).toBe(5);
    expect(read).toBeGreaterThan(before[1] ?? 0);
    expect(transferred).toBeGreaterThanOrEqual(before[2] ?? 0);
    expect(connected).toBe(0);
  });
});
