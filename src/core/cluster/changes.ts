import { lowerAscii } from '../mcmp/bytes.ts';
import type { NodeSettings } from '../mcmp/types.ts';
import type { ClusterEvent } from './events.ts';
import { BURIED_ROUTE, type NodeTrigger, nextNodeState, nodeStateOf } from './lifecycle.ts';
import type { BalancerRecord, ContextRecord, ContextStatus, VhostRecord } from './records.ts';
import { releaseSlot, takeSlot } from './slots.ts';
import { addressKey, type ClusterState, type NodeRow } from './state.ts';

/** The single changes that commands are made of. None of them can fail: limits and conflicts are checked before. */

export function addNode(
  state: ClusterState,
  settings: NodeSettings,
  balancer: BalancerRecord,
  now: number,
  events: ClusterEvent[],
): NodeRow {
  joinBalancer(state, balancer);
  const node = takeSlot<NodeRow>(state.nodes, (slot, id) => ({
    slot,
    id,
    ...settings,
    balancer,
    load: state.settings.dialect.cluster.firstLoad,
    inError: false,
    errorReason: '',
    removedAtMs: 0,
    lastHeardMs: now,
    failingSinceMs: 0,
    vhosts: [],
    vhostByAlias: new Map(),
    balancerId: balancer.id,
    counters: { elected: 0, readBytes: 0, transferredBytes: 0, inFlight: 0 },
  }));
  state.nodeByRoute.set(node.route, node);
  state.nodeByAddress.set(addressKey(node.host, node.port), node);
  events.push({ type: 'node-added', node });
  return node;
}

function joinBalancer(state: ClusterState, balancer: BalancerRecord): void {
  const nodes = state.nodesOfBalancer.get(balancer) ?? 0;
  // Undertow makes a new balancer of the same name for each node that it adds (reference §3.2).
  if (nodes > 0 && state.settings.dialect.cluster.ids === 'counted') balancer.id = ++state.balancers.made;
  state.nodesOfBalancer.set(balancer, nodes + 1);
}

/** Takes a node out of the count of its balancer, which goes with its last one where the dialect says so. */
function leaveBalancer(state: ClusterState, balancer: BalancerRecord): void {
  const nodes = (state.nodesOfBalancer.get(balancer) ?? 1) - 1;
  if (nodes > 0) {
    state.nodesOfBalancer.set(balancer, nodes);
    return;
  }
  state.nodesOfBalancer.delete(balancer);
  if (state.settings.dialect.cluster.keepsEmptyBalancers) return;
  state.balancerByName.delete(balancer.name);
  releaseSlot(state.balancers, balancer.slot);
}

/** Writes new settings over a known node. */
export function updateNode(
  state: ClusterState,
  node: NodeRow,
  settings: NodeSettings,
  balancer: BalancerRecord,
  now: number,
  events: ClusterEvent[],
): void {
  const oldKey = addressKey(node.host, node.port);
  const newKey = addressKey(settings.host, settings.port);
  const moved =
    node.balancer !== balancer ||
    node.host !== settings.host ||
    node.port !== settings.port ||
    node.type !== settings.type ||
    node.reversed !== settings.reversed;
  const changed =
    moved ||
    node.domain !== settings.domain ||
    node.flushPackets !== settings.flushPackets ||
    node.flushWaitMs !== settings.flushWaitMs ||
    node.pingMs !== settings.pingMs ||
    node.smax !== settings.smax ||
    node.ttlMs !== settings.ttlMs ||
    node.timeoutMs !== settings.timeoutMs;
  node.lastHeardMs = now;
  if (!changed) return;
  if (oldKey !== newKey) {
    state.nodeByAddress.delete(oldKey);
    state.nodeByAddress.set(newKey, node);
  }
  if (node.balancer !== balancer) {
    leaveBalancer(state, node.balancer);
    joinBalancer(state, balancer);
  }
  Object.assign(node, settings, { balancer });
  events.push({ type: 'node-updated', node, moved });
}

