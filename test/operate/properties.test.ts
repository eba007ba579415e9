import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeText } from '../../src/client/body.ts';
import type { Brand } from '../../src/client/brand.ts';
import { nodesOf } from '../../src/core/cluster/state.ts';
import { encodeBody } from '../../src/core/mcmp/body.ts';
import { bytesOf } from '../../src/core/mcmp/bytes.ts';
import { type Dialect, HTTPD2_DIALECT, MCMP_DIALECT } from '../../src/core/mcmp/dialect.ts';
import { planAction, WANTED } from '../../src/operate/plan.ts';
import type { CommandResult, Plan, Scope } from '../../src/operate/types.ts';
import { ACTIONS } from '../../src/operate/types.ts';
import { undoPlan } from '../../src/operate/undo.ts';
import { type TestBalancer, testBalancer } from '../core/balancer.ts';
import { read, readingOf, T1, viewOf } from './readings.ts';

const DIALECTS: readonly (readonly [Brand, Dialect])[] = [
  ['mcmp', MCMP_DIALECT],
  ['httpd-2', HTTPD2_DIALECT],
];
const RUNS = { seed: 7, numRuns: 150 };

/** Names with what bodies and shells give a meaning to; as text. */
const ROUTES = ['n1', 'n10', 'n=2', 'ñ 3', 'n&4%26'];
const DOMAINS = ['blue', 'green'];
const ALIASES = ['localhost', 'a.example', 'B.example', 'ü.example', 'c+d'];
const PATHS = ['/', '/app', '/app/deep', '/a b', '/=&%2F', '/ñ+', '*x'];

const wish = fc.record({
  verb: fc.constantFrom('ENABLE-APP', 'DISABLE-APP', 'STOP-APP'),
  route: fc.constantFrom(...ROUTES),
  aliases: fc.uniqueArray(fc.constantFrom(...ALIASES), { minLength: 1, maxLength: 3 }),
  contexts: fc.uniqueArray(fc.constantFrom(...PATHS), { minLength: 1, maxLength: 4 }),
});

const bytes = (names: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...names.map(bytesOf));

const simpleScope: fc.Arbitrary<Scope> = fc.oneof(
  fc.record({
    kind: fc.constant('context' as const),
    route: bytes(ROUTES),
    path: bytes(PATHS),
  }),
  fc.record({ kind: fc.constant('path' as const), path: bytes(PATHS) }),
  fc.record({ kind: fc.constant('node' as const), route: bytes(ROUTES) }),
  fc.record({ kind: fc.constant('domain' as const), domain: fc.constantFrom(...DOMAINS) }),
  fc.record({ kind: fc.constant('alias' as const), alias: bytes(ALIASES) }),
);
const anyScope: fc.Arbitrary<Scope> = fc.oneof(
  { weight: 5, arbitrary: simpleScope },
  fc.record({ kind: fc.constant('several' as const), scopes: fc.array(simpleScope, { minLength: 1, maxLength: 3 }) }),
);

function build(
  dialect: Dialect,
  wishes: readonly (typeof wish extends fc.Arbitrary<infer W> ? W : never)[],
): TestBalancer {
  const balancer = testBalancer(dialect);
  ROUTES.forEach((route, index) => {
    const domain = DOMAINS[index % DOMAINS.length] ?? '';
    const body = encodeBody([
      ['JVMRoute', bytesOf(route)],
      ['Host', '127.0.0.1'],
      ['Port', String(9000 + index)],
      ['Domain', domain],
    ]);
    expect(balancer.send('CONFIG', body).ok).toBe(true);
  });
  for (const { verb, route, aliases, contexts } of wishes) {
    const pairs: (readonly [string, string])[] = [
      ['JVMRoute', route],
      ['Alias', aliases.join(',')],
      ['Context', contexts.join(',')],
    ];
    balancer.send(verb, encodeText(pairs));
  }
  return balancer;
}

/** Status by route, alias and path: what a request sees, however the virtual hosts are cut. */
function statuses(balancer: TestBalancer): Map<string, string> {
  const all = new Map<string, string>();
  for (const node of nodesOf(balancer.state)) {
    for (const vhost of node.vhosts) {
      for (const { path, status } of vhost.contexts.values()) {
        for (const { name } of vhost.aliases) all.set(JSON.stringify([node.route, name, path]), status);
      }
    }
  }
  return all;
}

