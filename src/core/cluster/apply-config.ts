import { refusal } from '../mcmp/errors.ts';
import { DONE } from '../mcmp/reply.ts';
import type { BalancerSettings, ConfigCommand, McmpRefusal, McmpReply, NodeSettings } from '../mcmp/types.ts';
import { orderOf } from './apply-app.ts';
import { addNode, stepNode, updateNode } from './changes.ts';
import {
  type ContextOrder,
  carryOut,
  fullTable,
  namesTooMuch,
  type Processed,
  type RoomNeeded,
  roomNeeded,
} from './contexts.ts';
import { earlyCommandsOf, forgetEarly } from './early.ts';
import type { ClusterEvent } from './events.ts';
import { type BalancerRecord, isUsable } from './records.ts';
import { rowsOf, takeSlot } from './slots.ts';
import { addressKey, type ClusterState, findNode, type NodeRow } from './state.ts';

type Config = ConfigCommand & { readonly incumbentReachable?: boolean };

/** What a CONFIG meets in the tables (reference §2.1.2). */
interface Encounter {
  /** The node of this route. */
  readonly known: NodeRow | undefined;
  /** Whether it is to get another address. */
  readonly elsewhere: boolean;
  /** The node of another route that has this address, and has to go. */
  readonly incumbent: NodeRow | undefined;
}

/** The node that has to be pinged before a CONFIG can be judged: it has this route at another address, and seems alive. */
export function incumbentToAsk(state: ClusterState, command: ConfigCommand): NodeRow | undefined {
  if (state.settings.dialect.cluster.otherAddress !== 'move-when-dead') return undefined;
  const known = findNode(state, command.node.route);
  if (known === undefined || !isElsewhere(known, command.node)) return undefined;
  return known.removedAtMs === 0 && !known.inError ? known : undefined;
}

/** CONFIG: registers a node, or changes what is known of it (reference §2.1). */
export function applyConfig(state: ClusterState, command: Config, now: number, events: ClusterEvent[]): McmpReply {
  const { dialect } = state.settings;
  const dropped = dropPredecessor(state, command, now, events);
  if (dropped !== undefined) return dropped;
  const encounter = meet(state, command, now);
  if ('ok' in encounter) {
    afterConflict(state, command, now, events);
    return encounter;
  }
  const orders = ordersOf(state, command, now);
  const full = checkRoom(state, command, encounter, orders);
  if (full !== undefined) return full;

  if (encounter.known !== undefined && dialect.cluster.reconfig === 'await-status') {
    awaitStatus(encounter.known, now, events);
    for (const order of orders) carryOut(state, encounter.known, order, events);
    return DONE;
  }
  const balancer = storeBalancer(state, command.balancer, events);
  if (encounter.incumbent !== undefined) {
    stepNode(state, encounter.incumbent, 'replaced', now, `"${command.node.route}" has its address now`, events);
  }
  const node = storeNode(state, command.node, balancer, encounter, now, events);
  forgetEarly(state, node.route);
  const lost: string[] = [];
  for (const order of orders) lost.push(...lossesOf(node, carryOut(state, node, order, events)));
  return lost.length === 0 ? DONE : refusal('half-stored', dialect, { L: lost.join(', ') });
}

/**
 * Undertow drops a node whose route comes with another address, type included, and takes the new one only if the old one
 * was in error: a node that moves while it is well has to say so twice (reference §2.1.2).
 *
 * @returns why the CONFIG is refused, or undefined when it goes on
 */
function dropPredecessor(
  state: ClusterState,
  { node }: Config,
  now: number,
  events: ClusterEvent[],
): McmpRefusal | undefined {
  const { dialect } = state.settings;
  const known = findNode(state, node.route);
  if (dialect.cluster.otherAddress !== 'replace' || known === undefined) return undefined;
  if (!isElsewhere(known, node) && known.type === node.type) return undefined;
  const wasUsable = isUsable(known);
  const detail = `it was at ${addressKey(known.host, known.port)}, now at ${addressKey(node.host, node.port)}`;
  stepNode(state, known, 'replaced', now, `CONFIG: ${detail}`, events);
  return wasUsable ? refusal('route-exists', dialect, { R: node.route }, detail) : undefined;
}

/** A known node that sends CONFIG again gets no requests before its next STATUS, and keeps its settings. */
function awaitStatus(node: NodeRow, now: number, events: ClusterEvent[]): void {
  node.lastHeardMs = now;
  if (node.load === -1) return;
  node.load = -1;
  events.push({ type: 'node-state', node, reason: 'CONFIG: it waits for STATUS' });
}

