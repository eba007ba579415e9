import type { ContextStatus } from '../core/cluster/records.ts';
import { lowerAscii } from '../core/mcmp/bytes.ts';
import type { Brand } from './brand.ts';
import { type NodeCondition, nodeCondition } from './node-condition.ts';
import type { ClusterView } from './view.ts';

/** A path that one or more nodes of a balancer group have registered, and who serves it. Strings are byte strings. */
export interface ServedPath {
  readonly balancer: string;
  readonly path: string;
  /** By route. */
  readonly copies: readonly ServedCopy[];
}

/** The path on one node, in one virtual host. */
export interface ServedCopy {
  readonly route: string;
  /** In lower case, sorted. */
  readonly aliases: readonly string[];
  readonly status: ContextStatus;
  /** Undefined: the brand does not tell. */
  readonly condition: NodeCondition | undefined;
  readonly load: number;
  /**
   * Part of the requests without a session that it may expect, 0 to 1, by the loads alone; undefined when the brand does
   * not tell loads, or chooses in another way.
   */
  readonly share: number | undefined;
}

/**
 * The tables from the side of the contexts: for each path its nodes, with the part of the new requests that each may expect
 * (reference §4.6: shares follow the loads of the nodes that are ENABLED; a hot standby gets requests only when none of
 * them is active, and then one standby gets them all). Aliases do not divide shares: without `UseAlias` nothing does.
 */
export function servedPaths(view: ClusterView, brand: Brand): ServedPath[] {
  const byPlace = new Map<string, { balancer: string; path: string; copies: Omit<ServedCopy, 'share'>[] }>();
  for (const node of view.nodes) {
    for (const { aliases, contexts } of node.vhosts) {
      for (const { path, status } of contexts) {
        const key = JSON.stringify([node.balancer, path]);
        const place = byPlace.get(key) ?? { balancer: node.balancer, path, copies: [] };
        byPlace.set(key, place);
        place.copies.push({
          route: node.name,
          aliases: aliases.map(lowerAscii).sort(),
          status,
          condition: nodeCondition(node, brand),
          load: node.load,
        });
      }
    }
  }
  return [...byPlace.values()]
    .map(({ balancer, path, copies }) => ({ balancer, path, copies: withShares(copies) }))
    .sort((left, right) => compareText(left.balancer, right.balancer) || compareText(left.path, right.path));
}

function withShares(copies: readonly Omit<ServedCopy, 'share'>[]): ServedCopy[] {
  const sorted = [...copies].sort(
    (left, right) => compareText(left.route, right.route) || compareText(left.aliases.join(), right.aliases.join()),
  );
  if (sorted.some(({ condition }) => condition === undefined)) {
    return sorted.map((copy) => ({ ...copy, share: undefined }));
  }
  // A node is elected, not a context: the path in two virtual hosts of one node counts once.
  const loads = new Map<string, number>();
  const standbys = new Set<string>();
  for (const { route, status, condition, load } of sorted) {
    if (status !== 'ENABLED') continue;
    if (condition === 'active') loads.set(route, load);
    else if (condition === 'standby') standbys.add(route);
  }
  const whole = [...loads.values()].reduce((sum, load) => sum + load, 0);
  // Which of several standbys it is depends on what each got before, which is not told.
  const lone = standbys.size === 1 ? 1 : undefined;
  const counted = new Set<string>();
  return sorted.map((copy) => {
    const { route, status } = copy;
    if (status !== 'ENABLED' || counted.has(route)) return { ...copy, share: 0 };
    counted.add(route);
    const load = loads.get(route);
    if (load !== undefined) return { ...copy, share: load / whole };
    return { ...copy, share: whole === 0 && standbys.has(route) ? lone : 0 };
  });
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
