import type { SurveyReading, ViewNode } from '../client/index.ts';
import { ACTING_RULES } from './acting-rules.ts';
import { canBeNamed } from './compose-commands.ts';
import type { Selected } from './select.ts';
import type { ActionName, ContextChange, Scope } from './types.ts';
import { count, listed, scopeWords, shown } from './words.ts';

/** A context that is meant and cannot be acted upon. */
export interface Unsaid {
  readonly why: 'keeps-stopped';
  readonly change: ContextChange;
}

/** Balancers that nothing can be said to. */
export function readingNotes(reading: SurveyReading, wanted: readonly string[] | undefined): string[] {
  return reading.targets.flatMap((one) => {
    if (wanted !== undefined && !wanted.includes(one.target)) return [];
    if (one.outcome === 'pending') return [`${one.target} has not answered yet; nothing is done there`];
    if (one.outcome === 'failed') return [`nothing is done at ${one.target}: ${one.failure.error.message}`];
    return [];
  });
}

export function noMatchNote(target: string, scope: Scope): string {
  return `${target} does not know ${scopeWords(scope)}`;
}

/** What is special about acting upon one node of one balancer. */
export function selectionNotes(
  { target, brand, node, contexts }: Selected,
  nodes: readonly ViewNode[],
  action: ActionName,
  did: readonly ContextChange[],
  unsaid: readonly Unsaid[],
): string[] {
  const rules = ACTING_RULES[brand];
  const notes: string[] = [];
  const route = shown(node.name);
  if (unsaid.length > 0) {
    notes.push(
      `${target} keeps STOPPED what is STOPPED when it is told to disable it: ${listed(unsaid.map(({ change }) => shown(change.path)))} on ${route}; enable it first`,
    );
  }
  const aliases = ['-'];
  const unnamed = contexts.filter(
    ({ vhost, context }) =>
      !canBeNamed(brand, { route: node.name, aliases: vhost.aliases, path: context.path }) &&
      !did.some(({ path, aliases: its }) => path === context.path && its === vhost.aliases),
  );
  if (!canBeNamed(brand, { route: node.name, aliases, path: '/' })) {
    notes.push(`the name of node ${route} cannot be said in a command to ${target}`);
  } else if (unnamed.length > 0) {
    notes.push(
      `${count(unnamed.length, 'context')} of ${route} cannot be named in a command to ${target}: ${listed(unnamed.map(({ context }) => shown(context.path)))}`,
    );
  }
  if (did.length > 0 && action === 'disable' && !rules.disabledServesSessions) {
    notes.push(`${target} sends no request at all to a disabled context, sessions included`);
  }
  if (did.length > 0 && rules.routesArePrefixes) {
    const alike = nodes.filter(
      ({ name }) => name !== node.name && (name.startsWith(node.name) || node.name.startsWith(name)),
    );
    if (alike.length > 0) {
      notes.push(
        `${target} compares routes by their beginning: ${route} may stand for ${listed(alike.map(({ name }) => shown(name)))} too`,
      );
    }
  }
  if (action === 'enable' || action === 'disable') return notes;
  const busy = contexts.filter(({ context }) => context.status === 'STOPPED' && (context.inFlight ?? 0) > 0);
  if (busy.length > 0) {
    const requests = busy.reduce((sum, { context }) => sum + (context.inFlight ?? 0), 0);
    notes.push(
      `${count(requests, 'request')} still run at ${target} on what is STOPPED already: ${listed(busy.map(({ context }) => shown(context.path)))} on ${route}`,
    );
  }
  return notes;
}
