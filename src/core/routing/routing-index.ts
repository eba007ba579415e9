import type { ClusterEvent } from '../cluster/events.ts';
import { createChooser } from './choose.ts';
import type { Decision, RouteRequest } from './decision.ts';
import type { Explanation } from './explain.ts';
import { createExplainer } from './explain.ts';
import type { RoutingCounts } from './registry.ts';
import { createRegistry } from './registry.ts';
import type { RoutingRules } from './rules.ts';

export interface RoutingIndexOptions {
  /** Whether the Host header chooses among virtual hosts (`--use-alias`). */
  readonly useAlias: boolean;
  readonly rules: RoutingRules;
  /** Session cookie of nodes that do not announce theirs (`--session-cookie`), or an empty string. */
  readonly sessionCookie: string;
}

/**
 * From a request to a node. The index follows the cluster by its events and never asks the cluster itself, so a request
 * costs the same with one context and with a million.
 */
export interface RoutingIndex {
  /** @param now milliseconds, of the clock that `route` is given */
  observe(event: ClusterEvent, now: number): void;
  /** Ends an interval of the election: to be called every `--recalc-interval` (reference §4.6). */
  recalculate(now: number): void;
  /**
   * Writes into `decision` where the request goes, and counts it for the node (`elected`).
   *
   * @param now milliseconds
   * @returns whether a node was chosen; otherwise the reason says which status to answer
   */
  route(request: RouteRequest, decision: Decision, now: number): boolean;
  /** The same decision, with all that led to it; changes and counts nothing. */
  explain(request: RouteRequest, now: number): Explanation;
  counts(): RoutingCounts;
}

export function createRoutingIndex(options: RoutingIndexOptions): RoutingIndex {
  const registry = createRegistry(options);
  const choose = createChooser(registry, options.rules, options.sessionCookie);
  const explain = createExplainer(registry, choose, options);
  return {
    observe: registry.observe,
    recalculate: registry.recalculate,
    route(request, decision, now) {
      const place = choose(request, decision, now);
      if (place === null) return false;
      place.contender.counters.elected++;
      return true;
    },
    explain,
    counts: registry.counts,
  };
}
