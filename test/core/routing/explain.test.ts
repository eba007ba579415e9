import { describe, expect, it } from 'vitest';
import { createDecision, ROUTING_REASONS } from '../../../src/core/routing/index.ts';
import { FakeCluster } from './fake-cluster.ts';

function ask(cluster: FakeCluster, target: string, cookie = '', host = 'shop.example') {
  return cluster.index.explain({ target, host, cookie, excluded: [] }, cluster.now);
}

describe('an explanation', () => {
  it('tells the whole way from a request to a node', () => {
    const cluster = new FakeCluster({ useAlias: true });
    const n1 = cluster.node('n1', { domain: 'g1' });
    const n2 = cluster.node('n2', { load: 50 });
    const n3 = cluster.node('n3');
    const n4 = cluster.node('n4', { load: 0 });
    const n5 = cluster.node('n5');
    for (const node of [n1, n2, n3, n4, n5]) cluster.vhost(node, 'shop.example');
    cluster.context(n1, '/');
    for (const node of [n1, n2, n4, n5]) cluster.context(node, '/app');
    cluster.context(n3, '/app', 'DISABLED');
    cluster.change(n1, { inError: true, errorReason: 'connection refused' });
    cluster.context(n5, '/app', 'STOPPED');
    const explanation = ask(cluster, '/app/%78;jsessionid=secretid.n9/y', '', 'Shop.Example:8000');
    expect(explanation).toMatchObject({
      host: { asked: 'Shop.Example:8000', name: 'shop.example', aliasesUsed: true, found: true },
      path: { matched: '/app/x/y' },
      prefixes: [{ prefix: '/app', found: true }],
      context: '/app',
      sessions: [
        {
          balancer: 'mycluster',
          source: 'path',
          name: 'jsessionid',
          id: 'secr….n9',
          route: 'n9',
          words: 'no node of this balancer has this route',
        },
      ],
      winner: 'n2',
      reason: 'elected',
      status: 0,
      words: ROUTING_REASONS.elected.words,
    });
    expect(explanation.candidates.map(({ node, usable, value, why }) => [node, usable, value, why])).toEqual([
      ['n1', false, 0, 'the node is in error: connection refused'],
      ['n2', true, 0, 'active: the lowest value wins'],
      ['n3', true, 0, 'active: the lowest value wins'],
      ['n4', true, null, 'hot standby: serves when no active node can'],
      ['n5', false, 0, 'the context is stopped'],
    ]);
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
  });

  it('names the aliases that no one asked for', () => {
    const cluster = new FakeCluster({ useAlias: true });
    cluster.context(cluster.vhost(cluster.node('n1'), 'shop'), '/app');
    expect(ask(cluster, '/app', '', 'other')).toMatchObject({
      host: { found: false },
      prefixes: [],
      context: null,
      candidates: [],
      winner: null,
      reason: 'no-host',
      status: 404,
    });
  });

  it('lists the prefixes that were tried in vain', () => {
    const cluster = new FakeCluster();
    cluster.context(cluster.node('n1'), '/a/b/c');
    cluster.context(cluster.nodes[0] ?? cluster.node('n2'), '/z');
    expect(ask(cluster, '/x/y/z/w')).toMatchObject({
      prefixes: [
        { prefix: '/x/y/z', found: false },
        { prefix: '/x', found: false },
        { prefix: '/', found: false },
      ],
      reason: 'no-context',
    });
  });

  it('says that a path cannot be matched', () => {
    expect(ask(new FakeCluster(), '/..')).toMatchObject({ path: { matched: null }, reason: 'bad-path', status: 400 });
  });

  it.each([
    ['JSESSIONID=abc', 'the id names no route', '…'],
    ['JSESSIONID=abcdef.n1', 'a node of this balancer', 'abcd….n1'],
    ['JSESSIONID=abcdef.n9', 'no node of this balancer has this route', 'abcd….n9'],
    ['JSESSIONID=abcdef.gone', 'a node that was removed; it was in the domain g1', 'abcd….gone'],
    ['JSESSIONID=former; JSESSIONID=latter', 'the id names no route', 'form…'],
    ['', 'no session id', ''],
  ])('of the session "%s": %s', (cookie, words, id) => {
    const cluster = new FakeCluster();
    cluster.context(cluster.node('n1'), '/app');
    cluster.removeNode(cluster.node('gone', { domain: 'g1' }));
    expect(ask(cluster, '/app', cookie).sessions).toMatchObject([{ words, id }]);
    cluster.balancer('mycluster', { stickySession: false });
    if (cookie.includes('.')) {
      expect(ask(cluster, '/app', cookie).sessions[0]?.words).toBe('StickySession is off: the route is ignored');
    }
  });

  it('changes nothing: the same question has the same answer, and route() gives it', () => {
    const cluster = new FakeCluster();
    for (let at = 0; at < 20; at++) cluster.context(cluster.node(`n${at}`, { load: 100 - at }), '/app');
    for (let round = 0; round < 100; round++) {
      const first = ask(cluster, '/app');
      expect(ask(cluster, '/app')).toEqual(first);
      expect(cluster.nodes.reduce((sum, node) => sum + node.counters.elected, 0)).toBe(round);
      expect(cluster.where('/app')).toBe(first.winner);
    }
  });
});

describe('a decision that is used again', () => {
  it('keeps nothing of the request before', () => {
    const cluster = new FakeCluster();
    const n1 = cluster.node('n1');
    cluster.context(n1, '/app');
    cluster.context(cluster.node('n2'), '/app');
    cluster.balancer('mycluster', { stickySessionForce: false, stickySessionRemove: true });
    cluster.change(n1, { inError: true });
    const decision = createDecision();
    const request = { target: '/app', host: '', cookie: 'JSESSIONID=a.n1', excluded: [] };
    expect(cluster.index.route(request, decision, cluster.now)).toBe(true);
    expect(decision.removeSessionCookie).toBe('JSESSIONID');
    expect(cluster.index.route({ ...request, target: '/no', cookie: '' }, decision, cluster.now)).toBe(false);
    expect(decision).toEqual(createDecision());
  });
});
