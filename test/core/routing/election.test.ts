import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeRecord } from '../../../src/core/cluster/records.ts';
import type { RoutingRules } from '../../../src/core/routing/rules.ts';
import { FakeCluster, HTTPD_RULES, OWN_RULES } from './fake-cluster.ts';

function cluster(...loads: number[]): FakeCluster {
  return clusterBy(OWN_RULES, loads);
}

function clusterBy(rules: RoutingRules, loads: readonly number[]): FakeCluster {
  const made = new FakeCluster({ rules });
  for (const [at, load] of loads.entries()) made.context(made.node(`n${at + 1}`, { load }), '/app');
  return made;
}

function nodeAt(made: FakeCluster, at: number): NodeRecord {
  const node = made.nodes[at];
  if (node === undefined) throw new Error(`no node ${at}`);
  return node;
}

describe('the election', () => {
  it('MCMP-LB-01: loads of 100 and 50 share two to one', () => {
    const shares = cluster(100, 50).spread(300, '/app');
    expect(shares).toEqual(
      new Map([
        ['n1', 200],
        ['n2', 100],
      ]),
    );
  });

  it('MCMP-LB-02: a tie goes to the lowest slot', () => {
    const made = cluster(50, 50, 50);
    made.spread(2, '/app');
    made.index.recalculate(made.now);
    made.index.recalculate(made.now);
    expect(made.where('/app')).toBe('n1');
  });

  it('MCMP-LB-03, MCMP-LB-04, MCMP-LB-05: a hot standby serves only when no active node can', () => {
    const made = cluster(1, 0, 0);
    expect(made.spread(20, '/app')).toEqual(new Map([['n1', 20]]));
    made.change(nodeAt(made, 0), { inError: true });
    expect(made.ask('/app')).toMatchObject({ reason: 'standby', node: nodeAt(made, 1) });
    expect(cluster(0, 0).spread(3, '/app')).toEqual(new Map([['n1', 3]]));
  });

  it('MCMP-LB-06: a load of -1 takes a node out', () => {
    const made = cluster(-1, 100);
    expect(made.spread(10, '/app')).toEqual(new Map([['n2', 10]]));
  });

  it('MCMP-LB-07: loads of 1 and 100 share more than twenty to one', () => {
    const shares = cluster(1, 100).spread(202, '/app');
    expect((shares.get('n2') ?? 0) / (shares.get('n1') ?? 0)).toBeGreaterThan(20);
  });

  it('MCMP-LB-08: the past is forgotten after two intervals', () => {
    const made = clusterBy(HTTPD_RULES, [100, 100]);
    made.change(nodeAt(made, 1), { inError: true });
    made.spread(50, '/app');
    made.change(nodeAt(made, 1), { inError: false });
    expect(made.spread(10, '/app')).toEqual(new Map([['n2', 10]]));
    made.index.recalculate(made.now);
    expect(made.where('/app')).toBe('n2');
    made.index.recalculate(made.now);
    made.index.recalculate(made.now);
    expect([1, 2, 3, 4].map(() => made.where('/app'))).toEqual(['n1', 'n2', 'n1', 'n2']);
  });

  it('a node that comes back begins beside the others instead of being given every request', () => {
    const made = cluster(100, 100, 50);
    made.change(nodeAt(made, 1), { inError: true });
    made.spread(300, '/app');
    made.change(nodeAt(made, 1), { inError: false });
    const shares = made.spread(100, '/app');
    expect(shares.get('n2')).toBeGreaterThan(30);
    expect(shares.get('n2')).toBeLessThan(50);
    expect(shares.get('n1')).toBeGreaterThan(30);
  });

  it('a node that joins under traffic begins beside the others', () => {
    const made = cluster(100, 100);
    made.spread(400, '/app');
    made.context(made.node('n3', { load: 100 }), '/app');
    expect(Math.max(...made.spread(30, '/app').values())).toBeLessThan(12);
  });

  it('a node that joins late in an interval is still beside the others in the next one, and is not given every request', () => {
    const made = cluster(100, 50);
    made.spread(300, '/app');
    made.index.recalculate(made.now);
    made.spread(300, '/app');
    made.context(made.node('n3', { load: 100 }), '/app');
    made.index.recalculate(made.now);
    const shares = made.spread(50, '/app');
    expect(shares.get('n1')).toBeGreaterThan(17);
    expect(shares.get('n2')).toBeGreaterThan(8);
    expect(shares.get('n3')).toBeGreaterThan(17);
  });

  it('a sticky request counts for its node like any other', () => {
    const made = cluster(100, 100);
    for (let times = 0; times < 5; times++) made.ask('/app', { cookie: 'JSESSIONID=a.n1' });
    expect(nodeAt(made, 0).counters.elected).toBe(5);
    expect(made.spread(5, '/app')).toEqual(new Map([['n2', 5]]));
  });

  it('a refused request counts for nobody', () => {
    const made = cluster(100);
    made.ask('/elsewhere');
    made.ask('/app', { excluded: [...made.nodes] });
    expect(nodeAt(made, 0).counters.elected).toBe(0);
  });

  it('one path does not forget what another gave a node', () => {
    const made = cluster(100, 100);
    made.context(nodeAt(made, 0), '/own');
    made.spread(6, '/own');
    expect(made.spread(6, '/app')).toEqual(new Map([['n2', 6]]));
  });
});

