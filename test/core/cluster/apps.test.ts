import { describe, expect, test } from 'vitest';
import { findNode } from '../../../src/core/cluster/state.ts';
import { HTTPD2_DIALECT, MCMP_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { lines, said, type TestBalancer, testBalancer } from '../balancer.ts';

const N1 = 'JVMRoute=n1&Host=127.0.0.1&Port=9001&Type=http';
const types = (balancer: TestBalancer) => balancer.events.map((event) => event.type);
const app = (alias: string, context: string) => `JVMRoute=n1&Alias=${alias}&Context=${context}`;

function withNode(limits = {}): TestBalancer {
  const balancer = testBalancer(MCMP_DIALECT, { limits });
  balancer.send('CONFIG', N1);
  return balancer;
}

const tables = (balancer: TestBalancer) => balancer.info().split('\n').slice(1, -1);

describe('virtual hosts of the default dialect', () => {
  test('an alias list is one virtual host, and a second context joins it', () => {
    const balancer = withNode();
    balancer.send('ENABLE-APP', app('localhost,www.example.com,example.com', '/one'));
    balancer.send('ENABLE-APP', app('localhost,www.example.com,example.com', '/two'));
    expect(tables(balancer)).toEqual([
      'Vhost: [0:1:0], Alias: localhost',
      'Vhost: [0:1:1], Alias: www.example.com',
      'Vhost: [0:1:2], Alias: example.com',
      'Context: [0:1:0], Context: /one, Status: ENABLED',
      'Context: [0:1:1], Context: /two, Status: ENABLED',
    ]);
  });

  test('a list in another order is the same virtual host', () => {
    const balancer = withNode();
    balancer.send('ENABLE-APP', app('a,b', '/x'));
    balancer.send('STOP-APP', app('b,a', '/x'));
    expect(tables(balancer)).toEqual([
      'Vhost: [0:1:0], Alias: a',
      'Vhost: [0:1:1], Alias: b',
      'Context: [0:1:0], Context: /x, Status: STOPPED',
    ]);
  });

  test('a new alias of a known list joins its virtual host', () => {
    const balancer = withNode();
    balancer.send('ENABLE-APP', app('a', '/x'));
    balancer.send('ENABLE-APP', app('b,a', '/y'));
    expect(lines(balancer.info(), 'Vhost:')).toEqual(['Vhost: [0:1:0], Alias: a', 'Vhost: [0:1:1], Alias: b']);
  });

  test('a list that touches two virtual hosts is meant for both', () => {
    const balancer = withNode();
    balancer.send('ENABLE-APP', app('a', '/x'));
    balancer.send('ENABLE-APP', app('b', '/y'));
    balancer.send('ENABLE-APP', app('c,b,a', '/z'));
    expect(tables(balancer)).toEqual([
      'Vhost: [0:1:0], Alias: a',
      'Vhost: [0:2:1], Alias: b',
      'Vhost: [0:2:2], Alias: c',
      'Context: [0:1:0], Context: /x, Status: ENABLED',
      'Context: [0:2:1], Context: /y, Status: ENABLED',
      'Context: [0:2:2], Context: /z, Status: ENABLED',
      'Context: [0:1:3], Context: /z, Status: ENABLED',
    ]);
  });

  test('REMOVE-APP by one alias removes from its virtual host, and the last context takes all aliases along', () => {
    const balancer = withNode();
    balancer.send('ENABLE-APP', app('a,b', '/x,/y'));
    expect(said(balancer.send('REMOVE-APP', app('b', '/x')))).toBe(
      '200 Type=REMOVE-APP-RSP\nJvmRoute=n1\nAlias=b Contexts=/x',
    );
    balancer.send('REMOVE-APP', app('a', '/y'));
    expect(types(balancer)).toEqual(['context-removed', 'alias-removed', 'alias-removed']);
    expect(tables(balancer)).toEqual([]);
    balancer.send('ENABLE-APP', app('b', '/x'));
    expect(lines(balancer.info(), 'Vhost:')).toEqual(['Vhost: [0:1:0], Alias: b']);
  });

  test('removing every context of two aliases in one command reports both', () => {
    const balancer = withNode();
    balancer.send('ENABLE-APP', app('a,b', '/x'));
    expect(said(balancer.send('REMOVE-APP', app('a,b', '/x')))).toBe(
      '200 Type=REMOVE-APP-RSP\nJvmRoute=n1\nAlias=a Contexts=/x\n\nAlias=b Contexts=/x',
    );
  });

  test('a new virtual host is numbered one above the highest', () => {
    const balancer = withNode();
    for (const alias of ['a', 'b', 'c']) balancer.send('ENABLE-APP', app(alias, '/x'));
    balancer.send('REMOVE-APP', app('b', '/x'));
    balancer.send('ENABLE-APP', app('d', '/x'));
    expect(lines(balancer.info(), 'Vhost:')).toEqual([
      'Vhost: [0:1:0], Alias: a',
      'Vhost: [0:4:1], Alias: d',
      'Vhost: [0:3:2], Alias: c',
    ]);
  });
});

test('events: an alias is added before its contexts, and a status that does not change says nothing', () => {
  const balancer = withNode();
  balancer.send('ENABLE-APP', app('a,b', '/x,/y'));
  expect(types(balancer)).toEqual(['alias-added', 'alias-added', 'context-added', 'context-added']);
  balancer.send('ENABLE-APP', app('a,b', '/x,/y'));
  expect(types(balancer)).toEqual([]);
  balancer.send('DISABLE-APP', app('a', '/y'));
  expect(balancer.events).toMatchObject([
    { type: 'context-changed', from: 'ENABLED', context: { path: '/y', status: 'DISABLED' } },
  ]);
});

describe('MCMP-APP-28 requests in flight', () => {
  test('STOP-APP counts those of the contexts it names, on this node', () => {
    const balancer = withNode();
    balancer.send('CONFIG', 'JVMRoute=n2&Port=2');
    for (const route of ['n1', 'n2']) balancer.send('ENABLE-APP', `JVMRoute=${route}&Alias=a&Context=/x,/y,/z`);
    for (const context of balancer.state.contexts.rows)
      if (context !== undefined) context.inFlight = 10 ** context.slot;
    expect(said(balancer.send('STOP-APP', app('a', '/x,/z')))).toMatch(/Alias=a&Context=\/x,\/z&Requests=101$/);
    expect(said(balancer.send('STOP-APP', app('a', '/y')))).toMatch(/Requests=10$/);
    expect(said(balancer.send('STOP-APP', app('b', '/never')))).toMatch(/Requests=0$/);
  });

  test('nothing of a long name is cut, and what would be structure is encoded', () => {
    const balancer = withNode();
    const alias = `${'a'.repeat(200)}.example`;
    const reply = balancer.send('STOP-APP', app(alias, '/a%26b%3D1'));
    expect(said(reply)).toBe(`200 Type=STOP-APP-RSP&JvmRoute=n1&Alias=${alias}&Context=/a%26b%3D1&Requests=0`);
  });
});

describe('commands that come before their CONFIG', () => {
  test('STOP-APP and DISABLE-APP are kept and carried out when it comes', () => {
    const balancer = testBalancer(MCMP_DIALECT);
    expect(said(balancer.send('STOP-APP', app('default-host,localhost', '/one')))).toMatch(/Requests=0$/);
    expect(said(balancer.send('DISABLE-APP', app('default-host,localhost', '/two')))).toMatch(
      /Alias=localhost Contexts=\/two$/,
    );
    expect(balancer.info()).toBe('');
    balancer.send('CONFIG', N1);
    expect(types(balancer)).toEqual([
      'balancer-changed',
      'node-added',
      'alias-added',
      'alias-added',
      'context-added',
      'context-added',
    ]);
    expect(tables(balancer)).toEqual([
      'Vhost: [0:1:0], Alias: default-host',
      'Vhost: [0:1:1], Alias: localhost',
      'Context: [0:1:0], Context: /one, Status: STOPPED',
      'Context: [0:1:1], Context: /two, Status: DISABLED',
    ]);
    balancer.send('REMOVE-APP', app('localhost', '/one'));
    balancer.send('CONFIG', N1);
    expect(lines(balancer.info(), 'Context:')).toHaveLength(1);
  });

  test('those of a node that is being removed, too', () => {
    const balancer = withNode();
    balancer.send('REMOVE-APP /*', 'JVMRoute=n1');
    balancer.send('STOP-APP', app('a', '/x'));
    expect(tables(balancer)).toEqual([]);
    balancer.send('CONFIG', N1);
    expect(lines(balancer.info(), 'Context:')).toEqual(['Context: [0:1:0], Context: /x, Status: STOPPED']);
  });

  test('a REMOVE-APP takes them back', () => {
    const balancer = testBalancer(MCMP_DIALECT);
    balancer.send('STOP-APP', app('a', '/x'));
    balancer.send('REMOVE-APP', app('a', '/x'));
    balancer.send('CONFIG', N1);
    expect(tables(balancer)).toEqual([]);
  });

  test('they are forgotten after a minute', () => {
    for (const ticks of [true, false]) {
      const balancer = testBalancer(MCMP_DIALECT);
      balancer.send('STOP-APP', app('a', '/x'));
      balancer.now += 60_000;
      if (ticks) {
        balancer.apply({ kind: 'TICK' });
        expect(balancer.state.early.size).toBe(0);
        expect(balancer.state.earlyCount).toBe(0);
      }
      balancer.send('CONFIG', N1);
      expect(tables(balancer)).toEqual([]);
    }
  });

  test('a peer that invents routes is refused at a bound, with MEM', () => {
    const balancer = testBalancer(MCMP_DIALECT);
    const contexts = Array.from({ length: 100 }, (_, index) => `/c${index}`).join(',');
    const answers = Array.from({ length: 101 }, (_, index) =>
      said(balancer.send('STOP-APP', `JVMRoute=r${index}&Alias=a&Context=${contexts}`)),
    );
    expect(answers.filter((answer) => answer.startsWith('200'))).toHaveLength(100);
    expect(answers[100]).toBe('MEM/MEM: Can\'t read node with "r100" JVMRoute');
  });

  test('they must find room, or the CONFIG is refused whole', () => {
    const balancer = testBalancer(MCMP_DIALECT, { limits: { maxContexts: 1 } });
    balancer.send('STOP-APP', app('a', '/x,/y'));
    expect(said(balancer.send('CONFIG', N1))).toMatch(/^MEM/);
    expect(balancer.dump()).toBe('');
  });

  test('httpd-2 knows nothing of it', () => {
    const balancer = testBalancer(HTTPD2_DIALECT);
    expect(said(balancer.send('STOP-APP', app('a', '/x')))).toMatch(/^MEM.MEM: Can't read node/);
  });
});

test('a node that comes back at once is served as before once it enabled its contexts', () => {
  const balancer = withNode();
  balancer.send('ENABLE-APP', app('a', '/x'));
  balancer.send('REMOVE-APP /*', 'JVMRoute=n1');
  expect(types(balancer)).toEqual(['context-removed', 'alias-removed', 'node-state']);
  balancer.send('CONFIG', N1);
  expect(balancer.events).toMatchObject([{ type: 'node-state', reason: 'CONFIG: it came back' }]);
  balancer.now += 20_000;
  balancer.apply({ kind: 'TICK' });
  expect(findNode(balancer.state, 'n1')).toMatchObject({ removedAtMs: 0, slot: 0 });
});

test('httpd-2: vhost numbers of CONFIG begin at 1 each time, so a later alias may join an earlier vhost', () => {
  const balancer = testBalancer(HTTPD2_DIALECT);
  balancer.send('CONFIG', `${N1}&Alias=a,b&Context=/x`);
  balancer.send('CONFIG', `${N1}&Alias=c&Context=/y`);
  expect(lines(balancer.info(), 'Vhost:')).toEqual([
    'Vhost: [0:1:0], Alias: a',
    'Vhost: [0:2:1], Alias: b',
    'Vhost: [0:1:2], Alias: c',
  ]);
});

test.each([
  ['mcmp', MCMP_DIALECT],
  ['httpd-2', HTTPD2_DIALECT],
] as const)('a megabyte of short names costs %s no time', (_, dialect) => {
  const balancer = testBalancer(dialect, { limits: { maxContexts: 1_000_000, maxHosts: 100_000 } });
  balancer.send('CONFIG', N1);
  const names = Array.from({ length: 60_000 }, (_, index) => index.toString(36)).join(',');
  const started = process.cpuUsage().user;
  for (const verb of ['ENABLE-APP', 'STOP-APP', 'REMOVE-APP']) {
    expect(said(balancer.send(verb, app(names, names)))).toMatch(/^MEM.MEM: Can't update or insert context/);
  }
  expect(said(balancer.send('CONFIG', `${N1}&Alias=${names}&Context=${names}`))).toMatch(/^MEM/);
  const repeated = Array.from({ length: 60_000 }, (_, index) => `Alias=${index.toString(36)}`).join('&');
  expect(said(balancer.send('ENABLE-APP', `${app('a', '/x')}&${repeated}`))).toMatch(/^200/);
  expect((process.cpuUsage().user - started) / 1000).toBeLessThan(5_000);
});
