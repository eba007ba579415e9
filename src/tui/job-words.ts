import { textOf } from '../core/mcmp/bytes.ts';
import { shellWord } from '../operate/command-line.ts';
import type { Plan } from '../operate/index.ts';

/** What is done, for people: a drain begins with a plan that disables. */
export function titleOf({ plan, isDrain }: { readonly plan: Plan; readonly isDrain: boolean }): string {
  return isDrain ? plan.title.replace(/^Disable /, 'Drain ') : plan.title;
}

/** The command lines that do the same. Byte strings of peers are in them: they are escaped where they are shown. */
export function commandLinesOf({
  plan,
  isDrain,
}: {
  readonly plan: Plan;
  readonly isDrain: boolean;
}): readonly string[] {
  const { scope, commands } = plan;
  if (!isDrain || (scope.kind !== 'node' && scope.kind !== 'context')) return commands.map((one) => one.commandLine);
  const what = scope.kind === 'node' ? scope.route : `${scope.route}:${scope.path}`;
  const targets = [...new Set(commands.map(({ target }) => target))].flatMap((target) => ['--balancer', target]);
  return [['mcmp', 'drain', textOf(what), ...targets].map(shellWord).join(' ')];
}
