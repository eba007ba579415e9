import { describe, expect, it } from 'vitest';
import type { NodeRecord } from '../../../src/core/cluster/records.ts';
import { FakeCluster, HTTPD_RULES, OWN_RULES } from './fake-cluster.ts';

type Options = ConstructorParameters<typeof FakeCluster>[0];

/** n1 and n2 serve /app; n1 has far less to do, so only a session brings a request to n2. */
function pair(options: Options = {}): { cluster: FakeCluster; n1: NodeRecord; n2: NodeRecord } {
  const cluster = new FakeCluster(options);
  const n1 = cluster.node('n1');
  const n2 = cluster.node('n2', { load: 1 });
  cluster.context(n1, '/app');
  cluster.context(n2, '/app');
  cluster.ask('/app');
  cluster.ask('/app');
  return { cluster, n1, n2 };
}

const HTTPD = { rules: HTTPD_RULES };

describe('where a session is found', () => {
  it.each([
    ['MCMP-STICKY-01', '/app', 'JSESSIONID=abc.n2', 'cookie'],
    ['MCMP-STICKY-02', '/app;jsessionid=abc.n2', '', 'path'],
    ['MCMP-STICKY-02, before a later segment', '/app;jsessionid=abc.n2/x', '', 'path'],
    ['MCMP-STICKY-02, among other parameters', '/app;v=1;jsessionid=abc.n2;w=2?x', '', 'path'],
    ['MCMP-STICKY-07', '/app', 'JSESSIONID="abc.n2"', 'cookie'],
    ['a query parameter', '/app?jsessionid=abc.n2', '', 'query'],
    ['a query parameter among others', '/app?xjsessionid=z.n1&jsessionid=abc.n2&y=1', '', 'query'],
    ['several cookies', '/app', 'a=b; JSESSIONID=abc.n2; c=d', 'cookie'],
    ['blanks around the equals sign', '/app', 'a=b;JSESSIONID = abc.n2 ; c=d', 'cookie'],
    ['no blank between cookies', '/app', 'a=b;JSESSIONID=abc.n2;c=d', 'cookie'],
    ['a comma behind the value', '/app', 'JSESSIONID=abc.n2,other=1', 'cookie'],
    ['a name that is part of another', '/app', 'XJSESSIONID=z.n1; JSESSIONIDX=z.n1; JSESSIONID=abc.n2', 'cookie'],
    ['a name inside a value', '/app', 'a=JSESSIONID=z.n1; JSESSIONID=abc.n2', 'cookie'],
    ['an empty one before', '/app', 'JSESSIONID=; JSESSIONID=abc.n2', 'cookie'],
    ['an empty cookie and a path parameter', '/app;jsessionid=abc.n2', 'JSESSIONID=', 'path'],
    ['a cookie without route in vain', '/app', 'JSESSIONID=abc; JSESSIONID=abc.n2', 'cookie'],
  ])('%s: %s with "%s"', (_id, target, cookie, source) => {
    const { cluster, n2 } = pair();
    for (let times = 0; times < 3; times++) {
      expect(cluster.ask(target, { cookie })).toMatchObject({
        node: n2,
        reason: 'sticky',
        sessionSource: source,
        sessionRoute: 'n2',
      });
    }
  });

  it.each([
    ['another case of the cookie', '/app', 'jsessionid=abc.n2'],
    ['another case of the parameter', '/app;JSESSIONID=abc.n2', ''],
    ['an empty value', '/app;jsessionid=', 'JSESSIONID=""; JSESSIONID='],
    ['a name without a value', '/app;jsessionid', 'JSESSIONID'],
    ['a parameter in the query of no path parameter', '/app?a=;jsessionid=abc.n2', ''],
    ['a query in a query', '/app?a=b?c=jsessionid', ''],
  ])('not in %s', (_what, target, cookie) => {
    const { cluster } = pair();
    expect(cluster.ask(target, { cookie })).toMatchObject({
      reason: 'elected',
      sessionSource: 'none',
      sessionRoute: '',
    });
  });

  it('MCMP-STICKY-03: not in the query for httpd', () => {
    const { cluster } = pair(HTTPD);
    expect(cluster.ask('/app?jsessionid=abc.n2')).toMatchObject({ reason: 'elected', sessionSource: 'none' });
  });

  it('MCMP-STICKY-04: a cookie goes before a path parameter', () => {
    const { cluster, n2 } = pair();
    expect(cluster.ask('/app;jsessionid=abc.n1', { cookie: 'JSESSIONID=abc.n2' }).node).toBe(n2);
  });

  it('MCMP-STICKY-05, MCMP-STICKY-06: the first of two cookies, or the first with a route', () => {
    for (const [rules, cookie, expected] of [
      [HTTPD_RULES, 'JSESSIONID=abc.n2; JSESSIONID=abc.n1', { reason: 'sticky', sessionRoute: 'n2' }],
      [HTTPD_RULES, 'JSESSIONID=abc; JSESSIONID=abc.n2', { reason: 'elected', sessionRoute: '' }],
      [OWN_RULES, 'JSESSIONID=abc.n2; JSESSIONID=abc.n1', { reason: 'sticky', sessionRoute: 'n2' }],
      [OWN_RULES, 'JSESSIONID=abc; JSESSIONID=abc.n2', { reason: 'sticky', sessionRoute: 'n2' }],
    ] as const) {
      expect(pair({ rules }).cluster.ask('/app', { cookie })).toMatchObject(expected);
    }
  });

  it('MCMP-STICKY-08: the route is all that follows the first dot', () => {
    const { cluster } = pair();
    expect(cluster.ask('/app', { cookie: 'JSESSIONID=abc.x.n2' })).toMatchObject({
      reason: 'elected',
      sessionRoute: 'x.n2',
    });
  });

  it('MCMP-STICKY-09: in the cookie that the balancer names, and in no other', () => {
    const { cluster, n2 } = pair();
    cluster.balancer('mycluster', { stickySessionCookie: 'SID' });
    expect(cluster.ask('/app', { cookie: 'SID=abc.n2' }).node).toBe(n2);
    expect(cluster.ask('/app', { cookie: 'JSESSIONID=abc.n2' }).reason).toBe('elected');
  });

  it('MCMP-STICKY-10: routes are ignored with StickySession=No', () => {
    const { cluster } = pair();
    cluster.balancer('mycluster', { stickySession: false });
    expect(cluster.ask('/app', { cookie: 'JSESSIONID=abc.n2' })).toMatchObject({
      reason: 'elected',
      sessionSource: 'cookie',
    });
  });

  it('the value of a path parameter ends at a slash, for httpd it does not', () => {
    const target = '/app;jsessionid=abc.n2/x';
    expect(pair().cluster.ask(target).sessionRoute).toBe('n2');
    expect(pair(HTTPD).cluster.ask(target)).toMatchObject({ reason: 'elected', sessionRoute: 'n2/x' });
  });

  it('in the additional cookie of nodes that announce none, after the balancer’s own', () => {
    const { cluster, n2 } = pair({ sessionCookie: 'SID' });
    expect(cluster.ask('/app', { cookie: 'SID=abc.n2' }).node).toBe(n2);
    expect(cluster.ask('/app', { cookie: 'JSESSIONID=plain; SID=abc.n2' }).node).toBe(n2);
    expect(cluster.ask('/app', { cookie: 'SID=abc.n1; JSESSIONID=abc.n2' }).node).toBe(n2);
  });

  it('S-cookie/quotes, CVE-2023-4639: a quoted cookie hides and smuggles nothing', () => {
    const { cluster } = pair();
    expect(cluster.ask('/app', { cookie: 'a="; JSESSIONID=abc.n2; b="' }).sessionRoute).toBe('n2');
    expect(cluster.ask('/app', { cookie: 'a="x; JSESSIONID=abc.n2"' }).sessionRoute).toBe('n2"');
    expect(cluster.ask('/app', { cookie: 'JSESSIONID="abc.n2' }).sessionRoute).toBe('n2');
    expect(cluster.ask('/app', { cookie: 'JSESSIONID="' }).sessionRoute).toBe('');
  });

  it.each([
    ['the cookie 3,000 times', 'JSESSIONID=a;'.repeat(3_000)],
    ['almost the cookie', 'JSESSIONID '.repeat(3_000)],
    ['blanks', `${' '.repeat(16_000)}JSESSIONID${' '.repeat(16_000)}`],
    ['other cookies', 'a=b; '.repeat(3_000)],
    ['one quoted value', `JSESSIONID="${'"'.repeat(16_000)}`],
  ])('a hostile cookie header costs little: %s', (_what, cookie) => {
    const { cluster } = pair({ sessionCookie: 'SID' });
    const began = performance.now();
    for (let round = 0; round < 20; round++) cluster.ask('/app', { cookie });
    expect((performance.now() - began) / 20).toBeLessThan(25);
  });
});

