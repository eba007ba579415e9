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
  const orphans = [...new Set(targets.flatMap(lastPlaces))].sort();
  if (orphans.length > 0) {
    const [first = ''] = orphans;
    const them = orphans.length === 1 ? 'its last enabled place' : 'their last enabled places';
    return {
      level: 'type',
      why: `${listed(orphans.map(shown))}: ${them}; nobody serves new requests for ${orphans.length === 1 ? 'it' : 'them'} afterwards`,
      word: orphans.length === 1 ? shown(first) : wordFor(action, scope),
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
      return shown(scope.path);
    case 'node':
      return shown(scope.route);
    case 'domain':
      return scope.domain === '' ? action : shown(scope.domain);
    case 'alias':
      return shown(scope.alias);
    case 'several':
      return action;
  }
}

/**
 * Paths that are ENABLED somewhere now and would be nowhere. Host names count apart: whether the balancer tells them apart is
 * not told, and one question too many is better than an outage.
 */
function lastPlaces({ brand, nodes, changes }: TargetChanges): string[] {
  const changed = new Map(changes.map((change) => [keyOf(change.route, change.aliases, change.path), change.to]));
  const before = new Map<string, string>();
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
        for (const alias of aliases) {
          const place = JSON.stringify([node.balancer, lowerAscii(alias), path]);
          before.set(place, path);
          if (staysEnabled) after.add(place);
        }
      }
    }
  }
  return [...before].flatMap(([place, path]) => (after.has(place) ? [] : [path]));
}

function keyOf(route: string, aliases: readonly string[], path: string): string {
  return JSON.stringify([route, aliases, path]);
}