/**
 * Takes a node one step through its life (`NODE_TRANSITIONS`) and does what entering the new state means.
 *
 * @param reason why, in words for people
 * @returns whether anything changed
 */
export function stepNode(
  state: ClusterState,
  node: NodeRow,
  trigger: NodeTrigger,
  now: number,
  reason: string,
  events: ClusterEvent[],
): boolean {
  const { dialect } = state.settings;
  const from = nodeStateOf(node, state.buried);
  const to = nextNodeState(from, trigger, {
    pingClearsError: dialect.pingClearsError,
    buriesRemoved: dialect.cluster.buriesRemoved,
    removesAtOnce: dialect.cluster.removesAtOnce,
  });
  if (to === undefined) return false;
  if (to === from) {
    if (trigger === 'config-moved') {
      node.load = dialect.cluster.revivedLoad;
      events.push({ type: 'node-state', node, reason });
      return true;
    }
    if (to !== 'error') return false;
    if (trigger === 'ping-good') stopFailing(state, node);
    if (trigger === 'ping-bad') {
      node.errorReason = reason;
      startFailing(state, node, now);
    }
    return false;
  }
  switch (to) {
    case 'serving':
      if (from === 'removing') {
        node.removedAtMs = 0;
        state.removing.delete(node);
        node.load = dialect.cluster.revivedLoad;
      }
      if (trigger === 'config-moved') node.load = dialect.cluster.revivedLoad;
      node.inError = false;
      node.errorReason = '';
      stopFailing(state, node);
      break;
    case 'error':
      node.inError = true;
      node.errorReason = reason;
      startFailing(state, node, now);
      break;
    case 'removing':
      dropVhosts(state, node, events);
      stopFailing(state, node);
      node.removedAtMs = Math.max(1, now);
      state.removing.add(node);
      break;
    case 'buried':
      dropVhosts(state, node, events);
      stopFailing(state, node);
      if (state.nodeByRoute.get(node.route) === node) state.nodeByRoute.delete(node.route);
      node.route = BURIED_ROUTE;
      if (trigger === 'due') node.domain = '';
      node.removedAtMs = Math.max(1, now);
      state.buried.add(node);
      state.removing.delete(node);
      state.removing.add(node);
      break;
    case 'unknown':
      dropVhosts(state, node, events);
      freeNode(state, node);
      events.push({ type: 'node-removed', node, reason });
      return true;
  }
  events.push({ type: 'node-state', node, reason });
  return true;
}

function startFailing(state: ClusterState, node: NodeRow, now: number): void {
  if (node.failingSinceMs !== 0) return;
  node.failingSinceMs = Math.max(1, now);
  state.failing.add(node);
}

function stopFailing(state: ClusterState, node: NodeRow): void {
  if (node.failingSinceMs === 0) return;
  node.failingSinceMs = 0;
  state.failing.delete(node);
}

function freeNode(state: ClusterState, node: NodeRow): void {
  if (state.nodeByRoute.get(node.route) === node) state.nodeByRoute.delete(node.route);
  const key = addressKey(node.host, node.port);
  if (state.nodeByAddress.get(key) === node) state.nodeByAddress.delete(key);
  state.removing.delete(node);
  state.buried.delete(node);
  state.failing.delete(node);
  releaseSlot(state.nodes, node.slot);
  leaveBalancer(state, node.balancer);
}

/** Removes all contexts, then the aliases, of a node. */
function dropVhosts(state: ClusterState, node: NodeRow, events: ClusterEvent[]): void {
  for (const vhost of node.vhosts) {
    state.namedContexts -= vhost.contexts.size * vhost.aliases.length;
    for (const context of vhost.contexts.values()) {
      releaseSlot(state.contexts, context.slot);
      events.push({ type: 'context-removed', context });
    }
    vhost.contexts.clear();
    freeAliases(state, vhost, events);
  }
  node.vhosts.length = 0;
  node.vhostByAlias.clear();
}

