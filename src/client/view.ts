import type { ContextStatus } from '../core/cluster/records.ts';
import type { DumpBalancer, DumpView } from '../core/mcmp/dump.ts';
import type { InfoNode, InfoView } from '../core/mcmp/info.ts';
import type { ToldNode } from './told.ts';

/** A balancer's tables as one tree, whoever printed them. Strings are byte strings. */
export interface ClusterView {
  readonly balancers: readonly ViewBalancer[];
  readonly nodes: readonly ViewNode[];
}

export interface ViewBalancer extends Omit<DumpBalancer, 'id'> {
  /** False when the settings are the protocol's defaults, because nothing told them. */
  readonly told: boolean;
}

export interface ViewNode extends Omit<InfoNode, 'id'> {
  /** Only of a balancer that tells more than the lines of INFO hold. */
  readonly told?: ToldNode;
  readonly vhosts: readonly ViewVhost[];
}

export interface ViewVhost {
  readonly aliases: readonly string[];
  readonly contexts: readonly ViewContext[];
}

export interface ViewContext {
  readonly path: string;
  readonly status: ContextStatus;
  /** Requests in flight; only of a balancer that tells it. */
  readonly inFlight?: number;
}

/** Defaults of CONFIG (reference §2.1), which nodes rely on. */
function assumedBalancer(name: string): ViewBalancer {
  return {
    name,
    told: false,
    stickySession: true,
    cookie: 'JSESSIONID',
    path: 'jsessionid',
    remove: false,
    force: true,
    timeoutSeconds: 0,
    maxAttempts: 1,
  };
}

/**
 * Joins INFO (loads, counters) and DUMP (settings of the balancers) of one balancer. Ids join the lines of one reply only;
 * between the two, names do (reference §3.2).
 *
 * @param toldNodes by route: what is told of nodes besides
 */
export function joinViews(
  info: InfoView,
  dump: DumpView,
  toldNodes: ReadonlyMap<string, ToldNode> = new Map(),
): ClusterView {
  const nodes = info.nodes.length > 0 || dump.nodes.length === 0 ? nodesOfInfo(info, toldNodes) : nodesOfDump(dump);
  const told = dump.balancers.map(({ id: _, ...settings }) => ({ ...settings, told: true }));
  const names = new Set(told.map(({ name }) => name));
  const assumed = [...new Set(nodes.map(({ balancer }) => balancer))]
    .filter((name) => !names.has(name))
    .map(assumedBalancer);
  return { balancers: [...told, ...assumed], nodes };
}

interface PlacedAlias {
  readonly node: number;
  readonly vhost: number;
  readonly alias: string;
}

interface PlacedContext {
  readonly node: number;
  readonly vhost: number;
  readonly path: string;
  readonly status: ContextStatus;
}

function nodesOfInfo({ nodes, vhosts, contexts }: InfoView, told: ReadonlyMap<string, ToldNode>): ViewNode[] {
  const routes = new Map(told.size === 0 ? [] : nodes.map(({ id, name }) => [id, name]));
  const byNode = groupVhosts(vhosts, contexts, ({ node, vhost, path }) =>
    told.get(routes.get(node) ?? '')?.inFlight.get(`${vhost}:${path}`),
  );
  return nodes.map(({ id, ...node }) => {
    const more = told.get(node.name);
    return { ...node, ...(more === undefined ? {} : { told: more }), vhosts: byNode.get(id) ?? [] };
  });
}

/** DUMP has no loads: every node counts as idle. */
function nodesOfDump({ nodes, hosts, contexts }: DumpView): ViewNode[] {
  const byNode = groupVhosts(hosts, contexts);
  return nodes.map(({ id, slot: _, route, timeoutSeconds: __, ...node }) => ({
    ...node,
    name: route,
    elected: 0,
    readBytes: 0,
    transferredBytes: 0,
    connected: 0,
    load: 100,
    vhosts: byNode.get(id) ?? [],
  }));
}

function groupVhosts(
  aliases: readonly PlacedAlias[],
  contexts: readonly PlacedContext[],
  inFlightOf: (placed: PlacedContext) => number | undefined = () => undefined,
): Map<number, ViewVhost[]> {
  const vhosts = new Map<string, { node: number; aliases: string[]; contexts: ViewContext[] }>();
  const vhostAt = ({ node, vhost }: { node: number; vhost: number }) => {
    const key = `${node}:${vhost}`;
    const known = vhosts.get(key) ?? { node, aliases: [], contexts: [] };
    vhosts.set(key, known);
    return known;
  };
  for (const placed of aliases) vhostAt(placed).aliases.push(placed.alias);
  for (const placed of contexts) {
    const inFlight = inFlightOf(placed);
    const { path, status } = placed;
    vhostAt(placed).contexts.push({ path, status, ...(inFlight === undefined ? {} : { inFlight }) });
  }
  const byNode = new Map<number, ViewVhost[]>();
  for (const { node, ...vhost } of vhosts.values()) {
    const known = byNode.get(node);
    if (known === undefined) byNode.set(node, [vhost]);
    else known.push(vhost);
  }
  return byNode;
}
