import { textOf } from '../core/mcmp/bytes.ts';
import { escapeForTerminal } from '../core/text.ts';
import type { ActionName, Scope } from './types.ts';

/** A name of a peer as people read it, on one line and harmless. */
export function shown(bytes: string): string {
  return escapeForTerminal(textOf(bytes));
}

/** `1 node`, `2 nodes`. */
export function count(many: number, one: string, several = `${one}s`): string {
  return `${many} ${many === 1 ? one : several}`;
}

/** `a`, `a and b`, `a, b and c`; of many the first few and how many more. */
export function listed(names: readonly string[], most = 5): string {
  const rest = names.length - most;
  const parts = rest > 0 ? [...names.slice(0, most), `${rest} more`] : [...names];
  const last = parts.pop() ?? 'none';
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}

/** How an action is said of what it is done to: `Stop /app on node1`. */
export const ACTION_WORDS: Readonly<Record<ActionName | 'undo', string>> = {
  enable: 'Enable',
  disable: 'Disable',
  stop: 'Stop',
  remove: 'Remove',
  undo: 'Undo:',
};

/** What a scope is called: `/app on node1`, `all of domain blue`. */
export function scopeWords(scope: Scope): string {
  switch (scope.kind) {
    case 'context':
      return `${shown(scope.path)} on ${shown(scope.route)}`;
    case 'path':
      return `${shown(scope.path)} on every node`;
    case 'node':
      return `node ${shown(scope.route)}`;
    case 'domain':
      return `domain ${scope.domain === '' ? '(none)' : shown(scope.domain)}`;
    case 'alias':
      return `everything of ${shown(scope.alias)}`;
    case 'several':
      return scope.scopes.length <= 3 ? listed(scope.scopes.map(scopeWords)) : `${scope.scopes.length} marked rows`;
  }
}

/** `2 contexts of 1 node on 2 balancers`. */
export function countWords(counts: {
  readonly contexts: number;
  readonly nodes: number;
  readonly targets: number;
}): string {
  const on = counts.targets === 1 ? '' : ` on ${count(counts.targets, 'balancer')}`;
  return `${count(counts.contexts, 'context')} of ${count(counts.nodes, 'node')}${on}`;
}
