import type { Dialect } from './dialect.ts';
import type { McmpMethod } from './types.ts';

export interface CommandRow {
  /** What it does, for help and docs. */
  readonly summary: string;
  /** Whether the balancer's tables may change. */
  readonly changes: boolean;
  /** Whether `/*` as target means the whole node (reference §1.1). */
  readonly wildcard: boolean;
}

/** Every command that is understood (reference §1.1). */
export const COMMANDS = {
  CONFIG: { summary: 'register a node, or change its settings', changes: true, wildcard: false },
  'ENABLE-APP': { summary: 'send all requests for a context to the node', changes: true, wildcard: true },
  'DISABLE-APP': { summary: 'send only requests with a session there', changes: true, wildcard: true },
  'STOP-APP': { summary: 'send no new requests there', changes: true, wildcard: true },
  'REMOVE-APP': { summary: 'forget the context, or with /* the node', changes: true, wildcard: true },
  STATUS: { summary: 'report the load of a node; the balancer pings it', changes: true, wildcard: false },
  PING: { summary: 'ask whether the balancer, a node or an address answers', changes: false, wildcard: false },
  INFO: { summary: 'list nodes, virtual hosts and contexts with their counters', changes: false, wildcard: false },
  DUMP: { summary: 'list the tables with all settings', changes: false, wildcard: false },
  VERSION: { summary: 'say what the balancer is', changes: false, wildcard: false },
} as const satisfies Record<McmpMethod, CommandRow>;

const BY_NAME: ReadonlyMap<string, McmpMethod> = new Map(
  (Object.keys(COMMANDS) as McmpMethod[]).map((method) => [method, method]),
);

/** The MCMP method of that name, in any letter case; undefined for every other method. */
export function methodOf(name: string): McmpMethod | undefined {
  return BY_NAME.get(name) ?? (name.length <= 11 ? BY_NAME.get(name.toUpperCase()) : undefined);
}

/** The same as a dialect knows it: there are balancers that understand less. */
export function commandOf(name: string, dialect: Dialect): McmpMethod | undefined {
  const method = methodOf(name);
  return method === undefined || dialect.http.unknownCommands.includes(method) ? undefined : method;
}

/** Whether a request target means the whole node: `*`, or a path that ends in `/*` (reference §1.1). The query is ignored. */
export function isWildcardTarget(target: string): boolean {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  return path === '*' || path.endsWith('/*');
}

/**
 * Header of INFO by which a node asks for its own rows alone; the route is percent-encoded. An extension of ours that other
 * balancers pass over: a thousand nodes that start would read each other's rows otherwise, a million of them in all.
 */
export const ABOUT_HEADER = 'MCMP-Route';
