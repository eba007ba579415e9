import { describe, expect, test } from 'vitest';
import { findNode } from '../../../src/core/cluster/state.ts';
import { HTTPD2_DIALECT, MCMP_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { lines, said, type TestBalancer, testBalancer } from '../balancer.ts';

const N1 = 'JVMRoute=n1&Host=127.0.0.1&Port=9001&Type=http';
const types = (balancer: TestBalancer) => balancer.events.map((event) => event.type);

function withN1(dialect = MCMP_DIALECT): TestBalancer {
  const balancer = testBalancer(dialect);
  balancer.send('CONFIG', N1);
  balancer.send('ENABLE-APP', 'JVMRoute=n1&Alias=localhost,www&Context=/one,/two');
  balancer.send('STATUS', 'JVMRoute=n1&Load=80');
  return balancer;
}

describe('a route at another address', () => {
  const moved = N1.replace('9001', '9003');

  test('the incumbent is pinged first when it seems alive', () => {
    const balancer = withN1();
    balancer.send('CONFIG', moved);
    expect(balancer.need).toEqual({ kind: 'ping-node', route: 'n1' });
    balancer.send('CONFIG', N1);
    expect(balancer.need).toEqual({ kind: 'nothing' });
    balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'x' });
    balancer.send('CONFIG', moved);
    expect(balancer.need).toEqual({ kind: 'nothing' });
  });

  test('an incumbent that answers keeps its route, and both addresses are told to the log', () => {
    const balancer = withN1();
    const before = [balancer.info(), balancer.dump()];
    const reply = balancer.send('CONFIG', moved);
    expect(reply).toMatchObject({ ok: false, type: 'MEM', code: 'route-exists' });
    expect(reply).toHaveProperty('detail', '"n1" is at 127.0.0.1:9001, refused at 127.0.0.1:9003');
    expect([balancer.info(), balancer.dump()]).toEqual(before);
  });

  test('a dead incumbent gives it up, and the contexts move along: the node will not send them again', () => {
    const balancer = withN1();
    balancer.reachable = () => false;
    expect(said(balancer.send('CONFIG', moved))).toBe('200');
    expect(types(balancer)).toEqual(['node-updated', 'node-state']);
    expect(balancer.events[0]).toMatchObject({ moved: true });
    expect(findNode(balancer.state, 'n1')).toMatchObject({ port: '9003', inError: false, load: 0, slot: 0 });
    expect(lines(balancer.info(), 'Context:')).toEqual([
      'Context: [0:1:0], Context: /one, Status: ENABLED',
      'Context: [0:1:1], Context: /two, Status: ENABLED',
    ]);
    expect(said(balancer.send('CONFIG', 'JVMRoute=n9&Host=127.0.0.1&Port=9001'))).toBe('200');
  });

  test('so does one in error', () => {
    const balancer = withN1();
    balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'x' });
    expect(said(balancer.send('CONFIG', moved))).toBe('200');
    expect(findNode(balancer.state, 'n1')).toMatchObject({ port: '9003', inError: false, failingSinceMs: 0 });
  });

  test('so does one that is being removed', () => {
    const balancer = withN1();
    balancer.send('REMOVE-APP /*', 'JVMRoute=n1');
    expect(said(balancer.send('CONFIG', moved))).toBe('200');
    expect(findNode(balancer.state, 'n1')).toMatchObject({ port: '9003', removedAtMs: 0, load: 0 });
    balancer.now += 10_000;
    balancer.apply({ kind: 'TICK' });
    expect(lines(balancer.info(), 'Node:')).toHaveLength(1);
  });

  test('httpd-2 never asks and never moves', () => {
    const balancer = withN1(HTTPD2_DIALECT);
    balancer.reachable = () => false;
    expect(said(balancer.send('CONFIG', moved))).toBe('MEM/MEM: Node with "n1" JVMRoute already exists');
    expect(balancer.need).toEqual({ kind: 'nothing' });
  });

  test('one address in two spellings is one address', () => {
    const balancer = testBalancer(MCMP_DIALECT);
    balancer.send('CONFIG', 'JVMRoute=n1&Host=%5B0%3A0%3A0%3A0%3A0%3A0%3A0%3A1%5D&Port=1');
    balancer.send('CONFIG', 'JVMRoute=n1&Host=[::1]&Port=1');
    expect(types(balancer)).toEqual([]);
  });
});

