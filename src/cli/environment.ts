import { closestName } from '../core/suggest.ts';
import type { Command } from './command.ts';
import { FLAG_ONLY, GLOBAL_OPTIONS } from './global-options.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variable of a command's option, or of a global one. */
export function environmentName(command: Command | undefined, option: string): string {
  const words = command === undefined ? [option] : [...command.name.split(' '), option];
  return `MCMP_${words.join('_').replaceAll('-', '_').toUpperCase()}`;
}

/** A variable that looks like a setting, is none, and was probably meant to be one. */
export interface StrayVariable {
  readonly name: string;
  readonly meant: string;
}

/**
 * Variables that no command reads although their name comes close to one that is read. Other `MCMP_` variables are left
 * alone: they may belong to a script.
 */
export function strayVariables(environment: Environment, commands: readonly Command[]): readonly StrayVariable[] {
  const known = new Set([
    ...Object.keys(GLOBAL_OPTIONS)
      .filter((name) => !FLAG_ONLY.has(name))
      .map((name) => environmentName(undefined, name)),
    ...commands.flatMap((command) => Object.keys(command.options).map((name) => environmentName(command, name))),
  ]);
  return Object.keys(environment)
    .filter((name) => name.startsWith('MCMP_') && !known.has(name))
    .flatMap((name) => {
      const meant = closestName(name, known);
      return meant === undefined ? [] : [{ name, meant }];
    });
}
