import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { renderPage } from '../../../src/balancer/management/page/render-page.ts';
import { CONTEXTS_PER_PAGE, NODES_PER_PAGE, selectNodes } from '../../../src/balancer/management/page/selection.ts';
import { LOOK, register, seenCluster, set } from './seen.ts';

const many = (count: number, name: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => name(index));

function routes(filter: string, page = 1, seen = sample()): string[] {
  return selectNodes(seen.cluster.state, filter, page).domains.flatMap(({ nodes }) =>
    nodes.map(({ node }) => node.route),
  );
}

function sample() {
  const seen = seenCluster();
  const { cluster } = seen;
  register(cluster, 'n10', { node: { domain: 'east' }, contexts: ['/app', '/shop'] });
  register(cluster, 'n2', { node: { domain: 'east' }, contexts: ['/app'], load: 0 });
  register(cluster, 'N1', {
    node: { domain: 'West' },
    contexts: ['/admin'],
    aliases: ['shop.example', 'b\u00c3\u00bccher.example'],
  });
  register(cluster, 'alone', { contexts: [] });
  set(cluster, 'STOP-APP', 'n10', ['/shop']);
  cluster.apply({ kind: 'NODE-DOWN', route: 'n2', reason: 'it refuses connections' }, { by: 'health' });
  return seen;
}

describe('the nodes of a page', () => {
  it('stand by domain and name, numbers by their value, those without a domain last', () => {
    expect(routes('')).toEqual(['N1', 'n2', 'n10', 'alone']);
  });

  it.each([
    ['n10', ['n10']],
    ['EAST', ['n2', 'n10']],
    ['/app', ['n2', 'n10']],
    ['in error', ['n2']],
    ['stopped', ['n10']],
    ['east stopped', ['n10']],
    ['shop.example', ['N1']],
    ['b\u00fccher', ['N1']],
    ['127.0.0.1', ['N1', 'n2', 'n10', 'alone']],
    ['mycluster /admin', ['N1']],
    ['nothing of all this', []],
  ])('that match %j are %j', (filter, expected) => {
    expect(routes(filter)).toEqual(expected);
  });

  it('show all their contexts when the node matches, else those that do', () => {
    const shown = (filter: string) =>
      selectNodes(sample().cluster.state, filter, 1).domains.flatMap(({ nodes }) =>
        nodes.flatMap(({ vhosts }) => vhosts.flatMap(({ contexts }) => contexts.map(({ path }) => path))),
      );
    expect(shown('n10')).toEqual(['/app', '/shop']);
    expect(shown('n10 shop')).toEqual(['/shop']);
  });

  it('come in pages of at most 100, each node on one of them', () => {
    const seen = seenCluster();
    for (const route of many(250, (index) => `n${index}`)) register(seen.cluster, route);
    const pages = [1, 2, 3, 4].map((page) => routes('', page, seen));
    expect(pages.map(({ length }) => length)).toEqual([NODES_PER_PAGE, NODES_PER_PAGE, 50, 50]);
    expect(new Set(pages.flat()).size).toBe(250);
    const text = renderPage(seen, LOOK).body.html;
    expect(text).toContain(
      '250 nodes and 250 contexts. 150 nodes and 150 contexts of these are not shown on this page.',
    );
    expect(text).toContain('Page 1 of 3');
  });

  it('have at most 1,000 contexts together; of a node that has more, the rest is told in words', () => {
    const seen = seenCluster();
    for (const route of ['a', 'b', 'c']) register(seen.cluster, route, { contexts: many(400, (index) => `/${index}`) });
    register(seen.cluster, 'd', { contexts: many(1500, (index) => `/${index}`) });
    expect([1, 2, 3].map((page) => routes('', page, seen))).toEqual([['a', 'b'], ['c'], ['d']]);
    const { body } = renderPage(seen, { ...LOOK, view: { ...LOOK.view, page: 3 } });
    expect(body.html.match(/<tr><td/g)).toHaveLength(CONTEXTS_PER_PAGE);
    expect(body.html).toContain('500 more contexts: too many for a page: filter them.');
    expect(body.html).toContain('1,700 contexts of these are not shown on this page.');
  });
});

describe('a page of 10,000 contexts', () => {
  /** The bar is 30 ms of CPU, which other programs do not take; the best of some runs, for they take caches. */
  const BAR_MS = 30;

  it.each([
    ['1,000 nodes with 10', 1000, 10, ''],
    ['10,000 nodes with 1', 10_000, 1, ''],
    ['one node with 10,000', 1, 10_000, ''],
    ['1,000 nodes, filtered', 1000, 10, '/context-1 enabled'],
    ['1,000 nodes, nothing found', 1000, 10, 'nowhere'],
  ])('takes less than 30 ms of CPU to make: %s', (_, nodes, contexts, filter) => {
    const seen = seenCluster();
    for (const route of many(nodes, (index) => `application-server-${index}`)) {
      register(seen.cluster, route, {
        node: { domain: `d${route.length}` },
        contexts: many(contexts, (index) => `/context-${index}`),
      });
    }
    const state = { ...LOOK, view: { ...LOOK.view, filter } };
    const runs = many(12, () => '').map(() => {
      const start = process.cpuUsage();
      renderPage(seen, state);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    });
    expect(Math.min(...runs)).toBeLessThan(BAR_MS);
  });
});
