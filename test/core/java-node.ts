/**
 * The Java node's own reading of INFO and what it sends after it (reference §9.4, §9.7), written from the description:
 * the judge of whether our INFO tells a node what it needs.
 */

export interface JavaVhost {
  readonly aliases: Set<string>;
  /** Status by path. */
  readonly contexts: Map<string, string>;
}

/** Virtual hosts of each node by JVMRoute. Throws where the Java parser throws; the node is never configured then. */
export function parseAsJava(body: string): Map<string, JavaVhost[]> {
  const routes = new Map<string, string>();
  const vhosts = new Map<string, JavaVhost>();
  const ofRoute = new Map<string, JavaVhost[]>();
  for (const line of body.split(/\r?\n/)) {
    const [, kind = '', ids = ''] = /^(Node|Vhost|Context): \[([^\]]*)\]/.exec(line) ?? [];
    if (kind === '') continue;
    if (kind === 'Node') {
      const [, name = ''] = /,Name: ([^,]*)/.exec(line) ?? [];
      routes.set(ids, name);
      ofRoute.set(name, []);
      continue;
    }
    const [node = '', vhostId = '', third, ...more] = ids.split(':');
    if (third === undefined || more.length > 0) throw new Error(`ids of ${line}`);
    const key = `${node}:${vhostId}`;
    if (kind === 'Vhost') {
      const list = ofRoute.get(routes.get(node) ?? '');
      if (list === undefined) throw new Error(`Vhost before its Node: ${line}`);
      let vhost = vhosts.get(key);
      if (vhost === undefined) {
        vhost = { aliases: new Set(), contexts: new Map() };
        vhosts.set(key, vhost);
        list.push(vhost);
      }
      vhost.aliases.add(line.slice(line.indexOf('Alias: ') + 7));
    } else {
      const [, path = '', status = ''] = /, Context: ([^,]*), Status: (ENABLED|DISABLED|STOPPED)$/.exec(line) ?? [];
      const vhost = vhosts.get(key);
      if (status === '' || vhost === undefined) throw new Error(`Context: ${line}`);
      vhost.contexts.set(path, status);
    }
  }
  return ofRoute;
}

/** What a started node with one host sends after it read an INFO. */
export function resetRequests(
  info: string,
  route: string,
  aliases: ReadonlySet<string>,
  started: ReadonlySet<string>,
): string[] {
  const requests = ['CONFIG /'];
  const known = parseAsJava(info).get(route) ?? [];
  const [name = ''] = aliases;
  const vhost = known.find((candidate) => candidate.aliases.has(name));
  const differs =
    vhost !== undefined &&
    (vhost.aliases.size !== aliases.size || [...aliases].some((alias) => !vhost.aliases.has(alias)));
  if (differs) requests.unshift('REMOVE-APP /*');
  for (const path of started) if (vhost?.contexts.get(path) !== 'ENABLED') requests.push(`ENABLE-APP ${path}`);
  const obsolete = [...(vhost?.contexts.keys() ?? [])].filter((path) => !started.has(path));
  if (obsolete.length > 0 && obsolete.length === vhost?.contexts.size) requests.unshift('REMOVE-APP /*');
  else requests.unshift(...obsolete.map((path) => `REMOVE-APP ${path}`));
  return requests;
}
