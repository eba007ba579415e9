import type { DumpView } from '../../core/mcmp/dump.ts';
import type { InfoContext, InfoNode, InfoView } from '../../core/mcmp/info.ts';
import type { Case, CaseSpec, Expectation } from '../case.ts';
import { defineCase } from '../case.ts';
import type { Features } from '../needs.ts';
import type { WireAnswer, WireConnection } from '../wire/connection.ts';
import type { Advertisements } from './advertisements.ts';
import type { Backend, BackendOptions, DeadAddress } from './backend.ts';

/** Fields of a message: by name, or in an order of one's own and also twice. Values are byte strings and are encoded. */
export type Fields = Readonly<Record<string, string | number>> | readonly (readonly [string, string | number])[];

export interface SendOptions {
  /** Request target; default `/`, `WHOLE_NODE` for the whole node. */
  readonly target?: string;
  /** Further header lines. */
  readonly headers?: readonly (readonly [string, string])[];
  /** Body in chunks of HTTP. */
  readonly chunked?: boolean;
  /** Leave `Connection: close` out, which every message has otherwise. */
  readonly keepAlive?: boolean;
  readonly timeoutMs?: number;
}

/** Target of a command that means the whole node (reference §1.1). */
export const WHOLE_NODE: SendOptions = { target: '/*' };

/** Another way to the management address than the usual one. */
export interface Elsewhere {
  /** Address of this machine to come from. */
  readonly from?: string;
  /** Where it is said to be as well. */
  readonly at?: URL;
}

export interface NodeOptions {
  readonly route?: string;
  /** Further fields of CONFIG; those of the default (route, address, type, ping, balancer) can be replaced. */
  readonly config?: Readonly<Record<string, string | number>>;
  /** Default one of its own; `[]`: no ENABLE-APP. Several contexts are sent one by one. */
  readonly contexts?: readonly string[];
  /** Aliases of the contexts; default `localhost`. */
  readonly alias?: string;
  /** Default 100; null: no STATUS. */
  readonly load?: number | null;
  readonly backend?: Backend | BackendOptions;
}

/** A node that was registered by hand: what stands behind it is a server of ours. */
export interface TrialNode {
  readonly route: string;
  /** Its first context. */
  readonly context: string;
  readonly alias: string;
  readonly backend: Backend;
}

export interface WebOptions {
  readonly method?: string;
  /** Further header lines; `Host` replaces the default. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly timeoutMs?: number;
}

/** A web answer, with the route of the node that gave it. */
export interface WebAnswer extends WireAnswer {
  /** Route of the backend that answered; empty when it was none of ours. */
  readonly servedBy: string;
}

/**
 * What a case has to work with: names that nobody else uses, messages, nodes, web requests, and waiting for states. All is
 * recorded; all that was registered is removed when the case ends.
 */
export interface BalancerTrial {
  readonly mcmpUrl: URL;
  /** @throws NotHere when no address of web traffic was given; cases that need it say `needs: ['traffic']` */
  readonly trafficUrl: URL;
  /** Host header of web requests that name none: `localhost`, which is the alias of nodes that name none, and the port. */
  readonly webHost: string;
  readonly features: Features;
  /** Aborts when the case has run out of time, or somebody interrupts. */
  readonly signal: AbortSignal;
  /** Deterministic, from the seed and the id of the case; 0 <= n < 1. */
  random(): number;

  /** A route that nobody uses, at most 30 characters. */
  route(): string;
  /** A context path that nobody uses, such as `/cf-1a2b-7`. */
  context(): string;
  /** A host name that nobody uses, in lower case. */
  alias(): string;
  /** Name of the balancer for nodes of this case: no other case uses it while it runs. At most 30 characters, lower case. */
  readonly balancer: string;
  /** A domain that nobody uses, at most 19 characters. */
  domain(): string;

  /**
   * Sends one MCMP message on a connection of its own and reads the answer.
   * @param body fields, encoded as a portable client would; a string goes out as it is
   * @throws Deviation `unclean` when the right answer is followed by a reset or by bytes that belong to nothing
   */
  send(method: string, body?: Fields | string, options?: SendOptions): Promise<WireAnswer>;
  /** The same, and the answer has to be 200. @throws Deviation */
  must(method: string, body?: Fields | string, options?: SendOptions): Promise<WireAnswer>;
  /** Sends and judges. @throws Deviation */
  expect(
    expected: Expectation & { readonly status: number },
    method: string,
    body?: Fields | string,
    options?: SendOptions,
  ): Promise<WireAnswer>;
  /** INFO, read. @throws Deviation when a line cannot be read */
  info(): Promise<InfoView>;
  dump(): Promise<DumpView>;
  /** The line of a node in INFO; undefined when there is none. */
  nodeLine(route: string): Promise<InfoNode | undefined>;
  /** The context lines of a node, in the order of INFO. */
  contextLines(route: string): Promise<readonly (InfoContext & { readonly aliases: readonly string[] })[]>;

  /** A web server of ours on a free port; not told to the balancer. */
  backend(options?: BackendOptions): Promise<Backend>;
  /** An address that refuses connections for as long as the case runs. */
  deadAddress(): Promise<Pick<DeadAddress, 'host' | 'port'>>;
  /** CONFIG, ENABLE-APP for each context, STATUS. @throws Deviation when one of them is refused */
  node(options?: NodeOptions): Promise<TrialNode>;
  /** Registers nothing, but removes this route when the case ends. */
  forget(route: string): void;

  /** One web request to the balancer on a connection of its own. */
  web(path: string, options?: WebOptions): Promise<WebAnswer>;
  /** Connections of one's own, for exact bytes. */
  openMcmp(elsewhere?: Elsewhere): Promise<WireConnection>;
  openTraffic(): Promise<WireConnection>;

  /**
   * Listens to its advertisements until the case ends; cases that need it say `needs: ['advertise']`.
   * @param feature where `--with` names the group
   * @throws NotHere when the group cannot be listened to
   */
  datagrams(feature?: 'advertise' | 'no-advertise'): Promise<Advertisements>;

  /**
   * Looks again and again until there is something, and notes how long it took.
   * @param what the state, for reports
   * @param look undefined or false: not yet
   * @throws Deviation `fail` when it does not come within `timeoutMs` (default: most of the deadline of the case)
   */
  until<T>(what: string, look: () => Promise<T | undefined | false>, timeoutMs?: number): Promise<T>;
  /** To be undone when the case ends, last first; also when it failed or was interrupted. */
  after(undo: () => Promise<void> | void): void;
  /** Restarts the balancer and waits until it answers; only with the need `restart`. */
  restart(): Promise<void>;
}

export type BalancerCase = Case<BalancerTrial>;

/** A case of the balancer direction. */
export function balancerCase<E extends Expectation>(spec: CaseSpec<BalancerTrial, E>): BalancerCase {
  return defineCase(spec);
}
