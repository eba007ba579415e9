import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { FakeCluster, HTTPD_RULES } from './fake-cluster.ts';

function standard(): FakeCluster {
  const cluster = new FakeCluster();
  cluster.context(cluster.node('n1'), '/app');
  return cluster;
}

describe('the context of a request', () => {
  it.each([
    ['MCMP-ROUTE-01', '/app', 'n1'],
    ['MCMP-ROUTE-02', '/app/x', 'n1'],
    ['MCMP-ROUTE-03', '/application', 'no-context'],
    ['MCMP-ROUTE-04', '/App', 'no-context'],
    ['MCMP-ROUTE-18', '/app;jsessionid=x.n1', 'n1'],
    ['MCMP-ROUTE-19', '/app?x=/other', 'n1'],
    ['MCMP-ROUTE-20', '/%61pp/x', 'n1'],
    ['a query only', '/?/app', 'no-context'],
    ['an absolute target', 'http://example.org:80/app/x', 'n1'],
    ['an absolute target without path', 'http://example.org', 'no-context'],
    ['an absolute target with a query and no path', 'http://example.org?/app', 'no-context'],
    ['a trailing slash', '/app/', 'n1'],
    ['the asterisk', '*', 'no-context'],
    ['nothing', '', 'bad-path'],
    ['a name', 'app', 'bad-path'],
  ])('%s: %s goes to %s', (_id, target, expected) => {
    expect(standard().where(target)).toBe(expected);
  });

  it('MCMP-ROUTE-05: is the longest one', () => {
    const cluster = standard();
    cluster.context(cluster.node('n2'), '/app/sub');
    expect(cluster.spread(10, '/app/sub/x')).toEqual(new Map([['n2', 10]]));
    expect(cluster.where('/app/subway')).toBe('n1');
  });

  it('MCMP-ROUTE-06: is the root when no other matches', () => {
    const cluster = new FakeCluster();
    cluster.context(cluster.node('n1'), '/');
    cluster.context(cluster.node('n2'), '/app');
    expect(cluster.where('/other')).toBe('n1');
    expect(cluster.where('/')).toBe('n1');
    expect(cluster.where('http://example.org')).toBe('n1');
    expect(cluster.where('*')).toBe('no-context');
    expect(cluster.spread(10, '/app/x')).toEqual(new Map([['n2', 10]]));
  });

  it('MCMP-ROUTE-07: is not a shorter one when the longest is stopped or disabled', () => {
    const cluster = standard();
    const sub = cluster.context(cluster.node('n2'), '/app/sub', 'STOPPED');
    expect(cluster.where('/app/sub')).toBe('all-stopped');
    cluster.context(sub.vhost, '/app/sub', 'DISABLED');
    expect(cluster.where('/app/sub')).toBe('all-stopped');
  });

  it('MCMP-ROUTE-08: a registered trailing slash counts for httpd and not for us', () => {
    const httpd = new FakeCluster({ rules: HTTPD_RULES });
    httpd.context(httpd.node('n1'), '/app/');
    expect(httpd.where('/app/x')).toBe('no-context');
    expect(httpd.where('/app')).toBe('no-context');
    expect(httpd.where('/app/')).toBe('n1');
    const own = new FakeCluster();
    const context = own.context(own.node('n1'), '/app/');
    expect(own.where('/app/x')).toBe('n1');
    expect(own.where('/app')).toBe('n1');
    own.removeContext(context);
    expect(own.where('/app/')).toBe('no-context');
  });

  it('a context that two spellings name stays until both are removed', () => {
    const cluster = new FakeCluster();
    const node = cluster.node('n1');
    const bare = cluster.context(node, '/app');
    const slashed = cluster.context(node, '/app/', 'STOPPED');
    expect(cluster.ask('/app').context).toBe(bare);
    cluster.removeContext(bare);
    expect(cluster.where('/app')).toBe('all-stopped');
    cluster.context(slashed.vhost, '/app/', 'ENABLED');
    expect(cluster.ask('/app').context).toBe(slashed);
    cluster.removeContext(slashed);
    expect(cluster.where('/app')).toBe('no-context');
    expect(cluster.index.counts()).toEqual({ nodes: 1, hosts: 0, paths: 0, electorates: 0 });
  });

  it('a node with one path in thousands of virtual hosts serves while one of them is enabled', () => {
    const cluster = new FakeCluster();
    const node = cluster.node('n1');
    const began = process.cpuUsage();
    const contexts = Array.from({ length: 5_000 }, (_, at) => cluster.context(cluster.vhost(node, `h${at}`), '/app'));
    for (const [at, context] of contexts.entries()) {
      expect(cluster.ask('/app').context?.status).toBe('ENABLED');
      if (at % 2 === 0) cluster.context(context.vhost, '/app', 'STOPPED');
      else cluster.removeContext(context);
    }
    expect(cluster.where('/app')).toBe('all-stopped');
    // Time of the processor: other work on the machine does not count.
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(2_000);
    for (const context of contexts) cluster.removeContext(context);
    expect(cluster.where('/app')).toBe('no-context');
  });

  it('MCMP-ROUTE-12, MCMP-ROUTE-21: is none without nodes, and none when all were removed', () => {
    expect(new FakeCluster().where('/')).toBe('no-context');
    const cluster = standard();
    for (const node of [...cluster.nodes]) cluster.removeNode(node);
    expect(cluster.where('/app')).toBe('no-context');
    expect(cluster.index.counts()).toEqual({ nodes: 0, hosts: 0, paths: 0, electorates: 0 });
  });

  it('MCMP-ROUTE-13, MCMP-ROUTE-14: stopped or disabled everywhere is 404', () => {
    const cluster = standard();
    const [node] = cluster.nodes;
    if (node === undefined) throw new Error('no node');
    for (const status of ['STOPPED', 'DISABLED'] as const) {
      cluster.context(node, '/app', status);
      expect(cluster.where('/app')).toBe('all-stopped');
    }
  });

  it('MCMP-ROUTE-15: a context whose only node is in error is 503', () => {
    const cluster = standard();
    for (const node of cluster.nodes) cluster.change(node, { inError: true });
    expect(cluster.where('/app')).toBe('no-node');
  });

  it('MCMP-ROUTE-16: a node that never sent STATUS is served as a standby', () => {
    const cluster = new FakeCluster();
    cluster.context(cluster.node('n1', { load: 0 }), '/app');
    expect(cluster.ask('/app')).toMatchObject({ reason: 'standby' });
  });

  it('MCMP-ROUTE-17: nodes of equal load are both used', () => {
    const cluster = standard();
    cluster.context(cluster.node('n2'), '/app');
    expect(cluster.spread(20, '/app')).toEqual(
      new Map([
        ['n1', 10],
        ['n2', 10],
      ]),
    );
  });

  it.each([
    ['UTF-8', '/caf\u00c3\u00a9', '/caf%C3%A9'],
    ['Latin 1', '/caf\u00e9', '/caf%E9'],
    ['sent without an escape', '/caf\u00e9', '/caf\u00e9'],
  ])('a name outside ASCII is compared by its bytes: %s', (_how, registered, target) => {
    const cluster = new FakeCluster();
    cluster.context(cluster.node('n1'), registered);
    expect(cluster.where(`${target}/x`)).toBe('n1');
  });

  it('a context whose path is not a path can be registered and harms nothing', () => {
    for (const rules of [HTTPD_RULES, undefined]) {
      const cluster = new FakeCluster(rules === undefined ? {} : { rules });
      const node = cluster.node('n1');
      const odd = ['', 'app', '//', '/a//b', '__proto__', '/%2F', '/a/../b'].map((path) => cluster.context(node, path));
      expect(cluster.where('/a/../c/x')).not.toBe('bad-path');
      for (const context of odd) cluster.removeContext(context);
      expect(cluster.index.counts().paths).toBe(0);
    }
  });
});

