import { McmpError } from '../../core/errors.ts';
import { systemClock } from '../clock.ts';
import type { Connector } from '../connector/types.ts';
import { createFaultBoard } from '../faults/board.ts';
import type { FaultBoard } from '../faults/types.ts';
import type { NodeEvent } from '../registrar/types.ts';
import { forEachBounded } from './bounded.ts';
import { phaseOf } from './changes.ts';
import { checkOpenFiles } from './open-files.ts';
import { startNodeWith, tlsOf } from './simulated-node.ts';
import type { CountDone, Fleet, NodeCondition, SimulatedNode, SimulatedNodeOptions } from './types.ts';

const MAX_NODES = 10_000;
/** Nodes that are on the way to their balancers at the same time, when a fleet comes. */
const STARTS_AT_ONCE = 64;
/** The same when it goes. */
const LEAVES_AT_ONCE = 128;
/** How long a balancer that says nothing keeps the next nodes from starting. */
const PATIENCE_MS = 2_000;

/** One node stands for all: what is not said here is the same for each of them. */
export interface FleetOptions
  extends Omit<
    SimulatedNodeOptions,
    'route' | 'faults' | 'firstRoute' | 'shareWith' | 'log' | 'onEvent' | 'onCondition'
  > {
  /** Name of the only node; several are called by it and a number, `node1` first. */
  readonly route: string;
  /** 1 to 10,000. */
  readonly nodes: number;
  /** Default: none, and none can be switched on later. It is cheaper: nobody then looks at each connection. */
  readonly faults?: FaultBoard;
  /**
   * All nodes answer at one port, as one. Balancers that tell nodes by host and port refuse the second one; Undertow, which
   * tells them by their routes, does not (reference §2.1.2).
   */
  readonly sharePort?: boolean;
}

export interface FleetProgress {
  /** Nodes that listen and have been told what each balancer thinks of them, or that it is not there. */
  readonly done: number;
  /** Those of them that are registered everywhere. */
  readonly registered: number;
  readonly nodes: number;
}

export interface FleetHooks {
  readonly onProgress?: (progress: FleetProgress) => void;
  readonly onEvent?: (route: string, event: NodeEvent) => void;
  readonly onCondition?: (route: string, from: NodeCondition, to: NodeCondition) => void;
  /** The load of a node cannot be had. */
  readonly onTrouble?: (route: string, line: string) => void;
  /** Stops the starting; the fleet then has the nodes that were started. */
  readonly signal?: AbortSignal;
}

/** The names of the nodes of a fleet. */
export function fleetRoutes(route: string, nodes: number): string[] {
  return nodes === 1 ? [route] : Array.from({ length: nodes }, (_, index) => `${route}${index + 1}`);
}

/**
 * Starts many simulated nodes, so many at a time, and resolves when each of them is registered or knows why it is not.
 *
 * @throws McmpError `MCMP_OPEN_FILES`, before anything is started; `MCMP_LISTEN`, with nothing left behind
 */
