import type { ContextStatus, FlushPackets } from '../core/cluster/records.ts';
import type { DumpBalancer, DumpNode, DumpView } from '../core/mcmp/dump.ts';
import { type InfoNode, type InfoView, statusOf } from '../core/mcmp/info.ts';
import { parseJson } from '../core/mcmp/json.ts';
import type { ReadProblem } from '../core/mcmp/lines.ts';
import type { BalancerFacts, ToldNode } from './told.ts';

/** What the JSON form of INFO holds: both tables, and what the lines of the other forms have no place for. */
export interface DocumentTables {
  readonly info: InfoView;
  readonly dump: DumpView;
  readonly facts: BalancerFacts;
  /** By route. */
  readonly nodes: ReadonlyMap<string, ToldNode>;
  readonly problems: readonly ReadProblem[];
}

/** A member of a document that is not of the kind it has to be; caught where the row can be left out. */
class WrongMember extends Error {}

/**
 * Reads INFO in JSON, which `mcmp serve` alone has (`core/mcmp/document.ts`). Nothing in it is taken on trust: a row that is
 * not whole is left out and becomes a problem.
 *
 * @param body byte string
 * @returns undefined when it is no such document, or of another version
 */
export function readDocumentTables(body: string): DocumentTables | undefined {
  const value = isDense(body) ? undefined : parseJson(body);
  if (!isObject(value) || memberOf(value, 'schemaVersion') !== 1) return undefined;
  const rows = { balancers: memberOf(value, 'balancers'), nodes: memberOf(value, 'nodes') };
  if (!Array.isArray(rows.balancers) || !Array.isArray(rows.nodes)) return undefined;
  const problems: ReadProblem[] = [];
  const readRows = <Row>(table: readonly unknown[], read: (row: object) => Row, what: string): Row[] =>
    table.flatMap((row) => {
      const one = rowOf(row, read);
      if (one !== undefined) return [one];
      problems.push({ line: 0, message: `a ${what} of the document does not have its members` });
      return [];
    });
  const balancers = readRows(rows.balancers, balancerOf, 'balancer');
  const nodes = readRows(rows.nodes, nodeOf, 'node');
  return {
    info: {
      nodes: nodes.map(({ info }) => info),
      vhosts: nodes.flatMap(({ info, vhosts }) =>
        vhosts.flatMap(({ id, aliases }) => aliases.map((alias) => ({ node: info.id, vhost: id, slot: -1, alias }))),
      ),
      contexts: nodes.flatMap(({ info, vhosts }) =>
        vhosts.flatMap(({ id, contexts }) =>
          contexts.map(({ slot, path, status }) => ({ node: info.id, vhost: id, slot, path, status })),
        ),
      ),
    },
    dump: {
      balancers,
      nodes: nodes.map(({ dump }) => dump),
      hosts: nodes.flatMap(({ info, vhosts }) =>
        vhosts.flatMap(({ id, aliases }) => aliases.map((alias) => ({ slot: -1, alias, vhost: id, node: info.id }))),
      ),
      contexts: nodes.flatMap(({ info, vhosts }) =>
        vhosts.flatMap(({ id, contexts }) =>
          contexts.map(({ slot, path, status }) => ({ slot, path, vhost: id, node: info.id, status })),
        ),
      ),
    },
    facts: factsOf(value),
    nodes: new Map(nodes.map(({ info, told }) => [info.name, told])),
    problems,
  };
}

interface ReadNode {
  readonly info: InfoNode;
  readonly dump: DumpNode;
  readonly told: ToldNode;
  readonly vhosts: readonly ReadVhost[];
}

interface ReadVhost {
  readonly id: number;
  readonly aliases: readonly string[];
  readonly contexts: readonly {
    readonly slot: number;
    readonly path: string;
    readonly status: ContextStatus;
    readonly inFlight: number;
  }[];
}

function rowOf<Row>(row: unknown, read: (row: object) => Row): Row | undefined {
  if (!isObject(row)) return undefined;
  try {
    return read(row);
  } catch (error) {
    if (error instanceof WrongMember) return undefined;
    throw error;
  }
}

function balancerOf(row: object): DumpBalancer {
  return {
    id: numberOf(row, 'id'),
    name: stringOf(row, 'name'),
    stickySession: booleanOf(row, 'stickySession'),
    cookie: stringOf(row, 'stickySessionCookie'),
    path: stringOf(row, 'stickySessionPath'),
    remove: booleanOf(row, 'stickySessionRemove'),
    force: booleanOf(row, 'stickySessionForce'),
    timeoutSeconds: numberOf(row, 'waitWorkerSeconds'),
    maxAttempts: numberOf(row, 'maxAttempts'),
  };
}

