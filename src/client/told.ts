import type { NodeState } from '../core/cluster/lifecycle.ts';
import type { Brand } from './brand.ts';

/** What a balancer says of a node beyond its lines in INFO and DUMP; only `mcmp serve` does. Strings are byte strings. */
export interface ToldNode {
  readonly state: Exclude<NodeState, 'unknown'>;
  /** Why it is in error, in words of the balancer; empty otherwise. */
  readonly errorReason: string;
  /** When it was heard of last, by the clock of the balancer: ms since the epoch; 0 for never. */
  readonly lastHeardMs: number;
  /** Since when its pings fail without a break, by the same clock; 0 when the last one was answered. */
  readonly failingSinceMs: number;
  /** Requests in flight, by `vhost:path`. */
  readonly inFlight: ReadonlyMap<string, number>;
}

/** What a balancer says of itself beyond its tables; only `mcmp serve` does. */
export interface BalancerFacts {
  /** How many rows its tables may have. */
  readonly limits: {
    readonly nodes?: number;
    readonly contexts?: number;
    readonly hosts?: number;
    readonly balancers?: number;
  };
}

/** What not every brand can tell, whatever it prints in the place for it. */
export interface BrandTells {
  /** Load factor of a node. */
  readonly load: boolean;
  /** Requests given to a node, bytes in both directions, requests in flight. */
  readonly counters: boolean;
  /** How long requests wait for a node (`WaitWorker`). */
  readonly waitWorker: boolean;
  /**
   * What a load of -1 means: the node's own wish, or any reason why it gets no requests, the balancer's included. Who says
   * `withdrawn` keeps its own errors to itself.
   */
  readonly brokenMeans: 'withdrawn' | 'error';
}

/**
 * Reference §2.6, §3.8, §4.6: nginx prints zeros for load and counters, and a `Timeout` that is a million times too large;
 * httpd keeps the error bit to itself; Undertow takes `WaitWorker` and does not use it.
 */
export const TELLS: Readonly<Record<Brand, BrandTells>> = {
  mcmp: { load: true, counters: true, waitWorker: true, brokenMeans: 'withdrawn' },
  'httpd-2': { load: true, counters: true, waitWorker: true, brokenMeans: 'withdrawn' },
  'httpd-1.3': { load: true, counters: true, waitWorker: true, brokenMeans: 'withdrawn' },
  undertow: { load: true, counters: true, waitWorker: false, brokenMeans: 'error' },
  nginx: { load: false, counters: false, waitWorker: false, brokenMeans: 'withdrawn' },
  unknown: { load: true, counters: true, waitWorker: true, brokenMeans: 'withdrawn' },
};
