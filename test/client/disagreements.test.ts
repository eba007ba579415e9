import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Brand } from '../../src/client/brand.ts';
import { disagreementWords } from '../../src/client/disagreement-words.ts';
import {
  type ComparedView,
  DISAGREEMENTS,
  type Disagreement,
  disagreements,
  surveyDisagreements,
} from '../../src/client/disagreements.ts';
import type { ClusterView, ViewNode, ViewVhost } from '../../src/client/view.ts';
import { McmpError } from '../../src/core/errors.ts';

const NODE: ViewNode = {
  name: 'n1',
  balancer: 'lb',
  domain: 'blue',
  host: '10.0.0.1',
  port: '8080',
  type: 'http',
  flushPackets: 'off',
  flushWaitMs: 10,
  pingSeconds: 10,
  smax: -1,
  ttlSeconds: 60,
  elected: 0,
  readBytes: 0,
  transferredBytes: 0,
  connected: 0,
  load: 50,
  vhosts: [],
};

const GROUP = {
  name: 'lb',
  told: true,
  stickySession: true,
  cookie: 'JSESSIONID',
  path: 'jsessionid',
  remove: false,
  force: true,
  timeoutSeconds: 0,
  maxAttempts: 1,
};

const viewOf = (...nodes: readonly Partial<ViewNode>[]): ClusterView => ({
  balancers: [GROUP],
  nodes: nodes.map((node) => ({ ...NODE, ...node })),
});

const at = (target: string, view: ClusterView, brand: Brand = 'mcmp'): ComparedView => ({ target, brand, view });

const vhost = (
  aliases: readonly string[],
  contexts: Readonly<Record<string, 'ENABLED' | 'DISABLED' | 'STOPPED'>>,
): ViewVhost => ({
  aliases,
  contexts: Object.entries(contexts).map(([path, status]) => ({ path, status })),
});

const wordsOf = (...views: readonly ComparedView[]): string[] => disagreements(views).map(disagreementWords);

