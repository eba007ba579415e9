import type { AppCommand, ConfigCommand, McmpReply, PingCommand, QueryCommand, StatusCommand } from '../mcmp/types.ts';
import type { ClusterEvent } from './events.ts';

/**
 * A command as the machine takes it. What depends on the world outside (does the node answer a ping?) is asked first and
 * goes in as a value, so that the log of commands alone decides the state.
 */
export type ClusterCommand =
  /** `incumbentReachable`: see `McmpNeed`; undefined when nothing had to be asked. */
  | (ConfigCommand & { readonly incumbentReachable?: boolean })
  | AppCommand
  | (StatusCommand & { readonly reachable?: boolean })
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
  readonly reply: McmpReply;
  readonly events: readonly ClusterEvent[];
}

export interface ClusterLimits {
  readonly maxNodes: number;
  readonly maxContexts: number;
  /** Aliases of all nodes. */
  readonly maxHosts: number;
}
