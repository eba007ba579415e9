import { describe, expect, it } from 'vitest';
import { REMEMBERED_DOMAINS_MAX } from '../../../src/core/routing/domain-memory.ts';
import { FakeCluster, OWN_RULES } from './fake-cluster.ts';

describe('a session whose node was removed', () => {
  const cookie = 'JSESSIONID=abc.n3';

  function bereft(): FakeCluster {
    const cluster = new FakeCluster();
    for (const [route, domain] of [
      ['n1', 'g1'],
      ['n2', 'g2'],
      ['n3', 'g2'],
    ] as const) {
      cluster.context(cluster.node(route, { domain }), '/app');
    }
    const lost = cluster.nodes[2];
    if (lost !== undefined) cluster.removeNode(lost);
    return cluster;
  }

  it('stays inside the domain for as long as that is remembered', () => {
    const cluster = bereft();
    for (let times = 0; times < 4; times++) {
      expect(cluster.ask('/app', { cookie })).toMatchObject({ reason: 'failover-domain', sessionRoute: 'n3' });
    }
    cluster.now += OWN_RULES.domainMemoryMs - 1;
    expect(cluster.where('/app', { cookie })).toBe('n2');
    cluster.now += 1;
    expect(cluster.ask('/app', { cookie }).reason).toBe('elected');
  });

  it('is refused with force when nobody of the domain is left, and goes elsewhere without', () => {
    const cluster = bereft();
    for (const node of cluster.nodes) if (node.domain === 'g2') cluster.change(node, { inError: true });
    expect(cluster.where('/app', { cookie })).toBe('sticky-forced');
    cluster.balancer('mycluster', { stickySessionForce: false });
    expect(cluster.ask('/app', { cookie })).toMatchObject({ reason: 'failover' });
  });

  it('finds its node again when that comes back, whatever its domain is now', () => {
    const cluster = bereft();
    cluster.context(cluster.node('n3'), '/app');
    expect(cluster.ask('/app', { cookie })).toMatchObject({ reason: 'sticky' });
  });

  it('keeps the domain of a node whose row was renamed and cleared before it was removed', () => {
    const cluster = bereft();
    const last = cluster.nodes[1];
    if (last === undefined) throw new Error('no node');
    cluster.context(cluster.node('n4', { domain: 'g2' }), '/app');
    Object.assign(last, { route: 'REMOVED', domain: '' });
    cluster.change(last, { removedAtMs: 1 });
    cluster.removeNode(last);
    expect(cluster.ask('/app', { cookie: 'JSESSIONID=abc.n2' })).toMatchObject({ reason: 'failover-domain' });
  });

  it('is balanced when its node had no domain', () => {
    const cluster = new FakeCluster();
    cluster.context(cluster.node('n1'), '/app');
    cluster.removeNode(cluster.node('n2'));
    expect(cluster.ask('/app', { cookie: 'JSESSIONID=abc.n2' }).reason).toBe('elected');
  });

  it('more removed nodes than are remembered push out the oldest', () => {
    const cluster = bereft();
    for (let at = 0; at < REMEMBERED_DOMAINS_MAX; at++) cluster.removeNode(cluster.node(`m${at}`, { domain: 'g2' }));
    expect(cluster.ask('/app', { cookie }).reason).toBe('elected');
    expect(cluster.ask('/app', { cookie: 'JSESSIONID=abc.m0' }).reason).toBe('failover-domain');
  });
});

describe('several balancers with one context', () => {
  function two(): FakeCluster {
    const cluster = new FakeCluster();
    cluster.balancer('A');
    cluster.balancer('B', { stickySessionCookie: 'SID' });
    cluster.context(cluster.node('n2', { balancer: 'B' }), '/app');
    cluster.context(cluster.node('n1', { balancer: 'A' }), '/app');
    return cluster;
  }

  it('MCMP-STICKY-22: the session chooses the balancer', () => {
    const cluster = two();
    expect(cluster.where('/app', { cookie: 'SID=abc.n2' })).toBe('n2');
    expect(cluster.where('/app', { cookie: 'JSESSIONID=abc.n1; SID=zzz' })).toBe('n1');
    expect(cluster.where('/app', { cookie: 'JSESSIONID=abc.n2' })).toBe('n1');
  });

  it('without a session the first one takes the request, and the next when it cannot', () => {
    const cluster = two();
    expect(cluster.spread(4, '/app')).toEqual(new Map([['n1', 4]]));
    for (const node of cluster.nodes) if (node.route === 'n1') cluster.change(node, { inError: true });
    expect(cluster.where('/app')).toBe('n2');
  });

  it('a decision names the balancer whose settings hold, also when nobody can serve', () => {
    const cluster = two();
    expect(cluster.ask('/app').balancer?.name).toBe('A');
    expect(cluster.ask('/app', { cookie: 'SID=abc.n2' }).balancer?.name).toBe('B');
    for (const node of cluster.nodes) cluster.change(node, { inError: true });
    expect(cluster.ask('/app')).toMatchObject({ reason: 'no-node', balancer: { name: 'A' } });
    expect(cluster.ask('/app', { cookie: 'SID=abc.n2' })).toMatchObject({
      reason: 'sticky-forced',
      balancer: { name: 'B' },
    });
    expect(cluster.ask('/none').balancer).toBeNull();
  });

  it('they come and go independently', () => {
    const cluster = two();
    cluster.context(cluster.node('n3', { balancer: 'C' }), '/app');
    for (const [route, next] of [
      ['n2', 'n1'],
      ['n1', 'n3'],
      ['n3', 'no-context'],
    ] as const) {
      const node = cluster.nodes.find((each) => each.route === route);
      if (node !== undefined) cluster.removeNode(node);
      expect(cluster.where('/app')).toBe(next);
    }
  });
});