function meet(state: ClusterState, command: Config, now: number): Encounter | McmpRefusal {
  const { dialect } = state.settings;
  const { route, host, port } = command.node;
  const known = findNode(state, route);
  const elsewhere = known !== undefined && isElsewhere(known, command.node);
  if (known !== undefined && (elsewhere || isOtherNode(state, known, command)) && !yieldsRoute(state, known, command)) {
    const detail = `"${route}" is at ${addressKey(known.host, known.port)}, refused at ${addressKey(host, port)}`;
    return refusal('route-exists', dialect, { R: route }, detail);
  }
  const there = incumbentAt(state, command);
  const incumbent = there === known ? undefined : there;
  if (incumbent !== undefined && !yieldsAddress(state, incumbent, now)) {
    const detail = `${addressKey(host, port)} belongs to "${incumbent.route}", refused for "${route}"`;
    return refusal('address-taken', dialect, { R: route }, detail);
  }
  return { known, elsewhere, incumbent };
}

/** What a CONFIG changes although its route or its address is refused (reference §2.1.2). */
function afterConflict(state: ClusterState, command: Config, now: number, events: ClusterEvent[]): void {
  const { refusedChangesBalancer, otherAddress } = state.settings.dialect.cluster;
  if (refusedChangesBalancer && hasRoomForBalancer(state, command)) storeBalancer(state, command.balancer, events);
  const known = findNode(state, command.node.route);
  if (otherAddress !== 'bury' || known === undefined) return;
  if (!isElsewhere(known, command.node) && !isOtherNode(state, known, command)) return;
  stepNode(state, known, 'ousted', now, `CONFIG: "${known.route}" is elsewhere`, events);
}

function isElsewhere(known: NodeRow, settings: NodeSettings): boolean {
  return addressKey(known.host, known.port) !== addressKey(settings.host, settings.port);
}

/** Where httpd sees another node although route and address are the same (`is_same_node`, reference §2.1.2). */
function isOtherNode(state: ClusterState, known: NodeRow, command: ConfigCommand): boolean {
  const { node, balancer } = command;
  return (
    state.settings.dialect.cluster.settingsIdentifyNode &&
    (known.balancer.name !== balancer.name ||
      known.type !== node.type ||
      known.reversed !== node.reversed ||
      known.smax !== node.smax ||
      known.ttlMs !== node.ttlMs)
  );
}

/** The node, of whatever route, whose place a CONFIG asks for (reference §2.1.2). */
function incumbentAt(state: ClusterState, command: Config): NodeRow | undefined {
  const { host, port } = command.node;
  switch (state.settings.dialect.cluster.nodesPerAddress) {
    case 'one':
      return state.nodeByAddress.get(addressKey(host, port));
    case 'one-per-settings':
      if (findNode(state, command.node.route) !== undefined) return undefined;
      for (const node of rowsOf(state.nodes)) {
        if (node.removedAtMs !== 0 || isElsewhere(node, command.node)) continue;
        if (!isOtherNode(state, node, command)) return node;
      }
      return undefined;
    case 'any':
      return undefined;
  }
}

/** A node that came up elsewhere takes its route along, unless the old one is alive: then two nodes have one name. */
function yieldsRoute(state: ClusterState, known: NodeRow, command: Config): boolean {
  if (state.settings.dialect.cluster.otherAddress !== 'move-when-dead') return false;
  return known.removedAtMs !== 0 || known.inError || command.incumbentReachable === false;
}

/** Whether a node gives its address up to another route. */
function yieldsAddress(state: ClusterState, incumbent: NodeRow, now: number): boolean {
  if (state.buried.has(incumbent)) return true;
  const { addressYieldsAfterMs } = state.settings.dialect.cluster;
  if (addressYieldsAfterMs < 0) return false;
  return incumbent.removedAtMs !== 0 || incumbent.inError || now - incumbent.lastHeardMs >= addressYieldsAfterMs;
}

/** What CONFIG itself deploys, then what came too early for it. */
function ordersOf(state: ClusterState, command: ConfigCommand, now: number): ContextOrder[] {
  const verb = state.settings.dialect.cluster.configContexts;
  const keepsKnown = verb === 'STOP-APP';
  const orders = earlyCommandsOf(state, command.node.route, now).map(orderOf);
  const hosts = command.aliases.length === 0 ? [] : [command, ...(command.further ?? [])];
  return [...hosts.map(({ aliases, contexts }): ContextOrder => ({ verb, aliases, contexts, keepsKnown })), ...orders];
}

