import { lowerAscii } from '../core/mcmp/bytes.ts';
import { differing, keysOf } from './compare.ts';
import { nodesByRoute } from './compare-nodes.ts';
import type { ComparedView, Disagreement, Saying } from './disagreements.ts';
import type { ViewNode } from './view.ts';

/**
 * What a balancer says of the contexts of one node: status by alias and path. Brands group aliases into virtual hosts in
 * different ways (reference §3.2), so a virtual host is nothing to compare; a context without any alias stands under ''.
 */
type Grid = ReadonlyMap<string, ReadonlyMap<string, string>>;

interface Told {
  readonly target: string;
  readonly grid: Grid;
  readonly paths: ReadonlySet<string>;
}

/** What balancers say differently about the contexts and aliases of nodes that they know. */
export function compareContexts(views: readonly ComparedView[]): Disagreement[] {
  const tables = views.map((compared) => ({ target: compared.target, nodes: nodesByRoute(compared) }));
  return [...keysOf(tables.map(({ nodes }) => nodes))].flatMap((route) => {
    const told = tables.flatMap(({ target, nodes }) => {
      const node = nodes.get(route);
      return node === undefined ? [] : [toldOf(target, node)];
    });
    return told.length < 2 ? [] : compareNode(route, told);
  });
}

function toldOf(target: string, { vhosts }: ViewNode): Told {
  const grid = new Map<string, Map<string, string>>();
  const paths = new Set<string>();
  for (const { aliases, contexts } of vhosts) {
    for (const { path } of contexts) paths.add(path);
    // Undertow keeps a virtual host when its last context is gone; nothing is served there.
    if (contexts.length === 0) continue;
    for (const alias of aliases.length === 0 ? [''] : aliases.map(lowerAscii)) {
      const row = grid.get(alias) ?? new Map<string, string>();
      grid.set(alias, row);
      for (const { path, status } of contexts) row.set(path, status);
    }
  }
  return { target, grid, paths };
}

function compareNode(route: string, told: readonly Told[]): Disagreement[] {
  const found: Disagreement[] = [];
  const contexts = new Map<string, { path: string; aliases: string[]; says: readonly Saying[] }>();
  for (const alias of keysOf(told.map(({ grid }) => grid))) {
    const paths = keysOf(told.flatMap(({ grid }) => grid.get(alias) ?? []));
    const unnamed = new Set(told.filter((one) => lacksOnlyName(one, alias, paths)));
    if (alias !== '') {
      // Who does not serve these contexts at all says so below.
      const says = told
        .filter((one) => unnamed.has(one) || one.grid.has(alias))
        .map((one) => ({ target: one.target, value: unnamed.has(one) ? undefined : 'known' }));
      found.push(...differing({ kind: 'alias', of: route, about: alias, aliases: [] }, says));
    }
    const asked = told.filter((one) => !unnamed.has(one)).map((one) => ({ one, row: one.grid.get(alias) }));
    for (const path of paths) {
      // There may be a million of them, and nearly all are said alike: those must cost next to nothing.
      if (alias !== '' && asked.every(({ row }) => row?.get(path) === asked[0]?.row?.get(path))) continue;
      const says = asked
        .filter(({ one }) => alias !== '' || !hasNamed(one, path))
        .map(({ one: { target }, row }) => ({ target, value: row?.get(path) }));
      // The same said under several names is said once.
      const key = says.reduce((text, { target, value }) => `${text}\n${target} ${value ?? ''}`, path);
      const known = contexts.get(key);
      if (known === undefined) contexts.set(key, { path, aliases: alias === '' ? [] : [alias], says });
      else if (alias !== '') known.aliases.push(alias);
    }
  }
  for (const { path, aliases, says } of contexts.values()) {
    found.push(...differing({ kind: 'context', of: route, about: path, aliases: aliases.sort() }, says));
  }
  return found;
}

/** Whether a balancer serves all of these paths, but under other names. */
function lacksOnlyName({ grid, paths }: Told, alias: string, wanted: ReadonlySet<string>): boolean {
  return !grid.has(alias) && [...wanted].every((path) => paths.has(path));
}

/** Whether a balancer has a name for what another one serves without any: the name is what they disagree about. */
function hasNamed({ grid, paths }: Told, path: string): boolean {
  return paths.has(path) && grid.get('')?.has(path) !== true;
}
