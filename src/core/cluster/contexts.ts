import { lowerAscii } from '../mcmp/bytes.ts';
import type { McmpErrorCode } from '../mcmp/errors.ts';
import type { AppCommandName } from '../mcmp/types.ts';
import {
  addAlias,
  addContext,
  addVhost,
  changeContext,
  dropEmptyVhosts,
  findVhost,
  removeContext,
  vhostOfNumber,
} from './changes.ts';
import type { ClusterEvent } from './events.ts';
import { CONTEXT_TRANSITIONS } from './lifecycle.ts';
import type { ContextStatus, VhostRecord } from './records.ts';
import type { ClusterState, NodeRow } from './state.ts';

/** What one *-APP command, or the Alias and Context of a CONFIG, ask of the vhosts of one node. */
export interface ContextOrder {
  readonly verb: AppCommandName;
  readonly aliases: readonly string[];
  readonly contexts: readonly string[];
  /** CONFIG names contexts without saying anything about those that exist already. */
  readonly keepsKnown: boolean;
}

/** What was done for one alias, for the report of httpd 2 (reference §2.2), and what found no room. */
export interface Processed {
  readonly alias: string;
  readonly contexts: readonly string[];
  readonly aliasLost: boolean;
  readonly contextsLost: readonly string[];
}

/** Rows that carrying out an order would add. */
export interface RoomNeeded {
  readonly aliases: number;
  readonly contexts: number;
  /** Contexts, each counted once for every alias (`maxNamedContexts`). */
  readonly named: number;
}

const NO_ROOM_NEEDED: RoomNeeded = { aliases: 0, contexts: 0, named: 0 };

/**
 * Rows that an order would add if nothing were too many; the check that comes before any change.
 *
 * @param node undefined for a node that is yet to be made
 */
export function roomNeeded(state: ClusterState, node: NodeRow | undefined, order: ContextOrder): RoomNeeded {
  if (order.verb === 'REMOVE-APP') return NO_ROOM_NEEDED;
  const perAlias = state.settings.dialect.cluster.vhosts === 'one-per-alias';
  if (node === undefined) {
    const { length } = order.contexts;
    const named = length * order.aliases.length;
    return { aliases: order.aliases.length, contexts: perAlias ? named : length, named };
  }
  const { targets, missing } = findTargets(state, node, order.aliases);
  let contexts = 0;
  let named = 0;
  for (const vhost of targets) {
    let added = 0;
    for (const path of order.contexts) if (!vhost.contexts.has(path)) added++;
    contexts += added;
    named += added * vhost.aliases.length;
    // New aliases join the first of them.
    if (!perAlias && vhost === targets[0]) named += missing.length * (vhost.contexts.size + added);
  }
  if (perAlias || targets.length === 0) named += missing.length * order.contexts.length;
  if (perAlias) contexts += missing.length * order.contexts.length;
  else if (targets.length === 0) contexts += order.contexts.length;
  return { aliases: missing.length, contexts, named };
}

/** However small the tables are, a command may name that many pairs of alias and context. */
const PAIRS_ALWAYS_READ = 100_000;
/** The report of a command repeats all its contexts for each alias: no small message may ask for a giant answer. */
const MOST_REPORT_BYTES = 8 * 1024 * 1024;

/**
 * Whether an order names more pairs of alias and context than the tables could ever hold. Each pair costs a look-up, so a
 * megabyte of short names would keep the balancer busy for hours.
 */
export function namesTooMuch(state: ClusterState, order: ContextOrder): boolean {
  const aliases = order.aliases.length;
  if (aliases * order.contexts.length > Math.max(PAIRS_ALWAYS_READ, state.settings.limits.maxContexts)) return true;
  if (aliases === 1) return false;
  let bytes = 0;
  for (const path of order.contexts) bytes += path.length + 1;
  return aliases * bytes > MOST_REPORT_BYTES;
}

/** Whether an order finds room even if everything it names is new: then nobody needs to count. */
export function surelyFits(state: ClusterState, order: ContextOrder): boolean {
  const { limits, maxNamedContexts } = state.settings;
  const { aliases, contexts } = order;
  return (
    maxNamedContexts === undefined &&
    state.aliases.count + aliases.length <= limits.maxHosts &&
    state.contexts.count + aliases.length * contexts.length <= limits.maxContexts
  );
}

