import { UsageError } from '../../core/errors.ts';
import { isEncryptedType } from '../../core/mcmp/connector-types.ts';
import { createApplication } from '../application/application.ts';
import { findContext } from '../application/request-path.ts';
import { systemClock } from '../clock.ts';
import { openConnector } from '../connector/connector.ts';
import type { Connector, ConnectorTls } from '../connector/types.ts';
import { createTamper } from '../faults/mcmp/tamper.ts';
import { openLoad } from '../load/open-load.ts';
import type { LoadMeter } from '../load/types.ts';
import { createNode } from '../registrar/create-node.ts';
import type { McmpNode } from '../registrar/types.ts';
import { connectorTls } from './node-tls.ts';
import { countRequests } from './request-count.ts';
import type { NodeCondition, SimulatedNode, SimulatedNodeOptions } from './types.ts';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_CONTEXTS = ['/app'];
const DEFAULT_DRAIN_TIMEOUT_MS = 10_000;
const IDLE_LOAD = 100;
/** Tomcat announces the end of a connection with its 100th response (interop measurements). */
const TOMCAT_REQUESTS_PER_CONNECTION = 100;

/** One life of a node, from a start to the next. */
interface Life {
  readonly connector: Connector;
  readonly node: McmpNode;
  /** Lets go of what would outlive it: listeners on the faults, WebSockets. */
  close(): void;
}

/**
 * Starts a node with a connector and an application of its own, which registers itself.
 *
 * @throws McmpError `MCMP_LISTEN` when the port cannot be had
 * @throws UsageError for a type of connector that cannot be served
 */
export async function startSimulatedNode(options: SimulatedNodeOptions): Promise<SimulatedNode> {
  return await startNodeWith(await tlsOf(options), options);
}

/**
 * What the connector of such a node needs to speak TLS, for this node or for many; undefined: it does not speak it.
 * @throws UsageError when there is a certificate for nodes that do not speak TLS
 */
export async function tlsOf(
  options: Pick<SimulatedNodeOptions, 'type' | 'host' | 'nodeTls' | 'faults'>,
): Promise<ConnectorTls | undefined> {
  const { type, host = DEFAULT_HOST, nodeTls, faults } = options;
  if (isEncryptedType(type)) return await connectorTls(nodeTls ?? {}, host, faults !== undefined);
  if (nodeTls === undefined) return undefined;
  throw new UsageError(`nodes of type ${type ?? 'http'} have no use for a certificate`, { hint: 'https and wss do.' });
}

