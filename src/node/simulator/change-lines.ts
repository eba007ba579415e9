import { escapeForTerminal } from '../../core/text.ts';
import type { Health } from '../sidecar/probe-verdict.ts';
import type { Phase } from './changes.ts';
import type { NodeCondition } from './types.ts';

/** How a node stands with a balancer, what became of it, or how its application is. */
export type State = Phase | NodeCondition | Health;

/** Something that changed and is worth a line: how a node stands with a balancer, or what became of the node itself. */
export interface Telling {
  readonly route: string;
  /** Address of the balancer; null: it is about the node itself. */
  readonly balancer: string | null;
  readonly from: State;
  readonly to: State;
  readonly reason: string;
}

/** Colours a state. */
export type Paint = (state: State) => string;

/** So many lines at once are read; beyond them, what happened to many nodes in the same way is said once. */
const LINES_AT_ONCE = 10;
const MAX_LINES_AT_ONCE = 40;

/** `12:34:56  node1  registered -> retrying  127.0.0.1:8090  why`, for each, or for each kind of change when they are many. */
export function changeLines(time: Date, tellings: readonly Telling[], paint: Paint): string[] {
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  if (tellings.length <= LINES_AT_ONCE) {
    return tellings.map((telling) => lineOf(clock, telling.route, telling, paint));
  }
  const alike = new Map<string, { readonly first: Telling; nodes: number }>();
  for (const telling of tellings) {
    const { balancer, from, to, reason } = telling;
    const key = JSON.stringify([balancer, from, to, reason]);
    const group = alike.get(key) ?? { first: telling, nodes: 0 };
    group.nodes += 1;
    alike.set(key, group);
  }
  const groups = [...alike.values()].sort((a, b) => b.nodes - a.nodes);
  const lines = groups
    .slice(0, MAX_LINES_AT_ONCE)
    .map(({ first, nodes }) => lineOf(clock, nodes === 1 ? first.route : `${nodes} nodes`, first, paint));
  const rest = groups.length - lines.length;
  return rest === 0 ? lines : [...lines, `${clock}  and ${rest} more changes`];
}

function lineOf(clock: string, who: string, { balancer, from, to, reason }: Telling, paint: Paint): string {
  const change = from === to ? paint(to) : `${paint(from)} -> ${paint(to)}`;
  const parts = [clock, escapeForTerminal(who), change];
  if (balancer !== null) parts.push(escapeForTerminal(balancer));
  if (reason !== '') parts.push(escapeForTerminal(reason));
  return parts.join('  ');
}
