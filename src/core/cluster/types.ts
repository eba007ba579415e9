import type { Dialect } from '../mcmp/dialect.ts';
import type { AppCommand, ConfigCommand, McmpReply, PingCommand, QueryCommand, StatusCommand } from '../mcmp/types.ts';
import type { ClusterEvent } from './events.ts';
import type { ClusterState } from './state.ts';

/**
 * A command as the machine takes it. What depends on the world outside (does the node answer a ping?) is asked first and
 * goes in as a value, so that the log of commands alone decides the state.
 */
export type ClusterCommand =
  /** `incumbentReachable`: see `ClusterNeed`; undefined when nothing had to be asked. */
  | (ConfigCommand & { readonly incumbentReachable?: boolean })
  | AppCommand
  /** `reason`: why it is not reachable, in words for people. */
  | (StatusCommand & { readonly reachable?: boolean; readonly reason?: string })
  | (PingCommand & { readonly reachable?: boolean })
  | QueryCommand
  /** The data plane or the health check found a node unreachable. */
  | { readonly kind: 'NODE-DOWN'; readonly route: string; readonly reason: string }
  /** A health ping was answered. */
  | { readonly kind: 'NODE-UP'; readonly route: string }
  /** Time passes: removes what is due. */
  | { readonly kind: 'TICK' };

/** What must be found out before a command can be applied. */
export type ClusterNeed =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'ping-node'; readonly route: string }
  | { readonly kind: 'ping-address'; readonly scheme: string; readonly host: string; readonly port: string };

export interface ApplyResult {
  /** The state that was given: it is changed in place (see `apply`). */
  readonly state: ClusterState;
  readonly reply: McmpReply;
  readonly events: readonly ClusterEvent[];
}

export interface ClusterLimits {
  /** Also the limit of balancers, whose rows outlive their nodes. */
  readonly maxNodes: number;
  readonly maxContexts: number;
  /** Aliases of all nodes. */
  readonly maxHosts: number;
}

export interface ClusterSettings {
  /**
   * How many contexts there may be when each counts once for every alias of its virtual host; undefined: any number. Who
   * keeps an index of contexts by host name needs that bound: `maxHosts` times `maxContexts` is none.
   */
  readonly maxNamedContexts?: number;
  readonly dialect: Dialect;
  /** Balancer of nodes that name none; the parser fills it in, INFO in JSON tells it. */
  readonly defaultBalancer: string;
  readonly limits: ClusterLimits;
  /** How long the row of a removed node stays in the table. */
  readonly waitBeforeRemoveMs: number;
  /** How long a node may fail its pings without a break before it is removed; 0: for ever. */
  readonly brokenNodeTimeoutMs: number;
  /** `id` of STATUS and PING replies: digits that differ after each start with empty tables (reference §2.3). */
  readonly incarnationId: string;
}
