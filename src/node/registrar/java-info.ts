/** One virtual host of a node, as a Java node reads it from INFO. */
export interface JavaVhost {
  readonly aliases: ReadonlySet<string>;
  /** Status by path. */
  readonly contexts: ReadonlyMap<string, string>;
}

interface MutableVhost {
  readonly aliases: Set<string>;
  readonly contexts: Map<string, string>;
}

const STATUSES: ReadonlySet<string> = new Set(['ENABLED', 'DISABLED', 'STOPPED']);

/**
 * Reads INFO to the letter, as a Java node does (reference §9.7): lines in the order in which things are declared, values
 * without commas.
 * @returns the virtual hosts of the node; undefined when it would throw and stay without configuration
 */
export function readInfoAsJava(text: string, route: string): readonly JavaVhost[] | undefined {
  const vhosts = new Map<string, MutableVhost>();
  const nodes = new Map<string, string>();
  for (const line of text.split('\n')) {
    const kind = line.slice(0, line.indexOf(':'));
    if (kind === 'Node') {
      const [id, name] = cut(line, 1, ['Name']) ?? [];
      if (id === undefined || name === undefined) return undefined;
      nodes.set(id, name);
    } else if (kind === 'Vhost') {
      const [ids, alias] = cut(line, 3, ['Alias']) ?? [];
      if (ids === undefined || alias === undefined || !nodes.has(nodeOf(ids))) return undefined;
      const vhost = vhosts.get(vhostOf(ids)) ?? { aliases: new Set(), contexts: new Map() };
      vhosts.set(vhostOf(ids), vhost);
      vhost.aliases.add(alias);
    } else if (kind === 'Context') {
      const [ids, path, status] = cut(line, 3, ['Context', 'Status']) ?? [];
      const vhost = ids === undefined ? undefined : vhosts.get(vhostOf(ids));
      if (vhost === undefined || path === undefined || status === undefined || !STATUSES.has(status)) return undefined;
      vhost.contexts.set(path, status);
    }
  }
  return [...vhosts].filter(([key]) => nodes.get(nodeOf(key)) === route).map(([, vhost]) => vhost);
}

function nodeOf(ids: string): string {
  return ids.slice(0, ids.indexOf(':'));
}

function vhostOf(ids: string): string {
  return ids.slice(0, ids.lastIndexOf(':'));
}

/** The ids in brackets as one text, then the values behind the names, at their places; undefined when one is missing. */
function cut(line: string, idCount: number, names: readonly string[]): string[] | undefined {
  const [head = '', ...fields] = line.split(',');
  const ids = /^[A-Za-z]+: \[([^\]]*)\]$/.exec(head)?.[1] ?? '';
  const parts = ids.split(':');
  if (parts.length !== idCount || !parts.every((id) => /^-?[0-9]+$/.test(id))) return undefined;
  const values: string[] = [ids];
  for (const [index, name] of names.entries()) {
    const field = fields[index]?.trim() ?? '';
    if (!field.startsWith(`${name}: `)) return undefined;
    values.push(field.slice(name.length + 2));
  }
  return values;
}
