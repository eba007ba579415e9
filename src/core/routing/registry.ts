import type { ClusterEvent } from '../cluster/events.ts';
import type { AliasRecord, ContextRecord, NodeRecord, VhostRecord } from '../cluster/records.ts';
import { isUsable } from '../cluster/records.ts';
import { lowerAscii } from '../mcmp/bytes.ts';
import type { HostTable } from './candidate-group.ts';
import { CandidateGroup } from './candidate-group.ts';
import type { Contender } from './contender.ts';
import { createContender, electionValue, endInterval } from './contender.ts';
import { contextKey } from './context-path.ts';
import type { DomainMemory } from './domain-memory.ts';
import { createDomainMemory } from './domain-memory.ts';
import { ElectoratePool } from './electorate.ts';
import { hostName } from './host-name.ts';
import { PathTable } from './path-table.ts';
import type { Place } from './place.ts';
import type { RoutingRules } from './rules.ts';

/** How big the index is. */
export interface RoutingCounts {
  readonly nodes: number;
  /** Virtual host names; 0 when aliases are not used. */
  readonly hosts: number;
  /** Context paths, one for each host name they are known under. */
  readonly paths: number;
  /** Sets of nodes that are elected from, as far as requests have asked for them. */
  readonly electorates: number;
}

/** Who serves what: the state of the index, kept up by the events of the cluster. */
export interface Registry {
  observe(event: ClusterEvent, now: number): void;
  /** Ends the interval of the election (reference §4.6). */
  recalculate(): void;
  /** The paths to match for a Host header; undefined when aliases are used and none has this name. */
  pathsFor(host: string): PathTable<CandidateGroup> | undefined;
  /** The node that is known by a route now. */
  contenderOf(route: string): Contender | undefined;
  readonly domains: DomainMemory;
  readonly pool: ElectoratePool;
  counts(): RoutingCounts;
}

