import { startBalancer } from '../balancer/index.ts';
import { McmpError } from '../core/errors.ts';
import { type NodeEvent, parseLoad, type SimulatedNode, startSimulatedNode } from '../node/index.ts';
import type { Log, LogFields } from '../observe/types.ts';
import { balancerOptions } from './balancer-options.ts';
import { portOrAnyFree } from './ports.ts';
import { createRate } from './rates.ts';
import { type ActKind, actAt, announce } from './script.ts';
import { startTraffic } from './traffic.ts';

/** `up` and `gone` last; the others are on the way. */
export type NodeCondition = 'starting' | 'up' | 'leaving' | 'gone' | 'killed';

export interface NodeSnapshot {
  readonly route: string;
  readonly port: number;
  readonly condition: NodeCondition;
  readonly load: number;
  readonly requests: number;
  readonly perSecond: number;
  /** Of the traffic of the last seconds, 0 to 1. */
  readonly share: number;
}

export interface DemoEvent {
  readonly atMs: number;
  readonly words: string;
}

export interface DemoSnapshot {
  readonly elapsedMs: number;
  readonly requests: number;
  readonly failed: number;
  readonly lastFailure: string;
  readonly perSecond: number;
  readonly sessionsMoved: number;
  readonly nodes: readonly NodeSnapshot[];
  /** The latest ones, the oldest first. */
  readonly events: readonly DemoEvent[];
  readonly next: { readonly words: string; readonly inMs: number };
}

export interface DemoAddresses {
  readonly web: string;
  readonly mcmp: string;
  /** The usual ports that were taken. */
  readonly movedFrom: readonly number[];
}

export interface Demo {
  readonly addresses: DemoAddresses;
  snapshot(): DemoSnapshot;
  /** Takes everything down, politely. */
  stop(): Promise<void>;
}

export interface DemoOptions {
  readonly webPort?: number;
  readonly mcmpPort?: number;
  /** How many times faster than usual the script is played. */
  readonly speed?: number;
  readonly log: Log;
}

const HOST = '127.0.0.1';
const CONTEXTS = ['/shop', '/api'];
/** What the nodes report, in their order: the last one is half as strong. */
const LOADS = [100, 100, 50];
const STATUS_INTERVAL_MS = 1000;
const MAX_EVENTS = 6;
const SAMPLE_INTERVAL_MS = 250;
const REGISTER_TIMEOUT_MS = 10_000;

/**
 * Starts a balancer, three nodes that register themselves, and visitors; then plays the script until stopped.
 * @throws McmpError when no port can be had
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { speed = 1 } = options;
  const usual = { web: options.webPort ?? 8000, mcmp: options.mcmpPort ?? 8090 };
  const web = await portOrAnyFree(HOST, usual.web);
  const mcmp = await portOrAnyFree(HOST, usual.mcmp);
  const startedMs = performance.now();
  const events: DemoEvent[] = [];
  const say = (words: string): void => {
    events.push({ atMs: Math.round(performance.now() - startedMs), words });
    if (events.length > MAX_EVENTS) events.shift();
  };
  const log = {
    ...options.log,
    // What the nodes do is told by themselves.
    info: options.log.debug,
    warn: (message: string, fields?: LogFields) => say(`balancer: ${inWords(message, fields)}`),
  };
  const balancer = await startBalancer(balancerOptions(HOST, web, mcmp), { log });
  const addresses = {
    web: `http://${balancer.addresses.listen[0] ?? ''}`,
    mcmp: `http://${balancer.addresses.mcmp[0] ?? ''}`,
    movedFrom: [...(web === usual.web ? [] : [usual.web]), ...(mcmp === usual.mcmp ? [] : [usual.mcmp])],
  };
  const actors = LOADS.map((load, index) => createActor(`node${index + 1}`, load, addresses.mcmp, say));
  await Promise.all(actors.map((actor) => actor.play('return')));
  const traffic = startTraffic({ url: addresses.web, contexts: CONTEXTS });

  let acts = 0;
  let timer: NodeJS.Timeout | undefined;
  let playing = Promise.resolve();
  const schedule = (): void => {
    const act = actAt(acts, actors.length);
    const dueMs = act.atMs / speed - (performance.now() - startedMs);
    timer = setTimeout(
      () => {
        acts += 1;
        playing = playing.then(async () => actors[act.node]?.play(act.kind));
        schedule();
      },
      Math.max(0, dueMs),
    );
  };
  schedule();

  const rateOfAll = createRate();
  let perSecond = 0;
  let rates: readonly number[] = [];
  const sampling = setInterval(() => {
    const nowMs = performance.now();
    const { requests, byRoute } = traffic.counts();
    perSecond = rateOfAll(requests, nowMs);
    rates = actors.map((actor) => actor.rate(byRoute.get(actor.route) ?? 0, nowMs));
  }, SAMPLE_INTERVAL_MS);

  return {
    addresses,
    snapshot() {
      const nowMs = performance.now();
      const counts = traffic.counts();
      const sum = rates.reduce((total, rate) => total + rate, 0);
      const act = actAt(acts, actors.length);
      return {
        elapsedMs: Math.round(nowMs - startedMs),
        requests: counts.requests,
        failed: counts.failed,
        lastFailure: counts.lastFailure,
        perSecond: rounded(perSecond, 1),
        sessionsMoved: counts.moved,
        nodes: actors.map((actor, index) => ({
          route: actor.route,
          port: actor.port(),
          condition: actor.condition(),
          load: actor.load,
          requests: counts.byRoute.get(actor.route) ?? 0,
          perSecond: rounded(rates[index] ?? 0, 1),
          share: sum === 0 ? 0 : rounded((rates[index] ?? 0) / sum, 3),
        })),
        events: [...events],
        next: {
          words: announce(act.kind, actors[act.node]?.route ?? ''),
          inMs: Math.max(0, Math.round(act.atMs / speed - (nowMs - startedMs))),
        },
      };
    },
    async stop() {
      clearTimeout(timer);
      clearInterval(sampling);
      await playing;
      await traffic.stop();
      await Promise.all(actors.map((actor) => actor.play('leave')));
      await balancer.close();
    },
  };
}

interface Actor {
  readonly route: string;
  readonly load: number;
  readonly rate: (total: number, nowMs: number) => number;
  port(): number;
  condition(): NodeCondition;
  /** Does nothing when the node is already what the act would make it. */
  play(kind: ActKind): Promise<void>;
}

