import type { BalancerRecord, ContextRecord, NodeRecord } from '../cluster/records.ts';
import type { RoutingRules } from './rules.ts';

/** Why a request went where it went; one row each, read by the log, `mcmp explain` and the docs. */
export const ROUTING_REASONS = {
  elected: { status: 0, words: 'chosen by load among the nodes that serve the context' },
  sticky: { status: 0, words: 'the session names this node' },
  'failover-domain': { status: 0, words: 'the node of the session cannot serve; another of its domain can' },
  failover: { status: 0, words: 'the node of the session cannot serve; stickiness is not forced' },
  standby: { status: 0, words: 'no active node; this one is a hot standby' },
  'bad-path': { status: 400, words: 'the path has an encoding that cannot be matched safely' },
  'no-host': { status: 404, words: 'no virtual host has the requested name' },
  'no-context': { status: 404, words: 'no context matches the path' },
  'all-stopped': { status: 404, words: 'the context is known but stopped, or disabled and the request has no session' },
  'no-node': { status: 503, words: 'every node that serves the context is in error' },
  'sticky-forced': { status: 503, words: 'the node of the session cannot serve and StickySessionForce is on' },
} as const satisfies Record<string, { readonly status: number; readonly words: string }>;

export type RoutingReason = keyof typeof ROUTING_REASONS;

/** What a client is told for a reason why no node was chosen; 0 when one was. */
export function statusOf(reason: RoutingReason, rules: RoutingRules): number {
  return reason === 'all-stopped' ? rules.allStopped : ROUTING_REASONS[reason].status;
}

/** Where a session id was found. */
export type SessionSource = 'none' | 'cookie' | 'path' | 'query';

/** What routing is asked. `target` and headers are exactly as the client sent them. */
export interface RouteRequest {
  /** The request target: origin-form, absolute-form or `*`. */
  target: string;
  /** The Host header (or the authority of an absolute target), or an empty string. */
  host: string;
  /** All Cookie header values, joined by `; `, or an empty string. */
  cookie: string;
  /** Nodes that failed this very request already. */
  readonly excluded: NodeRecord[];
}

/**
 * The answer, written into an object the caller owns and uses again (no garbage per request).
 * `node` and `context` are null exactly when the reason's status is not 0.
 */
export interface Decision {
  node: NodeRecord | null;
  context: ContextRecord | null;
  reason: RoutingReason;
  sessionSource: SessionSource;
  /** Whose settings hold: of the node's balancer, or, without a node, of the one that would have served; else null. */
  balancer: BalancerRecord | null;
  /** Route named by the session, or an empty string. */
  sessionRoute: string;
  /**
   * Name of the cookie / path parameter whose session id must not reach the node (StickySessionRemove), or an empty
   * string.
   */
  removeSessionCookie: string;
  removeSessionPath: string;
}

export function createDecision(): Decision {
  return {
    node: null,
    context: null,
    balancer: null,
    reason: 'no-context',
    sessionSource: 'none',
    sessionRoute: '',
    removeSessionCookie: '',
    removeSessionPath: '',
  };
}
