import { describe, expect, test } from 'vitest';
import { findNode } from '../../../src/core/cluster/state.ts';
import { type Dialect, HTTPD13_DIALECT, NGINX_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { pingReply, statusReply } from '../../../src/core/mcmp/reply.ts';
import { lines, said, testBalancer } from '../balancer.ts';

const CONFIG = 'JVMRoute=n1&Host=127.0.0.1&Port=9001&Type=http&Domain=d';
const ELSEWHERE = CONFIG.replace('9001', '9002');
const APP = 'JVMRoute=n1&Alias=a&Context=/x';

/** The names and ports of all node rows. */
const rows = (info: string) =>
  lines(info, 'Node:').map((line) => line.replace(/^Node: (\[\d+\]),Name: ([^,]*),.*Port: (\d+).*$/, '$1 $2 $3'));

describe.each<[string, Dialect]>([
  ['httpd-1.3', HTTPD13_DIALECT],
  ['nginx', NGINX_DIALECT],
])('a node that comes up elsewhere, in %s', (_, dialect) => {
  test('MCMP-CONFIG-46: the first CONFIG costs it its row, the same again is taken, and the row goes in the end', () => {
    const balancer = testBalancer(dialect);
    balancer.send('CONFIG', CONFIG);
    balancer.send('ENABLE-APP', APP);
    balancer.events = [];
    expect(said(balancer.send('CONFIG', ELSEWHERE))).toMatch(/^MEM\/MEM: Old node/);
    expect(balancer.events.map(({ type }) => type)).toEqual(['context-removed', 'alias-removed', 'node-state']);
    expect(rows(balancer.info())).toEqual(['[1] REMOVED 9001']);
    expect(balancer.info(), 'its domain stays in the row').toContain('LBGroup: d,');
    expect(said(balancer.send('STATUS', 'JVMRoute=REMOVED&Load=1'))).toMatch(/^MEM/);
    expect(said(balancer.send('CONFIG', ELSEWHERE))).toBe('200');
    expect(rows(balancer.info())).toEqual(['[1] REMOVED 9001', '[2] n1 9002']);
    balancer.now += 10_000;
    balancer.apply({ kind: 'TICK' });
    expect(rows(balancer.info())).toEqual(['[2] n1 9002']);
    expect(findNode(balancer.state, 'n1')?.port).toBe('9002');
  });

  test('so does a node that is being removed', () => {
    const balancer = testBalancer(dialect);
    balancer.send('CONFIG', CONFIG);
    balancer.send('REMOVE-APP /*', 'JVMRoute=n1');
    expect(said(balancer.send('CONFIG', ELSEWHERE))).toMatch(/^MEM/);
    expect(rows(balancer.info())).toEqual(['[1] REMOVED 9001']);
  });

  test('a removed node is gone after one wait', () => {
    const balancer = testBalancer(dialect);
    balancer.send('CONFIG', CONFIG);
    balancer.send('REMOVE-APP /*', 'JVMRoute=n1');
    expect(rows(balancer.info())).toEqual(['[1] n1 9001']);
    balancer.now += 10_000;
    balancer.apply({ kind: 'TICK' });
    expect(balancer.info()).toBe('');
  });
});

describe('httpd-1.3', () => {
  test('a STATUS with Load=0 leaves a node in error, one with another load does not', () => {
    const balancer = testBalancer(HTTPD13_DIALECT);
    balancer.send('CONFIG', CONFIG);
    balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'refused' });
    balancer.send('STATUS', 'JVMRoute=n1&Load=0');
    expect(findNode(balancer.state, 'n1')).toMatchObject({ inError: true, load: 0 });
    balancer.send('STATUS', 'JVMRoute=n1&Load=1');
    expect(findNode(balancer.state, 'n1')).toMatchObject({ inError: false, load: 1 });
  });

  test('the id is what fits in 32 bits, and may be negative', () => {
    const ids = ['1762164000123456', '2147483648', '4294967295', '7'].map((incarnationId) => {
      const reply = pingReply({ dialect: HTTPD13_DIALECT, incarnationId }, undefined, true);
      return /id=(-?\d+)/.exec(said(reply))?.[1];
    });
    expect(ids).toEqual([String(Number(BigInt.asIntN(32, 1762164000123456n))), '-2147483648', '-1', '7']);
    expect(said(statusReply({ dialect: NGINX_DIALECT, incarnationId: '4294967295' }, 'n1', true))).toContain(
      'id=4294967295',
    );
  });

  test('MCMP-APP-28: STOP-APP counts the requests that are in flight', () => {
    const balancer = testBalancer(HTTPD13_DIALECT);
    balancer.send('CONFIG', CONFIG);
    balancer.send('ENABLE-APP', APP);
    const context = findNode(balancer.state, 'n1')?.vhosts[0]?.contexts.get('/x');
    if (context !== undefined) context.inFlight = 3;
    expect(said(balancer.send('STOP-APP', APP))).toBe(
      '200 Type=STOP-APP-RSP&JvmRoute=n1&Alias=a&Context=/x&Requests=3',
    );
  });
});

describe('nginx', () => {
  test('a new node takes requests at once, with a full load', () => {
    const balancer = testBalancer(NGINX_DIALECT);
    balancer.send('CONFIG', CONFIG);
    expect(findNode(balancer.state, 'n1')).toMatchObject({ load: 100, inError: false });
    expect(balancer.need).toEqual({ kind: 'nothing' });
  });

  test.each([
    ['PING', ''],
    ['PING', 'JVMRoute=n1'],
    ['PING', 'Scheme=http&Host=127.0.0.1&Port=1'],
  ])('%s %s is never answered', (line, body) => {
    const balancer = testBalancer(NGINX_DIALECT);
    balancer.send('CONFIG', CONFIG);
    expect(balancer.send(line, body)).toMatchObject({ ok: true, silent: true, body: '' });
  });
});
