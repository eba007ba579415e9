import { apply } from '../core/cluster/apply.ts';
import type { ClusterEvent } from '../core/cluster/events.ts';
import type { NodeRecord } from '../core/cluster/records.ts';
import { type ClusterState, createCluster, findNode } from '../core/cluster/state.ts';
import type { ClusterCommand } from '../core/cluster/types.ts';
import { McmpError } from '../core/errors.ts';
import { textOf } from '../core/mcmp/bytes.ts';
import { DIALECTS, type Dialect } from '../core/mcmp/dialect.ts';
import type { McmpReply } from '../core/mcmp/types.ts';
import type { Log } from '../observe/types.ts';
import type { Clock } from './clock.ts';
import type { CertificateName } from './front/client-peer.ts';
import type { BalancerOptions } from './options.ts';

/** However few contexts there may be, with `--use-alias` that many entries of contexts by host name are kept. */
const ALWAYS_NAMED = 100_000;

/** Whose doing a change is. `peer` is an IP address. */
export type Origin =
  | {
      readonly by: 'mcmp' | 'api' | 'page';
      readonly peer: string;
      /** What the peer showed, if it had to show one. */
      readonly certificate?: CertificateName;
    }
  /** A request that failed, a ping, the clock, or the balancer's own view of what it can serve. */
  | { readonly by: 'traffic' | 'health' | 'clock' | 'balancer' };

/** A command that was carried out or refused by the machine, and what came of it. */
export interface Applied {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly origin: Origin;
  readonly command: ClusterCommand;
  readonly reply: McmpReply;
  readonly events: readonly ClusterEvent[];
}

type Observer = (event: ClusterEvent) => void;
type Listener = (applied: Applied) => void;

/**
 * The cluster machine with its surroundings: gives it the time, and its events to whoever keeps up with them (routing
 * index, pools, health, log), in the order of registration.
 */
export class Cluster {
  readonly state: ClusterState;
  readonly dialect: Dialect;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #observers: Observer[] = [];
  readonly #listeners: Listener[] = [];
  /** What was applied and not yet told: an observer may apply a command of its own, which is told behind the first. */
  #untold: Applied[] = [];
  #depth = 0;

  constructor(options: BalancerOptions, log: Log, clock: Clock) {
    const dialect = DIALECTS.get(options.dialect);
    if (dialect === undefined) {
      throw new McmpError('usage', 'MCMP_UNKNOWN_DIALECT', `there is no dialect '${options.dialect}'`, {
        hint: `choose one of: ${[...DIALECTS.keys()].join(', ')}`,
      });
    }
    this.dialect = dialect;
    this.#clock = clock;
    this.#log = log;
    this.state = createCluster({
      dialect: this.dialect,
      defaultBalancer: options.defaultBalancer,
      limits: options.limits,
      ...(options.useAlias ? { maxNamedContexts: Math.max(ALWAYS_NAMED, options.limits.maxContexts) } : {}),
      waitBeforeRemoveMs: options.waitBeforeRemoveMs,
      brokenNodeTimeoutMs: options.brokenNodeTimeoutMs,
      // Microseconds since the epoch, as httpd prints its start time: another number after each start.
      incarnationId: String(Math.round(clock.wallMs * 1000)),
    });
  }

  /** Told of each event while its command is carried out: whoever keeps up with the tables. */
  observe(observer: Observer): void {
    this.#observers.push(observer);
  }

  /**
   * Told of each command behind its events, in the order in which they were applied: whoever tells others about changes.
   * A tick of the clock that changed nothing is left out.
   */
  onApplied(listener: Listener): void {
    this.#listeners.push(listener);
  }

  node(route: string): NodeRecord | undefined {
    return findNode(this.state, route);
  }

  apply(command: ClusterCommand, origin: Origin): McmpReply {
    const atMs = this.#clock.wallMs;
    const { reply, events } = apply(this.state, command, atMs);
    if (command.kind !== 'TICK' || events.length > 0) this.#untold.push({ atMs, origin, command, reply, events });
    this.#depth++;
    try {
      for (const event of events) for (const observer of this.#observers) observer(event);
    } finally {
      this.#depth--;
    }
    if (this.#depth === 0) this.#tellAll();
    return reply;
  }

  #tellAll(): void {
    const untold = this.#untold;
    if (untold.length === 0) return;
    this.#untold = [];
    for (const applied of untold) {
      // What a peer said is logged where its message was carried out, in one line.
      if (!('peer' in applied.origin)) for (const event of applied.events) this.#tell(event);
      for (const listener of this.#listeners) listener(applied);
    }
  }

  #tell(event: ClusterEvent): void {
    const log = this.#log;
    switch (event.type) {
      case 'node-state':
        if (event.node.inError)
          log.warn('A node is in error', { ...placeOf(event.node), reason: textOf(event.reason) });
        else log.info('The state of a node changed', { route: textOf(event.node.route), reason: textOf(event.reason) });
        return;
      case 'node-removed':
        log.info('A node is gone', { route: textOf(event.node.route), reason: textOf(event.reason) });
        return;
      case 'context-removed':
        log.debug('A context is gone', {
          route: textOf(event.context.vhost.node.route),
          context: textOf(event.context.path),
        });
        return;
      // Only messages of peers bring these.
      case 'node-added':
      case 'node-updated':
      case 'context-added':
      case 'context-changed':
      case 'alias-added':
      case 'alias-removed':
      case 'balancer-changed':
        return;
    }
  }
}

function placeOf(node: NodeRecord): { route: string; address: string } {
  return { route: textOf(node.route), address: `${node.type}://${node.host}:${node.port}` };
}