describe('virtual hosts', () => {
  it('MCMP-ROUTE-09: do not matter when aliases are not used', () => {
    const cluster = new FakeCluster();
    const node = cluster.node('n1');
    cluster.context(cluster.vhost(node, 'h1'), '/app');
    cluster.context(cluster.vhost(node, 'h2'), '/other');
    for (const host of ['', 'h1', 'h2', 'h3:80']) {
      expect(cluster.where('/app', { host })).toBe('n1');
      expect(cluster.where('/other', { host })).toBe('n1');
    }
  });

  it.each([
    ['h1', 'n1'],
    ['H1:8080', 'n1'],
    ['h1.', 'n1'],
    ['h2', 'no-host'],
    ['', 'no-host'],
    ['[::1]:8080', 'n6'],
    ['[::1]', 'n6'],
    ['[::2]', 'no-host'],
    [':80', 'no-host'],
    ['__proto__', 'no-host'],
  ])('MCMP-ROUTE-10: with --use-alias, Host "%s" gives %s', (host, expected) => {
    const cluster = new FakeCluster({ useAlias: true });
    cluster.context(cluster.vhost(cluster.node('n1'), 'h1', 'other'), '/app');
    cluster.context(cluster.vhost(cluster.node('n6'), '[::1]'), '/app');
    expect(cluster.where('/app', { host })).toBe(expected);
  });

  it('share nothing when aliases are used', () => {
    const cluster = new FakeCluster({ useAlias: true });
    const node = cluster.node('n1');
    cluster.context(cluster.vhost(node, 'h1'), '/app');
    cluster.context(cluster.vhost(node, 'h2'), '/app/sub', 'STOPPED');
    expect(cluster.where('/app/sub', { host: 'h1' })).toBe('n1');
    expect(cluster.where('/app/sub', { host: 'h2' })).toBe('all-stopped');
    expect(cluster.where('/app', { host: 'h2' })).toBe('no-context');
  });

  it('follow aliases that come and go after their contexts', () => {
    const cluster = new FakeCluster({ useAlias: true });
    const vhost = cluster.vhost(cluster.node('n1'));
    cluster.context(vhost, '/app');
    expect(cluster.where('/app', { host: 'h1' })).toBe('no-host');
    const alias = cluster.alias(vhost, 'h1');
    cluster.alias(vhost, 'h2');
    expect(cluster.where('/app', { host: 'h1' })).toBe('n1');
    cluster.removeAlias(vhost, alias);
    expect(cluster.where('/app', { host: 'h1' })).toBe('no-host');
    expect(cluster.where('/app', { host: 'h2' })).toBe('n1');
  });

  it('leave nothing behind when records are emptied before their events are told', () => {
    const cluster = new FakeCluster({ useAlias: true });
    const node = cluster.node('n1');
    const vhost = cluster.vhost(node, 'h1', 'h2');
    const contexts = [cluster.context(vhost, '/a'), cluster.context(vhost, '/b')];
    const aliases = vhost.aliases.splice(0);
    vhost.contexts.clear();
    for (const context of contexts) cluster.tell({ type: 'context-removed', context });
    for (const alias of aliases) cluster.tell({ type: 'alias-removed', vhost, alias });
    expect(cluster.index.counts()).toEqual({ nodes: 1, hosts: 0, paths: 0, electorates: 0 });
  });

  it('of one node that share an alias and a path serve while one of them is enabled', () => {
    const cluster = new FakeCluster({ useAlias: true });
    const node = cluster.node('n1');
    const [first, second] = [cluster.vhost(node, 'h', 'h1'), cluster.vhost(node, 'h', 'h2')];
    cluster.context(first, '/app', 'STOPPED');
    const enabled = cluster.context(second, '/app');
    expect(cluster.ask('/app', { host: 'h' }).context).toBe(enabled);
    const [shared] = second.aliases;
    if (shared === undefined) throw new Error('no alias');
    cluster.removeAlias(second, shared);
    expect(cluster.where('/app', { host: 'h' })).toBe('all-stopped');
    expect(cluster.where('/app', { host: 'h2' })).toBe('n1');
  });
});

