import type { ClusterEvent } from '../core/cluster/events.ts';
import { textOf } from '../core/mcmp/bytes.ts';
import { methodOf } from '../core/mcmp/commands.ts';
import type { McmpErrorType } from '../core/mcmp/types.ts';
import type { Log } from '../observe/types.ts';
import type { Applied, Cluster } from './cluster.ts';

/** How a message was answered: metrics count these. */
export type MessageAnswer = 'ok' | McmpErrorType;

/** What peers said to this balancer: counted, and its changes logged, each message once. */
export interface MessageJournal {
  /** @param what the method; anything else (a body that was too large to look at) counts as `other` */
  refused(what: string, type: McmpErrorType): void;
  /** How many messages of each method had each answer; only those that came. */
  counts(): Iterable<{ readonly method: string; readonly answer: MessageAnswer; readonly count: number }>;
}

/** More changes than this are counted, not listed. */
const MOST_CHANGES_LISTED = 5;

/** Follows the messages that the cluster carries out; refusals are reported to it. */
export function createMessageJournal(cluster: Cluster, log: Log): MessageJournal {
  const counts = new Map<string, { method: string; answer: MessageAnswer; count: number }>();
  const count = (method: string, answer: MessageAnswer): void => {
    const key = `${method} ${answer}`;
    const row = counts.get(key);
    if (row === undefined) counts.set(key, { method, answer, count: 1 });
    else row.count++;
  };
  cluster.onApplied(({ origin, command, reply, events }: Applied) => {
    if (!('peer' in origin) || !reply.ok) return;
    count(command.kind, 'ok');
    if (events.length === 0) return;
    const line = { peer: origin.peer, by: origin.by, command: command.kind, changes: changesInWords(events) };
    // STATUS comes every few seconds from every node: only what it does to a node's state is news.
    const isNews = command.kind !== 'STATUS' || events.some((event) => event.type !== 'node-state');
    if (isNews) log.info('An MCMP message changed the cluster', { ...line, answer: 'ok' });
    else log.debug('An MCMP message changed the cluster', { ...line, answer: 'ok' });
  });
  return {
    refused: (what, type) => count(methodOf(what) ?? 'other', type),
    counts: () => counts.values(),
  };
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