export async function startFleet(options: FleetOptions, hooks: FleetHooks = {}): Promise<Fleet> {
  const { route, nodes: count, faults, sharePort = false, ...common } = options;
  // Each node reads it at the beginning of each of its lives.
  const balancers = [...options.balancers];
  const placeOf = (url: URL | string): number => balancers.findIndex((one) => hrefOf(one) === hrefOf(url));
  if (count < 1 || count > MAX_NODES) {
    throw new McmpError('usage', 'MCMP_FLEET_SIZE', `a fleet has 1 to ${MAX_NODES} nodes, not ${count}`);
  }
  const firstPort = options.port ?? 0;
  if (!sharePort && firstPort > 0 && firstPort + count - 1 > 65_535) {
    throw new McmpError('usage', 'MCMP_PORTS', `there are no ${count} ports from ${firstPort} on`, {
      hint: 'Port 0 takes free ones.',
    });
  }
  checkOpenFiles({ nodes: count, balancers: Math.max(1, balancers.length), sharedPort: sharePort });

  const { clock = systemClock } = options;
  const board = faults ?? createFaultBoard();
  const routes = fleetRoutes(route, count);
  const started = new Map<string, SimulatedNode>();
  const registered = new Set<string>();
  const firstRoute = routes[0] ?? route;
  const neighbourOf = (name: string): Connector | undefined => {
    for (const node of started.values()) {
      if (node.route !== name && node.condition() === 'running') return node.connector();
    }
    return undefined;
  };
  const tls = await tlsOf(options);
  let done = 0;
  const startOne = async ([index, name]: [number, string]): Promise<void> => {
    if (hooks.signal?.aborted === true) return;
    let opinion: AbortController | undefined = new AbortController();
    const onEvent = (event: NodeEvent): void => {
      hooks.onEvent?.(name, event);
      const node = started.get(name);
      if (opinion === undefined || event.kind !== 'life' || node === undefined) return;
      if (knowsWhereItStands(node)) opinion.abort();
    };
    const node = await startNodeWith(tls, {
      ...common,
      balancers,
      route: name,
      firstRoute,
      port: firstPort === 0 ? 0 : firstPort + index,
      ...(faults === undefined ? {} : { faults }),
      log: (line) => hooks.onTrouble?.(name, line),
      ...(sharePort ? { shareWith: () => neighbourOf(name) } : {}),
      onEvent,
      onCondition: (from, to) => hooks.onCondition?.(name, from, to),
    });
    started.set(name, node);
    if (!knowsWhereItStands(node)) await clock.sleep(PATIENCE_MS, waitingFor(opinion.signal, hooks.signal));
    opinion = undefined;
    done += 1;
    if (isRegistered(node)) registered.add(name);
    hooks.onProgress?.({ done, registered: registered.size, nodes: count });
  };

  const forAll = async (
    atOnce: number,
    work: (node: SimulatedNode) => Promise<void>,
    onDone?: CountDone,
  ): Promise<void> => {
    let count = 0;
    await forEachBounded(started.values(), atOnce, async (node) => {
      await work(node);
      node.close();
      count += 1;
      onDone?.(count);
    });
    board.close();
  };
  const kill = (): Promise<void> => forAll(count, (node) => node.kill());
  try {
    const queue = [...routes.entries()];
    // Those who share a port need one that has it.
    for (const first of sharePort ? queue.splice(0, 1) : []) await startOne(first);
    await forEachBounded(queue, STARTS_AT_ONCE, startOne);
  } catch (error) {
    await kill();
    throw error;
  }
  // In the order of their numbers, not of their success.
  const nodes = new Map(routes.flatMap((name) => entryOf(name, started.get(name))));
  return {
    nodes,
    type: options.type ?? 'http',
    faults: board,
    addBalancer(url) {
      if (placeOf(url) < 0) balancers.push(url);
      for (const node of started.values()) if (node.condition() === 'running') node.node().addBalancer(url);
    },
    async removeBalancer(url, how) {
      const place = placeOf(url);
      if (place >= 0) balancers.splice(place, 1);
      await Promise.all([...started.values()].map((node) => node.node().removeBalancer(url, how)));
    },
    async registered(timeoutMs) {
      await Promise.all([...nodes.values()].map((node) => node.node().registered(timeoutMs)));
    },
    leave: (drainTimeoutMs, onDone) => forAll(LEAVES_AT_ONCE, (node) => node.leave(drainTimeoutMs), onDone),
    desert: (drainTimeoutMs) => forAll(count, (node) => node.desert(drainTimeoutMs)),
    kill,
  };
}

/** The one spelling of an address; what is none is refused by the nodes. */
function hrefOf(url: URL | string): string {
  return URL.canParse(url.toString()) ? new URL(url).href : url.toString();
}

function entryOf(name: string, node: SimulatedNode | undefined): [string, SimulatedNode][] {
  return node === undefined ? [] : [[name, node]];
}

function waitingFor(opinion: AbortSignal, stop: AbortSignal | undefined): AbortSignal {
  return stop === undefined ? opinion : AbortSignal.any([opinion, stop]);
}

function isRegistered(node: SimulatedNode): boolean {
  const registrations = node.node().registrations();
  return registrations.length > 0 && registrations.every(({ state }) => state === 'registered');
}

/** Whether each balancer has answered, or could not. */
function knowsWhereItStands(node: SimulatedNode): boolean {
  return node
    .node()
    .registrations()
    .every(({ state }) => phaseOf(state) !== 'registering' && state !== 'reporting');
}
