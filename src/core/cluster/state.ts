import type { AppCommand } from '../mcmp/types.ts';
import type { AliasRecord, BalancerRecord, ContextRecord, NodeRecord, VhostRecord } from './records.ts';
import { createSlotTable, rowsOf, type SlotRules, type SlotTable } from './slots.ts';
import type { ClusterSettings } from './types.ts';

/** A row of the alias table: DUMP's `host:` line. */
export interface AliasRow {
  readonly alias: AliasRecord;
  readonly vhost: VhostRecord;
}

/** A node with what only the machine looks at. */
export interface NodeRow extends NodeRecord {
  /**
   * Its vhosts by alias in lower case, as an alias belongs to one vhost of a node; where each list is a vhost of its own, by
   * the list as it was sent.
   */
  readonly vhostByAlias: Map<string, VhostRecord>;
  /** The id that its balancer had when the node came. */
  readonly balancerId: number;
}

/** Commands that came before the CONFIG of their route. */
export interface EarlyCommands {
  readonly sinceMs: number;
  readonly commands: AppCommand[];
}

/**
 * All that the balancer knows about its nodes. Plain tables with indexes beside them; `apply` is the only writer. Readers
 * iterate with `nodesOf` and friends, or keep up with the events.
 */
export interface ClusterState {
  readonly settings: ClusterSettings;
  readonly balancers: SlotTable<BalancerRecord>;
  readonly nodes: SlotTable<NodeRow>;
  readonly aliases: SlotTable<AliasRow>;
  readonly contexts: SlotTable<ContextRecord>;
  /** How many nodes a balancer has; 0 is left out. */
  readonly nodesOfBalancer: Map<BalancerRecord, number>;
  /** Virtual hosts made so far: their numbers, where ids are counted. */
  vhostsMade: number;
  readonly balancerByName: Map<string, BalancerRecord>;
  /** Also nodes that are being removed, not the buried ones. */
  readonly nodeByRoute: Map<string, NodeRow>;
  /** By `addressKey`. */
  readonly nodeByAddress: Map<string, NodeRow>;
  /** Nodes being removed, the longest first; the buried ones are in both sets. */
  readonly removing: Set<NodeRow>;
  readonly buried: Set<NodeRow>;
  /** Nodes whose pings fail, the longest first. */
  readonly failing: Set<NodeRow>;
  /** Contexts, each counted once for every alias of its vhost. */
  namedContexts: number;
  /** By route, the oldest first. */
  readonly early: Map<string, EarlyCommands>;
  /** Contexts named by all early commands, each alias counted. */
  earlyCount: number;
}

export function createCluster(settings: ClusterSettings): ClusterState {
  const { rows, ids } = settings.dialect.cluster;
  const rules: SlotRules = { ...rows, countsIds: ids === 'counted' };
  return {
    settings,
    balancers: createSlotTable(rules),
    nodes: createSlotTable(rules),
    aliases: createSlotTable(rules),
    contexts: createSlotTable(rules),
    nodesOfBalancer: new Map(),
    vhostsMade: 0,
    balancerByName: new Map(),
    nodeByRoute: new Map(),
    nodeByAddress: new Map(),
    removing: new Set(),
    buried: new Set(),
    failing: new Set(),
    namedContexts: 0,
    early: new Map(),
    earlyCount: 0,
  };
}

/** What makes two nodes the same place: host and port, letter case aside. */
export function addressKey(host: string, port: string): string {
  return `${host.toLowerCase()}:${port}`;
}

/** All nodes, those being removed included, lowest slot first. */
export function nodesOf(state: ClusterState): Iterable<NodeRow> {
  return rowsOf(state.nodes);
}

export function balancersOf(state: ClusterState): Iterable<BalancerRecord> {
  return rowsOf(state.balancers);
}

export function aliasesOf(state: ClusterState): Iterable<AliasRow> {
  return rowsOf(state.aliases);
}

export function contextsOf(state: ClusterState): Iterable<ContextRecord> {
  return rowsOf(state.contexts);
}

/** The node of a route, one being removed included; undefined when the route is not known. */
export function findNode(state: ClusterState, route: string): NodeRow | undefined {
  return state.nodeByRoute.get(route);
}
