import { CONTEXT_TRANSITIONS } from '../../../core/cluster/lifecycle.ts';
import { type ContextRecord, isUsable, type NodeRecord, type VhostRecord } from '../../../core/cluster/records.ts';
import { type ClusterState, contextsOf, findNode, nodesOf } from '../../../core/cluster/state.ts';
import { encodeBody } from '../../../core/mcmp/body.ts';
import { lowerAscii, textOf } from '../../../core/mcmp/bytes.ts';
import type { AppCommandName } from '../../../core/mcmp/types.ts';
import type { PageArguments } from './arguments.ts';

export type OrderRange = 'CONTEXT' | 'NODE' | 'DOMAIN';

/** What somebody asks for by a button of the page, or by the arguments of httpd's page. Byte strings. */
export interface Order {
  readonly command: AppCommandName;
  readonly range: OrderRange;
  readonly route: string;
  readonly alias: string;
  readonly context: string;
  readonly domain: string;
}

/** The nodes and contexts that an order is about, as they are now. */
export interface OrderTarget {
  readonly nodes: readonly NodeRecord[];
  readonly contexts: readonly ContextRecord[];
}

const COMMANDS: ReadonlyMap<string, AppCommandName> = new Map(
  (['ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP'] as const).map((name) => [name, name]),
);
const RANGES: ReadonlyMap<string, OrderRange> = new Map(
  (['CONTEXT', 'NODE', 'DOMAIN'] as const).map((name) => [name, name]),
);

/** The order that arguments make (reference §8.1); undefined when they name no command, or a range that there is not. */
export function readOrder(values: PageArguments): Order | undefined {
  const command = COMMANDS.get((values.get('cmd') ?? '').toUpperCase());
  const range = RANGES.get((values.get('range') ?? 'CONTEXT').toUpperCase());
  if (command === undefined || range === undefined) return undefined;
  const argument = (name: string): string => values.get(name) ?? '';
  return {
    command,
    range,
    route: argument('jvmroute'),
    alias: argument('alias'),
    context: argument('context'),
    domain: argument('domain'),
  };
}

/** Writes an order as `readOrder` reads it. */
export function writeOrder({ command, range, route, alias, context, domain }: Order): string {
  const pairs: [string, string][] = [
    ['Cmd', command],
    ['Range', range],
    ['JVMRoute', route],
    ['Alias', alias],
    ['Context', context],
    ['Domain', domain],
  ];
  return encodeBody(pairs.filter(([, value]) => value !== ''));
}

/** How an order for a context ends, up to the path of the context, which `encodeValue` has to write. */
export function orderHead(route: string, alias: string): string {
  const pairs: [string, string][] = [
    ['Range', 'CONTEXT'],
    ['JVMRoute', route],
    ['Alias', alias],
    ['Context', ''],
  ];
  return encodeBody(pairs);
}

/**
 * Finds what an order is about. The page names only what there is: MCMP would make a context that somebody enables, and
 * remember what is stopped until its node comes.
 *
 * @returns a sentence for people when there is no such thing (any more)
 */
export function findTarget(state: ClusterState, order: Order): OrderTarget | string {
  if (order.range === 'DOMAIN') {
    const nodes = [...nodesOf(state)].filter(({ domain, removedAtMs }) => domain === order.domain && removedAtMs === 0);
    if (order.domain !== '' && nodes.length > 0) return { nodes, contexts: nodes.flatMap(allContexts) };
    return order.domain === '' ? 'no domain was named' : `there is no node in domain ${textOf(order.domain)}`;
  }
  const node = findNode(state, order.route);
  if (node === undefined || node.removedAtMs !== 0) {
    return order.route === '' ? 'no node was named' : `there is no node ${textOf(order.route)}`;
  }
  if (order.range === 'NODE') return { nodes: [node], contexts: allContexts(node) };
  const named = node.vhostByAlias.get(lowerAscii(order.alias)) ?? node.vhosts.find((vhost) => isNamed(vhost, order));
  const context = named?.contexts.get(order.context);
  if (context !== undefined) return { nodes: [node], contexts: [context] };
  return `node ${textOf(order.route)} has no context ${textOf(order.context)} on host ${textOf(order.alias)}`;
}

/** Where each list of aliases is a virtual host of its own, an alias may stand in several. */
function isNamed({ aliases, contexts }: VhostRecord, { alias, context }: Order): boolean {
  return contexts.has(context) && aliases.some(({ name }) => lowerAscii(name) === lowerAscii(alias));
}

function allContexts(node: NodeRecord): ContextRecord[] {
  return node.vhosts.flatMap(({ contexts }) => [...contexts.values()]);
}

/** What an order would do. */
export interface Effect {
  /** Whose status would change. */
  readonly changing: readonly ContextRecord[];
  /** Requests in flight for these. */
  readonly inFlight: number;
  /** Paths of contexts for which no node would take new requests any more; byte strings. */
  readonly lastPlaces: readonly string[];
}

export function effectOf(state: ClusterState, order: Order, target: OrderTarget, useAlias: boolean): Effect {
  const changing = target.contexts.filter(({ status }) => CONTEXT_TRANSITIONS[status][order.command] !== status);
  let inFlight = 0;
  for (const context of changing) inFlight += context.inFlight;
  const leaving = order.command === 'ENABLE-APP' ? [] : changing.filter(takesNewRequests);
  return { changing, inFlight, lastPlaces: placesLost(state, leaving, useAlias) };
}

/** Which contexts would have no place left if these took no new requests. */
function placesLost(state: ClusterState, leaving: readonly ContextRecord[], useAlias: boolean): string[] {
  if (leaving.length === 0) return [];
  const leavingSet = new Set(leaving);
  const paths = new Map<string, string>();
  for (const context of leaving) for (const key of servedKeys(context, useAlias)) paths.set(key, context.path);
  for (const context of contextsOf(state)) {
    if (leavingSet.has(context) || !takesNewRequests(context)) continue;
    for (const key of servedKeys(context, useAlias)) paths.delete(key);
  }
  return [...new Set(paths.values())];
}

export function takesNewRequests({ status, vhost }: ContextRecord): boolean {
  return status === 'ENABLED' && isUsable(vhost.node);
}

/** What two contexts share when requests for one can go to the other: the path, and with `--use-alias` a host name. */
export function servedKeys({ path, vhost }: ContextRecord, useAlias: boolean): readonly string[] {
  return useAlias ? vhost.aliases.map(({ name }) => `${lowerAscii(name)} ${path}`) : [path];
}

/**
 * Whether an order waits for a second click: it stops something, or reaches beyond one context, or takes the last place of
 * a context away.
 */
export function wantsConfirmation({ command, range }: Order, { lastPlaces }: Effect): boolean {
  if (command === 'ENABLE-APP') return false;
  return command !== 'DISABLE-APP' || range !== 'CONTEXT' || lastPlaces.length > 0;
}

/** Where on the page the node of an order stands, as the end of a link: who clicked there looks there. */
export function anchorOf({ range }: Order, { nodes: [node] }: OrderTarget): string {
  return range === 'DOMAIN' || node === undefined ? '' : `#node-${node.slot}`;
}

const PLACES = {
  CONTEXT: (order: Order) => `${textOf(order.context)} on ${textOf(order.route)}`,
  NODE: (order: Order) => `all contexts of node ${textOf(order.route)}`,
  DOMAIN: (order: Order) => `all contexts of domain ${textOf(order.domain)}`,
} as const satisfies Record<OrderRange, (order: Order) => string>;

/** What an order is about, for people: `/app on node1`. */
export function placeOf(order: Order): string {
  return PLACES[order.range](order);
}