/** Which table cannot take that many more rows; undefined when both can. */
export function fullTable(
  state: ClusterState,
  needed: RoomNeeded,
  freed: RoomNeeded = NO_ROOM_NEEDED,
): McmpErrorCode | undefined {
  const { limits } = state.settings;
  if (needed.aliases > 0 && state.aliases.count - freed.aliases + needed.aliases > limits.maxHosts)
    return 'alias-table-full';
  if (needed.contexts > 0 && state.contexts.count - freed.contexts + needed.contexts > limits.maxContexts) {
    return 'context-table-full';
  }
  if (needed.named > 0 && !mayName(state, needed.named - freed.named)) return 'context-table-full';
  return undefined;
}

/**
 * Carries an order out. Where a table is full, what has no room is left out; a dialect that wants all or nothing asks
 * `fullTable` first.
 */
export function carryOut(state: ClusterState, node: NodeRow, order: ContextOrder, events: ClusterEvent[]): Processed[] {
  if (order.verb === 'REMOVE-APP') return removeContexts(state, node, order, events);
  switch (state.settings.dialect.cluster.vhosts) {
    case 'one-per-alias':
      return storePerAlias(state, node, order, events);
    case 'one-per-list':
    case 'one-by-first-alias':
    case 'one-per-exact-list':
      return storePerList(state, node, order, events);
  }
}

/** Sets the status of every context of a node (the `/*` form). */
export function setAll(state: ClusterState, node: NodeRow, verb: AppCommandName, events: ClusterEvent[]): void {
  for (const vhost of node.vhosts) {
    for (const context of vhost.contexts.values()) {
      const to = statusAfter(state, context.status, verb);
      if (to !== 'absent') changeContext(context, to, events);
    }
  }
}

/** Whether a vhost that an order names has every context that it names. */
export function knowsContexts(state: ClusterState, node: NodeRow, order: ContextOrder): boolean {
  const { targets } = findTargets(state, node, order.aliases);
  return order.contexts.every((path) => targets.some((vhost) => vhost.contexts.has(path)));
}

/** Requests in flight for the contexts that an order names: `Requests=N` of STOP-APP. */
export function requestsInFlight(state: ClusterState, node: NodeRow, order: ContextOrder): number {
  let sum = 0;
  for (const vhost of findTargets(state, node, order.aliases).targets) {
    for (const path of order.contexts) sum += vhost.contexts.get(path)?.inFlight ?? 0;
  }
  return sum;
}

/** Whether there may be that many more contexts, each counted once for every alias. */
function mayName(state: ClusterState, more: number): boolean {
  const { maxNamedContexts } = state.settings;
  return maxNamedContexts === undefined || state.namedContexts + more <= maxNamedContexts;
}

interface Targets {
  readonly targets: readonly VhostRecord[];
  readonly missing: readonly string[];
}

const NONE: readonly string[] = [];

function isByExactList(state: ClusterState): boolean {
  return state.settings.dialect.cluster.vhosts === 'one-per-exact-list';
}

/** The key of a vhost that is its list of aliases; none of them holds a comma. */
function listKey(aliases: readonly string[]): string {
  return aliases.join(',');
}

function vhostNamed(node: NodeRow, alias: string): VhostRecord | undefined {
  return node.vhostByAlias.get(lowerAscii(alias));
}

/** The vhosts that an alias list names, and the aliases that no vhost has. */
function findTargets(state: ClusterState, node: NodeRow, aliases: readonly string[]): Targets {
  if (isByExactList(state)) {
    const vhost = node.vhostByAlias.get(listKey(aliases));
    return vhost === undefined ? { targets: [], missing: aliases } : { targets: [vhost], missing: NONE };
  }
  const [first = ''] = aliases;
  const vhost = vhostNamed(node, first);
  // Nearly always the list is that of one vhost, as it was when the vhost was made.
  if (vhost !== undefined && aliases.every((alias) => vhostNamed(node, alias) === vhost)) {
    return { targets: [vhost], missing: NONE };
  }
  const firstOnly = state.settings.dialect.cluster.vhosts === 'one-by-first-alias';
  const targets = new Set<VhostRecord>();
  if (firstOnly && vhost !== undefined) targets.add(vhost);
  const missing = new Map<string, string>();
  for (const alias of aliases) {
    const found = vhostNamed(node, alias);
    if (found !== undefined && !firstOnly) targets.add(found);
    else if (found === undefined && !missing.has(lowerAscii(alias))) missing.set(lowerAscii(alias), alias);
  }
  return { targets: [...targets], missing: [...missing.values()] };
}

function hasRoom(state: ClusterState, table: 'alias' | 'context'): boolean {
  const { limits } = state.settings;
  return table === 'alias' ? state.aliases.count < limits.maxHosts : state.contexts.count < limits.maxContexts;
}

