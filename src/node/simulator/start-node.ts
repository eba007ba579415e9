import type { RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Pair } from '../../client/answer.ts';
import { createMcmpConnection } from '../../client/connection.ts';
import { McmpError } from '../../core/errors.ts';
import { createApplication } from '../application/application.ts';
import { type Clock, systemClock } from '../clock.ts';
import { openConnector } from '../connector/connector.ts';
import type { LifeState } from '../registrar/life-cycle.ts';
import { type Registrar, type RegistrarEvent, startRegistrar } from '../registrar/registrar.ts';

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

const DEFAULT_STATUS_INTERVAL_MS = 10_000;
const DEFAULT_DRAIN_POLL_MS = 100;
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

  const { load = 100, clock = systemClock } = options;
  const waiting = new Set<() => void>();
  const registration = {
    route: options.route,
    config: [
      ['Host', host.includes(':') ? `[${host}]` : host],
      ['Port', String(connector.port)],
      ['Type', 'http'],
      ...(options.config ?? []),
    ],
    aliases: options.aliases ?? ['localhost'],
    contexts,
    load: typeof load === 'function' ? load : () => load,
    statusIntervalMs: options.statusIntervalMs ?? DEFAULT_STATUS_INTERVAL_MS,
    inFlight: connector.inFlight,
  } as const;
  const registrars: Registrar[] = options.balancers.map((url) =>
    startRegistrar(registration, createMcmpConnection(url, { userAgent: 'mcmp-node' }), {
      clock,
      drainPollMs: options.drainPollMs ?? DEFAULT_DRAIN_POLL_MS,
      onEvent: (event) => {
        options.onEvent?.(event);
        for (const look of [...waiting]) look();
      },
    }),
  );
  const isRegistered = (): boolean => registrars.every((registrar) => registrar.state() === 'registered');

  return {
    route: options.route,
    host,
    port: connector.port,
    registrations: () =>
      registrars.map((one) => ({ balancer: one.balancer, state: one.state(), lastFailure: one.lastFailure() })),
    requestCount: connector.requestCount,
    registered: (timeoutMs) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void): void => {
          clearTimeout(timer);
          waiting.delete(look);
          settle();
        };
        const look = (): void => {
          if (isRegistered()) finish(resolve);
        };
        const timer = setTimeout(
          () => finish(() => reject(notRegistered(options.route, registrars, timeoutMs))),
          timeoutMs,
        );
        waiting.add(look);
        look();
      }),
    async stop(drainTimeoutMs = DEFAULT_DRAIN_TIMEOUT_MS) {
      await Promise.all(registrars.map((registrar) => registrar.leave(drainTimeoutMs)));
      // What is still being answered finishes: balancers let such requests end in peace.
      await connector.close(drainTimeoutMs);
    },
    async kill() {
      await Promise.all([connector.kill(), ...registrars.map((registrar) => registrar.abandon())]);
    },
  };
}

/** This application has no WebSockets. */
function refuseUpgrade(_request: unknown, socket: Duplex): void {
  socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
}

function notRegistered(route: string, registrars: readonly Registrar[], timeoutMs: number): McmpError {
  const late = registrars.filter((registrar) => registrar.state() !== 'registered');
  const why = late
    .map((one) => `${one.balancer}: ${one.lastFailure() === '' ? one.state() : one.lastFailure()}`)
    .join('; ');
  return new McmpError('timeout', 'MCMP_NOT_REGISTERED', `${route} is not registered after ${timeoutMs} ms (${why})`);
}
