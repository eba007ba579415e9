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
import type { BalancerOptions } from './options.ts';

/** However few contexts there may be, with `--use-alias` that many entries of contexts by host name are kept. */
const ALWAYS_NAMED = 100_000;

type Observer = (event: ClusterEvent) => void;

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

  observe(observer: Observer): void {
    this.#observers.push(observer);
  }

  node(route: string): NodeRecord | undefined {
    return findNode(this.state, route);
  }

  apply(command: ClusterCommand): McmpReply {
    const { reply, events } = apply(this.state, command, this.#clock.wallMs);
    for (const event of events) {
      for (const observer of this.#observers) observer(event);
      this.#tell(event);
    }
    return reply;
  }

  #tell(event: ClusterEvent): void {
    const log = this.#log;
    switch (event.type) {
      case 'node-added':
        log.info('A node registered', { ...placeOf(event.node), balancer: textOf(event.node.balancer.name) });
        return;
      case 'node-updated':
        if (event.moved) log.info('A node moved', placeOf(event.node));
        return;
      case 'node-state':
        if (event.node.inError) log.warn('A node is in error', { ...placeOf(event.node), reason: event.reason });
        else log.debug('The state of a node changed', { route: textOf(event.node.route), reason: event.reason });
        return;
      case 'node-removed':
        log.info('A node is gone', { route: textOf(event.node.route), reason: event.reason });
        return;
      case 'context-added':
      case 'context-changed':
        log.info('A context changed', {
          route: textOf(event.context.vhost.node.route),
          context: textOf(event.context.path),
          status: event.context.status,
        });
        return;
      case 'context-removed':
        log.info('A context is gone', {
          route: textOf(event.context.vhost.node.route),
          context: textOf(event.context.path),
        });
        return;
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