describe('two balancers', () => {
  const full = vhost(['localhost', 'shop.example'], { '/shop': 'ENABLED', '/api': 'ENABLED' });

  it.each<[string, ClusterView, ClusterView, string[]]>([
    ['say the same', viewOf({ vhosts: [full] }), viewOf({ vhosts: [full] }), []],
    [
      'differ in a virtual host in which nothing is served, which Undertow keeps',
      viewOf({ vhosts: [full, vhost(['kept'], {})] }),
      viewOf({ vhosts: [full] }),
      [],
    ],
    ['know other nodes', viewOf({}, { name: 'n2' }), viewOf({}), ['node n2: known at A, not known at B']],
    [
      'know a node at other places',
      viewOf({}),
      viewOf({ port: '8081' }),
      ['address of n1: http://10.0.0.1:8080 at A, http://10.0.0.1:8081 at B'],
    ],
    ['spell a host differently, which means nothing', viewOf({ host: 'A.example' }), viewOf({ host: 'a.example' }), []],
    ['know a domain or none', viewOf({}), viewOf({ domain: '' }), ['domain of n1: blue at A, none at B']],
    ['put a node into other groups', viewOf({}), viewOf({ balancer: 'x' }), ['balancer of n1: lb at A, x at B']],
    ['know other loads', viewOf({}), viewOf({ load: 1 }), ['load of n1: 50 at A, 1 at B']],
    ['keep a node back or not', viewOf({}), viewOf({ load: 0 }), ['state of n1: active at A, standby at B']],
    ['leave a node out or not', viewOf({}), viewOf({ load: -1 }), ['state of n1: active at A, out at B']],
    [
      'see a node that leaves, or do not any more',
      viewOf({
        name: 'n2',
        told: { state: 'removing', errorReason: '', lastHeardMs: 1, failingSinceMs: 0, inFlight: new Map() },
      }),
      viewOf(),
      [],
    ],
    [
      'serve a context or not: one disagreement, however many names it has',
      viewOf({ vhosts: [full] }),
      viewOf({ vhosts: [vhost(['localhost', 'shop.example'], { '/shop': 'ENABLED' })] }),
      ['context /api of n1 (localhost, shop.example): ENABLED at A, not known at B'],
    ],
    [
      'serve a context in another way',
      viewOf({ vhosts: [full] }),
      viewOf({ vhosts: [vhost(['localhost', 'shop.example'], { '/shop': 'STOPPED', '/api': 'ENABLED' })] }),
      ['context /shop of n1 (localhost, shop.example): ENABLED at A, STOPPED at B'],
    ],
    [
      'serve no context of a node at all',
      viewOf({ vhosts: [full] }),
      viewOf({ vhosts: [vhost(['localhost', 'shop.example'], {})] }),
      [
        'context /api of n1 (localhost, shop.example): ENABLED at A, not known at B',
        'context /shop of n1 (localhost, shop.example): ENABLED at A, not known at B',
      ],
    ],
    [
      'know a name or not: one disagreement, however many contexts it has',
      viewOf({ vhosts: [full] }),
      viewOf({ vhosts: [{ ...full, aliases: ['localhost'] }] }),
      ['alias shop.example of n1: known at A, not known at B'],
    ],
    [
      'know a name that is all there is',
      viewOf({ vhosts: [{ ...full, aliases: ['localhost'] }] }),
      viewOf({ vhosts: [{ ...full, aliases: [] }] }),
      ['alias localhost of n1: known at A, not known at B'],
    ],
    [
      'spell a name differently, which means nothing',
      viewOf({ vhosts: [full] }),
      viewOf({ vhosts: [{ ...full, aliases: ['LOCALHOST', 'Shop.Example'] }] }),
      [],
    ],
    [
      'put names into virtual hosts of their own, as httpd does',
      viewOf({ vhosts: [full] }),
      viewOf({ vhosts: full.aliases.map((alias) => ({ ...full, aliases: [alias] })) }),
      [],
    ],
    [
      'have other settings',
      viewOf({}),
      { ...viewOf({}), balancers: [{ ...GROUP, force: false, cookie: 'SID' }] },
      [
        'StickySessionCookie of balancer lb: JSESSIONID at A, SID at B',
        'StickySessionForce of balancer lb: yes at A, no at B',
      ],
    ],
    [
      'have a setting that one did not tell',
      viewOf({}),
      { ...viewOf({}), balancers: [{ ...GROUP, told: false, force: false }] },
      [],
    ],
    ['have a group that another one forgot', viewOf(), { balancers: [], nodes: [] }, []],
  ])('that %s', (_, a, b, words) => {
    expect(wordsOf(at('A', a), at('B', b))).toEqual(words);
  });

  it.each<[Brand, Partial<ViewNode>, string[]]>([
    ['nginx', { load: 0 }, []],
    ['undertow', { load: -1 }, ['state of n1: active at A, out at B']],
    ['httpd-2', { load: -1 }, ['state of n1: active at A, out at B']],
    ['httpd-2', { load: 49 }, ['load of n1: 50 at A, 49 at B']],
  ])('are compared as far as %s can tell', (brand, node, words) => {
    expect(wordsOf(at('A', viewOf({})), at('B', viewOf(node), brand))).toEqual(words);
  });

  it.each<Brand>(['nginx', 'undertow'])('are not compared by WaitWorker, which %s does not tell', (brand) => {
    const other = { ...viewOf({}), balancers: [{ ...GROUP, timeoutSeconds: 7 }] };
    expect(wordsOf(at('A', viewOf({})), at('B', other, brand))).toEqual([]);
    expect(wordsOf(at('A', viewOf({})), at('B', other))).toEqual(['WaitWorker of balancer lb: 0 at A, 7 at B']);
  });
});

