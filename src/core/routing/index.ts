/** Routing: from a request to a node, and why (reference §4). */
export {
  createDecision,
  type Decision,
  ROUTING_REASONS,
  type RouteRequest,
  type RoutingReason,
  type SessionSource,
  statusOf,
} from './decision.ts';
export type { ExplainedCandidate, ExplainedSession, Explanation } from './explain.ts';
export { hostName } from './host-name.ts';
export type { RoutingCounts } from './registry.ts';
export { normalisePath } from './request-path.ts';
export { createRoutingIndex, type RoutingIndex, type RoutingIndexOptions } from './routing-index.ts';
export type { RoutingRules } from './rules.ts';