describe('an address with another route', () => {
  const n2 = N1.replace('n1', 'n2');

  test('belongs to the first while that is heard of, and both routes are told to the log', () => {
    const balancer = withN1();
    balancer.now += 29_999;
    expect(balancer.send('CONFIG', n2)).toMatchObject({
      code: 'address-taken',
      detail: '127.0.0.1:9001 belongs to "n1", refused for "n2"',
    });
  });

  test('goes to the second after 30 s of silence', () => {
    const balancer = withN1();
    balancer.now += 30_000;
    expect(said(balancer.send('CONFIG', n2))).toBe('200');
    expect(types(balancer)).toEqual([
      'context-removed',
      'context-removed',
      'alias-removed',
      'alias-removed',
      'node-removed',
      'node-added',
    ]);
    expect(lines(balancer.info(), '')).toEqual([expect.stringContaining('Name: n2,'), '']);
  });

  test('goes to the second when the first is in error', () => {
    const balancer = withN1();
    balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'x' });
    expect(said(balancer.send('CONFIG', n2))).toBe('200');
    expect(findNode(balancer.state, 'n1')).toBeUndefined();
  });

  test('is refused in httpd-2 whatever else differs, where httpd would overwrite the row', () => {
    const balancer = withN1(HTTPD2_DIALECT);
    expect(said(balancer.send('CONFIG', `${n2}&Balancer=other`))).toMatch(/^MEM.MEM: Another/);
  });

  test('a full table does not stop a node from taking the place of another', () => {
    const balancer = testBalancer(MCMP_DIALECT, { limits: { maxNodes: 1 } });
    balancer.send('CONFIG', N1);
    balancer.send('REMOVE-APP /*', 'JVMRoute=n1');
    expect(said(balancer.send('CONFIG', n2))).toBe('200');
  });

  test('both conflicts at once need both to yield', () => {
    const balancer = withN1();
    balancer.send('CONFIG', 'JVMRoute=n2&Host=127.0.0.1&Port=9002&Type=http');
    const before = balancer.dump();
    balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'x' });
    expect(said(balancer.send('CONFIG', N1.replace('9001', '9002')))).toMatch(/^MEM.MEM: Another/);
    expect(balancer.dump()).toBe(before);
    balancer.apply({ kind: 'NODE-DOWN', route: 'n2', reason: 'x' });
    expect(said(balancer.send('CONFIG', N1.replace('9001', '9002')))).toBe('200');
    expect(lines(balancer.info(), 'Node:')).toHaveLength(1);
  });
});