describe('a session whose node cannot serve', () => {
  const cookie = 'JSESSIONID=abc.n2';

  it('MCMP-STICKY-11: of a route that was never known is balanced, even with force', () => {
    for (const options of [{}, HTTPD]) {
      expect(pair(options).cluster.ask('/app', { cookie: 'JSESSIONID=abc.nX' })).toMatchObject({ reason: 'elected' });
    }
  });

  it.each([
    ['is in error', { inError: true }],
    ['says it is broken', { load: -1 }],
    ['is being removed', { removedAtMs: 5 }],
  ])('MCMP-STICKY-13: with force and without domain is refused when the node %s', (_how, fields) => {
    const { cluster, n2 } = pair();
    cluster.change(n2, fields);
    expect(cluster.where('/app', { cookie })).toBe('sticky-forced');
    cluster.change(n2, { inError: false, load: 50, removedAtMs: 0 });
    expect(cluster.where('/app', { cookie })).toBe('n2');
  });

  it('MCMP-STICKY-14: without force goes elsewhere', () => {
    const { cluster, n1, n2 } = pair();
    cluster.balancer('mycluster', { stickySessionForce: false });
    cluster.change(n2, { inError: true });
    expect(cluster.ask('/app', { cookie })).toMatchObject({ node: n1, reason: 'failover' });
  });

  it('MCMP-FAIL-04: a node that failed this very request counts as one that cannot serve', () => {
    const { cluster, n1, n2 } = pair();
    expect(cluster.where('/app', { cookie, excluded: [n2] })).toBe('sticky-forced');
    cluster.balancer('mycluster', { stickySessionForce: false });
    expect(cluster.ask('/app', { cookie, excluded: [n2] })).toMatchObject({ node: n1, reason: 'failover' });
    expect(cluster.where('/app', { cookie, excluded: [n2, n1] })).toBe('no-node');
    expect(cluster.where('/app', { excluded: [n1] })).toBe('n2');
  });

  it('MCMP-STICKY-15, MCMP-STICKY-16: with force stays inside the domain or is refused', () => {
    const cluster = new FakeCluster();
    const [n1, n2, n3] = ['g1', 'g1', 'g2'].map((domain, at) => cluster.node(`n${at + 1}`, { domain }));
    for (const node of cluster.nodes) cluster.context(node, '/app');
    if (n1 === undefined || n2 === undefined || n3 === undefined) throw new Error('no nodes');
    cluster.change(n2, { inError: true });
    for (let times = 0; times < 5; times++) {
      expect(cluster.ask('/app', { cookie })).toMatchObject({ node: n1, reason: 'failover-domain' });
    }
    cluster.change(n1, { load: 0 });
    expect(cluster.where('/app', { cookie })).toBe('sticky-forced');
    cluster.change(n1, { load: 100, domain: 'g3' });
    expect(cluster.where('/app', { cookie })).toBe('sticky-forced');
  });

  it('without force prefers its domain, then any active node, then a hot standby', () => {
    const cluster = new FakeCluster();
    cluster.balancer('mycluster', { stickySessionForce: false });
    const lost = cluster.node('n2', { domain: 'g1' });
    const friend = cluster.node('friend', { domain: 'g1', load: 1 });
    const stranger = cluster.node('stranger', { domain: 'g2' });
    const standby = cluster.node('standby', { domain: 'g1', load: 0 });
    for (const node of cluster.nodes) cluster.context(node, '/app');
    cluster.change(lost, { inError: true });
    expect(cluster.ask('/app', { cookie })).toMatchObject({ node: friend, reason: 'failover-domain' });
    cluster.change(friend, { inError: true });
    expect(cluster.ask('/app', { cookie })).toMatchObject({ node: stranger, reason: 'failover' });
    cluster.change(stranger, { inError: true });
    expect(cluster.ask('/app', { cookie })).toMatchObject({ node: standby, reason: 'failover' });
    cluster.change(standby, { inError: true });
    expect(cluster.where('/app', { cookie })).toBe('no-node');
  });

  it('MCMP-STICKY-17: is served by its node when only that one is disabled', () => {
    const { cluster, n2 } = pair();
    cluster.context(n2, '/app', 'DISABLED');
    expect(cluster.ask('/app', { cookie })).toMatchObject({ node: n2, reason: 'sticky' });
    expect(cluster.spread(5, '/app')).toEqual(new Map([['n1', 5]]));
  });

  it('MCMP-STICKY-18: is not served by its node when the context is stopped or gone there', () => {
    const { cluster, n2 } = pair();
    cluster.balancer('mycluster', { stickySessionForce: false });
    const context = cluster.context(n2, '/app', 'STOPPED');
    expect(cluster.where('/app', { cookie })).toBe('n1');
    cluster.removeContext(context);
    expect(cluster.where('/app', { cookie })).toBe('n1');
    cluster.balancer('mycluster', { stickySessionForce: true });
    expect(cluster.where('/app', { cookie })).toBe('sticky-forced');
  });

  it('is 404, not 503, when the context is stopped everywhere', () => {
    const { cluster, n1, n2 } = pair();
    cluster.context(n1, '/app', 'STOPPED');
    cluster.context(n2, '/app', 'STOPPED');
    expect(cluster.where('/app', { cookie })).toBe('all-stopped');
  });

  it('MCMP-STICKY-19: any session id opens what is disabled everywhere', () => {
    for (const options of [{}, HTTPD]) {
      const { cluster, n1, n2 } = pair(options);
      cluster.context(n1, '/app', 'DISABLED');
      cluster.context(n2, '/app', 'DISABLED');
      expect(cluster.where('/app')).toBe('all-stopped');
      for (const id of ['abc', 'abc.', 'abc.n9', 'abc.n1']) {
        expect(cluster.where('/app', { cookie: `JSESSIONID=${id}` })).toBe('n1');
      }
      expect(cluster.where('/app', { cookie: 'OTHER=abc' })).toBe('all-stopped');
    }
  });

  it('of another node is kept away from a draining one while an enabled one serves; httpd does not care', () => {
    for (const [options, expected] of [
      [{}, ['n2']],
      [HTTPD, ['n1', 'n2']],
    ] as const) {
      const cluster = new FakeCluster(options);
      cluster.context(cluster.node('n1'), '/app', 'DISABLED');
      cluster.context(cluster.node('n2'), '/app');
      expect([...cluster.spread(10, '/app', { cookie: 'JSESSIONID=old' }).keys()].sort()).toEqual(expected);
    }
  });

  it('MCMP-STICKY-21: is not told to the new node with StickySessionRemove, unless that is in the same domain', () => {
    for (const [domain, target, cookies, removed] of [
      ['', '/app', cookie, { removeSessionCookie: 'JSESSIONID', removeSessionPath: '' }],
      ['g2', '/app', cookie, { removeSessionCookie: 'JSESSIONID', removeSessionPath: '' }],
      ['g1', '/app', cookie, { removeSessionCookie: '', removeSessionPath: '' }],
      ['g2', '/app;jsessionid=abc.n2', '', { removeSessionCookie: '', removeSessionPath: 'jsessionid' }],
      ['g2', '/app?jsessionid=abc.n2', '', { removeSessionCookie: '', removeSessionPath: 'jsessionid' }],
    ] as const) {
      const { cluster, n1, n2 } = pair();
      cluster.balancer('mycluster', { stickySessionForce: false, stickySessionRemove: true });
      cluster.change(n2, { domain: 'g1' });
      cluster.change(n1, { domain });
      expect(cluster.ask(target, { cookie: cookies })).toMatchObject({ node: n2, removeSessionCookie: '' });
      cluster.change(n2, { inError: true });
      expect(cluster.ask(target, { cookie: cookies })).toMatchObject({ node: n1, ...removed });
    }
    const { cluster, n2 } = pair(HTTPD);
    cluster.balancer('mycluster', { stickySessionForce: false, stickySessionRemove: true });
    cluster.change(n2, { inError: true });
    expect(cluster.ask('/app', { cookie })).toMatchObject({ reason: 'failover', removeSessionCookie: '' });
  });
});
