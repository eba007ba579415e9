import type { ContextRecord, NodeRecord, VhostRecord } from '../../core/cluster/records.ts';
import { rowsOf } from '../../core/cluster/slots.ts';
import { balancersOf } from '../../core/cluster/state.ts';
import { spellingsOf, textOf } from '../../core/mcmp/bytes.ts';
import { PROTOCOL_VERSION } from '../../core/mcmp/release.ts';
import type { Shared } from '../shared.ts';
import type { EventLog } from './events/event-log.ts';
import { readQuery } from './query.ts';
import { errorOf, type ManagementRoute, printJson } from './route.ts';
import { type BalancerRow, balancerRow, contextRow, type NodeRow, nodeRow } from './rows.ts';
import { PieceWriter, type Slices } from './slices.ts';

/** Documents that are being written at a time; each keeps what its reader has not taken yet. */
const MOST_DOCUMENTS = 64;
/** How many contexts, aliases or rows that are left out make one piece. */
const ROWS_A_PIECE = 200;

/** Which rows of the tables are wanted, as byte strings; an empty set: all. */
export interface StateFilter {
  /** Routes. */
  readonly nodes: ReadonlySet<string>;
  readonly balancers: ReadonlySet<string>;
  /** Only these contexts, and only nodes that have one of them. */
  readonly contexts: ReadonlySet<string>;
}

export const EVERYTHING: StateFilter = { nodes: new Set(), balancers: new Set(), contexts: new Set() };

/** What stands before the nodes. Members are those of INFO in JSON (`ClusterDocument`), and more. */
interface StateHead {
  readonly schemaVersion: 1;
  readonly release: string;
  readonly protocol: string;
  readonly dialect: string;
  readonly incarnationId: string;
  /** From here `/api/v1/events` goes on. */
  readonly eventId: string;
  readonly atMs: number;
  readonly uptimeMs: number;
  readonly closing: boolean;
  readonly listen: {
    readonly traffic: readonly string[];
    readonly mcmp: readonly string[];
    /** Those of them that speak TLS; left out when none does. */
    readonly encrypted?: readonly string[];
  };
  readonly clients: { readonly open: number; readonly ofMcmpAlone: number };
  readonly defaultBalancer: string;
  readonly useAlias: boolean;
  readonly waitBeforeRemoveMs: number;
  readonly brokenNodeTimeoutMs: number;
  readonly limits: Shared['options']['limits'];
  readonly used: {
    readonly nodes: number;
    readonly contexts: number;
    readonly hosts: number;
    readonly balancers: number;
  };
  readonly balancers: readonly BalancerRow[];
}

export interface StateDocument extends StateHead {
  readonly nodes: readonly StateNode[];
}

export interface StateNode extends NodeRow {
  readonly vhosts: readonly {
    readonly id: number;
    readonly aliases: readonly string[];
    readonly contexts: readonly ReturnType<typeof contextRow>[];
  }[];
}

/** `GET /api/v1/state`: everything that is known, or the part of it that is asked for. */
export function createStateRoute(eventLog: EventLog, slices: Slices): ManagementRoute {
  let writing = 0;
  return {
    methods: ['GET'],
    describe: 'everything the balancer knows; ?node=, ?balancer= and ?context= choose, each also several times',
    answer({ shared, query }) {
      const read = readQuery(query, ['node', 'balancer', 'context']);
      if ('kind' in read) return read;
      const filter: StateFilter = {
        nodes: new Set(read.get('node')?.flatMap(spellingsOf)),
        balancers: new Set(read.get('balancer')?.flatMap(spellingsOf)),
        contexts: new Set(read.get('context')?.flatMap(spellingsOf)),
      };
      if (writing >= MOST_DOCUMENTS) {
        const error = `${MOST_DOCUMENTS} readers of the state have not read it to the end yet`;
        const hint = 'Ask again in a second, or follow /api/v1/events instead.';
        return errorOf(503, { code: 'MCMP_TOO_MANY_READERS', error, hint }, [['Retry-After', '1']]);
      }
      return {
        kind: 'stream',
        headers: [
          ['Content-Type', 'application/json'],
          ['Cache-Control', 'no-store'],
          ['X-Content-Type-Options', 'nosniff'],
        ],
        start(stream) {
          writing++;
          const writer = new PieceWriter({
            stream,
            pieces: statePieces(shared, filter, eventLog.lastId()),
            slices,
            onDone: () => {
              stream.write('\n');
              stream.end();
            },
            onFault: shared.onFault,
          });
          return {
            onDrained: () => writer.drained(),
            onTick: () => {},
            // It has an end of its own.
            onClosing: () => {},
            onOver: () => {
              writing--;
              writer.stop();
            },
          };
        },
      };
    },
  };
}