describe('a node that changes', () => {
  it('its balancer takes its contexts along', () => {
    const cluster = new FakeCluster();
    const node = cluster.node('n1');
    cluster.context(node, '/app');
    cluster.context(node, '/other', 'STOPPED');
    cluster.change(node, { balancer: cluster.balancer('second', { stickySessionCookie: 'SID' }) });
    cluster.context(cluster.node('n2'), '/app');
    expect(cluster.where('/app', { cookie: 'SID=x.n1' })).toBe('n1');
    expect(cluster.where('/other')).toBe('all-stopped');
    cluster.removeNode(node);
    expect(cluster.index.counts()).toEqual({ nodes: 1, hosts: 0, paths: 1, electorates: 0 });
  });

  it('its route is found by the new one only', () => {
    const cluster = new FakeCluster();
    const node = cluster.node('n1', { load: 1 });
    cluster.context(node, '/app');
    cluster.context(cluster.node('n2'), '/app');
    cluster.change(node, { route: 'n9' });
    expect(cluster.ask('/app', { cookie: 'JSESSIONID=x.n9' })).toMatchObject({ node, reason: 'sticky' });
    expect(cluster.ask('/app', { cookie: 'JSESSIONID=x.n1' })).toMatchObject({ reason: 'elected' });
  });
});
