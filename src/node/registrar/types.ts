import type { Server as HttpServer } from 'node:http';
import type { HttpAnswer } from '../../client/answer.ts';
import type { McmpClientTls } from '../../client/sockets.ts';
import type { ConnectorType } from '../../core/mcmp/connector-types.ts';
import type { FieldName } from '../../core/mcmp/fields.ts';
import type { Clock } from '../clock.ts';
import type { Manners, Outgoing } from '../wire/types.ts';
import type { LifeState } from './life-cycle.ts';

/** What a node wants a context to be. */
export type ContextWish = 'enabled' | 'disabled' | 'stopped';

export interface ContextOptions {
  readonly path: string;
  /** What it is born as; default `enabled`. */
  readonly wish?: ContextWish;
}

/** Parameters of CONFIG by their names in the field table; route, address and type are options of their own. */
export type ConfigParameters = Readonly<
  Partial<
    Record<Exclude<FieldName, 'JVMRoute' | 'Host' | 'Port' | 'Type' | 'Alias' | 'Context' | 'Load' | 'Scheme'>, string>
  >
>;

/**
 * 1 (busy) .. 100 (idle), 0 hot standby, -1 out of order; rounded, and brought into these bounds. A function is asked
 * before each STATUS; when it throws, or gives no number, the last good value goes on (1 before there was one): a metric
 * that is broken must not take a fleet out of service.
 */
export type LoadSource = number | (() => number);

export interface CreateNodeOptions {
  /** JVMRoute: the name of the node, which sessions carry behind their first dot. */
  readonly route: string;
  /** MCMP addresses, such as `http://127.0.0.1:8090`; more can join later. */
  readonly balancers: readonly (URL | string)[];
  /** Default `/`, the root context. */
  readonly contexts?: readonly (string | ContextOptions)[];
  /** Paths never told to a balancer; `ROOT`, `/` and the empty string are the root context, `host:path` is one host's. */
  readonly excludedContexts?: readonly string[];
  /** Host names of the virtual host; default `localhost`. */
  readonly aliases?: readonly string[];
  /**
   * Where requests reach the application. A server is asked for its address as soon as it listens, and its requests are
   * counted; an address is told as it is, and `inFlight` may count. The host `0.0.0.0` or `::` becomes the local address
   * of the connection to each balancer (reference §9.3).
   */
  readonly connector: HttpServer | ConnectorAddress;
  readonly load?: LoadSource;
  /**
   * Between two STATUS; default 10 s, as Java nodes have it. The second comes up to half of it sooner, so that nodes that come
   * together do not report in step.
   */
  readonly statusIntervalMs?: number;
  /** How long a context that is stopped may take to get rid of its requests; default 10 s, 0 is no limit. */
  readonly drainTimeoutMs?: number;
  /** Between two STOP-APP while requests are in flight; default 100 ms. */
  readonly drainPollMs?: number;
  /** Waited after STOP-APP when neither the balancer nor the connector counts requests; default 0. */
  readonly blindDrainMs?: number;
  /** Sessions a context still has; if given, a context stays disabled until it has none, or the drain time-out. */
  readonly sessions?: (path: string) => number;
  readonly config?: ConfigParameters;
  /** For MCMP over https; not for the traffic. */
  readonly tls?: McmpClientTls;
  /** For one exchange, connecting included; default 10 s, with Java manners 20 s. */
  readonly mcmpTimeoutMs?: number;
  /** Default `mcmp`. */
  readonly manners?: Manners;
  readonly onEvent?: (event: NodeEvent) => void;
  readonly clock?: Clock;
  /** Puts faults into what is said; only simulators have a use for it. */
  readonly tamper?: Tamper;
}

export interface ConnectorAddress {
  readonly host: string;
  readonly port: number;
  /** Default `http`. */
  readonly type?: ConnectorType;
  /** Requests being answered now, in one context or, without a path, in all; undefined: not known. */
  readonly inFlight?: (path?: string) => number | undefined;
  /** Whether it takes connections; when it does not, the load is -1. Default: always. */
  readonly isOpen?: () => boolean;
  /**
   * Calls the listener with the path of each request that is over, and returns how to stop that. Java nodes say STOP-APP
   * again only then.
   */
  readonly onRequestEnded?: (listener: (path: string) => void) => () => void;
}