function createActor(route: string, load: number, mcmpUrl: string, say: (words: string) => void): Actor {
  let node: SimulatedNode | undefined;
  let condition: NodeCondition = 'gone';
  let port = 0;

  const onEvent = (event: NodeEvent): void => {
    if (event.kind !== 'life') return;
    const { to, reason } = event;
    if (to === 'registered' && condition === 'starting') {
      condition = 'up';
      say(`${route} registered: INFO, CONFIG, ENABLE-APP ${CONTEXTS.join(' ')}, STATUS Load=${load}`);
    } else if (to === 'draining') say(`${route}: contexts disabled; STOP-APP until no request is left`);
    else if (to === 'removing') say(`${route}: nothing left in flight; REMOVE-APP /*`);
    else if (reason !== '') say(`${route}: ${reason}`);
  };
  const start = async (onPort: number): Promise<SimulatedNode> =>
    startSimulatedNode({
      route,
      balancers: [mcmpUrl],
      contexts: CONTEXTS,
      host: HOST,
      port: onPort,
      load: parseLoad(String(load)),
      statusIntervalMs: STATUS_INTERVAL_MS,
      // Otherwise the sessions of a node that goes would end with 503 instead of moving.
      config: { StickySessionForce: 'No' },
      onEvent,
    });
  const acts: Readonly<Record<ActKind, () => Promise<void>>> = {
    async return() {
      if (node !== undefined) return;
      condition = 'starting';
      try {
        node = await start(port);
      } catch (error) {
        // Somebody took the port in the meantime.
        if (!(error instanceof McmpError) || port === 0) throw error;
        node = await start(0);
      }
      port = node.port;
      await node.node().registered(REGISTER_TIMEOUT_MS);
    },
    async leave() {
      if (node === undefined) return;
      condition = 'leaving';
      say(announce('leave', route));
      await node.leave();
      node = undefined;
      condition = 'gone';
    },
    async kill() {
      if (node === undefined) return;
      condition = 'killed';
      say(`${announce('kill', route)}: its sockets are reset, the balancer is not told`);
      await node.kill();
      node = undefined;
    },
  };
  return {
    route,
    load,
    rate: createRate(),
    port: () => port,
    condition: () => condition,
    play: (kind) => acts[kind](),
  };
}

/** A line of the log as an event: what the balancer found out by itself. */
function inWords(message: string, fields: LogFields = {}): string {
  const { route, reason } = fields;
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}${[route, reason].map((part) => (part === undefined ? '' : `, ${part}`)).join('')}`;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