describe('several balancers', () => {
  it('are named together when they say the same', () => {
    const views = [at('A', viewOf({})), at('B', viewOf({ load: 7 })), at('C', viewOf({})), at('D', viewOf())];
    expect(wordsOf(...views)).toEqual([
      'node n1: known at A and B and C, not known at D',
      'load of n1: 50 at A and C, 7 at B',
    ]);
  });

  it('that do not know the contexts of a node at all say nothing about its names', () => {
    const full = vhost(['a', 'b'], { '/x': 'ENABLED' });
    const views = [
      at('A', viewOf({ vhosts: [full] })),
      at('B', viewOf({ vhosts: [{ ...full, aliases: ['a'] }] })),
      at('C', viewOf({})),
    ];
    expect(wordsOf(...views)).toEqual([
      'context /x of n1 (a): ENABLED at A and B, not known at C',
      'context /x of n1 (b): ENABLED at A, not known at C',
      'alias b of n1: known at A, not known at B',
    ]);
  });

  it('of which one alone answered disagree about nothing', () => {
    expect(disagreements([at('A', viewOf({}))])).toEqual([]);
  });

  it('are compared by what they say now, not by what they said before they fell silent', () => {
    const { view } = at('A', viewOf({}));
    const state = {
      brand: 'mcmp' as const,
      version: '',
      view,
      info: { nodes: [], vhosts: [], contexts: [] },
      dump: { balancers: [], nodes: [], hosts: [], contexts: [] },
      facts: undefined,
      problems: [],
    };
    const good = { state, atMs: 0, tookMs: 0 };
    const empty = { ...good, state: { ...state, view: { balancers: [], nodes: [] } } };
    expect(
      surveyDisagreements({
        atMs: 0,
        targets: [
          { target: 'A', outcome: 'read', good },
          { target: 'B', outcome: 'pending' },
        ],
      }),
    ).toEqual([]);
    const failure = {
      error: new McmpError('unreachable', 'MCMP_UNREACHABLE', 'gone'),
      atMs: 0,
      tookMs: 0,
      sinceMs: 0,
      attempts: 1,
    };
    expect(
      surveyDisagreements({
        atMs: 0,
        targets: [
          { target: 'A', outcome: 'read', good },
          { target: 'B', outcome: 'failed', failure, good: empty },
        ],
      }),
    ).toEqual([]);
    expect(
      surveyDisagreements({
        atMs: 0,
        targets: [
          { target: 'A', outcome: 'read', good },
          { target: 'B', outcome: 'read', good: empty },
        ],
      }),
    ).toHaveLength(1);
  });

  it('cannot put more than one line, or anything that moves a terminal, into the words', () => {
    const [words = ''] = wordsOf(at('A', viewOf({ name: '\u001b[2J\nx' })), at('B', viewOf()));
    expect(words).toBe('node \\u{1b}[2J\\nx: known at A, not known at B');
  });
});

