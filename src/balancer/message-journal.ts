import type { ClusterEvent } from '../core/cluster/events.ts';
import { isUsable, type NodeRecord } from '../core/cluster/records.ts';
import type { ClusterCommand } from '../core/cluster/types.ts';
import { textOf } from '../core/mcmp/bytes.ts';
import { methodOf } from '../core/mcmp/commands.ts';
import type { McmpErrorType, McmpRefusal } from '../core/mcmp/types.ts';
import type { Log } from '../observe/types.ts';
import type { Applied, Cluster, Origin } from './cluster.ts';

/** How a message was answered: metrics count these. */
export type MessageAnswer = 'ok' | McmpErrorType;

/** A message that was refused, be it before the machine saw it. */
export interface Refused {
  /** The method; anything else for a body that was too large to look at. */
  readonly what: string;
  readonly refusal: McmpRefusal;
  readonly origin: Extract<Origin, { readonly peer: string }>;
}

/** What peers said to this balancer: counted, and its changes logged, each message once. */
export interface MessageJournal {
  /** Counts a refused message, as `other` when it has no method of MCMP, and tells whoever wants to know. */
  refused(refused: Refused): void;
  onRefused(listener: (refused: Refused) => void): void;
  /** How many messages of each method had each answer; only those that came. */
  counts(): Iterable<{ readonly method: string; readonly answer: MessageAnswer; readonly count: number }>;
}

/** More changes than this are counted, not listed. */
const MOST_CHANGES_LISTED = 5;

/** Follows the messages that the cluster carries out; refusals are reported to it. */
export function createMessageJournal(cluster: Cluster, log: Log): MessageJournal {
  const counts = new Map<string, { method: string; answer: MessageAnswer; count: number }>();
  const listeners: ((refused: Refused) => void)[] = [];
  const count = (method: string, answer: MessageAnswer): void => {
    const key = `${method} ${answer}`;
    const row = counts.get(key);
    if (row === undefined) counts.set(key, { method, answer, count: 1 });
    else row.count++;
  };
  const unusable = new WeakSet<NodeRecord>();
  /** Whether a node takes requests now and took none before, or the other way round; remembers it. */
  const isTurn = (event: ClusterEvent): boolean => {
    if (event.type !== 'node-state') return false;
    const { node } = event;
    if (isUsable(node)) return unusable.delete(node);
    const isNew = !unusable.has(node);
    unusable.add(node);
    return isNew;
  };
  cluster.onApplied(({ origin, command, reply, events }: Applied) => {
    const turns = events.filter(isTurn);
    if (!('peer' in origin) || !reply.ok) return;
    count(command.kind, 'ok');
    if (events.length === 0) return;
    const route = routeOf(command);
    const line = {
      peer: origin.peer,
      ...(origin.certificate === undefined ? {} : { certificate: origin.certificate.name }),
      by: origin.by,
      command: command.kind,
      ...(route === undefined ? {} : { route: textOf(route) }),
      changes: changesInWords(events),
    };
    // STATUS comes every few seconds from every node: a load is no news, that a node is lost or back is.
    const isRoutine = command.kind === 'STATUS' && turns.length === 0;
    const isLoss =
      command.kind === 'STATUS' && turns.some((event) => event.type === 'node-state' && event.node.inError);
    const level = isRoutine ? 'debug' : isLoss ? 'warn' : 'info';
    log[level]('An MCMP message changed the cluster', { ...line, answer: 'ok' });
  });
  return {
    refused(refused) {
      count(methodOf(refused.what) ?? 'other', refused.refusal.type);
      for (const listener of listeners) listener(refused);
    },
    onRefused: (listener) => {
      listeners.push(listener);
    },
    counts: () => counts.values(),
  };
}

/** The node that a command is about; undefined when it is about none. A byte string. */
export function routeOf(command: ClusterCommand): string | undefined {
  if (command.kind === 'CONFIG') return command.node.route;
  if (command.kind === 'PING') return command.target.kind === 'node' ? command.target.route : undefined;
  return 'route' in command ? command.route : undefined;
}

function changesInWords(events: readonly ClusterEvent[]): string {
  const words = events.slice(0, MOST_CHANGES_LISTED).map(changeInWords);
  const more = events.length - words.length;
  return more > 0 ? `${words.join('; ')}; and ${more} more` : words.join('; ');
}

/** One change, as the log says it. */
export function changeInWords(event: ClusterEvent): string {
  switch (event.type) {
    case 'balancer-changed':
      return `balancer ${textOf(event.balancer.name)} set`;
    case 'node-added':
    case 'node-updated': {
      const { route, type, host, port } = event.node;
      const what = event.type === 'node-added' ? 'added' : event.moved ? 'moved' : 'updated';
      return `node ${textOf(route)} ${what} (${textOf(`${type}://${host}:${port}`)})`;
    }
    case 'node-state':
      return `node ${textOf(event.node.route)}: ${event.reason}`;
    case 'node-removed':
      return `node ${textOf(event.node.route)} removed`;
    case 'alias-added':
    case 'alias-removed':
      return `alias ${textOf(event.alias.name)} of ${textOf(event.vhost.node.route)} ${event.type === 'alias-added' ? 'added' : 'removed'}`;
    case 'context-added':
    case 'context-changed':
      return `context ${textOf(event.context.path)} on ${textOf(event.context.vhost.node.route)} ${event.context.status}`;
    case 'context-removed':
      return `context ${textOf(event.context.path)} on ${textOf(event.context.vhost.node.route)} removed`;
  }
}
