import type { AddressRule } from '../core/access.ts';
import type { HeadLimits } from '../core/http/types.ts';
import type { RoutingIndex } from '../core/routing/index.ts';
import type { AccessLog } from '../observe/access-log/access-log.ts';
import type { Log } from '../observe/types.ts';
import type { ClientConnection } from './client-connection.ts';
import type { Clock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import type { Exchange } from './exchange.ts';
import type { Arriving } from './front/arrival.ts';
import type { Encryption } from './front/encryption.ts';
import type { Health } from './health.ts';
import type { Http2Counts } from './http2/counts.ts';
import type { Http2ClientSession } from './http2/session.ts';
import type { AnswerBounds } from './management/answer-bounds.ts';
import type { ManagementRoutes } from './management/route.ts';
import type { RouteOwners } from './management/route-owners.ts';
import type { MessageJournal } from './message-journal.ts';
import type { BalancerOptions } from './options.ts';
import type { Traffic } from './traffic/traffic.ts';
import type { UpstreamPools } from './upstream.ts';
import type { NodeTls } from './upstream-tls.ts';

/** What is listened on: `host:port` with the real ports. One address may stand in several lists. */
export interface BalancerAddresses {
  readonly listen: readonly string[];
  readonly mcmp: readonly string[];
  /** Those of them that speak TLS; left out when none does. */
  readonly encrypted?: readonly string[];
}

/** What all parts of one running balancer see of each other. */
export interface Shared {
  options: BalancerOptions;
  headLimits: HeadLimits;
  mcmpAllowed: AddressRule;
  trustedProxy: AddressRule;
  /** Who begins each connection for web traffic with a header of the PROXY protocol. */
  proxies: AddressRule;
  readonly log: Log;
  readonly clock: Clock;
  readonly cluster: Cluster;
  readonly routing: RoutingIndex;
  readonly pools: UpstreamPools;
  readonly nodeTls: NodeTls;
  readonly health: Health;
  readonly messages: MessageJournal;
  readonly routeOwners: RouteOwners;
  readonly traffic: Traffic;
  /** Null when none is wanted. */
  accessLog: AccessLog | null;
  /** Paths of the management address. */
  routes: ManagementRoutes;
  /** What the answers of the management address may take of time and memory. */
  readonly answerBounds: AnswerBounds;
  /** When the balancer started, as `clock.nowMs`. */
  readonly startedMs: number;
  /** Every open client connection. */
  readonly clients: Set<ClientConnection>;
  /** How many of them are at an address for MCMP alone. */
  managementClients: number;
  readonly arriving: Arriving;
  /** When the log last said that clients speak TLS where it is not spoken, as `clock.nowMs`. */
  readonly toldOfTlsAtMs: { web: number; mcmp: number };
  /** When the last line of the log about a bad header of the PROXY protocol was written, as `clock.nowMs`. */
  toldOfProxyHeaderAtMs: number;
  /** The same about headers of those from whom none is awaited: strangers must not keep the other line away. */
  toldOfProxyStrangerAtMs: number;
  /** Certificates and keys of the listeners, ready for handshakes; others after a reload. */
  encryption: Encryption;
  /** Connections that speak HTTP/2; each of their streams is one of `clients`. */
  readonly http2: { readonly sessions: Set<Http2ClientSession>; readonly counts: Http2Counts };
  /** Exchanges that no client needs at the moment: idle connections hold none. */
  readonly spareExchanges: Exchange[];
  /** Told of exceptions that should not happen; the connection they happened on is gone, everything else goes on. */
  readonly onFault: (error: unknown) => void;
  /** Ports of all listeners. */
  readonly ownPorts: Set<number>;
  addresses: BalancerAddresses;
  /** No new requests are taken; connections close after the one they are at. */
  closing: boolean;
}