function nodeOf(row: object): ReadNode {
  const id = numberOf(row, 'id');
  const route = stringOf(row, 'route');
  const shared = {
    balancer: stringOf(row, 'balancer'),
    domain: stringOf(row, 'domain'),
    host: stringOf(row, 'host'),
    port: stringOf(row, 'port'),
    type: stringOf(row, 'type'),
    flushPackets: flushOf(stringOf(row, 'flushPackets')),
    flushWaitMs: numberOf(row, 'flushWaitMs'),
    pingSeconds: Math.floor(numberOf(row, 'pingMs') / 1000),
    smax: numberOf(row, 'smax'),
    ttlSeconds: Math.floor(numberOf(row, 'ttlMs') / 1000),
  };
  const vhosts = arrayOf(row, 'vhosts').map(vhostOf);
  return {
    info: {
      id,
      name: route,
      ...shared,
      elected: numberOf(row, 'elected'),
      readBytes: numberOf(row, 'readBytes'),
      transferredBytes: numberOf(row, 'transferredBytes'),
      connected: numberOf(row, 'inFlight'),
      load: numberOf(row, 'load'),
    },
    dump: { id, slot: id, route, ...shared, timeoutSeconds: Math.floor(numberOf(row, 'timeoutMs') / 1000) },
    told: {
      state: stateOf(stringOf(row, 'state')),
      errorReason: stringOf(row, 'errorReason'),
      lastHeardMs: numberOf(row, 'lastHeardMs'),
      failingSinceMs: numberOf(row, 'failingSinceMs'),
      inFlight: new Map(
        vhosts.flatMap((vhost) => vhost.contexts.map(({ path, inFlight }) => [`${vhost.id}:${path}`, inFlight])),
      ),
    },
    vhosts,
  };
}

function vhostOf(row: unknown): ReadVhost {
  if (!isObject(row)) throw new WrongMember();
  return {
    id: numberOf(row, 'id'),
    aliases: arrayOf(row, 'aliases').map((alias) => {
      if (typeof alias !== 'string') throw new WrongMember();
      return alias;
    }),
    contexts: arrayOf(row, 'contexts').map((context) => {
      if (!isObject(context)) throw new WrongMember();
      const status = statusOf(stringOf(context, 'status'));
      if (status === undefined) throw new WrongMember();
      return {
        slot: numberOf(context, 'id'),
        path: stringOf(context, 'path'),
        status,
        inFlight: numberOf(context, 'inFlight'),
      };
    }),
  };
}

function factsOf(document: object): BalancerFacts {
  const limits = memberOf(document, 'limits');
  const limit = (name: string): number | undefined => {
    const value = isObject(limits) ? memberOf(limits, name) : undefined;
    return typeof value === 'number' ? value : undefined;
  };
  const [nodes, contexts, hosts] = [limit('maxNodes'), limit('maxContexts'), limit('maxHosts')];
  return {
    limits: {
      // Rows of balancers outlive their nodes, and have the limit of nodes.
      ...(nodes === undefined ? {} : { nodes, balancers: nodes }),
      ...(contexts === undefined ? {} : { contexts }),
      ...(hosts === undefined ? {} : { hosts }),
    },
  };
}

const STATES = ['serving', 'error', 'removing', 'buried'] as const;

function stateOf(word: string): ToldNode['state'] {
  const state = STATES.find((known) => known === word);
  if (state === undefined) throw new WrongMember();
  return state;
}

function flushOf(word: string): FlushPackets {
  if (word !== 'off' && word !== 'on' && word !== 'auto') throw new WrongMember();
  return word;
}

/** Fewer than an object or list takes on average, whatever the tables hold. */
const LEAST_ROW_BYTES = 8;
const MOST_EMPTY_ROWS = 1000;
const [QUOTE, BACKSLASH, BRACE, BRACKET] = [34, 92, 123, 91];

/**
 * Whether a JSON text has more objects and lists than a document of its length can have: each takes a hundred bytes and time
 * to read, so that 60 MB of `{},` would cost gigabytes and minutes. Braces in strings are none.
 */
function isDense(json: string): boolean {
  const most = MOST_EMPTY_ROWS + json.length / LEAST_ROW_BYTES;
  let structures = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) inString = !inString;
    else if (inString) {
      if (code === BACKSLASH) at++;
    } else if ((code === BRACE || code === BRACKET) && ++structures > most) return true;
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function memberOf(row: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(row, name)?.value;
}

function stringOf(row: object, name: string): string {
  const value = memberOf(row, name);
  if (typeof value !== 'string') throw new WrongMember();
  return value;
}

function numberOf(row: object, name: string): number {
  const value = memberOf(row, name);
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new WrongMember();
  return value;
}

function booleanOf(row: object, name: string): boolean {
  const value = memberOf(row, name);
  if (typeof value !== 'boolean') throw new WrongMember();
  return value;
}

function arrayOf(row: object, name: string): readonly unknown[] {
  const value = memberOf(row, name);
  if (!Array.isArray(value)) throw new WrongMember();
  return value;
}
