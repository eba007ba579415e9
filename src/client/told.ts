import type { NodeState } from '../core/cluster/lifecycle.ts';
import type { Brand } from './brand.ts';

/** What a balancer says of a node beyond its lines in INFO and DUMP; only `mcmp serve` does. Strings are byte strings. */
export interface ToldNode {
  readonly state: Exclude<NodeState, 'unknown'>;
  /** Why it is in error, in words of the balancer; empty otherwise. */
  readonly errorReason: string;
  /** When it was heard of last, by the clock of the balancer: ms since the epoch. Missing when it never was. */
  readonly lastHeardMs?: number;
  /** Requests in flight, by `vhost:path`. */
  readonly inFlight: ReadonlyMap<string, number>;
}

/** What a balancer says of itself beyond its tables; only `mcmp serve` does. */
export interface BalancerFacts {
  readonly limits: { readonly nodes?: number; readonly contexts?: number; readonly aliases?: number };
}

/** What not every brand can tell, whatever it prints in the place for it. */
export type Fact =
  /** Load factor of a node. */
  | 'load'
  /** Requests given to a node, bytes in both directions, requests in flight. */
  | 'counters'
  /** That a node is out because of an error, as far as it is known. */
  | 'error'
  /** How long requests wait for a node (`WaitWorker`). */
  | 'wait'
  /** Whether a node is about to leave, and since when it is silent. */
  | 'life';

/**
 * Reference §2.6, §3.8, §4.6: nginx prints zeros for load and counters and a wrong `Timeout`; httpd keeps the error bit to
 * itself; Undertow says -1 for every kind of error and does not use `WaitWorker`.
 */
export const TELLS: Readonly<Record<Brand, ReadonlySet<Fact>>> = {
  mcmp: new Set<Fact>(['load', 'counters', 'error', 'wait', 'life']),
  'httpd-2': new Set<Fact>(['load', 'counters', 'wait']),
  'httpd-1.3': new Set<Fact>(['load', 'counters', 'wait']),
  undertow: new Set<Fact>(['load', 'counters', 'error']),
  nginx: new Set<Fact>(),
  unknown: new Set<Fact>(['load', 'counters', 'wait']),
};