/** @param tls what all nodes of a fleet have in common */
export async function startNodeWith(
  tls: ConnectorTls | undefined,
  options: SimulatedNodeOptions,
): Promise<SimulatedNode> {
  const { route, host = DEFAULT_HOST } = options;
  let meter: LoadMeter | undefined;
  const load = (): number => meter?.next() ?? IDLE_LOAD;
  let condition: NodeCondition = 'starting';
  let requestsBefore = 0;
  let life = await beginLife(options, tls, options.port ?? 0, load);
  const inFlight = (): number => life.connector.inFlight();
  const requestCount = (): number => requestsBefore + life.connector.requestCount();
  if (options.load !== undefined) {
    const { clock = systemClock, log } = options;
    // The first STATUS comes behind several exchanges: nobody has asked for a load yet.
    meter = openLoad(options.load, { inFlight, requestCount, clock, route, ...(log === undefined ? {} : { log }) });
  }
  const { port } = life.connector;
  let ending: Promise<void> | undefined;
  let restarting = Promise.resolve();

  const become = (next: NodeCondition): void => {
    const from = condition;
    condition = next;
    if (from !== next) options.onCondition?.(from, next);
  };
  const isOver = (): boolean => condition === 'gone' || condition === 'killed';
  /** Ends this life in its own way; a kill that comes meanwhile has the last word. */
  const end = (how: (ended: Life) => Promise<void>): Promise<void> => {
    if (isOver()) return Promise.resolve();
    become('leaving');
    const ended = life;
    ending ??= how(ended).finally(() => {
      ended.close();
      ending = undefined;
      if (condition === 'leaving') become('gone');
    });
    return ending;
  };
  const kill = async (): Promise<void> => {
    if (isOver()) return;
    become('killed');
    life.close();
    await Promise.all([life.node.abandon(), life.connector.kill(), ending]);
  };
  const drainTimeoutOf = (given: number | undefined): number =>
    given ?? options.drainTimeoutMs ?? DEFAULT_DRAIN_TIMEOUT_MS;

  become('running');
  return {
    route,
    host,
    port,
    condition: () => condition,
    node: () => life.node,
    connector: () => life.connector,
    requestCount,
    inFlight,
    setLoad(next) {
      meter?.close();
      meter = next;
    },
    leave(drainTimeoutMs) {
      const timeoutMs = drainTimeoutOf(drainTimeoutMs);
      return end(async ({ connector, node }) => {
        await node.leave({ drainTimeoutMs: timeoutMs });
        // What is still being answered finishes: balancers let such requests end in peace.
        await connector.close(timeoutMs);
      });
    },
    desert(drainTimeoutMs) {
      return end(async ({ connector, node }) => {
        await Promise.all([node.abandon(), connector.close(drainTimeoutOf(drainTimeoutMs))]);
      });
    },
    kill,
    restart() {
      const next = restarting.then(async () => {
        await kill();
        requestsBefore += life.connector.requestCount();
        become('starting');
        try {
          life = await beginLife(options, tls, port, load);
        } catch (error) {
          become('killed');
          throw error;
        }
        become('running');
      });
      // Whoever asked hears of a failure; whoever asks next gets an attempt of their own.
      restarting = next.catch(() => undefined);
      return next;
    },
    close() {
      meter?.close();
    },
  };
}

async function beginLife(
  options: SimulatedNodeOptions,
  tls: ConnectorTls | undefined,
  port: number,
  load: () => number,
): Promise<Life> {
  const { route, host = DEFAULT_HOST, contexts = DEFAULT_CONTEXTS, type = 'http' } = options;
  const { config, faults, clock = systemClock } = options;
  const bornWith = contexts.map((context) => (typeof context === 'string' ? context : context.path));
  let born: McmpNode | undefined;
  const paths = (): readonly string[] => born?.contexts().map(({ path }) => path) ?? bornWith;
  const application = createApplication({
    route,
    contexts: paths,
    ...(config?.StickySessionCookie === undefined ? {} : { sessionCookie: config.StickySessionCookie }),
    ...(config?.StickySessionPath === undefined ? {} : { sessionPath: config.StickySessionPath }),
    clock,
  });
  const inContexts = countRequests((path) => findContext(paths(), path));
  const shareWith = options.shareWith?.();
  const connector = await openConnector({
    route,
    host,
    port,
    type,
    application,
    onRequest: inContexts.begin,
    clock,
    ...(tls === undefined ? {} : { tls }),
    ...(options.ajp === undefined ? {} : { ajp: options.ajp }),
    ...(faults === undefined ? {} : { faults }),
    ...(shareWith === undefined ? {} : { shareWith }),
    ...(options.manners === 'java' ? { maxRequestsPerConnection: TOMCAT_REQUESTS_PER_CONNECTION } : {}),
  });
  const tamper =
    faults === undefined
      ? undefined
      : createTamper({
          board: faults,
          route,
          firstRoute: options.firstRoute ?? route,
          nudge: () => born?.refresh(),
        });
  born = createNode({
    ...options,
    contexts,
    connector: {
      host,
      port: connector.port,
      type,
      inFlight: (path) => (path === undefined ? connector.inFlight() : inContexts.running(path)),
    },
    load,
    ...(options.drainSessions === true ? { sessions: application.sessions } : {}),
    ...(tamper === undefined ? {} : { tamper }),
  });
  return {
    connector,
    node: born,
    close() {
      tamper?.close();
      application.close();
    },
  };
}