function freeAliases(state: ClusterState, vhost: VhostRecord, events: ClusterEvent[]): void {
  for (const alias of vhost.aliases) {
    releaseSlot(state.aliases, alias.slot);
    events.push({ type: 'alias-removed', vhost, alias });
  }
}

/** A new vhost, numbered one above the highest of the node, or of all where ids are counted (reference §3.2). It needs an alias at once. */
export function addVhost(state: ClusterState, node: NodeRow): VhostRecord {
  const counted = state.settings.dialect.cluster.ids === 'counted';
  const number = counted ? ++state.vhostsMade : (node.vhosts.at(-1)?.number ?? 0) + 1;
  const vhost: VhostRecord = { node, number, aliases: [], contexts: new Map() };
  node.vhosts.push(vhost);
  return vhost;
}

/** The vhost of that number, or undefined. They stand in the order of their numbers. */
export function findVhost(node: NodeRow, number: number): VhostRecord | undefined {
  const found = node.vhosts[placeOfVhost(node, number)];
  return found?.number === number ? found : undefined;
}

/** The vhost of that number, made when there is none. */
export function vhostOfNumber(node: NodeRow, number: number): VhostRecord {
  const found = findVhost(node, number);
  if (found !== undefined) return found;
  const vhost: VhostRecord = { node, number, aliases: [], contexts: new Map() };
  node.vhosts.splice(placeOfVhost(node, number), 0, vhost);
  return vhost;
}

/** Where the vhost of that number stands, or would. */
function placeOfVhost(node: NodeRow, number: number): number {
  let low = 0;
  let high = node.vhosts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((node.vhosts[middle]?.number ?? number) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function addAlias(
  state: ClusterState,
  node: NodeRow,
  vhost: VhostRecord,
  name: string,
  events: ClusterEvent[],
): void {
  const row = takeSlot(state.aliases, (slot, id) => ({ vhost, alias: { slot, id, name } }));
  vhost.aliases.push(row.alias);
  state.namedContexts += vhost.contexts.size;
  if (state.settings.dialect.cluster.vhosts !== 'one-per-exact-list') node.vhostByAlias.set(lowerAscii(name), vhost);
  events.push({ type: 'alias-added', vhost, alias: row.alias });
}

export function addContext(
  state: ClusterState,
  vhost: VhostRecord,
  path: string,
  status: ContextStatus,
  events: ClusterEvent[],
): ContextRecord {
  const context = takeSlot<ContextRecord>(state.contexts, (slot, id) => ({
    slot,
    id,
    vhost,
    path,
    status,
    inFlight: 0,
  }));
  vhost.contexts.set(path, context);
  state.namedContexts += vhost.aliases.length;
  events.push({ type: 'context-added', context });
  return context;
}

export function changeContext(context: ContextRecord, status: ContextStatus, events: ClusterEvent[]): void {
  const from = context.status;
  if (from === status) return;
  context.status = status;
  events.push({ type: 'context-changed', context, from });
}

/** Removes one context. A vhost that has none left must go: `dropEmptyVhosts`. */
export function removeContext(state: ClusterState, context: ContextRecord, events: ClusterEvent[]): void {
  context.vhost.contexts.delete(context.path);
  state.namedContexts -= context.vhost.aliases.length;
  releaseSlot(state.contexts, context.slot);
  events.push({ type: 'context-removed', context });
}

/** Removes the vhosts that lost their last context (reference §3.1), in one pass however many they are. */
export function dropEmptyVhosts(state: ClusterState, node: NodeRow, events: ClusterEvent[]): void {
  let kept = 0;
  for (const vhost of node.vhosts) {
    if (vhost.contexts.size > 0) {
      node.vhosts[kept++] = vhost;
      continue;
    }
    freeAliases(state, vhost, events);
    for (const alias of vhost.aliases) node.vhostByAlias.delete(lowerAscii(alias.name));
  }
  node.vhosts.length = kept;
}