function send(balancer: TestBalancer, plan: Plan): CommandResult[] {
  return plan.commands.map((command) => {
    const reply = balancer.send(`${command.method} ${command.path}`, encodeText(command.pairs));
    return { command, outcome: reply.ok ? 'done' : 'refused', words: reply.ok ? 'done' : reply.mess, tookMs: 1 };
  });
}

const readingNow = (brand: Brand, balancer: TestBalancer) => readingOf(read(T1, brand, viewOf(balancer)));

describe.each(DIALECTS)('plans for %s', (brand, dialect) => {
  it('give exactly what is in the scope the wanted status, and touch nothing else', () => {
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 8 }), fc.constantFrom(...ACTIONS), anyScope, (wishes, action, scope) => {
        const balancer = build(dialect, wishes);
        const before = statuses(balancer);
        const plan = planAction(readingNow(brand, balancer), action, scope);
        const expected = new Map(before);
        for (const key of before.keys()) {
          const [route, alias, path] = JSON.parse(key) as [string, string, string];
          if (!isMeant(scope, balancer, route, alias, path)) continue;
          if (action === 'remove') expected.delete(key);
          else expected.set(key, WANTED[action]);
        }
        expect(send(balancer, plan).filter(({ outcome }) => outcome !== 'done')).toEqual([]);
        expect(statuses(balancer)).toEqual(expected);
        // Every command had something to do; only a node without contexts is removed without changing one.
        for (const command of plan.commands) {
          expect(command.contexts > 0 || (command.method === 'REMOVE-APP' && command.path === '/*')).toBe(true);
        }
        // The row of a removed node stays for a while, and the tables do not tell it from one without contexts.
        const again = planAction(readingNow(brand, balancer), action, scope);
        expect(again.commands.flatMap(({ changes }) => changes)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('are undone to exactly what was there, nodes that were removed apart', () => {
    fc.assert(
      fc.property(
        fc.array(wish, { maxLength: 8 }),
        fc.array(fc.tuple(fc.constantFrom(...ACTIONS), anyScope), { minLength: 1, maxLength: 3 }),
        (wishes, steps) => {
          const balancer = build(dialect, wishes);
          const before = statuses(balancer);
          const results: CommandResult[] = [];
          const gone = new Set<string>();
          for (const [action, scope] of steps) {
            const did = send(balancer, planAction(readingNow(brand, balancer), action, scope));
            for (const { command } of did) {
              if (command.method === 'REMOVE-APP' && command.path === '/*') gone.add(command.route);
            }
            results.push(...did);
          }
          const undone = send(balancer, undoPlan(results, readingNow(brand, balancer)));
          expect(undone.every(({ outcome }) => outcome === 'done')).toBe(true);
          const expected = new Map([...before].filter(([key]) => !gone.has((JSON.parse(key) as [string])[0])));
          expect(statuses(balancer)).toEqual(expected);
        },
      ),
      RUNS,
    );
  });

  it('leave alone what somebody else has changed since', () => {
    const balancer = build(dialect, [
      { verb: 'ENABLE-APP', route: 'n1', aliases: ['localhost'], contexts: ['/app', '/a b'] },
    ]);
    const results = send(balancer, planAction(readingNow(brand, balancer), 'disable', { kind: 'node', route: 'n1' }));
    balancer.send('STOP-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
    const plan = undoPlan(results, readingNow(brand, balancer));
    send(balancer, plan);
    expect([...statuses(balancer).values()].sort()).toEqual(['ENABLED', 'STOPPED']);
    expect(plan.notes).toEqual([expect.stringMatching(/somebody else has changed since.*\/app on n1/)]);
  });
});

/** What a scope means, said once more in the terms of the machine. */
function isMeant(scope: Scope, balancer: TestBalancer, route: string, alias: string, path: string): boolean {
  const node = balancer.state.nodeByRoute.get(route);
  const text = (name: string): string => Buffer.from(name, 'latin1').toString('utf8');
  switch (scope.kind) {
    case 'context':
      return scope.route === route && scope.path === path;
    case 'path':
      return scope.path === path;
    case 'node':
      return scope.route === route;
    case 'domain':
      return node?.domain === scope.domain;
    case 'alias': {
      const vhost = node?.vhosts.find(({ aliases }) => aliases.some(({ name }) => name === alias));
      const names = vhost?.aliases.map(({ name }) => text(name).toLowerCase()) ?? [];
      return names.includes(text(scope.alias).toLowerCase());
    }
    case 'several':
      return scope.scopes.some((one) => isMeant(one, balancer, route, alias, path));
  }
}
