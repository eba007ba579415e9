import type { RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Pair } from '../../client/answer.ts';
import { createApplication } from '../application/application.ts';
import type { Clock } from '../clock.ts';
import { openConnector } from '../connector/connector.ts';
import { createNode } from '../registrar/create-node.ts';
import type { LifeState } from '../registrar/life-cycle.ts';
import type { ConfigParameters, NodeEvent } from '../registrar/types.ts';

/** A step in the life of a registration. */
export type RegistrarEvent = Extract<NodeEvent, { kind: 'life' }>;

export interface NodeOptions {
  /** JVMRoute. */
  readonly route: string;
  /** MCMP addresses: `http://127.0.0.1:8090`. */
  readonly balancers: readonly (URL | string)[];
  /** Default `/app`. */
  readonly contexts?: readonly string[];
  /** Default `localhost`. */
  readonly aliases?: readonly string[];
  /** Address of the connector, told to the balancers; default `127.0.0.1`. */
  readonly host?: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  /** Load factor 1 (busy) .. 100 (idle), 0 hot standby, -1 out of order; default 100. */
  readonly load?: number | (() => number);
  /** Between two STATUS; default 10 s, as Java nodes have it. */
  readonly statusIntervalMs?: number;
  /** More CONFIG parameters, such as `Balancer` or `Domain`. They come after Host, Port and Type. */
  readonly config?: readonly Pair[];
  /** Serves the contexts in place of the built-in application; `OPTIONS *` never reaches it. */
  readonly app?: RequestListener;
  readonly onEvent?: (event: RegistrarEvent) => void;
  readonly clock?: Clock;
  /** Between two STOP-APP while requests are in flight; default 100 ms. */
  readonly drainPollMs?: number;
}

export interface RunningNode {
  readonly route: string;
  readonly host: string;
  readonly port: number;
  /** One entry a balancer. */
  readonly registrations: () => readonly { balancer: string; state: LifeState; lastFailure: string }[];
  /** Requests that reached the connector. */
  readonly requestCount: () => number;
  /**
   * Resolves when every balancer has the node.
   * @throws McmpError `MCMP_NOT_REGISTERED` after `timeoutMs`
   */
  registered(timeoutMs: number): Promise<void>;
  /** Leaves politely: no new sessions, no new requests, those in flight finish, then the rows go and the port closes. */
  stop(drainTimeoutMs?: number): Promise<void>;
  /** Dies as a process does: every socket is reset, nobody is told. */
  kill(): Promise<void>;
}

const DEFAULT_DRAIN_TIMEOUT_MS = 10_000;

/**
 * Starts a node: an HTTP connector with an application behind it, and a registrar for each balancer.
 * @throws McmpError `MCMP_LISTEN` when the port cannot be had
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const host = options.host ?? '127.0.0.1';
  const contexts = options.contexts ?? ['/app'];
  const application = options.app ?? createApplication({ route: options.route, contexts }).request;
  const connector = await openConnector({
    route: options.route,
    host,
    port: options.port ?? 0,
    application: { request: application, upgrade: refuseUpgrade },
  });

  const { route, balancers, aliases, statusIntervalMs, clock, drainPollMs, onEvent } = options;
  const node = createNode({
    route,
    balancers,
    contexts,
    ...(aliases === undefined ? {} : { aliases }),
    ...(statusIntervalMs === undefined ? {} : { statusIntervalMs }),
    ...(clock === undefined ? {} : { clock }),
    ...(drainPollMs === undefined ? {} : { drainPollMs }),
    connector: { host, port: connector.port, inFlight: connector.inFlight },
    load: options.load ?? 100,
    config: parametersOf(options.config ?? []),
    onEvent: (event) => {
      if (event.kind === 'life') onEvent?.(event);
    },
  });

  return {
    route: options.route,
    host,
    port: connector.port,
    registrations: node.registrations,
    requestCount: connector.requestCount,
    registered: (timeoutMs) => node.registered(timeoutMs),
    async stop(drainTimeoutMs = DEFAULT_DRAIN_TIMEOUT_MS) {
      await node.leave({ drainTimeoutMs });
      // What is still being answered finishes: balancers let such requests end in peace.
      await connector.close(drainTimeoutMs);
    },
    async kill() {
      await Promise.all([connector.kill(), node.abandon()]);
    },
  };
}

/** This application has no WebSockets. */
function refuseUpgrade(_request: unknown, socket: Duplex): void {
  socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
}

function parametersOf(pairs: readonly Pair[]): ConfigParameters {
  return Object.fromEntries(pairs);
}
