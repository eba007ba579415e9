import fc from 'fast-check';
import { expect, it } from 'vitest';
import { apply } from '../../../src/core/cluster/apply.ts';
import { type ContextRecord, isUsable } from '../../../src/core/cluster/records.ts';
import { type ClusterState, contextsOf, createCluster } from '../../../src/core/cluster/state.ts';
import type { ClusterCommand } from '../../../src/core/cluster/types.ts';
import { HTTPD2_DIALECT, MCMP_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import type { AppCommandName } from '../../../src/core/mcmp/types.ts';
import { createDecision, createRoutingIndex } from '../../../src/core/routing/index.ts';

const ROUTES = ['n1', 'n2', 'n3', 'n4'];
const route = fc.constantFrom(...ROUTES);
const aliases = fc.uniqueArray(fc.constantFrom('h1', 'h2', 'h3'), { minLength: 1 });
const contexts = fc.uniqueArray(fc.constantFrom('/', '/a', '/a/b', '/c'), { minLength: 1 });
const verb = fc.constantFrom<AppCommandName>('ENABLE-APP', 'ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP');

function config(name: string, balancer: string, domain: string, port: string): ClusterCommand {
  return {
    kind: 'CONFIG',
    node: {
      route: name,
      domain,
      host: '127.0.0.1',
      port,
      type: 'http',
      reversed: false,
      flushPackets: 'off',
      flushWaitMs: 10,
      pingMs: 10_000,
      smax: -1,
      ttlMs: 60_000,
      timeoutMs: 0,
    },
    balancer: {
      name: balancer,
      stickySession: true,
      stickySessionCookie: 'JSESSIONID',
      stickySessionPath: 'jsessionid',
      stickySessionRemove: false,
      stickySessionForce: false,
      waitWorkerSeconds: 0,
      maxAttempts: 1,
    },
    aliases: [],
    contexts: [],
    incumbentReachable: false,
  };
}

const command: fc.Arbitrary<ClusterCommand> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(route, fc.constantFrom('A', 'A', 'A', 'B'), fc.constantFrom('', 'g1'), fc.constantFrom('1', '2'))
      .map(([name, balancer, domain, port]) => config(name, balancer, domain, `808${port}${name.charAt(1)}`)),
  },
  {
    weight: 12,
    arbitrary: fc.record({ kind: verb, route, wildcard: fc.constant(false), aliases, contexts }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: verb,
      route,
      wildcard: fc.constant(true),
      aliases: fc.constant([]),
      contexts: fc.constant([]),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('STATUS' as const),
      route,
      load: fc.constantFrom(-1, 0, 50, 100),
      reachable: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('NODE-DOWN' as const), route, reason: fc.constant('refused') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('NODE-UP' as const), route }) },
  { weight: 1, arbitrary: fc.constant<ClusterCommand>({ kind: 'TICK' }) },
);

/** The contexts of the longest path that fits, by looking at the tables. */
function fitting(state: ClusterState, target: string, host: string | null): ContextRecord[] {
  let longest: ContextRecord[] = [];
  for (const context of contextsOf(state)) {
    const { path, vhost } = context;
    if (host !== null && !vhost.aliases.some((alias) => alias.name === host)) continue;
    if (path !== '/' && target !== path && !target.startsWith(`${path}/`)) continue;
    const best = longest[0]?.path.length ?? 0;
    if (path.length > best) longest = [context];
    else if (path.length === best) longest.push(context);
  }
  return longest;
}

it.each([
  { dialect: MCMP_DIALECT, useAlias: false },
  { dialect: MCMP_DIALECT, useAlias: true },
  { dialect: HTTPD2_DIALECT, useAlias: false },
  { dialect: HTTPD2_DIALECT, useAlias: true },
])(
  'the index follows the tables whatever is commanded: dialect $dialect.name, --use-alias $useAlias',
  ({ dialect, useAlias }) => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 10, maxLength: 60 }), (commands) => {
        const state = createCluster({
          dialect,
          defaultBalancer: 'A',
          limits: { maxNodes: 10, maxContexts: 100, maxHosts: 100 },
          waitBeforeRemoveMs: 2_000,
          brokenNodeTimeoutMs: 6_000,
          incarnationId: '1',
        });
        const index = createRoutingIndex({ useAlias, rules: dialect.routing, sessionCookie: '' });
        const decision = createDecision();
        let now = 1_000;
        const start = ROUTES.map((name, at) => config(name, 'A', '', `9${at}`));
        for (const each of [...start, ...commands]) {
          now += 500;
          for (const event of apply(state, each, now).events) index.observe(event, now);
          for (const target of ['/a/b/x', '/a', '/c', '/d']) {
            for (const host of useAlias ? ['h1', 'h3'] : ['']) {
              const candidates = fitting(state, target, useAlias ? host : null);
              const enabled = candidates.filter((context) => context.status === 'ENABLED');
              const usable = enabled.filter((context) => isUsable(context.vhost.node));
              const chosen = index.route({ target, host, cookie: '', excluded: [] }, decision, now);
              expect(chosen).toBe(usable.length > 0);
              if (decision.node !== null) {
                expect(usable).toContain(decision.context);
                expect(decision.context?.vhost.node).toBe(decision.node);
                const active = usable.some((context) => context.vhost.node.load > 0);
                expect(decision.node.load > 0).toBe(active && decision.reason === 'elected');
              } else if (candidates.length > 0) {
                expect(decision.reason).toBe(enabled.length > 0 ? 'no-node' : 'all-stopped');
              } else {
                expect(['no-context', 'no-host']).toContain(decision.reason);
              }
              for (const name of ROUTES) {
                const cookie = `JSESSIONID=x.${name}`;
                index.route({ target, host, cookie, excluded: [] }, decision, now);
                const own = candidates.some(
                  ({ status, vhost }) => vhost.node.route === name && status !== 'STOPPED' && isUsable(vhost.node),
                );
                expect(decision.reason === 'sticky' && decision.node?.route === name).toBe(own);
              }
            }
          }
        }
      }),
      { seed: 692, numRuns: 25 },
    );
  },
);