/** What a command makes of a context: as the table has it, but that DISABLE-APP wakes no stopped one in Undertow. */
function statusAfter(
  state: ClusterState,
  from: ContextStatus | 'absent',
  verb: AppCommandName,
): ContextStatus | 'absent' {
  const sleeps = verb === 'DISABLE-APP' && (from === 'absent' || from === 'STOPPED');
  return sleeps ? state.settings.dialect.cluster.disableStopped : CONTEXT_TRANSITIONS[from][verb];
}

/** Sets one context of one vhost; false when it would be new and there is no room. */
function setContext(
  state: ClusterState,
  vhost: VhostRecord,
  path: string,
  order: ContextOrder,
  events: ClusterEvent[],
): boolean {
  const known = vhost.contexts.get(path);
  const to = statusAfter(state, known?.status ?? 'absent', order.verb);
  if (to === 'absent') return true;
  if (known !== undefined) {
    if (!order.keepsKnown) changeContext(known, to, events);
    return true;
  }
  if (!hasRoom(state, 'context') || !mayName(state, vhost.aliases.length)) return false;
  addContext(state, vhost, path, to, events);
  return true;
}

/**
 * The whole alias list is one virtual host, as the node meant it: vhosts that share an alias with it get the command, new
 * aliases join the first of them. The Java node compares its own list with what INFO shows and drops all its
 * applications when they differ.
 */
function storePerList(state: ClusterState, node: NodeRow, order: ContextOrder, events: ClusterEvent[]): Processed[] {
  const { targets, missing } = findTargets(state, node, order.aliases);
  const vhosts = targets.length > 0 ? targets : [addVhost(state, node)];
  const first = vhosts[0];
  if (first !== undefined) for (const alias of missing) addAlias(state, node, first, alias, events);
  if (first !== undefined && isByExactList(state)) node.vhostByAlias.set(listKey(order.aliases), first);
  for (const vhost of vhosts) for (const path of order.contexts) setContext(state, vhost, path, order, events);
  return order.aliases.map((alias) => ({ alias, contexts: order.contexts, aliasLost: false, contextsLost: [] }));
}

/** httpd 2: every alias on its own (reference §3.4), and a full table only shortens the report (§12.1.8). */
function storePerAlias(state: ClusterState, node: NodeRow, order: ContextOrder, events: ClusterEvent[]): Processed[] {
  return order.aliases.map((alias, index) => {
    let vhost = vhostNamed(node, alias);
    if (vhost === undefined) {
      // CONFIG counts its vhosts from 1 each time, so a later one may meet a number that is in use (§2.1.1).
      const joined = order.keepsKnown ? findVhost(node, index + 1) : undefined;
      if (!hasRoom(state, 'alias') || !mayName(state, joined?.contexts.size ?? 0)) {
        return { alias, contexts: [], aliasLost: true, contextsLost: [] };
      }
      vhost = order.keepsKnown ? vhostOfNumber(node, index + 1) : addVhost(state, node);
      addAlias(state, node, vhost, alias, events);
    }
    const target = vhost;
    const contexts: string[] = [];
    const contextsLost: string[] = [];
    for (const path of order.contexts) {
      (setContext(state, target, path, order, events) ? contexts : contextsLost).push(path);
    }
    return { alias, contexts, aliasLost: false, contextsLost };
  });
}

function removeContexts(state: ClusterState, node: NodeRow, order: ContextOrder, events: ClusterEvent[]): Processed[] {
  const removed = new Map<VhostRecord, string[]>();
  const list = isByExactList(state) ? findTargets(state, node, order.aliases).targets : undefined;
  // httpd 1.3 and nginx look at the first alias only.
  const firstOnly = state.settings.dialect.cluster.vhosts === 'one-by-first-alias';
  const byAlias = order.aliases
    .slice(0, firstOnly ? 1 : undefined)
    .map((alias) => ({ alias, vhost: list === undefined ? vhostNamed(node, alias) : list[0] }));
  for (const { vhost } of byAlias) {
    if (vhost === undefined || removed.has(vhost)) continue;
    const gone: string[] = [];
    for (const path of order.contexts) {
      const context = vhost.contexts.get(path);
      if (context === undefined) continue;
      removeContext(state, context, events);
      gone.push(path);
    }
    removed.set(vhost, gone);
  }
  if (removed.size > 0 && !state.settings.dialect.cluster.keepsEmptyVhosts) dropEmptyVhosts(state, node, events);
  return byAlias.map(({ alias, vhost }) => ({
    alias,
    contexts: vhost === undefined ? [] : (removed.get(vhost) ?? []),
    aliasLost: false,
    contextsLost: [],
  }));
}
