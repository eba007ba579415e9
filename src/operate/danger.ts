import type { Brand } from '../client/brand.ts';
import { nodeCondition, type ViewNode } from '../client/index.ts';
import { lowerAscii } from '../core/mcmp/bytes.ts';
import type { ActionName, ContextChange, Danger, Scope } from './types.ts';
import { count, countWords, listed, shown } from './words.ts';

/** What a plan would change on one balancer, beside all that the balancer has. */
export interface TargetChanges {
  readonly brand: Brand;
  readonly nodes: readonly ViewNode[];
  readonly changes: readonly ContextChange[];
}

/** How much a plan has to be confirmed, by what would be left of what is served now. */
export function dangerOf(
  action: ActionName,
  scope: Scope,
  targets: readonly TargetChanges[],
  counts: { readonly contexts: number; readonly nodes: number; readonly targets: number },
): Danger {
  if (action === 'enable' || counts.nodes === 0) return { level: 'none' };
  const orphans = new Map(targets.flatMap(lastPlaces).sort(([left], [right]) => (left < right ? -1 : 1)));
  if (orphans.size > 0) {
    const [path = '', ...others] = new Set(orphans.values());
    const [places, them] =
      orphans.size === 1 ? ['its last enabled place', 'it'] : ['their last enabled places', 'them'];
    return {
      level: 'type',
      why: `${listed([...orphans.keys()])}: ${places}; nobody serves new requests for ${them} afterwards`,
      word: others.length === 0 ? typeable(path, action) : wordFor(action, scope),
    };
  }
  if (counts.nodes > 1) {
    return { level: 'type', why: `${count(counts.nodes, 'node')} at once`, word: wordFor(action, scope) };
  }
  return { level: 'ask', why: WHY[action](countWords(counts)) };
}

const WHY: Readonly<Record<Exclude<ActionName, 'enable'>, (counts: string) => string>> = {
  disable: (counts) => `${counts}: new clients go elsewhere, sessions stay`,
  stop: (counts) => `${counts}: no request goes there any more, sessions included`,
  remove: (counts) => `${counts}: the balancer forgets them; a node that still runs may register again`,
};

/** What has to be typed. */
function wordFor(action: ActionName, scope: Scope): string {
  switch (scope.kind) {
    case 'context':
    case 'path':
      return typeable(scope.path, action);
    case 'node':
      return typeable(scope.route, action);
    case 'domain':
      return typeable(scope.domain, action);
    case 'alias':
      return typeable(scope.alias, action);
    case 'several':
      return action;
  }
}

/** What people can be asked to type: short, without marks or spaces at the ends that nobody sees. */
const TYPEABLE = /^(?! )[\p{L}\p{N}\p{P}\p{S} ]{1,40}(?<! )$/u;

/** A name, or the action in its stead where strangers chose one that nobody can type. */
function typeable(name: string, action: ActionName): string {
  return TYPEABLE.test(shown(name)) ? shown(name) : action;
}

/**
 * Paths that are ENABLED somewhere now and would be nowhere, by how they are called. Host names count apart: whether the
 * balancer tells them apart is not told, and one question too many is better than an outage.
 */
function lastPlaces({ brand, nodes, changes }: TargetChanges): [label: string, path: string][] {
  const changed = new Map(changes.map((change) => [keyOf(change.route, change.aliases, change.path), change.to]));
  const before = new Map<string, { readonly path: string; readonly group: string; readonly alias: string }>();
  const after = new Set<string>();
  for (const node of nodes) {
    const condition = nodeCondition(node, brand);
    // Of a brand that does not tell, it may serve.
    const serves = condition === undefined || condition === 'active' || condition === 'standby';
    if (!serves) continue;
    for (const { aliases, contexts } of node.vhosts) {
      for (const { path, status } of contexts) {
        if (status !== 'ENABLED') continue;
        const staysEnabled = (changed.get(keyOf(node.name, aliases, path)) ?? status) === 'ENABLED';
        const group = JSON.stringify([node.balancer, path]);
        if (staysEnabled) after.add(group);
        for (const alias of aliases) {
          const place = JSON.stringify([node.balancer, path, lowerAscii(alias)]);
          before.set(place, { path, group, alias });
          if (staysEnabled) after.add(place);
        }
      }
    }
  }
  return [...before].flatMap(([place, { path, group, alias }]): [string, string][] => {
    if (after.has(place)) return [];
    return [[after.has(group) ? `${shown(path)} for ${shown(alias)}` : shown(path), path]];
  });
}

function keyOf(route: string, aliases: readonly string[], path: string): string {
  return JSON.stringify([route, aliases, path]);
}