function checkRoom(
  state: ClusterState,
  command: ConfigCommand,
  encounter: Encounter,
  orders: readonly ContextOrder[],
): McmpRefusal | undefined {
  const { dialect, limits } = state.settings;
  const values = { R: command.node.route };
  const { known, incumbent } = encounter;
  if (known === undefined && state.nodes.count - (incumbent === undefined ? 0 : 1) >= limits.maxNodes) {
    return refusal('node-table-full', dialect, values, `${limits.maxNodes} nodes are registered`);
  }
  if (!hasRoomForBalancer(state, command)) {
    return refusal('balancer-table-full', dialect, values, `${limits.maxNodes} balancers exist`);
  }
  if (orders.some((order) => namesTooMuch(state, order))) {
    return refusal('context-table-full', dialect, values, 'too many at once');
  }
  if (dialect.cluster.tableFull === 'store-what-fits') return undefined;
  let aliases = 0;
  let contexts = 0;
  let named = 0;
  for (const order of orders) {
    const needed = roomNeeded(state, known, order);
    aliases += needed.aliases;
    contexts += needed.contexts;
    named += needed.named;
  }
  if (orders.length > 1) {
    // What one order adds meets what the others add: no more than all their aliases times all their contexts.
    const taken = roomTaken(known);
    named = (taken.aliases + aliases) * (taken.contexts + contexts) - taken.named;
  }
  const full = fullTable(state, { aliases, contexts, named }, roomTaken(incumbent));
  return full === undefined ? undefined : refusal(full, dialect, values);
}

function hasRoomForBalancer({ balancerByName, balancers, settings }: ClusterState, command: ConfigCommand): boolean {
  return balancerByName.has(command.balancer.name) || balancers.count < settings.limits.maxNodes;
}

function roomTaken(node: NodeRow | undefined): RoomNeeded {
  let aliases = 0;
  let contexts = 0;
  let named = 0;
  for (const vhost of node?.vhosts ?? []) {
    aliases += vhost.aliases.length;
    contexts += vhost.contexts.size;
    named += vhost.aliases.length * vhost.contexts.size;
  }
  return { aliases, contexts, named };
}

/** Settings of a balancer are replaced whole: the last CONFIG of any of its nodes wins (reference §2.1.2). */
function storeBalancer(state: ClusterState, settings: BalancerSettings, events: ClusterEvent[]): BalancerRecord {
  const known = state.balancerByName.get(settings.name);
  if (known === undefined) {
    const balancer = takeSlot<BalancerRecord>(state.balancers, (slot, id) => ({ slot, id, ...settings }));
    state.balancerByName.set(balancer.name, balancer);
    events.push({ type: 'balancer-changed', balancer });
    return balancer;
  }
  const changed =
    known.stickySession !== settings.stickySession ||
    known.stickySessionCookie !== settings.stickySessionCookie ||
    known.stickySessionPath !== settings.stickySessionPath ||
    known.stickySessionRemove !== settings.stickySessionRemove ||
    known.stickySessionForce !== settings.stickySessionForce ||
    known.waitWorkerSeconds !== settings.waitWorkerSeconds ||
    known.maxAttempts !== settings.maxAttempts;
  if (changed) {
    Object.assign(known, settings);
    events.push({ type: 'balancer-changed', balancer: known });
  }
  return known;
}

function storeNode(
  state: ClusterState,
  settings: NodeSettings,
  balancer: BalancerRecord,
  encounter: Encounter,
  now: number,
  events: ClusterEvent[],
): NodeRow {
  const { known, elsewhere } = encounter;
  if (known === undefined) return addNode(state, settings, balancer, now, events);
  updateNode(state, known, settings, balancer, now, events);
  const reason = known.removedAtMs !== 0 ? 'CONFIG: it came back' : 'CONFIG: it moved';
  stepNode(state, known, elsewhere ? 'config-moved' : 'config', now, reason, events);
  return known;
}

/** As many of httpd's words as a header line should carry. */
const MOST_LOSSES_TOLD = 20;

/** What found no room, in httpd's words (reference §1.7, type GENERAL). */
function lossesOf(node: NodeRow, processed: readonly Processed[]): string[] {
  const words: string[] = [];
  for (const { alias, aliasLost, contextsLost } of processed) {
    if (words.length >= MOST_LOSSES_TOLD) break;
    if (aliasLost)
      words.push(`MEM: Can't update or insert host alias for node with "${node.route}" JVMRoute (${alias})`);
    for (const path of contextsLost.slice(0, MOST_LOSSES_TOLD)) {
      words.push(
        `MEM: Can't update or insert context for node with "${node.route}" JVMRoute (${path} and alias: ${alias})`,
      );
    }
  }
  return words;
}
