import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apply } from '../../../src/core/cluster/apply.ts';
import type { ClusterState } from '../../../src/core/cluster/state.ts';
import { clusterDocument, dumpView, infoView } from '../../../src/core/cluster/views.ts';
import { lowerAscii } from '../../../src/core/mcmp/bytes.ts';
import type { Dialect } from '../../../src/core/mcmp/dialect.ts';
import { HTTPD2_DIALECT, MCMP_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { printDocument, readDocument } from '../../../src/core/mcmp/document.ts';
import { printDump, readDump } from '../../../src/core/mcmp/dump.ts';
import { printInfo, readInfo } from '../../../src/core/mcmp/info.ts';
import type { McmpReply } from '../../../src/core/mcmp/types.ts';
import { type Step, steps } from '../arbitrary.ts';
import { type TestBalancer, testBalancer } from '../balancer.ts';

const DIALECTS: readonly (readonly [string, Dialect])[] = [
  ['mcmp', MCMP_DIALECT],
  ['httpd-2', HTTPD2_DIALECT],
];

const SMALL = { limits: { maxNodes: 3, maxContexts: 8, maxHosts: 5 } };
const LARGE = { limits: { maxNodes: 100, maxContexts: 1_000, maxHosts: 1_000 } };

function take(balancer: TestBalancer, step: Step): McmpReply | undefined {
  switch (step.kind) {
    case 'command':
      balancer.reachable = () => step.answer;
      return balancer.apply(step.command);
    case 'health':
      balancer.apply(
        step.up ? { kind: 'NODE-UP', route: step.route } : { kind: 'NODE-DOWN', route: step.route, reason: 'x' },
      );
      return undefined;
    case 'wait':
      balancer.now += step.ms;
      balancer.apply({ kind: 'TICK' });
      return undefined;
  }
}

/** All that can be seen of a balancer. */
const picture = ({ state }: TestBalancer) =>
  printDocument(clusterDocument(state)) + printDump(dumpView(state), 'text', false);

/** What must hold between the tables of a state after every command. */
function checkTables(state: ClusterState): void {
  const nodes = state.nodes.rows.filter((node) => node !== undefined);
  const contexts = nodes.flatMap((node) => node.vhosts.flatMap((vhost) => [...vhost.contexts.values()]));
  const aliases = nodes.flatMap((node) => node.vhosts.flatMap((vhost) => vhost.aliases));
  expect(state.nodes.count).toBe(nodes.length);
  expect(state.contexts.count).toBe(contexts.length);
  expect(state.aliases.count).toBe(aliases.length);
  for (const context of contexts) expect(state.contexts.rows[context.slot]).toBe(context);
  for (const alias of aliases) expect(state.aliases.rows[alias.slot]?.alias).toBe(alias);
  expect(state.nodeByRoute.size + state.buried.size).toBe(nodes.length);
  expect(new Set(nodes.map((node) => `${node.host}:${node.port}`)).size).toBe(nodes.length);
  for (const node of nodes) {
    expect(state.nodes.rows[node.slot]).toBe(node);
    expect(state.nodeByAddress.get(`${node.host}:${node.port}`)).toBe(node);
    expect(state.removing.has(node)).toBe(node.removedAtMs !== 0);
    expect(state.failing.has(node)).toBe(node.failingSinceMs !== 0);
    if (node.removedAtMs !== 0) expect(node.vhosts).toEqual([]);
    const names = node.vhosts.flatMap((vhost) => vhost.aliases.map((alias) => alias.name));
    expect(new Set(names).size).toBe(names.length);
    for (const vhost of node.vhosts) {
      expect(vhost.aliases.length).toBeGreaterThan(0);
      for (const alias of vhost.aliases) expect(node.vhostByAlias.get(lowerAscii(alias.name))).toBe(vhost);
    }
  }
}

describe.each(DIALECTS)('the machine in %s', (_, dialect) => {
  test('two runs over one log give the same INFO, DUMP and answers, byte for byte', () => {
    fc.assert(
      fc.property(steps, (log) => {
        const [first, second] = [testBalancer(dialect, SMALL), testBalancer(dialect, SMALL)];
        for (const step of log) expect(take(first, step)).toEqual(take(second, step));
        expect(picture(first)).toBe(picture(second));
      }),
      { seed: 11, numRuns: 100 },
    );
  });

  test('its tables agree after every command', () => {
    fc.assert(
      fc.property(steps, (log) => {
        const balancer = testBalancer(dialect, SMALL);
        for (const step of log) {
          take(balancer, step);
          checkTables(balancer.state);
        }
      }),
      { seed: 12, numRuns: 60 },
    );
  });

  test('a refused command changes nothing and says nothing', () => {
    let refused = 0;
    // httpd 2 stores half of a CONFIG that does not fit, on purpose: with room for all it must not either.
    const setup = dialect.cluster.tableFull === 'refuse' ? SMALL : LARGE;
    fc.assert(
      fc.property(steps, (log) => {
        const balancer = testBalancer(dialect, setup);
        for (const step of log) {
          const before = picture(balancer);
          const reply = take(balancer, step);
          if (reply === undefined || reply.ok) continue;
          refused++;
          expect(picture(balancer)).toBe(before);
          expect(balancer.events).toEqual([]);
        }
      }),
      { seed: 13, numRuns: 60 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  test('INFO and DUMP are read as they were written, in text, XML and JSON', () => {
    fc.assert(
      fc.property(steps, (log) => {
        const balancer = testBalancer(dialect, LARGE);
        for (const step of log) take(balancer, step);
        const { state } = balancer;
        const [info, dump, document] = [infoView(state), dumpView(state), clusterDocument(state)];
        expect(readInfo(printInfo(info, 'text', true))).toEqual({ info, problems: [] });
        expect(readDump(printDump(dump, 'text', true))).toEqual({ dump, problems: [] });
        const withoutSlots = info.vhosts.map((vhost) => ({ ...vhost, slot: -1 }));
        expect(readInfo(printInfo(info, 'xml', true))).toEqual({
          info: { ...info, vhosts: withoutSlots },
          problems: [],
        });
        expect(readDump(printDump(dump, 'xml', true))).toEqual({ dump, problems: [] });
        expect(readDocument(printDocument(document))).toEqual(document);
      }),
      { seed: 14, numRuns: 60 },
    );
  });

  test('its events alone keep a copy of contexts and nodes', () => {
    fc.assert(
      fc.property(steps, (log) => {
        const balancer = testBalancer(dialect, SMALL);
        const nodes = new Set<unknown>();
        const contexts = new Map<unknown, string>();
        const aliases = new Set<unknown>();
        for (const step of log) {
          take(balancer, step);
          for (const event of balancer.events) {
            if (event.type === 'node-added') nodes.add(event.node);
            if (event.type === 'node-removed') nodes.delete(event.node);
            if (event.type === 'alias-added') aliases.add(event.alias);
            if (event.type === 'alias-removed') aliases.delete(event.alias);
            if (event.type === 'context-removed') contexts.delete(event.context);
            if (event.type === 'context-added') contexts.set(event.context, event.context.status);
            if (event.type === 'context-changed') contexts.set(event.context, event.context.status);
            if (event.type === 'node-removed') expect(event.node.vhosts).toEqual([]);
          }
          const { state } = balancer;
          expect(nodes).toEqual(new Set(state.nodes.rows.filter((row) => row !== undefined)));
          expect(aliases.size).toBe(state.aliases.count);
          expect(contexts).toEqual(
            new Map(state.contexts.rows.flatMap((row) => (row === undefined ? [] : [[row, row.status]]))),
          );
        }
      }),
      { seed: 15, numRuns: 40 },
    );
  });
});

test('the state that is given is the one that is given back', () => {
  const { state } = testBalancer(MCMP_DIALECT);
  expect(apply(state, { kind: 'TICK' }, 0)).toEqual({
    state,
    reply: { ok: true, body: '', contentType: '' },
    events: [],
  });
  expect(apply(state, { kind: 'TICK' }, 0).state).toBe(state);
});
