import type { ClusterLimits } from '../core/cluster/types.ts';

export interface ListenAddress {
  /** Name or address without brackets; empty: all interfaces. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** Everything `mcmp serve` can be told. Durations in milliseconds, sizes in bytes. */
export interface BalancerOptions {
  readonly listen: readonly ListenAddress[];
  readonly mcmp: readonly ListenAddress[];
  /** CIDR ranges or addresses of peers that may speak MCMP or manage; `['any']` for all. */
  readonly mcmpAllow: readonly string[];
  /** Host names under which the management address may be called by a browser (besides addresses and `localhost`). */
  readonly mcmpHosts: readonly string[];
  readonly defaultBalancer: string;
  readonly useAlias: boolean;
  readonly waitBeforeRemoveMs: number;
  readonly brokenNodeTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly recalcIntervalMs: number;
  readonly limits: ClusterLimits;
  readonly maxMessageBytes: number;
  readonly headerTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** 0: none. */
  readonly requestTimeoutMs: number;
  readonly upstreamTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
  readonly maxConnections: number;
  readonly maxHeadBytes: number;
  /** Session cookie of nodes that do not announce theirs; empty: none. */
  readonly sessionCookie: string;
  readonly dialect: string;
  /** Which headers tell the node about the client. */
  readonly forwardedHeaders: 'x-forwarded' | 'forwarded' | 'both' | 'none';
  /** Pseudonym in Via; empty: no Via. */
  readonly via: string;
  /** CIDR ranges of proxies in front whose X-Forwarded-* and Forwarded are kept and added to. */
  readonly trustProxy: readonly string[];
}
