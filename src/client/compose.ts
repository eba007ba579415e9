import { UsageError } from '../core/errors.ts';
import { COMMANDS, isWildcardTarget, methodOf } from '../core/mcmp/commands.ts';
import { fieldsOf, findField } from '../core/mcmp/fields.ts';
import type { McmpMethod } from '../core/mcmp/types.ts';
import { closestName } from '../core/suggest.ts';
import type { Pair } from './answer.ts';
import { lintMessage } from './lint.ts';

/** A message as it will be sent. */
export interface Message {
  readonly method: string;
  readonly target: string;
  readonly pairs: readonly Pair[];
  /** What may go wrong with it, in words. */
  readonly warnings: readonly string[];
}

/** Commands and fields of the 1.3 modules alone (reference §2.8): sent, but not checked. */
const OLD_COMMANDS = new Set(['ADDID', 'REMOVEID', 'QUERY', 'ERROR']);

/** A method that HTTP can carry (RFC 9110 §5.6.2). */
export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Makes a message of words as a user types them: `ENABLE-APP JVMRoute=node1 Context=/app Alias=localhost`, with `/*` (or
 * another target) among them or as an option.
 * @param force takes unknown commands and fields as they are
 * @throws UsageError with a suggestion for what was probably meant
 */
export function composeMessage(
  command: string,
  words: readonly string[],
  options: { readonly wildcard: boolean; readonly force: boolean },
): Message {
  const method = methodOf(command);
  const old = OLD_COMMANDS.has(command.toUpperCase());
  if (method === undefined && !old && !options.force) throw unknownCommand(command);
  if (!TOKEN.test(command)) throw new UsageError(`${command} cannot be the name of a command`);
  const targets = words.filter((word) => /^(?:\/|\*$)/.test(word) && !word.includes('='));
  if (targets.length > 1) throw new UsageError(`one target only, not ${targets.join(' and ')}`);
  const fields = words.filter((word) => !targets.includes(word));
  const pairs = fields.map((word) => pairOf(word, method, options.force || old));
  const target = targets[0] === '*' ? '/*' : (targets[0] ?? (options.wildcard ? '/*' : '/'));
  const name = method ?? (options.force ? command : command.toUpperCase());
  const warnings = method === undefined ? [] : lintMessage(method, pairs, isWildcardTarget(target));
  return { method: name, target, pairs, warnings };
}

function unknownCommand(command: string): UsageError {
  const meant = closestName(command, Object.keys(COMMANDS));
  return new UsageError(`there is no MCMP command ${command}`, {
    code: 'MCMP_UNKNOWN_COMMAND',
    hint:
      (meant === undefined ? `The commands are ${Object.keys(COMMANDS).join(', ')}. ` : `Did you mean ${meant}? `) +
      'With --force it is sent as it is.',
  });
}

function pairOf(word: string, method: McmpMethod | undefined, anyName: boolean): Pair {
  const equals = word.indexOf('=');
  if (equals <= 0) {
    throw new UsageError(`${word} is not of the form Name=value`, {
      hint: 'For example JVMRoute=node1; the node-wide form is the target /*, in quotes so that the shell leaves it alone.',
    });
  }
  const name = word.slice(0, equals);
  const value = word.slice(equals + 1);
  if (method === undefined) return [name, value];
  const field = findField(method, name);
  if (field !== undefined) return [field, value];
  if (anyName) return [name, value];
  const known = fieldsOf(method);
  const meant = closestName(name, known);
  const list = known.length === 0 ? `${method} takes no fields. ` : `${method} takes ${known.join(', ')}. `;
  throw new UsageError(`${method} has no field ${name}`, {
    code: 'MCMP_UNKNOWN_FIELD',
    hint: `${meant === undefined ? list : `Did you mean ${meant}? `}With --force it is sent as it is.`,
  });
}
