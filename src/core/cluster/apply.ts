import { refusal } from '../mcmp/errors.ts';
import { DONE, pingReply, statusReply } from '../mcmp/reply.ts';
import type { McmpReply, PingCommand, StatusCommand } from '../mcmp/types.ts';
import { applyApp } from './apply-app.ts';
import { applyConfig, incumbentToAsk } from './apply-config.ts';
import { stepNode } from './changes.ts';
import type { ClusterEvent } from './events.ts';
import { queryReply } from './query.ts';
import { addressKey, type ClusterState, findNode } from './state.ts';
import { tick } from './tick.ts';
import type { ApplyResult, ClusterCommand, ClusterNeed } from './types.ts';

const NOTHING: ClusterNeed = { kind: 'nothing' };

/**
 * What has to be found out in the world before a command is applied: whether a node, or an address, answers a ping.
 * The answer goes into the command as `reachable` or `incumbentReachable`.
 */
export function needOf(state: ClusterState, command: ClusterCommand): ClusterNeed {
  switch (command.kind) {
    case 'STATUS': {
      // Load -1 is the node's own word; it is believed without asking (reference §2.3).
      if (command.load === -1 || !state.settings.dialect.cluster.statusPings) return NOTHING;
      if (command.load === 0 && !state.settings.dialect.cluster.pingsStandby) return NOTHING;
      const node = findNode(state, command.route);
      return node === undefined || node.removedAtMs !== 0 ? NOTHING : { kind: 'ping-node', route: node.route };
    }
    case 'PING':
      return needOfPing(state, command);
    case 'CONFIG': {
      const incumbent = incumbentToAsk(state, command);
      return incumbent === undefined ? NOTHING : { kind: 'ping-node', route: incumbent.route };
    }
    default:
      return NOTHING;
  }
}

function needOfPing(state: ClusterState, command: PingCommand): ClusterNeed {
  const { target } = command;
  switch (target.kind) {
    case 'balancer':
      return NOTHING;
    case 'node': {
      const node = findNode(state, target.route);
      return node === undefined || node.removedAtMs !== 0 ? NOTHING : { kind: 'ping-node', route: node.route };
    }
    case 'address': {
      const { scheme, host, port } = target;
      return mayPing(state, scheme, host, port) ? { kind: 'ping-address', scheme, host, port } : NOTHING;
    }
  }
}

/** httpd 2 reaches an http address only through the worker of a node registered there (reference §2.4). */
function mayPing(state: ClusterState, scheme: string, host: string, port: string): boolean {
  if (state.settings.dialect.cluster.pingAddresses === 'any' || scheme === 'ajp') return true;
  return state.nodeByAddress.has(addressKey(host, port));
}

/**
 * Carries out one command. All of it happens, or nothing: everything that can be refused is checked before the first
 * change (`store-what-fits` dialects apart, which store half on purpose).
 *
 * The state is changed in place and given back: copying tables of a million contexts for each command would cost more
 * than all the rest, and no reader needs an old version, as each event says what became different. Given the same
 * commands and times in the same order, two machines hold the same state and have answered the same.
 *
 * Order of events: balancer-changed; of a node that is replaced context-removed, alias-removed, node-removed; node-added
 * or node-updated; node-state; then alias-added before context-added, and context-removed before alias-removed. They are
 * handed out when all of them have happened: a record in an early event may already look as the last one left it.
 *
 * @param now milliseconds, of any clock that does not run backwards
 */
export function apply(state: ClusterState, command: ClusterCommand, now: number): ApplyResult {
  const events: ClusterEvent[] = [];
  return { state, reply: carryOutCommand(state, command, now, events), events };
}

function carryOutCommand(state: ClusterState, command: ClusterCommand, now: number, events: ClusterEvent[]): McmpReply {
  switch (command.kind) {
    case 'CONFIG':
      return applyConfig(state, command, now, events);
    case 'ENABLE-APP':
    case 'DISABLE-APP':
    case 'STOP-APP':
    case 'REMOVE-APP':
      return applyApp(state, command, now, events);
    case 'STATUS':
      return applyStatus(state, command, now, events);
    case 'PING':
      return applyPing(state, command, now, events);
    case 'INFO':
    case 'DUMP':
    case 'VERSION':
      return queryReply(state, command);
    case 'NODE-DOWN':
    case 'NODE-UP':
      applyHealth(state, command, now, events);
      return DONE;
    case 'TICK':
      tick(state, now, events);
      return DONE;
  }
}

/** Load and liveness of a node (reference §2.3). */
function applyStatus(
  state: ClusterState,
  command: StatusCommand & { readonly reachable?: boolean; readonly reason?: string },
  now: number,
  events: ClusterEvent[],
): McmpReply {
  const { dialect } = state.settings;
  const node = findNode(state, command.route);
  if (node === undefined) return refusal('unknown-route', dialect, { R: command.route });
  if (node.removedAtMs !== 0) {
    const { statusOfRemoved } = dialect.cluster;
    if (statusOfRemoved === 'refuse') return refusal('unknown-route', dialect, { R: command.route });
    return statusReply(state.settings, node.route, statusOfRemoved === 'ok');
  }
  node.lastHeardMs = now;
  if (command.reachable === false && command.load !== -1) {
    stepNode(state, node, 'ping-bad', now, command.reason ?? 'it did not answer the ping after its STATUS', events);
    return statusReply(state.settings, node.route, false);
  }
  if (command.load === undefined) {
    stepNode(state, node, 'ping-good', now, 'it answered the ping after its STATUS', events);
    return statusReply(state.settings, node.route, true);
  }
  const loadChanged = node.load !== command.load;
  node.load = command.load;
  const clears = command.load > 0 || (command.load === 0 && dialect.cluster.standbyClearsError);
  const stepped = clears && stepNode(state, node, 'status', now, 'STATUS: it is well again', events);
  if (loadChanged && !stepped) events.push({ type: 'node-state', node, reason: `STATUS: load ${command.load}` });
  return statusReply(state.settings, node.route, command.load >= 0 || dialect.cluster.stateOfBroken === 'OK');
}

/** An answer, and mostly no change: PING only looks (reference §2.4). */
function applyPing(
  state: ClusterState,
  command: PingCommand & { readonly reachable?: boolean },
  now: number,
  events: ClusterEvent[],
): McmpReply {
  const { dialect } = state.settings;
  const { target } = command;
  const reachable = command.reachable !== false;
  switch (target.kind) {
    case 'balancer':
      return pingReply(state.settings, undefined, true);
    case 'node': {
      const node = findNode(state, target.route);
      if (node !== undefined && node.removedAtMs === 0) {
        if (!reachable && dialect.cluster.pingMarksError) {
          stepNode(state, node, 'ping-bad', now, 'it did not answer a PING', events);
        }
        return pingReply(state.settings, target.route, reachable);
      }
      if (dialect.cluster.pingUnknown === 'notok') return pingReply(state.settings, target.route, false);
      return refusal('unknown-route', dialect, { R: target.route });
    }
    case 'address':
      return pingReply(state.settings, undefined, reachable && mayPing(state, target.scheme, target.host, target.port));
  }
}

function applyHealth(
  state: ClusterState,
  command: Extract<ClusterCommand, { kind: 'NODE-DOWN' | 'NODE-UP' }>,
  now: number,
  events: ClusterEvent[],
): void {
  const node = findNode(state, command.route);
  if (node === undefined) return;
  if (command.kind === 'NODE-DOWN') stepNode(state, node, 'ping-bad', now, command.reason, events);
  else stepNode(state, node, 'ping-good', now, 'it answers again', events);
}
