import { nodeCondition, type SurveyReading, type TargetReading, type ViewNode } from '../client/index.ts';
import { lowerAscii } from '../core/mcmp/bytes.ts';
import type { EventRow, Severity } from './rows.ts';
import { labelOf, stateOf } from './tables.ts';
import { doingKey } from './who.ts';
import { shown } from './width.ts';
import { age, conditionWords, counted } from './words.ts';

/** What is new between two readings, before it has a place in the list. */
export type Change = Omit<EventRow, 'kind' | 'key'>;

/** So many paths are named; more are counted. */
const NAMED = 3;
/** A reading that turns everything over is told in so many lines at most. */
const MAX_CHANGES = 200;

/**
 * What changed at each balancer between two readings: nodes that came, went or changed, contexts by what became of them,
 * balancers that fell silent or came back. Counters and loads change all the time and are no events.
 *
 * @param doings who did what, as far as it is told, by `doingKey`
 */
export function changesBetween(
  before: SurveyReading,
  after: SurveyReading,
  doings: ReadonlyMap<string, string> = new Map(),
): Change[] {
  const old = new Map(before.targets.map((target) => [target.target, target]));
  const found: Change[] = [];
  for (const target of after.targets) {
    const known = old.get(target.target);
    if (known === undefined || known === target) continue;
    found.push(...ofTarget(known, target, doings));
  }
  if (found.length <= MAX_CHANGES) return found;
  const rest = counted(found.length - MAX_CHANGES, 'further change');
  return [
    ...found.slice(0, MAX_CHANGES),
    { atMs: after.atMs, whereShown: '', whoShown: '', severity: 'plain', shown: rest },
  ];
}

function ofTarget(before: TargetReading, after: TargetReading, doings: ReadonlyMap<string, string>): Change[] {
  const where = labelOf(after.target);
  const change = (atMs: number, severity: Severity, words: string, who = ''): Change => ({
    atMs,
    whereShown: where,
    whoShown: who,
    severity,
    shown: words,
  });
  const whoDid = (route: string, path = ''): string => doings.get(doingKey(after.target, route, path)) ?? '';
  if (after.outcome === 'pending') return [];
  if (after.outcome === 'failed') {
    if (before.outcome === 'failed') return [];
    return [change(after.failure.atMs, 'bad', `does not answer: ${shown(after.failure.error.message)}`)];
  }
  const { atMs } = after.good;
  const changes: Change[] = [];
  if (before.outcome === 'failed') {
    changes.push(change(atMs, 'good', `answers again after ${age(atMs - before.failure.sinceMs)}`));
  }
  const old = stateOf(before);
  if (old === undefined) return changes;
  const { state } = after.good;
  const oldNodes = new Map(old.view.nodes.map((node) => [node.name, node]));
  for (const node of state.view.nodes) {
    const known = oldNodes.get(node.name);
    oldNodes.delete(node.name);
    const name = shown(node.name);
    if (known === undefined) {
      const contexts = contextsOf(node).size;
      changes.push(change(atMs, 'good', `${name} is new, with ${counted(contexts, 'context')}`, whoDid(node.name)));
      continue;
    }
    const was = nodeCondition(known, old.brand);
    const is = nodeCondition(node, state.brand);
    if (was !== is) {
      const reason = node.told?.errorReason ?? '';
      const why = reason === '' ? '' : `: ${shown(reason)}`;
      const severity = is === 'error' ? 'bad' : is === 'active' ? 'good' : 'warning';
      changes.push(
        change(
          atMs,
          severity,
          `${name} was ${conditionWords(was).word}, is ${conditionWords(is).word}${why}`,
          whoDid(node.name),
        ),
      );
    }
    if (known.vhosts === node.vhosts) continue;
    for (const [what, paths] of contextChanges(known, node)) {
      const who = whoDid(node.name, paths[0]);
      changes.push(change(atMs, SEVERITIES.get(what) ?? 'plain', `${listed(paths)} of ${name}: ${what}`, who));
    }
  }
  for (const name of oldNodes.keys()) changes.push(change(atMs, 'bad', `${shown(name)} is gone`, whoDid(name)));
  return changes;
}

const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ['ENABLED', 'good'],
  ['new, ENABLED', 'good'],
  ['DISABLED', 'warning'],
  ['STOPPED', 'warning'],
  ['gone', 'warning'],
]);

/** Paths by what became of them. */
function contextChanges(before: ViewNode, after: ViewNode): Map<string, string[]> {
  const changes = new Map<string, string[]>();
  const add = (what: string, path: string): void => {
    const paths = changes.get(what);
    if (paths === undefined) changes.set(what, [path]);
    else paths.push(path);
  };
  const old = contextsOf(before);
  for (const [key, { path, status }] of contextsOf(after)) {
    const was = old.get(key)?.status;
    old.delete(key);
    if (was !== status) add(was === undefined ? `new, ${status}` : status, path);
  }
  for (const { path } of old.values()) add('gone', path);
  return changes;
}

function contextsOf(node: ViewNode): Map<string, ViewNode['vhosts'][number]['contexts'][number]> {
  return new Map(
    node.vhosts.flatMap(({ aliases, contexts }) => {
      const names = aliases.map(lowerAscii).sort().join(',');
      return contexts.map((context) => [`${names}\n${context.path}`, context] as const);
    }),
  );
}

function listed(paths: readonly string[]): string {
  const named = paths.slice(0, NAMED).map(shown).join(', ');
  return paths.length > NAMED ? `${named} and ${paths.length - NAMED} more` : named;
}