describe('groups of the same nodes', () => {
  function wide(): FakeCluster {
    const made = new FakeCluster();
    for (let at = 0; at < 20; at++) {
      const node = made.node(`n${at}`);
      for (const path of ['/a', '/b', '/c']) made.context(node, path);
    }
    return made;
  }

  it('share one electorate, part when one of them changes, and meet again', () => {
    const made = wide();
    const electorates = (): number => {
      for (const path of ['/a', '/b', '/c']) made.ask(path);
      return made.index.counts().electorates;
    };
    expect(electorates()).toBe(1);
    const node = nodeAt(made, 7);
    made.context(node, '/a', 'STOPPED');
    expect(electorates()).toBe(2);
    made.context(node, '/b', 'STOPPED');
    expect(electorates()).toBe(2);
    made.context(node, '/c', 'STOPPED');
    expect(electorates()).toBe(1);
    made.context(node, '/a');
    made.context(node, '/b');
    made.context(node, '/c');
    expect(electorates()).toBe(1);
  });

  it('leave no electorate behind', () => {
    const made = wide();
    for (const path of ['/a', '/b', '/c']) made.ask(path, { cookie: 'JSESSIONID=x' });
    made.context(nodeAt(made, 3), '/a', 'DISABLED');
    made.ask('/a', { cookie: 'JSESSIONID=x' });
    expect(made.index.counts().electorates).toBe(3);
    for (const node of [...made.nodes]) made.removeNode(node);
    expect(made.index.counts()).toEqual({ nodes: 0, hosts: 0, paths: 0, electorates: 0 });
  });

  it('each request takes the lowest over all paths in turn', () => {
    const made = wide();
    const order = Array.from({ length: 40 }, (_, at) => made.where(['/a', '/b', '/c'][at % 3] ?? '/a'));
    expect(order).toEqual(Array.from({ length: 40 }, (_, at) => `n${at % 20}`));
  });
});

/** What the reference says, by looking at every record (reference §4.6). */
function expectedNode(
  made: FakeCluster,
  path: string,
  hasSession: boolean,
  lastInFavour: boolean,
  intervals: Map<NodeRecord, { oldElected: number; lbStatus: number }>,
): NodeRecord | undefined {
  const rank = (node: NodeRecord): [number, number, number] | undefined => {
    const status = node.vhosts[0]?.contexts.get(path)?.status;
    if (status === undefined || status === 'STOPPED' || (status === 'DISABLED' && !hasSession)) return undefined;
    if (node.inError || node.load < 0 || node.removedAtMs !== 0) return undefined;
    const { oldElected, lbStatus } = intervals.get(node) ?? { oldElected: 0, lbStatus: 0 };
    const demoted = lastInFavour && status === 'DISABLED' ? 2 : 0;
    if (node.load === 0) return [demoted + 1, 0, node.slot];
    const requests = node.counters.elected - oldElected;
    return [demoted, Math.floor((requests * 1000) / node.load) + lbStatus, node.slot];
  };
  let best: { node: NodeRecord; rank: [number, number, number] } | undefined;
  for (const node of made.nodes) {
    const mine = rank(node);
    if (mine === undefined) continue;
    const difference =
      best === undefined ? -1 : mine[0] - best.rank[0] || mine[1] - best.rank[1] || mine[2] - best.rank[2];
    if (difference < 0) best = { node, rank: mine };
  }
  return best?.node;
}