export function createRegistry(options: { useAlias: boolean; rules: RoutingRules }): Registry {
  const { useAlias, rules } = options;
  const { aliasCase } = rules;
  const domains = createDomainMemory(rules.domainMemoryMs);
  const contenders = new Map<NodeRecord, Contender>();
  const byRoute = new Map<string, Contender>();
  const hosts = new Map<string, HostTable>();
  /** Aliases as the events told them: the records may be a step ahead. Only kept when aliases are used. */
  const aliasesOf = new WeakMap<VhostRecord, Set<string>>();
  const everyHost: HostTable = { name: '', paths: new PathTable() };
  const anyName: ReadonlySet<string> = new Set(['']);
  const pool = new ElectoratePool();
  let contendersMade = 0;

  function contenderFor(node: NodeRecord): Contender {
    let contender = contenders.get(node);
    if (contender === undefined) {
      contender = createContender(node, contendersMade++);
      contenders.set(node, contender);
      claimRoute(contender);
      updateState(contender);
    }
    return contender;
  }

  function claimRoute(contender: Contender): void {
    byRoute.set(contender.route, contender);
    domains.forget(contender.route);
  }

  function releaseRoute(contender: Contender, now: number): void {
    if (byRoute.get(contender.route) !== contender) return;
    byRoute.delete(contender.route);
    domains.remember(contender.route, contender.balancer, contender.domain, now);
  }

  function hostTable(name: string): HostTable {
    if (!useAlias) return everyHost;
    let table = hosts.get(name);
    if (table === undefined) {
      table = { name, paths: new PathTable() };
      hosts.set(name, table);
    }
    return table;
  }

  function nameOf(alias: AliasRecord): string {
    return aliasCase === 'exact' ? alias.name : lowerAscii(alias.name);
  }

  function namesOf(vhost: VhostRecord): ReadonlySet<string> {
    return useAlias ? (aliasesOf.get(vhost) ?? new Set()) : anyName;
  }

  function groupOf(head: CandidateGroup | undefined, contender: Contender): CandidateGroup | null {
    for (let group = head ?? null; group !== null; group = group.next) {
      if (group.balancer === contender.balancer) return group;
    }
    return null;
  }

  function attach(context: ContextRecord, hostName: string): void {
    const contender = contenderFor(context.vhost.node);
    const host = hostTable(hostName);
    const path = contextKey(context.path, rules.trailingSlashContexts);
    const head = host.paths.get(path);
    const group = groupOf(head, contender);
    if (group !== null) {
      group.add(contender, context, pool);
      return;
    }
    insertBySlot(host, head, new CandidateGroup(path, contender.balancer, host, contender, context));
  }

  function detach(context: ContextRecord, hostName: string): void {
    const contender = contenders.get(context.vhost.node);
    const host = useAlias ? hosts.get(hostName) : everyHost;
    if (contender === undefined || host === undefined) return;
    const group = groupOf(host.paths.get(contextKey(context.path, rules.trailingSlashContexts)), contender);
    const place = group?.placeOf(contender) ?? null;
    if (group === null || place === null) return;
    group.remove(place, context, pool);
    if (group.places.length === 0) removeGroup(group);
  }

  function dropPlaces(contender: Contender): ContextRecord[] {
    const contexts: ContextRecord[] = [];
    for (const place of [...contender.places]) {
      contexts.push(...contextsOf(place));
      place.group.drop(place, pool);
      if (place.group.places.length === 0) removeGroup(place.group);
    }
    return contexts;
  }

  function removeGroup(group: CandidateGroup): void {
    unlink(group);
    group.retire(pool);
    if (useAlias && group.host.paths.size === 0) hosts.delete(group.host.name);
  }

  function updateNode(node: NodeRecord, now: number): void {
    const contender = contenderFor(node);
    if (contender.route !== node.route) {
      releaseRoute(contender, now);
      contender.route = node.route;
      claimRoute(contender);
    }
    contender.domain = node.domain;
    if (contender.balancer !== node.balancer) {
      const contexts = new Set(dropPlaces(contender));
      contender.balancer = node.balancer;
      for (const context of contexts) for (const name of namesOf(context.vhost)) attach(context, name);
    }
    updateState(contender);
  }

  function updateState(contender: Contender): void {
    const { node } = contender;
    const wasStandby = contender.load <= 0;
    const wasUsable = contender.usable;
    const valueBefore = wasStandby ? 0 : electionValue(contender);
    contender.load = node.load;
    contender.usable = isUsable(node);
    if (rules.newcomers === 'level' && (wasStandby || !wasUsable) && contender.usable && contender.load > 0) {
      const level = levelOf(contender, contenders.values());
      contender.lbStatus = level.before;
      // As if it had taken its share of this interval, too: else the next one would begin with the others far ahead.
      contender.oldElected = contender.counters.elected - Math.floor((level.now * contender.load) / 1000);
    }
    const kindChanged = wasUsable !== contender.usable || wasStandby !== contender.load <= 0;
    // A value that grew needs nothing: heap keys are lower bounds.
    if (!kindChanged && (contender.load <= 0 || electionValue(contender) >= valueBefore)) return;
    for (const seat of contender.seats) seat.electorate.reconsider(seat);
  }

  function removeNode(node: NodeRecord, now: number): void {
    const contender = contenders.get(node);
    if (contender === undefined) return;
    dropPlaces(contender);
    releaseRoute(contender, now);
    contenders.delete(node);
  }

  function addAlias(vhost: VhostRecord, name: string): void {
    const names = aliasesOf.get(vhost) ?? new Set();
    aliasesOf.set(vhost, names.add(name));
    for (const context of vhost.contexts.values()) attach(context, name);
  }

  function removeAlias(vhost: VhostRecord, name: string): void {
    aliasesOf.get(vhost)?.delete(name);
    const contender = contenders.get(vhost.node);
    if (contender === undefined) return;
    for (const place of [...contender.places]) {
      if (place.group.host.name !== name) continue;
      for (const context of contextsOf(place)) {
        if (context.vhost === vhost) detach(context, name);
      }
    }
  }

  return {
    domains,
    pool,
    observe(event, now) {
      switch (event.type) {
        case 'balancer-changed':
          // Its settings are read from the record at each request.
          return;
        case 'node-added':
        case 'node-updated':
        case 'node-state':
          updateNode(event.node, now);
          return;
        case 'node-removed':
          removeNode(event.node, now);
          return;
        case 'alias-added':
          if (useAlias) addAlias(event.vhost, nameOf(event.alias));
          return;
        case 'alias-removed':
          if (useAlias) removeAlias(event.vhost, nameOf(event.alias));
          return;
        case 'context-added':
        case 'context-changed':
          for (const name of namesOf(event.context.vhost)) attach(event.context, name);
          return;
        case 'context-removed':
          for (const name of namesOf(event.context.vhost)) detach(event.context, name);
          return;
      }
    },
    recalculate() {
      let changed = false;
      for (const contender of contenders.values()) if (endInterval(contender)) changed = true;
      if (changed) pool.interval++;
    },
    pathsFor(host) {
      return useAlias ? hosts.get(hostName(host, aliasCase))?.paths : everyHost.paths;
    },
    contenderOf: (route) => byRoute.get(route),
    counts() {
      let paths = everyHost.paths.size;
      for (const host of hosts.values()) paths += host.paths.size;
      return { nodes: contenders.size, hosts: hosts.size, paths, electorates: pool.size };
    },
  };
}

/** How many nodes are looked at to place a newcomer among them. */
const LEVEL_SAMPLE = 1000;

/** The mean of the active nodes of a newcomer's balancer: both parts of their election values. */
function levelOf(
  newcomer: Contender,
  contenders: Iterable<Contender>,
): { readonly before: number; readonly now: number } {
  let before = 0;
  let sum = 0;
  let active = 0;
  let looked = 0;
  for (const other of contenders) {
    if (looked++ === LEVEL_SAMPLE) break;
    if (other === newcomer || other.balancer !== newcomer.balancer || !other.usable || other.load <= 0) continue;
    before += other.lbStatus;
    sum += electionValue(other);
    active++;
  }
  if (active === 0) return { before: 0, now: 0 };
  return { before: Math.floor(before / active), now: Math.floor((sum - before) / active) };
}

function contextsOf(place: Place): readonly ContextRecord[] {
  return place.shelf === null ? [place.context] : place.shelf.contexts();
}

/** Adds a group to those of the same path, in the order of balancer slots. */
function insertBySlot(host: HostTable, head: CandidateGroup | undefined, group: CandidateGroup): void {
  if (head === undefined || group.balancer.slot < head.balancer.slot) {
    group.next = head ?? null;
    host.paths.set(group);
    return;
  }
  let before = head;
  while (before.next !== null && before.next.balancer.slot < group.balancer.slot) before = before.next;
  group.next = before.next;
  before.next = group;
}

/** Takes a group that has no place left out of those of its path. */
function unlink(group: CandidateGroup): void {
  const { paths } = group.host;
  const head = paths.get(group.path);
  if (head === group) {
    if (group.next === null) paths.delete(group.path);
    else paths.set(group.next);
    return;
  }
  for (let before = head; before !== undefined; before = before.next ?? undefined) {
    if (before.next === group) before.next = group.next;
  }
}