describe('CONFIG of a live node', () => {
  test('changes its settings in place, without a gap', () => {
    const balancer = withN1();
    balancer.send('CONFIG', `${N1}&ping=3&Domain=d`);
    expect(types(balancer)).toEqual(['node-updated']);
    expect(balancer.events[0]).toMatchObject({ moved: false });
    expect(findNode(balancer.state, 'n1')).toMatchObject({ pingMs: 3_000, domain: 'd', load: 80, inError: false });
  });

  test('says nothing when nothing changed, but counts as hearing of it', () => {
    const balancer = withN1();
    balancer.now += 5_000;
    balancer.send('CONFIG', N1);
    expect(types(balancer)).toEqual([]);
    expect(findNode(balancer.state, 'n1')?.lastHeardMs).toBe(6_000);
  });

  test('may take it to another balancer', () => {
    const balancer = withN1();
    balancer.send('CONFIG', `${N1}&Balancer=other&Maxattempts=3`);
    expect(types(balancer)).toEqual(['balancer-changed', 'node-updated']);
    expect(balancer.events[1]).toMatchObject({ moved: true, node: { balancer: { name: 'other', maxAttempts: 3 } } });
    expect(lines(balancer.dump(), 'balancer:')).toHaveLength(2);
  });

  test('keeps the status of contexts that it names', () => {
    const balancer = withN1();
    balancer.send('CONFIG', `${N1}&Alias=localhost&Context=/one,/three`);
    expect(lines(balancer.info(), 'Context:').map((line) => line.slice(line.indexOf(', ')))).toEqual([
      ', Context: /one, Status: ENABLED',
      ', Context: /two, Status: ENABLED',
      ', Context: /three, Status: STOPPED',
    ]);
  });

  test('changes the settings of its balancer, for all its nodes', () => {
    const balancer = withN1();
    balancer.send('CONFIG', `${N1}&StickySessionForce=no`);
    expect(types(balancer)).toEqual(['balancer-changed']);
    expect(balancer.dump()).toContain('force: 0');
  });

  test('of a node in error leaves the error to its STATUS', () => {
    const balancer = withN1();
    balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'x' });
    balancer.send('CONFIG', N1);
    expect(findNode(balancer.state, 'n1')?.inError).toBe(true);
  });
});

describe('limits', () => {
  test('as many balancers as nodes', () => {
    const balancer = testBalancer(MCMP_DIALECT, { limits: { maxNodes: 2 } });
    for (const name of ['a', 'b']) balancer.send('CONFIG', `${N1}&Balancer=${name}`);
    const before = balancer.dump();
    expect(said(balancer.send('CONFIG', `${N1}&Balancer=c`))).toBe(
      'MEM/MEM: Can\'t update or insert balancer for node with "n1" JVMRoute',
    );
    expect(balancer.dump()).toBe(before);
  });

  test('contexts of a CONFIG that do not fit refuse it whole', () => {
    const balancer = testBalancer(MCMP_DIALECT, { limits: { maxContexts: 1 } });
    expect(said(balancer.send('CONFIG', `${N1}&Alias=a&Context=/x,/y`))).toMatch(
      /^MEM.MEM: Can't update or insert context/,
    );
    expect(balancer.dump()).toBe('');
    expect(said(balancer.send('CONFIG', `${N1}&Alias=a&Context=/x`))).toBe('200');
    expect(said(balancer.send('CONFIG', `${N1}&Alias=a&Context=/x`))).toBe('200');
  });

  test('httpd-2 stores what fits, says what does not, and keeps the node', () => {
    const balancer = testBalancer(HTTPD2_DIALECT, { limits: { maxContexts: 3, maxHosts: 2 } });
    expect(said(balancer.send('CONFIG', `${N1}&Alias=a,b,c&Context=/x,/y`))).toBe(
      'GENERAL/MEM: Can\'t update or insert context for node with "n1" JVMRoute (/y and alias: b), ' +
        'MEM: Can\'t update or insert host alias for node with "n1" JVMRoute (c)',
    );
    expect(lines(balancer.info(), 'Context:')).toHaveLength(3);
  });

  test('rows that are free again are used again, the lowest first', () => {
    const balancer = withN1();
    for (const [route, port] of [
      ['n2', 2],
      ['n3', 3],
    ]) {
      balancer.send('CONFIG', `JVMRoute=${route}&Port=${port}`);
      balancer.send('ENABLE-APP', `JVMRoute=${route}&Alias=a&Context=/${route}`);
    }
    balancer.send('REMOVE-APP /*', 'JVMRoute=n2');
    balancer.now += 10_000;
    balancer.apply({ kind: 'TICK' });
    balancer.send('CONFIG', 'JVMRoute=n4&Port=4');
    balancer.send('ENABLE-APP', 'JVMRoute=n4&Alias=b&Context=/n4');
    expect(lines(balancer.info(), 'Vhost: [1')).toEqual(['Vhost: [1:1:2], Alias: b']);
    expect(lines(balancer.info(), 'Context: [1')).toEqual(['Context: [1:1:2], Context: /n4, Status: ENABLED']);
  });
});