/**
 * The document in pieces, all on one line. Each piece is true when it is made. The cluster may change between two pieces: who
 * then applies the events since `eventId`, which carry whole rows, has what the cluster has.
 */
export function* statePieces(shared: Shared, filter: StateFilter, eventId: string): Generator<string, void> {
  const head = printJson(headOf(shared, filter, eventId));
  yield `${head.slice(0, -1)},"nodes":[`;
  let separator = '';
  let passed = 0;
  for (const node of rowsOf(shared.cluster.state.nodes)) {
    if (isWanted(node, filter)) {
      yield separator;
      yield* nodePieces(shared, node, filter);
      separator = ',';
    } else if (++passed % ROWS_A_PIECE === 0) {
      yield '';
    }
  }
  yield ']}';
}

function headOf(shared: Shared, { balancers: wanted }: StateFilter, eventId: string): StateHead {
  const { cluster, clock, options, addresses, clients, managementClients } = shared;
  const { settings, nodes, contexts, aliases, balancers } = cluster.state;
  const rows: BalancerRow[] = [];
  for (const balancer of balancersOf(cluster.state)) {
    if (wanted.size === 0 || wanted.has(balancer.name)) rows.push(balancerRow(balancer));
  }
  return {
    schemaVersion: 1,
    release: settings.dialect.replies.release,
    protocol: PROTOCOL_VERSION,
    dialect: settings.dialect.name,
    incarnationId: settings.incarnationId,
    eventId,
    atMs: Math.round(clock.wallMs),
    uptimeMs: Math.round(clock.nowMs - shared.startedMs),
    closing: shared.closing,
    listen: {
      traffic: addresses.listen,
      mcmp: addresses.mcmp,
      ...(addresses.encrypted === undefined ? {} : { encrypted: addresses.encrypted }),
    },
    clients: { open: clients.size, ofMcmpAlone: managementClients },
    defaultBalancer: settings.defaultBalancer,
    useAlias: options.useAlias,
    waitBeforeRemoveMs: settings.waitBeforeRemoveMs,
    brokenNodeTimeoutMs: settings.brokenNodeTimeoutMs,
    limits: settings.limits,
    used: { nodes: nodes.count, contexts: contexts.count, hosts: aliases.count, balancers: balancers.count },
    balancers: rows,
  };
}

function isWanted(node: NodeRecord, { nodes, balancers, contexts }: StateFilter): boolean {
  if (nodes.size > 0 && !nodes.has(node.route)) return false;
  if (balancers.size > 0 && !balancers.has(node.balancer.name)) return false;
  return contexts.size === 0 || node.vhosts.some((vhost) => hasOneOf(vhost, contexts));
}

function* nodePieces(shared: Shared, node: NodeRecord, { contexts }: StateFilter): Generator<string, void> {
  yield `${printJson(nodeRow(shared, node)).slice(0, -1)},"vhosts":[`;
  let separator = '';
  // The list itself is rearranged when virtual hosts go.
  for (const vhost of [...node.vhosts]) {
    if (contexts.size > 0 && !hasOneOf(vhost, contexts)) continue;
    yield `${separator}{"id":${vhost.number},"aliases":[`;
    yield* listPieces(vhost.aliases, ({ name }) => printJson(textOf(name)));
    yield '],"contexts":[';
    yield* listPieces(contextsOf(vhost, contexts), (context) => printJson(contextRow(context)));
    yield ']}';
    separator = ',';
  }
  yield ']}';
}

function hasOneOf(vhost: VhostRecord, paths: ReadonlySet<string>): boolean {
  for (const path of paths) if (vhost.contexts.has(path)) return true;
  return false;
}

function contextsOf(vhost: VhostRecord, wanted: ReadonlySet<string>): Iterable<ContextRecord> {
  if (wanted.size === 0) return vhost.contexts.values();
  return [...wanted].flatMap((path) => vhost.contexts.get(path) ?? []);
}

function* listPieces<T>(rows: Iterable<T>, print: (row: T) => string): Generator<string, void> {
  let text = '';
  let count = 0;
  for (const row of rows) {
    text += count === 0 ? print(row) : `,${print(row)}`;
    if (++count % ROWS_A_PIECE !== 0) continue;
    yield text;
    text = '';
  }
  yield text;
}
