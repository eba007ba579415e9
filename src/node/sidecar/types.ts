import type { ContextWish, CreateNodeOptions, McmpNode, NodeEvent } from '../registrar/types.ts';
import type { Health } from './probe-verdict.ts';
import type { StatusRange } from './status-range.ts';
import type { UpstreamType } from './upstream.ts';

export interface ProbeSettings {
  /** Path, with a query if need be; default: the first context's path. */
  readonly path: string;
  /** Answers that are good; default 200 to 399. */
  readonly status: StatusRange;
  /** From the end of one probe to the next; default 2 s. */
  readonly intervalMs: number;
  /** For one probe, connecting included; default 1 s. */
  readonly timeoutMs: number;
  /** Bad probes in a row that make the application sick; default 3. */
  readonly fall: number;
  /** Good probes in a row that make it well again; default 2. */
  readonly rise: number;
}

/** What the contexts of a sick application are told to be: its sessions go on, or nothing goes there. */
export type OnSick = 'disable' | 'stop';

export interface SidecarOptions
  extends Pick<
    CreateNodeOptions,
    | 'route'
    | 'balancers'
    | 'excludedContexts'
    | 'aliases'
    | 'load'
    | 'statusIntervalMs'
    | 'drainTimeoutMs'
    | 'drainPollMs'
    | 'config'
    | 'tls'
    | 'mcmpTimeoutMs'
    | 'manners'
  > {
  /** The application: scheme (http, https, ws, wss, ajp), host and port. */
  readonly upstream: string;
  /** Default `/`. */
  readonly contexts?: readonly string[];
  /**
   * Told to the balancers instead of the upstream's host, when they reach it by another name. `0.0.0.0` and `::` are
   * replaced by this machine's address on the way to each balancer.
   */
  readonly host?: string;
  /** Told instead of the upstream's port. */
  readonly port?: number;
  /** Told instead of the upstream's scheme. */
  readonly type?: UpstreamType;
  readonly probe?: Partial<ProbeSettings>;
  /** Default `disable`. */
  readonly onSick?: OnSick;
  /** Waited after STOP-APP when the balancer does not say how many requests are running; default 5 s. */
  readonly blindDrainMs?: number;
}

/** What the sidecar believes of its application. */
export interface ApplicationView {
  readonly health: Health;
  /** What its contexts are told to be. */
  readonly wish: ContextWish;
  /** Nobody takes connections there: the load is told as -1. */
  readonly outOfOrder: boolean;
  /** What the last probe met, as people read it; empty before the first. */
  readonly lastProbe: string;
}

export type SidecarEvent =
  | NodeEvent
  /** The application became well or sick; or, from `starting` to `starting`, why it is not well yet. */
  | { readonly kind: 'health'; readonly from: Health; readonly to: Health; readonly reason: string }
  /** Something about the settings that will not work as it may be hoped. */
  | { readonly kind: 'notice'; readonly message: string };

/** An application that runs elsewhere, registered and watched. */
export interface Sidecar {
  readonly node: McmpNode;
  application(): ApplicationView;
  /** Goes politely: no new sessions, no new requests, those in flight finish, then the rows go. */
  leave(options?: { readonly drainTimeoutMs?: number }): Promise<void>;
  /** Ends without a word, as a process that was killed. */
  abandon(): Promise<void>;
}
