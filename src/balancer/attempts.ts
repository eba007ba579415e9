import { ROUTING_REASONS, type RoutingReason } from '../core/routing/index.ts';
import type { RetryReason } from './traffic/types.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Whether a request may be sent again although a node may have acted on it (RFC 9110 §9.2.1). */
export function isSafe(method: string): boolean {
  return SAFE_METHODS.has(method);
}

/** How an attempt to have a request served by one node ended, before a byte of the response was passed on. */
export interface AttemptFailure {
  /**
   * `connect`: no connection came about. `tls`: there was one, but no handshake that could be trusted. `lost`: it broke before
   * a response. `hung`: the node answers nobody any more. `bad-response`: what it sent is no response. `shortage`: this balancer
   * has no file descriptor or port left. `refused`: the node did not act on the request, for it does not trust this balancer.
   */
  readonly kind: 'connect' | 'tls' | 'lost' | 'hung' | 'bad-response' | 'shortage' | 'refused';
  /** For the log: what happened. */
  readonly words: string;
}

export interface Situation {
  readonly failure: AttemptFailure;
  /** The connection was a kept one: nodes close those at any time, and that is no failure of the node. */
  readonly stale: boolean;
  /** Nothing of the request was written to the node. */
  readonly nothingSent: boolean;
  /** A safe method whose bytes are all still here. */
  readonly repeatable: boolean;
  /** All bytes of the request are still here. */
  readonly bodyHeld: boolean;
  /** Attempts made so far, this one included. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** What a client is told when a node broke the connection and the request may not be sent again. */
  readonly lostStatus: 502 | 503;
}

export type NextStep =
  | { readonly step: 'same-node' | 'next-node'; readonly blame: Blame; readonly because: RetryReason }
  | {
      readonly step: 'answer';
      readonly blame: Blame;
      readonly status: number;
      readonly reason: string;
      readonly code: string;
    };

/** What the failure says about the node: nothing, something to be looked into, that it is down, or that it does not trust us. */
export type Blame = 'none' | 'suspect' | 'down' | 'distrust';

const BLAME: Record<AttemptFailure['kind'], Blame> = {
  connect: 'down',
  tls: 'down',
  lost: 'suspect',
  hung: 'none',
  'bad-response': 'none',
  shortage: 'none',
  refused: 'distrust',
};

/** What a client is told when no other node could be tried. */
export const FINAL: Record<AttemptFailure['kind'], { status: number; reason: string; code: string }> = {
  connect: { status: 503, reason: 'no node could be reached', code: 'connect-failed' },
  tls: { status: 503, reason: 'no node could be trusted: TLS with it failed', code: 'node-tls' },
  lost: {
    status: 502,
    reason: 'the node broke the connection; the request may have been acted upon, so it was not sent again',
    code: 'node-lost',
  },
  hung: { status: 504, reason: 'the node stopped answering', code: 'node-hung' },
  'bad-response': { status: 502, reason: 'the node sent something that is no response', code: 'bad-response' },
  shortage: { status: 503, reason: 'this balancer has no connections left to give', code: 'out-of-connections' },
  refused: {
    status: 503,
    reason:
      'the node refused the AJP secret of this balancer, or wants one and was given none; --ajp-secret-file has to name it',
    code: 'ajp-secret-refused',
  },
};

/**
 * The one place that decides about trying again: only when nothing of the request can have been acted upon, or its method
 * is safe (RFC 9110 §9.2.1), and never more than `maxAttempts` nodes see it.
 */
export function afterFailure(situation: Situation): NextStep {
  const { failure, stale, nothingSent, repeatable, bodyHeld, attempts, maxAttempts, lostStatus } = situation;
  const blame = stale ? 'none' : BLAME[failure.kind];
  const { kind } = failure;
  // With TLS 1.3 a node refuses this balancer behind the first bytes of a request, at which it never looks either.
  const mayRepeat = kind === 'refused' || kind === 'tls' ? bodyHeld : nothingSent || repeatable;
  if (kind === 'bad-response' || kind === 'shortage') return { step: 'answer', blame, ...FINAL[kind] };
  if (mayRepeat && stale) return { step: 'same-node', blame, because: 'stale' };
  if (mayRepeat && attempts < maxAttempts) return { step: 'next-node', blame, because: kind };
  if (mayRepeat && kind === 'lost') {
    return {
      step: 'answer',
      blame,
      status: 503,
      reason: 'every node that was tried broke the connection',
      code: 'node-lost',
    };
  }
  return { step: 'answer', blame, ...FINAL[kind], ...(kind === 'lost' ? { status: lostStatus } : {}) };
}

/**
 * Why a request gets no node. Who was on the way to one knows that there is such a context, also when the last node that had
 * it has left.
 *
 * @param attempts nodes that were tried before
 */
export function reasonOfNone(reason: RoutingReason, attempts: number): RoutingReason {
  return attempts > 0 && ROUTING_REASONS[reason].status === 404 ? 'no-node' : reason;
}

/**
 * What a client is told when no node is left. That the last one could not be trusted is told as such: its operator may take
 * it for a node that is down.
 *
 * @param last how the last attempt failed; null: there was none
 */
export function answerOfNone(
  reason: RoutingReason,
  last: AttemptFailure['kind'] | null,
): { words: string; code: string } {
  if (reason === 'no-node' && last === 'tls') return { words: FINAL.tls.reason, code: FINAL.tls.code };
  return { words: ROUTING_REASONS[reason].words, code: reason };
}
