import { textOf } from '../core/mcmp/bytes.ts';
import { shellWord } from '../core/text.ts';
import type { Plan, Scope } from '../operate/index.ts';

/** What is done, for people: the plan of a drain is that of what it comes to, which is a stop. */
export function titleOf({ plan, isDrain }: { readonly plan: Plan; readonly isDrain: boolean }): string {
  return isDrain ? plan.title.replace(/^Stop /, 'Drain ') : plan.title;
}

/** The command lines that do the same. Byte strings of peers are in them: they are escaped where they are shown. */
export function commandLinesOf({
  plan,
  isDrain,
}: {
  readonly plan: Plan;
  readonly isDrain: boolean;
}): readonly string[] {
  const { scope, commands, words } = plan;
  if (!isDrain) return commands.map((one) => one.commandLine);
  const targets = [...new Set(commands.map(({ target }) => target))].flatMap((target) => ['--balancer', target]);
  const drained = new Set(drainedBy(scope, commands));
  return [...drained].map((what) => ['mcmp', 'drain', textOf(what), ...targets, ...words].map(shellWord).join(' '));
}

/** What `mcmp drain` has to be told, once for each node. Domains and host names are not drained from here. */
function drainedBy(scope: Scope, commands: Plan['commands']): string[] {
  switch (scope.kind) {
    case 'node':
      return [scope.route];
    case 'context':
      return [`${scope.route}:${scope.path}`];
    case 'path':
      return commands.flatMap(({ changes }) =>
        changes.filter(({ path }) => path === scope.path).map(({ route, path }) => `${route}:${path}`),
      );
    case 'several':
      return scope.scopes.flatMap((one) => drainedBy(one, commands));
    default:
      return [];
  }
}