/** Nodes with routes, aliases and paths of their own, so that each change has one name. */
const anyView = fc
  .array(
    fc.record({
      load: fc.integer({ min: -1, max: 100 }),
      domain: fc.constantFrom('', 'blue'),
      hosts: fc.array(
        fc.record({
          aliases: fc.integer({ min: 0, max: 3 }),
          contexts: fc.array(fc.constantFrom('ENABLED' as const, 'DISABLED' as const, 'STOPPED' as const), {
            minLength: 1,
            maxLength: 3,
          }),
        }),
        { maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((nodes) =>
    viewOf(
      ...nodes.map(({ load, domain, hosts }, n) => ({
        name: `n${n}`,
        load,
        domain,
        port: String(n),
        vhosts: hosts.map(({ aliases, contexts }, h) => ({
          aliases: Array.from({ length: aliases }, (_, a) => `a${h}-${a}`),
          contexts: contexts.map((status, c) => ({ path: `/p${h}-${c}`, status })),
        })),
      })),
    ),
  );

type Change = (view: ClusterView, pick: number) => { readonly view: ClusterView; readonly kind: string } | undefined;

const withNode = (view: ClusterView, at: number, change: (node: ViewNode) => ViewNode): ClusterView => ({
  ...view,
  nodes: view.nodes.map((node, index) => (index === at ? change(node) : node)),
});

const withVhost = (
  view: ClusterView,
  pick: number,
  change: (vhost: ViewVhost) => ViewVhost | undefined,
): ClusterView | undefined => {
  const n = pick % view.nodes.length;
  const vhosts = view.nodes[n]?.vhosts ?? [];
  const h = pick % Math.max(1, vhosts.length);
  const one = vhosts[h];
  const changed = one === undefined ? undefined : change(one);
  if (changed === undefined) return undefined;
  return withNode(view, n, (node) => ({ ...node, vhosts: vhosts.map((old, index) => (index === h ? changed : old)) }));
};

const CHANGES: Readonly<Record<string, Change>> = {
  'a node is gone': (view, pick) => ({
    view: { ...view, nodes: view.nodes.filter((_, n) => n !== pick % view.nodes.length) },
    kind: 'node-missing',
  }),
  'a node moved': (view, pick) => ({
    view: withNode(view, pick % view.nodes.length, (node) => ({ ...node, port: '99' })),
    kind: 'node-address',
  }),
  'a node has another domain': (view, pick) => ({
    view: withNode(view, pick % view.nodes.length, (node) => ({ ...node, domain: 'red' })),
    kind: 'node-domain',
  }),
  'a node has another load': (view, pick) => {
    const load = view.nodes[pick % view.nodes.length]?.load ?? 0;
    if (load <= 0) return undefined;
    const other = (load % 100) + 1;
    return { view: withNode(view, pick % view.nodes.length, (node) => ({ ...node, load: other })), kind: 'node-load' };
  },
  'a node is out': (view, pick) => {
    if ((view.nodes[pick % view.nodes.length]?.load ?? -1) < 0) return undefined;
    return { view: withNode(view, pick % view.nodes.length, (node) => ({ ...node, load: -1 })), kind: 'node-state' };
  },
  'a context has another status': (view, pick) => {
    const changed = withVhost(view, pick, (vhost) => ({
      ...vhost,
      contexts: vhost.contexts.map((context, c) =>
        c === 0 ? { ...context, status: context.status === 'ENABLED' ? 'STOPPED' : 'ENABLED' } : context,
      ),
    }));
    return changed && { view: changed, kind: 'context' };
  },
  'a context is gone': (view, pick) => {
    const changed = withVhost(view, pick, (vhost) => ({ ...vhost, contexts: vhost.contexts.slice(1) }));
    return changed && { view: changed, kind: 'context' };
  },
  'an alias is gone': (view, pick) => {
    const changed = withVhost(view, pick, (vhost) =>
      vhost.aliases.length === 0 ? undefined : { ...vhost, aliases: vhost.aliases.slice(1) },
    );
    return changed && { view: changed, kind: 'alias' };
  },
  'a setting is another one': (view) => ({
    view: { ...view, balancers: view.balancers.map((group) => ({ ...group, maxAttempts: 9 })) },
    kind: 'setting',
  }),
};

const RUNS = { numRuns: 150, seed: 20_260_722 };
const sorted = (found: readonly Disagreement[]): unknown[] =>
  found.map(({ says, ...what }) => ({ ...what, says: [...says].sort((a, b) => (a.target < b.target ? -1 : 1)) }));

describe('of any views', () => {
  it('equal ones have no disagreement, also when their rows stand in another order', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const reversed = {
          ...view,
          nodes: view.nodes
            .map((node) => ({
              ...node,
              vhosts: [...node.vhosts]
                .reverse()
                .map((one) => ({ aliases: [...one.aliases].reverse(), contexts: [...one.contexts].reverse() })),
            }))
            .reverse(),
        };
        expect(disagreements([at('A', view), at('B', reversed), at('C', view)])).toEqual([]);
      }),
      RUNS,
    );
  });

  it('the order of the views changes the order of what they say and nothing else', () => {
    fc.assert(
      fc.property(anyView, anyView, anyView, (a, b, c) => {
        const views = [at('A', a), at('B', b), at('C', c)];
        const found = sorted(disagreements(views));
        expect(sorted(disagreements([...views].reverse()))).toEqual(found);
        expect(sorted(disagreements([...views.slice(1), ...views.slice(0, 1)]))).toEqual(found);
      }),
      RUNS,
    );
  });

  it.each(Object.entries(CHANGES))('when %s, that is the one disagreement', (_, change) => {
    let changes = 0;
    fc.assert(
      fc.property(anyView, fc.nat(11), (view, pick) => {
        const changed = change(view, pick);
        if (changed === undefined) return;
        changes += 1;
        const found = disagreements([at('A', view), at('B', changed.view)]);
        expect(found.map(({ kind }) => kind)).toEqual([changed.kind]);
        expect(found[0]?.says.map(({ target }) => target)).toEqual(['A', 'B']);
      }),
      RUNS,
    );
    expect(changes).toBeGreaterThan(20);
  });

  it('has words for each kind', () => {
    expect(Object.keys(DISAGREEMENTS).sort()).toEqual(
      [
        ...new Set([
          ...Object.values(CHANGES).flatMap(
            (change) => change(viewOf({ vhosts: [vhost(['a'], { '/x': 'ENABLED' })] }), 0)?.kind ?? [],
          ),
          'node-balancer',
        ]),
      ].sort(),
    );
  });
});
