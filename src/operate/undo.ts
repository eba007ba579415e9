import type { SurveyReading } from '../client/index.ts';
import type { ContextStatus } from '../core/cluster/records.ts';
import { canBeNamed, undoCommands } from './compose-commands.ts';
import { readingNotes } from './notes.ts';
import { readTargets } from './select.ts';
import type { CommandResult, ContextChange, Plan } from './types.ts';
import { count, countWords, listed, shown } from './words.ts';

/**
 * A plan that brings back what commands have changed: of every context the status that it had before the first of them,
 * wherever it still has the one that the last of them gave it. What somebody else has changed since stays as it is, and a
 * note says so. A command that failed may have been carried out: the reading tells.
 *
 * @param results in the order in which the commands were sent, of one plan or of several
 * @param reading newer than the results
 */
export function undoPlan(
  results: readonly CommandResult[],
  reading: SurveyReading,
  words: readonly string[] = [],
): Plan {
  const sent = results.filter(({ outcome }) => outcome !== 'refused');
  const targets = [...new Set(sent.map(({ command }) => command.target))];
  const notes = readingNotes(reading, targets);
  const commands: Plan['commands'][number][] = [];
  let unchanged = 0;
  for (const { target, brand, nodes } of readTargets(reading, targets)) {
    const now = statusesNow(nodes);
    const routes = new Set(nodes.map(({ name }) => name));
    const wholeNodes = new Set(
      sent.flatMap(({ command }) =>
        command.target === target && command.method === 'REMOVE-APP' && command.path === '/*' ? [command.route] : [],
      ),
    );
    const back: ContextChange[] = [];
    const changedSince: string[] = [];
    const lost = new Set<string>();
    for (const change of folded(sent.filter(({ command }) => command.target === target))) {
      const { route, aliases, path, from, to } = change;
      const status = now.get(keyOf(route, aliases, path)) ?? 'absent';
      if (status === from) unchanged += 1;
      else if (wholeNodes.has(route) || (from !== 'absent' && status === 'absent' && !routes.has(route)))
        lost.add(route);
      else if (status !== to || !canBeNamed(brand, change)) changedSince.push(`${shown(path)} on ${shown(route)}`);
      else back.push({ ...change, from: to, to: from });
    }
    for (const route of lost)
      notes.push(`${shown(route)} is not at ${target} any more: only the node itself can register`);
    if (changedSince.length > 0) {
      notes.push(`somebody else has changed since, at ${target}, and it stays so: ${listed(changedSince)}`);
    }
    commands.push(...undoCommands({ target, brand, words }, back));
  }
  const changes = commands.flatMap((command) => command.changes);
  const counts = {
    contexts: new Set(changes.map(({ route, path }) => JSON.stringify([route, path]))).size,
    nodes: new Set(changes.map(({ route }) => route)).size,
    targets: new Set(commands.map(({ target }) => target)).size,
    unchanged,
  };
  return {
    action: 'undo',
    scope: { kind: 'several', scopes: [] },
    title: `Undo: ${countWords({ ...counts, targets: 1 })}${counts.targets > 1 ? ` (${count(counts.targets, 'balancer')})` : ''}`,
    commands,
    danger: { level: 'none' },
    counts,
    inFlight: undefined,
    words,
    notes,
  };
}

/** Of each context what it was before the first change and what it is after the last. */
function folded(results: readonly CommandResult[]): ContextChange[] {
  const byContext = new Map<string, ContextChange>();
  for (const { command } of results) {
    for (const change of command.changes) {
      const key = keyOf(change.route, change.aliases, change.path);
      byContext.set(key, { ...change, from: byContext.get(key)?.from ?? change.from });
    }
  }
  return [...byContext.values()];
}

function statusesNow(nodes: ReturnType<typeof readTargets>[number]['nodes']): Map<string, ContextStatus> {
  const statuses = new Map<string, ContextStatus>();
  for (const node of nodes) {
    for (const { aliases, contexts } of node.vhosts) {
      for (const { path, status } of contexts) statuses.set(keyOf(node.name, aliases, path), status);
    }
  }
  return statuses;
}

/** The order of aliases may differ after a virtual host was removed and made again. */
function keyOf(route: string, aliases: readonly string[], path: string): string {
  return JSON.stringify([route, [...aliases].sort(), path]);
}
