/**
 * What a Java node makes of INFO (reference §9.4, §9.7), as far as a balancer must know it to serve such a node well.
 */

export type AppStatus = 'ENABLED' | 'DISABLED' | 'STOPPED';

export interface ReportedVhost {
  readonly aliases: Set<string>;
  /** Status by path. */
  readonly contexts: Map<string, AppStatus>;
}

/** Vhosts by JVMRoute. */
export type InfoReading = ReadonlyMap<string, readonly ReportedVhost[]>;

const STATUSES: ReadonlySet<string> = new Set(['ENABLED', 'DISABLED', 'STOPPED']);

/** Reads INFO by the node's rules. A node that meets what is an error here stays without configuration. */
export function readInfoAsNode(text: string): InfoReading {
  const routes = new Map<string, { readonly route: string; readonly vhosts: Map<string, ReportedVhost> }>();
  for (const line of text.split('\n')) {
    const kind = line.slice(0, line.indexOf(':'));
    if (kind === 'Node') {
      const { ids, values } = parts(line, 1, ['Name']);
      routes.set(ids[0] ?? '', { route: values[0] ?? '', vhosts: new Map() });
    } else if (kind === 'Vhost') {
      const { ids, values } = parts(line, 3, ['Alias']);
      const [nodeId = '', vhostId = ''] = ids;
      const node = routes.get(nodeId);
      if (node === undefined) throw new Error(`a Vhost before its Node: ${line}`);
      const vhost = node.vhosts.get(vhostId) ?? { aliases: new Set(), contexts: new Map() };
      node.vhosts.set(vhostId, vhost);
      vhost.aliases.add(values[0] ?? '');
    } else if (kind === 'Context') {
      const { ids, values } = parts(line, 3, ['Context', 'Status']);
      const [nodeId = '', vhostId = ''] = ids;
      const [path = '', status = ''] = values;
      const vhost = routes.get(nodeId)?.vhosts.get(vhostId);
      if (vhost === undefined) throw new Error(`a Context before its Vhost: ${line}`);
      if (!isStatus(status)) throw new Error(`a status that is none: ${line}`);
      vhost.contexts.set(path, status);
    }
  }
  return new Map([...routes.values()].map(({ route, vhosts }) => [route, [...vhosts.values()]]));
}

function isStatus(text: string): text is AppStatus {
  return STATUSES.has(text);
}

/** Splits at commas, as the node does: the ids of the first field, and the values behind the first names. */
function parts(line: string, idCount: number, names: readonly string[]): { ids: string[]; values: string[] } {
  const [head = '', ...fields] = line.split(',');
  const inBrackets = /^[A-Za-z]+: \[([^\]]*)\]$/.exec(head)?.[1];
  const ids = inBrackets?.split(':') ?? [];
  if (ids.length !== idCount || !ids.every((id) => /^-?\d+$/.test(id))) throw new Error(`not ${idCount} ids: ${line}`);
  const values = names.map((name, index) => {
    const field = fields[index]?.trim() ?? '';
    if (!field.startsWith(`${name}: `)) throw new Error(`no ${name} in its place: ${line}`);
    return field.slice(name.length + 2);
  });
  return { ids, values };
}

/** What the node itself knows of one of its hosts. */
export interface NodeHost {
  readonly name: string;
  /** The name is one of them. */
  readonly aliases: ReadonlySet<string>;
  /** Whether each context is started, by path; excluded ones are not among them. */
  readonly contexts: ReadonlyMap<string, boolean>;
}

export interface NodeMind {
  readonly route: string;
  /** Body of its CONFIG. */
  readonly config: string;
  readonly hosts: readonly NodeHost[];
  /** `autoEnableContexts`. */
  readonly autoEnable: boolean;
}

export interface NodeRequest {
  readonly line: string;
  readonly body: string;
}

/** The requests with which a node answers an INFO after its connection broke, in order; STATUS is not among them. */
export function resetRequests(mind: NodeMind, info: InfoReading): NodeRequest[] {
  const reported = info.get(mind.route) ?? [];
  const removals: NodeRequest[] = [];
  const apps: NodeRequest[] = [];
  let removesAll = false;
  for (const host of mind.hosts) {
    const vhost = reported.find(({ aliases }) => aliases.has(host.name));
    if (vhost !== undefined && !isSameSet(vhost.aliases, host.aliases)) removesAll = true;
    for (const [path, started] of host.contexts) {
      const status = vhost?.contexts.get(path);
      if (started && status !== 'ENABLED') {
        apps.push(appRequest(mind.autoEnable ? 'ENABLE-APP' : 'DISABLE-APP', mind, host, path));
      } else if (!started && (status === undefined || status === 'ENABLED')) {
        apps.push(appRequest('STOP-APP', mind, host, path));
      }
    }
    const paths = [...(vhost?.contexts.keys() ?? [])];
    const obsolete = paths.filter((path) => !host.contexts.has(path));
    if (obsolete.length > 0 && obsolete.length === paths.length) removesAll = true;
    else removals.push(...obsolete.map((path) => appRequest('REMOVE-APP', mind, host, path)));
  }
  const first = removesAll ? [{ line: 'REMOVE-APP /*', body: `JVMRoute=${mind.route}` }] : removals;
  return [...first, { line: 'CONFIG /', body: mind.config }, ...apps];
}

function appRequest(command: string, mind: NodeMind, host: NodeHost, path: string): NodeRequest {
  const aliases = encodeURIComponent([...host.aliases].join(','));
  return {
    line: `${command} /`,
    body: `JVMRoute=${mind.route}&Alias=${aliases}&Context=${encodeURIComponent(path)}`,
  };
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((element) => other.has(element));
}

/**
 * The contexts of a node as a balancer has them after requests that it carried out, by path: what the node may expect to
 * find in INFO.
 */
export function carriedOut(
  before: ReadonlyMap<string, AppStatus>,
  requests: readonly NodeRequest[],
): Map<string, AppStatus> {
  const contexts = new Map(before);
  for (const { line, body } of requests) {
    const [command = '', target = ''] = line.split(' ');
    const verb = /^(ENABLE|DISABLE|STOP|REMOVE)-APP$/.exec(command)?.[1];
    if (verb === undefined) continue;
    const path = decodeURIComponent(/(?:^|&)Context=([^&]*)/.exec(body)?.[1] ?? '');
    for (const each of target.endsWith('/*') ? [...contexts.keys()] : [path]) {
      if (verb === 'REMOVE') contexts.delete(each);
      else contexts.set(each, verb === 'ENABLE' ? 'ENABLED' : verb === 'DISABLE' ? 'DISABLED' : 'STOPPED');
    }
  }
  return contexts;
}
