import type { ViewNode } from '../client/index.ts';
import type { ContextStatus } from '../core/cluster/records.ts';
import { lowerAscii } from '../core/mcmp/bytes.ts';
import type { CopyRow } from './rows.ts';
import { shown } from './width.ts';

type Growing = { -readonly [Member in keyof CopyRow]: CopyRow[Member] } & { statuses: (ContextStatus | undefined)[] };
export type SeenCopies = Map<string, Growing>;

const WORST: Readonly<Record<ContextStatus, number>> = { ENABLED: 0, DISABLED: 1, STOPPED: 2 };

/** @param aliases in lower case and sorted: brands keep them in different orders */
export function copyKey(route: string, path: string, aliases: readonly string[]): string {
  return `c${route}\n${path}\n${aliases.join(',')}`;
}

/**
 * Adds what one balancer says of the contexts of one node.
 *
 * @param at position of the balancer
 * @param targets how many balancers there are
 * @param isStale it said so before it fell silent: others know better
 */
export function mergeCopies(seen: SeenCopies, node: ViewNode, at: number, targets: number, isStale: boolean): void {
  const routeShown = shown(node.name);
  for (const { aliases, contexts } of node.vhosts) {
    const names = aliases.map(lowerAscii).sort();
    const aliasesShown = shown(names.join(', '));
    for (const { path, status, inFlight } of contexts) {
      const key = copyKey(node.name, path, names);
      const known = seen.get(key);
      if (known === undefined) {
        const statuses = new Array<ContextStatus | undefined>(targets).fill(undefined);
        statuses[at] = status;
        seen.set(key, {
          kind: 'copy',
          key,
          route: node.name,
          path,
          pathShown: shown(path),
          routeShown,
          aliases: names,
          aliasesShown,
          statuses,
          status,
          inFlight,
          isStale,
          disagrees: false,
        });
        continue;
      }
      known.statuses[at] = status;
      if (isStale) continue;
      if (known.isStale) {
        known.status = status;
        known.isStale = false;
      } else if (WORST[status] > WORST[known.status]) known.status = status;
      if (inFlight !== undefined) known.inFlight = (known.inFlight ?? 0) + inFlight;
    }
  }
}
