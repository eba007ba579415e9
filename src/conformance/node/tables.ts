import type { ContextStatus } from '../../core/cluster/records.ts';
import { type InfoContext, type InfoNode, type InfoVhost, printInfo } from '../../core/mcmp/info.ts';
import { printReply } from './reactions.ts';
import { fieldOf, type NodeRequest } from './request.ts';

/** What a balancer of ours was told of a node. */
export interface ToldNode {
  readonly route: string;
  /** Fields of the last CONFIG. */
  readonly config: ReadonlyMap<string, string>;
  /** Host names, as the last command with some named them. */
  readonly aliases: readonly string[];
  readonly contexts: ReadonlyMap<string, ContextStatus>;
  /** As STATUS said it; undefined before the first since the CONFIG. */
  readonly load: string | undefined;
}

/** What INFO says of one node; for situations that a node comes back to. */
export interface ReportedNode {
  readonly route: string;
  readonly host?: string;
  readonly port?: string;
  readonly type?: string;
  readonly aliases: readonly string[];
  readonly contexts: ReadonlyMap<string, ContextStatus>;
  readonly load?: number;
}

/** INFO as text: one virtual host for all names of a node, which every node reads alike (interop measurements). */
export function infoText(nodes: readonly ReportedNode[]): string {
  const lines: { nodes: InfoNode[]; vhosts: InfoVhost[]; contexts: InfoContext[] } = {
    nodes: [],
    vhosts: [],
    contexts: [],
  };
  for (const [
    index,
    { route, host = '127.0.0.1', port = '8080', type = 'http', load = 100, ...rest },
  ] of nodes.entries()) {
    const id = index + 1;
    lines.nodes.push({
      ...{ id, name: route, balancer: 'mycluster', domain: '', host, port, type },
      ...{ flushPackets: 'off', flushWaitMs: 10, pingSeconds: 10, smax: -1, ttlSeconds: 60 },
      ...{ elected: 0, readBytes: 0, transferredBytes: 0, connected: 0, load },
    });
    for (const [slot, alias] of rest.aliases.entries()) lines.vhosts.push({ node: id, vhost: 1, slot, alias });
    for (const [slot, [path, status]] of [...rest.contexts].entries()) {
      lines.contexts.push({ node: id, vhost: 1, slot, path, status });
    }
  }
  return printInfo(lines, 'text', true);
}

/** The little that a balancer has to remember so that its answers make sense to a node. */
export interface Tables {
  nodes(): readonly ToldNode[];
  /** Of the answers to STATUS and PING. */
  id(): string;
  /** As a restart does; the id changes. */
  forget(): void;
  /** Takes a message and says what a balancer in order answers. @returns the bytes */
  answer(request: NodeRequest): { readonly status: number; readonly bytes: string };
}

interface MutableNode {
  readonly route: string;
  config: Map<string, string>;
  aliases: readonly string[];
  readonly contexts: Map<string, ContextStatus>;
  load: string | undefined;
}

const STATUS_AFTER: ReadonlyMap<string, ContextStatus> = new Map([
  ['ENABLE-APP', 'ENABLED'],
  ['DISABLE-APP', 'DISABLED'],
  ['STOP-APP', 'STOPPED'],
]);

export function createTables(): Tables {
  const nodes = new Map<string, MutableNode>();
  let id = 1_700_000_000_000_001;

  const unknown = (): { status: number; bytes: string } => ({
    status: 500,
    bytes: printReply({
      status: 500,
      reason: 'Internal Server Error',
      headers: [
        ['Version', '0.2.1'],
        ['Type', 'MEM'],
        ['Mess', "MEM: Can't read node"],
      ],
      body: '',
      close: true,
    }),
  });
  const ok = (body = ''): { status: number; bytes: string } => {
    const headers = body === '' ? [] : [['Content-Type', 'text/plain'] as const];
    return { status: 200, bytes: printReply({ status: 200, reason: 'OK', headers, body, close: false }) };
  };

  const app = (request: NodeRequest, node: MutableNode): void => {
    const isWhole = request.target.endsWith('*');
    if (request.method === 'REMOVE-APP' && isWhole) {
      nodes.delete(node.route);
      return;
    }
    const aliases = listOf(request, 'Alias');
    if (aliases.length > 0) node.aliases = aliases;
    const status = STATUS_AFTER.get(request.method);
    for (const path of isWhole ? [...node.contexts.keys()] : listOf(request, 'Context')) {
      if (status === undefined) node.contexts.delete(path);
      else node.contexts.set(path, status);
    }
  };

  return {
    nodes: () => [...nodes.values()],
    id: () => String(id),
    forget() {
      nodes.clear();
      id += 1;
    },
    answer(request) {
      const route = fieldOf(request, 'JVMRoute') ?? '';
      const node = nodes.get(route);
      switch (request.method) {
        case 'CONFIG': {
          const config = new Map(request.fields.map(([name, value]) => [name, value]));
          nodes.set(route, { route, aliases: [], contexts: new Map(), ...node, config, load: undefined });
          return ok();
        }
        case 'STATUS':
          if (node === undefined) return unknown();
          node.load = fieldOf(request, 'Load');
          return ok(`Type=STATUS-RSP&JVMRoute=${route}&State=OK&id=${id}\n`);
        case 'PING':
          return ok(`Type=PING-RSP&${route === '' ? '' : `JVMRoute=${route}&`}State=OK&id=${id}\n`);
        case 'INFO':
          return ok(infoText([...nodes.values()].map(reportedOf)));
        case 'ENABLE-APP':
        case 'DISABLE-APP':
        case 'REMOVE-APP':
        case 'STOP-APP': {
          // Booting WildFlys stop contexts before they say CONFIG; to refuse that costs them an interval (interop §5.3).
          if (node === undefined) return request.method === 'ENABLE-APP' ? unknown() : ok();
          app(request, node);
          if (request.method !== 'STOP-APP') return ok();
          const names = ['Alias', 'Context'].map((name) => `${name}=${fieldOf(request, name) ?? ''}`).join('&');
          return ok(`Type=STOP-APP-RSP&JvmRoute=${route}&${names}&Requests=0\n`);
        }
        default:
          return ok();
      }
    },
  };
}

function reportedOf({ route, config, aliases, contexts, load }: MutableNode): ReportedNode {
  const known = new Map([...config].map(([name, value]) => [name.toLowerCase(), value]));
  const number = Number(load ?? '1');
  return {
    route,
    host: known.get('host') ?? 'localhost',
    port: known.get('port') ?? '8009',
    type: known.get('type') ?? 'ajp',
    aliases,
    contexts,
    load: Number.isInteger(number) ? number : 1,
  };
}

function listOf(request: NodeRequest, name: string): string[] {
  return request.fields
    .filter(([other]) => other.toLowerCase() === name.toLowerCase())
    .flatMap(([, value]) => value.split(','));
}