describe('a heap elects what a look at every node would', () => {
  const step = fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({ kind: fc.constant('ask'), at: fc.nat(29), times: fc.integer({ min: 1, max: 9 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('load'), at: fc.nat(29), times: fc.constantFrom(-1, 0, 1, 7, 50, 100) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('error'), at: fc.nat(29), times: fc.nat(1) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('status'), at: fc.nat(29), times: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave'), at: fc.nat(29), times: fc.constant(0) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('join'), at: fc.nat(29), times: fc.constantFrom(0, 10, 100) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('recalculate'), at: fc.constant(0), times: fc.constant(0) }),
    },
  );

  it.each([
    ['own', { ...OWN_RULES, newcomers: 'zero' as const }],
    ['httpd', HTTPD_RULES],
  ])('under any interleaving, by %s rules', (_name, rules) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
        const made = new FakeCluster({ rules });
        const intervals = new Map<NodeRecord, { oldElected: number; lbStatus: number }>();
        const join = (load: number): void => {
          const node = made.node(`n${intervals.size}`, { load });
          intervals.set(node, { oldElected: 0, lbStatus: 0 });
          for (const path of ['/a', '/b']) made.context(node, path);
        };
        for (let at = 0; at < 20; at++) join([100, 50, 100, 7, 0][at % 5] ?? 1);
        for (const { kind, at, times } of steps) {
          const node = made.nodes[at % made.nodes.length];
          if (node === undefined) join(100);
          else if (kind === 'load') made.change(node, { load: times });
          else if (kind === 'error') made.change(node, { inError: times === 1 });
          else if (kind === 'status')
            made.context(
              node,
              at % 2 === 0 ? '/a' : '/b',
              (['ENABLED', 'DISABLED', 'STOPPED'] as const)[times] ?? 'ENABLED',
            );
          else if (kind === 'leave') made.removeNode(node);
          else if (kind === 'join') join(times);
          else if (kind === 'recalculate') {
            made.index.recalculate(made.now);
            for (const [each, interval] of intervals) {
              const requests = each.counters.elected - interval.oldElected;
              if (each.load > 0) interval.lbStatus = Math.floor((requests * 1000) / each.load);
              interval.oldElected = each.counters.elected;
            }
          } else {
            const path = at % 2 === 0 ? '/a' : '/b';
            const cookie = at % 3 === 0 ? 'JSESSIONID=stranger' : '';
            for (let time = 0; time < times; time++) {
              const expected = expectedNode(made, path, cookie !== '', rules.disabledWithSession === 'last', intervals);
              const request = { target: path, host: '', cookie, excluded: [] };
              expect(made.index.explain(request, made.now).winner).toBe(expected?.route ?? null);
              expect(made.ask(path, { cookie }).node).toBe(expected ?? null);
            }
          }
        }
      }),
      { seed: 46, numRuns: 60 },
    );
  });

  it('with thousands of nodes, after the keys of most of them grew stale elsewhere', () => {
    const made = new FakeCluster({ rules: HTTPD_RULES });
    for (let at = 0; at < 2_000; at++) {
      const node = made.node(`n${at}`);
      made.context(node, '/a');
      made.context(node, '/b');
    }
    expect(made.where('/b')).toBe('n0');
    for (let at = 1; at < 1_500; at++) expect(made.where('/a')).toBe(`n${at}`);
    expect(made.where('/b')).toBe('n1500');
    for (const node of made.nodes) if (node.slot < 1_990) made.change(node, { inError: true });
    expect(made.where('/b')).toBe('n1990');
    for (const node of made.nodes) made.change(node, { inError: false });
    made.index.recalculate(made.now);
    expect(made.where('/b')).toBe('n1501');
  });
});
