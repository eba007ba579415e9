import type { SurveyReading } from '../client/index.ts';
import type { ContextStatus } from '../core/cluster/records.ts';
import { ACTING_RULES } from './acting-rules.ts';
import { type Addressee, COMMAND_FOR, canBeNamed, plainCommands, wholeNodeCommand } from './compose-commands.ts';
import { dangerOf, type TargetChanges } from './danger.ts';
import { noMatchNote, readingNotes, selectionNotes, type Unsaid } from './notes.ts';
import { readTargets, type Selected, selectOn } from './select.ts';
import type { ActionName, ContextChange, Plan, PlannedCommand, Scope } from './types.ts';
import { ACTION_WORDS, count, countWords, scopeWords } from './words.ts';

export interface PlanOptions {
  /** Names of the balancers to act upon; default: all that can be read. */
  readonly targets?: readonly string[];
  /** Further words of the command lines that are shown, such as `--ca ca.pem`. */
  readonly words?: readonly string[];
  /** Act upon contexts of these statuses alone. */
  readonly only?: readonly ContextStatus[];
  /** Each command names what it changes, so that its answer can be about that. */
  readonly plain?: boolean;
  /** What has the wanted status is told so once more: some balancers say in the answer how many requests there are. */
  readonly again?: boolean;
}

/** What an action makes of a context. */
export const WANTED: Readonly<Record<ActionName, ContextStatus | 'absent'>> = {
  enable: 'ENABLED',
  disable: 'DISABLED',
  stop: 'STOPPED',
  remove: 'absent',
};

/**
 * Says what an action would do, command by command, and what one should know before: nothing is sent. Each balancer is
 * spoken to as it needs it (`ACTING_RULES`), with names as it spells them, and only about contexts that would change.
 * A balancer whose last answer is not there is left out: what it said earlier is no ground to act on.
 */
export function planAction(
  reading: SurveyReading,
  action: ActionName,
  scope: Scope,
  { targets, words = [], only, plain = false, again = false }: PlanOptions = {},
): Plan {
  const notes = readingNotes(reading, targets);
  const commands: PlannedCommand[] = [];
  const changed: TargetChanges[] = [];
  const selections: Selected[] = [];
  let unchanged = 0;
  for (const { target, brand, nodes } of readTargets(reading, targets)) {
    const selected = selectOn(target, brand, nodes, scope);
    if (selected.length === 0) notes.push(noMatchNote(target, scope));
    const changes: ContextChange[] = [];
    for (const one of selected) {
      const work = workOn(one, action, only, again);
      const made = commandsFor({ target, brand, words }, one, action, work, plain);
      const did = made.flatMap((command) => command.changes);
      commands.push(...made);
      changes.push(...did);
      unchanged += work.unchanged;
      notes.push(...selectionNotes(one, nodes, action, did, work.unsaid));
    }
    selections.push(...selected);
    changed.push({ brand, nodes, changes });
  }
  const counts = {
    contexts: distinct(commands.flatMap(({ changes }) => changes.map(({ route, path }) => [route, path]))),
    nodes: distinct(commands.map(({ route }) => [route])),
    targets: distinct(commands.map(({ target }) => [target])),
    unchanged,
  };
  return {
    action,
    scope,
    title: titleOf(action, scope, counts),
    commands,
    danger: dangerOf(action, scope, changed, counts),
    counts,
    inFlight: inFlightOf(selections, commands),
    words,
    notes: [...new Set(notes)],
  };
}

interface Work {
  readonly changes: readonly ContextChange[];
  readonly unsaid: readonly Unsaid[];
  /** Whether every context of the node has the wanted status in the end, when all of it is acted upon at once. */
  readonly allAlike: boolean;
  readonly unchanged: number;
}

function workOn(
  { brand, node, contexts }: Selected,
  action: ActionName,
  only: PlanOptions['only'],
  again: boolean,
): Work {
  const to = WANTED[action];
  const changes: ContextChange[] = [];
  const unsaid: Unsaid[] = [];
  let unchanged = 0;
  let left = 0;
  for (const { vhost, context } of contexts) {
    const change = { route: node.name, aliases: vhost.aliases, path: context.path, from: context.status, to };
    if (only !== undefined && !only.includes(context.status)) left += 1;
    else if (context.status === to && !again) unchanged += 1;
    else if (action === 'disable' && context.status === 'STOPPED' && ACTING_RULES[brand].disableKeepsStopped) {
      left += 1;
      unsaid.push({ why: 'keeps-stopped', change });
    } else changes.push(change);
  }
  const all = node.vhosts.reduce((sum, vhost) => sum + vhost.contexts.length, 0);
  return { changes, unsaid, allAlike: left === 0 && contexts.length === all, unchanged };
}

function commandsFor(
  to: Addressee,
  { brand, node, whole }: Selected,
  action: ActionName,
  work: Work,
  plain: boolean,
): PlannedCommand[] {
  const method = COMMAND_FOR[WANTED[action]];
  const { changes } = work;
  const route = node.name;
  // Only this one removes the node itself; the row of a node without contexts is removed by nothing else.
  const removesNode = action === 'remove' && whole;
  if (removesNode && canBeNamed(brand, { route, aliases: ['-'], path: '/' })) {
    return [wholeNodeCommand(to, method, route, changes)];
  }
  const unnamed = changes.filter((change) => !canBeNamed(brand, change));
  // Plain commands cannot name them, and the form for the whole node means the same.
  const shorter = (!plain && changes.length > 1) || unnamed.length > 0;
  const canMeanAll = ACTING_RULES[brand].wholeNode && canBeNamed(brand, { route, aliases: ['-'], path: '/' });
  if (whole && work.allAlike && shorter && canMeanAll) return [wholeNodeCommand(to, method, route, changes)];
  return plainCommands(
    to,
    changes.filter((change) => canBeNamed(brand, change)),
  );
}

function titleOf(action: ActionName, scope: Scope, counts: Plan['counts']): string {
  const balancers = counts.targets > 1 ? ` (${count(counts.targets, 'balancer')})` : '';
  const verb = ACTION_WORDS[action];
  if (counts.nodes === 0) return `${verb} ${scopeWords(scope)}: nothing to change`;
  if (scope.kind === 'context') return `${verb} ${scopeWords(scope)}${balancers}`;
  return `${verb} ${scopeWords(scope)}: ${countWords({ ...counts, targets: 1 })}${balancers}`;
}

function distinct(keys: readonly (readonly string[])[]): number {
  return new Set(keys.map((key) => JSON.stringify(key))).size;
}

/** Requests in flight on what would change, as far as balancers tell; of httpd only when the whole node is meant. */
function inFlightOf(selections: readonly Selected[], commands: readonly PlannedCommand[]): number | undefined {
  const changed = new Set<string>();
  for (const { target, route, changes } of commands) {
    changed.add(JSON.stringify([target, route]));
    for (const { aliases, path } of changes) changed.add(JSON.stringify([target, route, aliases, path]));
  }
  let sum: number | undefined;
  for (const { target, brand, node, whole, contexts } of selections) {
    const { requests } = ACTING_RULES[brand];
    if (requests === 'of-node' && whole && changed.has(JSON.stringify([target, node.name]))) {
      sum = (sum ?? 0) + node.connected;
    }
    if (requests !== 'of-contexts') continue;
    for (const { vhost, context } of contexts) {
      if (context.inFlight === undefined) continue;
      if (!changed.has(JSON.stringify([target, node.name, vhost.aliases, context.path]))) continue;
      sum = (sum ?? 0) + context.inFlight;
    }
  }
  return sum;
}
