/**
 * The rows of the cluster tables (reference §3.1). They are live objects: the cluster machine (`apply.ts`) is their only
 * writer, except for the counters, which the data plane counts up. Everyone else reads.
 */

/** How eagerly response bytes are flushed to the client (`flushpackets`). */
export type FlushPackets = 'off' | 'on' | 'auto';

/** Status of one context on one node; DUMP prints 1, 2, 3 in this order. */
export type ContextStatus = 'ENABLED' | 'DISABLED' | 'STOPPED';

/** A named group of nodes that share their sticky-session settings. */
export interface BalancerRecord {
  /** Index in the balancer table. */
  readonly slot: number;
  /** As DUMP prints it. */
  id: number;
  readonly name: string;
  stickySession: boolean;
  stickySessionCookie: string;
  stickySessionPath: string;
  stickySessionRemove: boolean;
  stickySessionForce: boolean;
  /** Seconds to wait for a free node before 503; DUMP calls it `Timeout`. */
  waitWorkerSeconds: number;
  /** Additional attempts after the first one. */
  maxAttempts: number;
}

/** Plain numbers that the data plane counts up; never part of the command log. */
export interface NodeCounters {
  /** Requests given to this node. */
  elected: number;
  /** Bytes received from the node. INFO calls it `Read`. */
  readBytes: number;
  /** Bytes sent to the node. INFO calls it `Transfered`. */
  transferredBytes: number;
  /** Requests in flight. INFO calls it `Connected`. */
  inFlight: number;
}

/** One connector of an application server, known by its JVMRoute. */
export interface NodeRecord {
  /** Index in the node table. Re-used after the node is gone. */
  readonly slot: number;
  /** INFO's `[id]`. */
  readonly id: number;
  /** JVMRoute. */
  route: string;
  balancer: BalancerRecord;
  /** Fail-over group (`Domain`, `LBGroup`); empty for none. */
  domain: string;
  /** IPv6 in brackets, as INFO prints it. */
  host: string;
  /** A string, because httpd takes any (reference §2.1). */
  port: string;
  /** `http`, `https`, `ajp`, `ws`, `wss`. */
  type: string;
  reversed: boolean;
  flushPackets: FlushPackets;
  flushWaitMs: number;
  pingMs: number;
  /** -1: let the balancer choose. */
  smax: number;
  ttlMs: number;
  /** 0: the server's own time-out. */
  timeoutMs: number;
  /** Load factor: 1..100 active, 0 hot standby, -1 broken by its own word (reference §3.8). */
  load: number;
  /** Whether the balancer found the node unreachable; it takes no traffic then. */
  inError: boolean;
  /** Why `inError` is set, in words for people; empty otherwise. */
  errorReason: string;
  /** When `REMOVE-APP /*` marked the node, or 0. */
  removedAtMs: number;
  /** When the node was last heard of (CONFIG or STATUS). */
  lastHeardMs: number;
  /** When pings began to fail without a break, or 0. */
  failingSinceMs: number;
  readonly vhosts: VhostRecord[];
  readonly counters: NodeCounters;
}

/** A set of aliases of one node with the contexts they serve. */
export interface VhostRecord {
  readonly node: NodeRecord;
  /** Number within the node, from 1; where ids are counted, among all vhosts. */
  readonly number: number;
  readonly aliases: AliasRecord[];
  /** By path. */
  readonly contexts: Map<string, ContextRecord>;
}

export interface AliasRecord {
  /** Index in the alias table. */
  readonly slot: number;
  /** DUMP's `host: N`. */
  readonly id: number;
  /** As the node spelled it, or in lower case (`SyntaxRules.lowerAliases`); compared without regard to letter case. */
  readonly name: string;
}

/** A path prefix that one node serves in one virtual host. */
export interface ContextRecord {
  /** Index in the context table. */
  readonly slot: number;
  /** Third number of INFO's `Context:`. */
  readonly id: number;
  readonly vhost: VhostRecord;
  /** Begins with `/` unless a peer registered something else. */
  readonly path: string;
  status: ContextStatus;
  /** Requests in flight for this context: `Requests=N` of STOP-APP. Counted by the data plane. */
  inFlight: number;
}

/** Whether the node may take traffic at all (it may still be a hot standby). */
export function isUsable(node: NodeRecord): boolean {
  return !node.inError && node.load >= 0 && node.removedAtMs === 0;
}
