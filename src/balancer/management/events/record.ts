import type { ClusterEvent } from '../../../core/cluster/events.ts';
import { type ContextRecord, isUsable, type NodeRecord, type VhostRecord } from '../../../core/cluster/records.ts';
import { textOf } from '../../../core/mcmp/bytes.ts';
import type { Applied, Origin } from '../../cluster.ts';
import { routeOf } from '../../message-journal.ts';
import type { Shared } from '../../shared.ts';
import { balancerRow, contextRow, nodeName, nodeRow, stateOf } from '../rows.ts';
import type { EventLog } from './event-log.ts';

/** Types of events, as `?types=` names them, and what each tells. */
export const EVENT_TYPES = {
  snapshot: 'the state document',
  reset: 'events were missed: forget everything, a snapshot follows',
  'balancer-changed': 'a balancer is new or has other settings',
  'node-added': 'a node registered',
  'node-updated': 'a node registered again with other settings',
  'node-state': 'a node is in another state, or in it for another reason',
  'node-load': 'a node reports another load, and nothing else changed',
  'node-removed': 'the row of a node is gone',
  'alias-added': 'a virtual host has another alias',
  'alias-removed': 'a virtual host lost an alias, or is gone with it',
  'context-added': 'a node has another context',
  'context-changed': 'a context has another status',
  'context-removed': 'a node has a context no more',
  message: 'a message of MCMP was refused',
} as const satisfies Record<string, string>;

export type EventType = keyof typeof EVENT_TYPES;

/** A command that changes more rows is not told row by row: reading them all again costs less. */
const MOST_ROWS_TOLD = 5000;

/** Writes down what happens to the cluster, from the first time on that somebody wants to know. */
export function recordEvents(shared: Shared, log: EventLog, onRecorded: () => void): void {
  const told = new WeakMap<NodeRecord, string>();

  const add = (type: EventType, atMs: number, origin: Origin, command: string, data: object): void =>
    log.add(type, { schemaVersion: 1, type, atMs: Math.round(atMs), by: byOf(origin), command, ...data });

  const addNodeState = (node: NodeRecord, reason: string, { atMs, origin, command }: Applied): void => {
    const before = told.get(node);
    const now = conditionOf(shared, node);
    told.set(node, now);
    if (before === now) {
      const { load, lastHeardMs } = node;
      const data = { node: { ...nodeName(node), load, lastHeardMs: Math.round(lastHeardMs) } };
      add('node-load', atMs, origin, command.kind, data);
    } else {
      add('node-state', atMs, origin, command.kind, { node: nodeRow(shared, node), reason: textOf(reason) });
    }
  };

  shared.cluster.onApplied((applied) => {
    if (!log.begun) return;
    const { atMs, origin, command, events } = applied;
    if (events.length > MOST_ROWS_TOLD) {
      log.skip();
      onRecorded();
      return;
    }
    for (const event of events) {
      if (event.type === 'node-state') {
        addNodeState(event.node, event.reason, applied);
        continue;
      }
      if ('node' in event) told.set(event.node, conditionOf(shared, event.node));
      add(event.type, atMs, origin, command.kind, dataOf(shared, event));
    }
    const isQuiet = events.length === 0 && (command.kind === 'STATUS' || command.kind.startsWith('NODE-'));
    const node = isQuiet ? shared.cluster.node(routeOf(command) ?? '') : undefined;
    // A node that stays in error may do so for another reason: the machine has no event for that.
    const isNews = node !== undefined && told.get(node) !== conditionOf(shared, node);
    if (isNews) addNodeState(node, node.errorReason, applied);
    if (events.length > 0 || isNews) onRecorded();
  });

  shared.messages.onRefused(({ what, refusal, origin }) => {
    if (!log.begun) return;
    const { code, type, mess, detail } = refusal;
    const message = { type, code, mess: textOf(mess), detail: textOf(detail) };
    add('message', shared.clock.wallMs, origin, textOf(what), { message });
    onRecorded();
  });
}

function byOf(origin: Origin): { readonly by: string; readonly peer?: string; readonly certificate?: string } {
  if (!('peer' in origin)) return { by: origin.by };
  const { by, peer, certificate } = origin;
  return certificate === undefined ? { by, peer } : { by, peer, certificate: certificate.name };
}

/** What makes a change of a node more than one of its load. */
function conditionOf({ cluster }: Shared, node: NodeRecord): string {
  const { failingSinceMs, removedAtMs, errorReason } = node;
  return `${stateOf(cluster.state, node)} ${isUsable(node)} ${failingSinceMs} ${removedAtMs} ${errorReason}`;
}

function dataOf(shared: Shared, event: Exclude<ClusterEvent, { readonly type: 'node-state' }>): object {
  switch (event.type) {
    case 'balancer-changed':
      return { balancer: balancerRow(event.balancer) };
    case 'node-added':
      return { node: nodeRow(shared, event.node) };
    case 'node-updated':
      return { node: nodeRow(shared, event.node), moved: event.moved };
    case 'node-removed':
      return { node: nodeName(event.node), reason: textOf(event.reason) };
    case 'alias-added':
    case 'alias-removed':
      return { ...placeOf(event.vhost), alias: { id: event.alias.id, name: textOf(event.alias.name) } };
    case 'context-added':
    case 'context-removed':
      return contextData(event.context);
    case 'context-changed':
      return { ...contextData(event.context), from: event.from };
  }
}

function contextData(context: ContextRecord): object {
  return { ...placeOf(context.vhost), context: contextRow(context) };
}

function placeOf({ node, number }: VhostRecord): object {
  return { node: nodeName(node), vhost: number };
}