/** Whatever is worth a line in a log, by kind. */
export type NodeEvent =
  | {
      readonly kind: 'life';
      /** Address of the balancer. */
      readonly balancer: string;
      readonly from: LifeState;
      readonly to: LifeState;
      /** Why, when something failed; else empty. */
      readonly reason: string;
    }
  /** `State` of the STATUS answers changed: NOTOK when the balancer cannot reach the node, and back. */
  | { readonly kind: 'reported'; readonly balancer: string; readonly from: string; readonly to: string }
  /** What is likely to be refused, cut or misread by this balancer (needs B5, B17, B18). */
  | {
      readonly kind: 'warning';
      /** Address of the balancer; empty: all of them. */
      readonly balancer: string;
      readonly message: string;
    }
  /** A message and its answer; for those who want to see the conversation. */
  | { readonly kind: 'exchange'; readonly balancer: string; readonly message: Outgoing; readonly answer: HttpAnswer };

/** How a node stands with one balancer. */
export interface Registration {
  /** Address of the balancer. */
  readonly balancer: string;
  readonly state: LifeState;
  /** Why the registration is not where it should be; empty when it is. */
  readonly lastFailure: string;
  /** `State` of the last STATUS answer; empty before the first. */
  readonly reportedState: string;
  /** Last load sent; undefined before the first STATUS. */
  readonly load: number | undefined;
}

export interface NodeContextView {
  readonly path: string;
  readonly wish: ContextWish;
  /** How often it was deployed and not undeployed (parallel deployment); 0: it goes, and balancers may still send to it. */
  readonly references: number;
  /** Requests in it now; undefined when nobody counts. */
  readonly inFlight: number | undefined;
}

/** A node as balancers see it. Nothing here throws because a balancer is away: each is served when it can be. */
export interface McmpNode {
  readonly route: string;
  registrations(): readonly Registration[];
  contexts(): readonly NodeContextView[];
  /**
   * Resolves when every balancer has the node.
   * @param timeoutMs default 30 s
   * @throws McmpError `MCMP_NOT_REGISTERED`
   */
  registered(timeoutMs?: number): Promise<void>;
  /** Adds a context, or one more reference to it. Resolves when every balancer that can be reached knows. */
  deploy(path: string, wish?: ContextWish): Promise<void>;
  /** Takes one reference away; with the last, the context is disabled, stopped, drained and removed. */
  undeploy(path: string): Promise<void>;
  /** Enables, disables, or stops (with draining) a context that stays deployed. */
  wish(path: string, wish: ContextWish): Promise<void>;
  setLoad(load: LoadSource): void;
  addBalancer(url: URL | string): void;
  /** Says goodbye to one balancer, or leaves it without a word when it goes itself. */
  removeBalancer(url: URL | string, options?: { readonly goodbye?: boolean }): Promise<void>;
  /** Opens new connections and compares with INFO, as after a failure (`refresh` and `reset` of the Java node). */
  refresh(): void;
  /** Says something of the operator's choice to every balancer, in its turn: `PING`, `DUMP`, `DISABLE-APP` to `/*`. */
  say(message: Outgoing): Promise<readonly { readonly balancer: string; readonly answer: HttpAnswer | Error }[]>;
  /** Goes politely: no new sessions, no new requests, those in flight finish, then the rows go. */
  leave(options?: { readonly drainTimeoutMs?: number }): Promise<void>;
  /** Ends without a word, as a process that was killed. */
  abandon(): Promise<void>;
}

/** What a fault injector may do to the words of a registrar. */
export interface Tamper {
  /**
   * Called with each message just before it is sent; what comes back is sent in its place, in order, and the answer to the
   * last counts. Nothing sent counts as an empty 200.
   */
  outgoing(message: Outgoing, balancer: string): readonly Outgoing[];
  /** How the bytes of the next message go out. */
  pace(balancer: string): 'whole' | 'byte-by-byte';
  /** Whether the next exchange opens a new connection and leaves the old one open. */
  leavesConnectionOpen(balancer: string): boolean;
  /** Whether the node goes without REMOVE-APP. */
  vanishes(): boolean;
}
