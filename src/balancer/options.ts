import type { Address } from '../core/address.ts';
import { DEFAULT_PACKET_BYTES } from '../core/ajp/index.ts';
import type { ClusterLimits } from '../core/cluster/types.ts';

/** Everything `mcmp serve` can be told. Durations in milliseconds, sizes in bytes. */
export interface BalancerOptions {
  readonly listen: readonly Address[];
  readonly mcmp: readonly Address[];
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
  /** Bearer token of those who may change something from elsewhere than this machine; empty: there is none. */
  readonly token: string;
  /** Path of the manager page; `/mod_cluster_manager` leads to it as well. */
  readonly managerPath: string;
  /** Whether the manager page changes something by GET when the nonce is right, as the page of httpd does. */
  readonly legacyManagerGet: boolean;
  /** Whether `/readyz` wants a context that can be served (`context`), or only a balancer that listens. */
  readonly readyWhen: 'context' | 'always';
  /** How many nodes and contexts have rows of their own in the metrics; the rest are counted together. */
  readonly metricsNodes: number;
  readonly metricsContexts: number;
  readonly accessLog: AccessLogOptions | undefined;
  /** Encrypted web traffic: without an address, the certificates of all of `listen`, the first for clients that name no host. */
  readonly listenTls: readonly ListenTls[];
  /** Encrypted MCMP: null, none. */
  readonly mcmpTls: McmpTls | null;
  /** Whether clients at addresses that are not encrypted may begin with HTTP/2 at once (RFC 9113 §3.3). */
  readonly h2c: boolean;
  /** CIDR ranges of those in front that begin each connection for web traffic with a header of the PROXY protocol. */
  readonly proxyProtocolFrom: readonly string[];
  readonly upstreamTls: UpstreamTls;
  /** Of AJP nodes that want one, as a byte string; empty: none. */
  readonly ajpSecret: string;
  /** The largest packet that AJP nodes take (`packetSize` of their connector). */
  readonly ajpPacketBytes: number;
  /** What a JVMRoute is bound to when it is registered first: nothing, the certificate, or the address of the peer. */
  readonly mcmpRouteOwner: 'none' | 'cert' | 'address';
}

/** A certificate with its chain and its key, as PEM. */
export interface CertificateAndKey {
  readonly cert: string;
  readonly key: string;
  /** The files they come from, for messages. */
  readonly files: string;
}

export interface ListenTls {
  /** An address of its own; null: those of `listen`. */
  readonly address: Address | null;
  readonly certificate: CertificateAndKey;
}

export interface McmpTls {
  readonly certificate: CertificateAndKey;
  /** Authorities, as PEM, one of which has to have signed the certificate of every peer; empty: none is asked for. */
  readonly clientCa: string;
}

/** How https nodes are connected to. */
export interface UpstreamTls {
  /** Authorities, as PEM; empty: those that Node.js brings. */
  readonly ca: string;
  /** Shown to nodes that ask for a certificate. */
  readonly certificate: CertificateAndKey | null;
  /** Neither authority nor name of a node is checked. */
  readonly insecure: boolean;
}

export interface AccessLogOptions {
  /** A file that is appended to, or `-` for stdout. */
  readonly file: string;
  readonly format: 'json' | 'combined';
}

/** Of one head, whatever its size. */
export const MAX_HEADER_LINES = 200;

/** What `mcmp serve` does when it is told nothing. */
export const DEFAULT_OPTIONS: BalancerOptions = {
  listen: [{ host: '', port: 8000 }],
  mcmp: [{ host: '127.0.0.1', port: 8090 }],
  mcmpAllow: ['127.0.0.0/8', '::1'],
  mcmpHosts: [],
  defaultBalancer: 'mycluster',
  useAlias: false,
  waitBeforeRemoveMs: 10_000,
  brokenNodeTimeoutMs: 60_000,
  pingIntervalMs: 10_000,
  recalcIntervalMs: 5000,
  limits: { maxNodes: 100_000, maxContexts: 1_000_000, maxHosts: 100_000 },
  maxMessageBytes: 1024 * 1024,
  headerTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  requestTimeoutMs: 0,
  upstreamTimeoutMs: 60_000,
  shutdownTimeoutMs: 30_000,
  maxConnections: 20_000,
  maxHeadBytes: 16 * 1024,
  sessionCookie: '',
  dialect: 'mcmp',
  forwardedHeaders: 'x-forwarded',
  via: 'mcmp',
  trustProxy: [],
  token: '',
  managerPath: '/mod_cluster-manager',
  legacyManagerGet: false,
  readyWhen: 'context',
  metricsNodes: 1000,
  metricsContexts: 1000,
  accessLog: undefined,
  listenTls: [],
  mcmpTls: null,
  h2c: false,
  proxyProtocolFrom: [],
  upstreamTls: { ca: '', certificate: null, insecure: false },
  ajpSecret: '',
  ajpPacketBytes: DEFAULT_PACKET_BYTES,
  mcmpRouteOwner: 'none',
};
