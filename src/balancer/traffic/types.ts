import type { ContextRecord, NodeRecord } from '../../core/cluster/records.ts';
import type { RoutingReason, SessionSource } from '../../core/routing/index.ts';

/** Upper bounds of the buckets of durations, in seconds; one more bucket takes what is longer. */
export const DURATION_BOUNDS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
] as const;

/**
 * How a request ended: status class of the answer that the client was given, be it the node's or our own; `tunnel` for a
 * switched protocol. Without a whole answer it is `gone` when that was the client's own doing, which is no failure of ours
 * or of the node, and else `none`.
 */
export const REQUEST_RESULTS = ['2xx', '3xx', '4xx', '5xx', 'tunnel', 'gone', 'none'] as const;
export type RequestResult = (typeof REQUEST_RESULTS)[number];

/** Requests that have ended, counted: rate, errors and duration. Plain numbers, only ever counted up. */
export interface RequestCounts {
  readonly byResult: Readonly<Record<RequestResult, number>>;
  /** One for each bound of `DURATION_BOUNDS_SECONDS`, and one more; not cumulative. Tunnels are left out. */
  readonly durationBuckets: readonly number[];
  readonly durationSumMs: number;
  /** How many durations there are. */
  readonly durationCount: number;
}

/** Why another attempt was made. */
export type RetryReason = 'connect' | 'tls' | 'lost' | 'stale' | 'hung' | 'refused';

/** What a session id in a request came to. `hit`: its own node served. */
export type SessionOutcome =
  | 'hit'
  /** Served by another of the same domain, by any other, or by none because StickySessionForce is on. */
  | 'failover-domain'
  | 'failover'
  | 'forced-503'
  /** The id names no route that is known to serve, or none at all: chosen by load. */
  | 'no-route'
  /** No node served the request, for any other reason. */
  | 'unserved';

/**
 * What the data plane counts. Nodes and contexts beyond `--metrics-nodes` and `--metrics-contexts` are counted together in
 * one row, so that whoever registers many of them does not make the metrics grow: a row of its own goes to the first that
 * get a request, and stays theirs as long as they are registered. A request counts for the node that was tried last.
 */
export interface TrafficCounts {
  /** All requests to the traffic addresses that have ended. */
  readonly all: RequestCounts;
  /**
   * The same by code, those that came: a `RoutingReason` when a node answered or a tunnel stood, the code of our own answer
   * (`X-Mcmp-Reason`), or how the request was lost (`LostCode`, or the code of a time-out). All are constants of this
   * program, so there are never many.
   */
  readonly byCode: ReadonlyMap<string, number>;
  /** Decisions of the routing index that were acted upon, retries included. */
  readonly decisions: Readonly<Record<RoutingReason, number>>;
  readonly retries: Readonly<Record<RetryReason, number>>;
  /** Requests with a session id, by what came of it, and where the id was found. */
  readonly sessions: Readonly<Record<SessionOutcome, number>>;
  readonly sessionSources: Readonly<Record<Exclude<SessionSource, 'none'>, number>>;
  /** Heads that could not be read: refused before they were requests, and in no other number here. */
  readonly badRequests: number;
  /** Connections beyond `--max-connections`, by listener: told so before they said anything, and in no other number here. */
  readonly turnedAway: Readonly<Record<'web' | 'mcmp', number>>;
  readonly tls: Readonly<Record<'web' | 'mcmp', Readonly<HandshakeCounts>>>;
  readonly wrongProtocol: Readonly<Record<'web' | 'mcmp', Readonly<WrongProtocolCounts>>>;
  readonly proxyHeaders: Readonly<ProxyHeaderCounts>;
  /** Connections to nodes that were opened for requests, and those that could not be. */
  readonly connectsToNodes: number;
  readonly failedConnectsToNodes: number;
  nodes(): Iterable<readonly [node: NodeRecord, counts: RequestCounts]>;
  contexts(): Iterable<readonly [context: ContextRecord, counts: RequestCounts]>;
  /** Of all nodes without a row of their own, and of those that have left. */
  readonly otherNodes: RequestCounts;
  readonly otherContexts: RequestCounts;
}

/**
 * Why a handshake of TLS failed: no version of TLS, cipher or application protocol in common; no certificate of the client,
 * or none that is believed; ours, which the client did not take; not in time; the client went away; anything else.
 */
export const HANDSHAKE_FAILURE_REASONS = [
  'version',
  'cipher',
  'protocol',
  'no-certificate',
  'certificate',
  'refused-by-client',
  'time-out',
  'aborted',
  'other',
] as const;
export type HandshakeFailureReason = (typeof HANDSHAKE_FAILURE_REASONS)[number];

/** Handshakes at the addresses of one kind. */
export interface HandshakeCounts {
  full: number;
  /** Of a session that began earlier. */
  resumed: number;
  readonly failures: Record<HandshakeFailureReason, number>;
}

/** Connections that began with something else than what their address is for. */
export interface WrongProtocolCounts {
  /** Text where TLS is spoken. */
  plain: number;
  /** TLS where it is not. */
  tls: number;
}

/** Connections from proxies in front that have to begin with a header of the PROXY protocol, by what came. */
export interface ProxyHeaderCounts {
  /** It told who the client is. */
  told: number;
  /** It told that there is no client, or none with an address. */
  local: number;
  /** Something else came. */
  missing: number;
  broken: number;
  timeout: number;
}
