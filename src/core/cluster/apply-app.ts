import type { Dialect } from '../mcmp/dialect.ts';
import { refusal } from '../mcmp/errors.ts';
import { appReport, DONE, stopReply } from '../mcmp/reply.ts';
import type { AppCommand, McmpRefusal, McmpReply } from '../mcmp/types.ts';
import { stepNode } from './changes.ts';
import {
  type ContextOrder,
  carryOut,
  fullTable,
  knowsContexts,
  namesTooMuch,
  requestsInFlight,
  roomNeeded,
  setAll,
  surelyFits,
} from './contexts.ts';
import { forgetEarly, keepEarly } from './early.ts';
import type { ClusterEvent } from './events.ts';
import { type ClusterState, findNode } from './state.ts';

/** ENABLE-APP, DISABLE-APP, STOP-APP, REMOVE-APP (reference §2.2). */
export function applyApp(state: ClusterState, command: AppCommand, now: number, events: ClusterEvent[]): McmpReply {
  const { dialect } = state.settings;
  const node = findNode(state, command.route);
  const order = orderOf(command);
  if (namesTooMuch(state, order))
    return refusal('context-table-full', dialect, { R: command.route }, 'too many at once');
  // A node that is being removed counts as unknown: it said goodbye, and CONFIG is how it comes back.
  if (node === undefined || node.removedAtMs !== 0) return applyWithoutNode(state, command, now);
  if (command.wildcard) {
    if (command.kind === 'REMOVE-APP') stepNode(state, node, 'remove', now, 'REMOVE-APP /*', events);
    else setAll(state, node, command.kind, events);
    return DONE;
  }
  if (dialect.cluster.tableFull === 'refuse' && !surelyFits(state, order)) {
    const needed = roomNeeded(state, node, order);
    const full = fullTable(state, needed);
    if (full !== undefined) {
      const detail = `needs ${needed.aliases} aliases and ${needed.contexts} contexts more, ${needed.named} counted for each alias`;
      return refusal(full, dialect, { R: command.route }, detail);
    }
  }
  if (command.kind === 'REMOVE-APP' && dialect.cluster.removeUnknownContext === 'refuse') {
    if (!knowsContexts(state, node, order)) return refusal('unknown-context', dialect, { R: command.route });
  }
  const processed = carryOut(state, node, order, events);
  if (command.kind === 'STOP-APP' && dialect.replies.stopReply !== 'report') {
    return stopReply(dialect, command, requestsInFlight(state, node, order));
  }
  return appReport(dialect, command, processed);
}

function unknownRoute(dialect: Dialect, { wildcard, route }: AppCommand): McmpRefusal {
  return refusal('unknown-route', dialect, { R: route }, '', wildcard ? 'unknown-route/node' : 'unknown-route/app');
}

/** An *-APP command as it goes to the vhosts of a node. */
export function orderOf(command: AppCommand): ContextOrder {
  return { verb: command.kind, aliases: command.aliases, contexts: command.contexts, keepsKnown: false };
}

/**
 * A command for a route that is not in the table. Where the dialect allows it: STOP-APP and DISABLE-APP wait for their
 * CONFIG, and a removal has nothing to do. Each would cost the node 10 s otherwise (interop §5.3).
 */
function applyWithoutNode(state: ClusterState, command: AppCommand, now: number): McmpReply {
  const { dialect } = state.settings;
  const { kind, route } = command;
  if (kind === 'REMOVE-APP') {
    if (dialect.cluster.removeUnknown === 'refuse') return unknownRoute(dialect, command);
    forgetEarly(state, route);
    return command.wildcard ? DONE : appReport(dialect, command, []);
  }
  const isStop = kind === 'STOP-APP' && !command.wildcard;
  if (isStop && dialect.cluster.stopUnknown === 'minus-one') return stopReply(dialect, command, -1);
  if (kind === 'ENABLE-APP' || command.wildcard || dialect.cluster.earlyCommandMs === 0) {
    return unknownRoute(dialect, command);
  }
  if (!keepEarly(state, command, now)) return refusal('early-table-full', dialect, { R: route });
  if (kind === 'STOP-APP') return stopReply(dialect, command, 0);
  return appReport(
    dialect,
    command,
    command.aliases.map((alias) => ({ alias, contexts: command.contexts })),
  );
}
