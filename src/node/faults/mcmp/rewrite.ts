import type { Pair } from '../../../client/answer.ts';
import type { FieldName } from '../../../core/mcmp/fields.ts';
import type { Outgoing } from '../../wire/types.ts';

/** What a message says in a field; undefined when it has no such field. */
export function fieldOf(message: Outgoing, name: FieldName): string | undefined {
  return message.pairs.find(([its]) => its === name)?.[1];
}

/** The message with another value in a field, at the field's place; at the end when it was not there. */
export function withField(message: Outgoing, name: FieldName, value: string): Outgoing {
  const pair: Pair = [name, value];
  const known = fieldOf(message, name) !== undefined;
  const pairs = known ? message.pairs.map((its) => (its[0] === name ? pair : its)) : [...message.pairs, pair];
  return { ...message, pairs };
}

/** The field of each message that `oversized` makes long; the other messages stay as they are. */
export const LONG_FIELD: ReadonlyMap<string, FieldName> = new Map<string, FieldName>([
  ['CONFIG', 'Domain'],
  ['ENABLE-APP', 'Context'],
  ['DISABLE-APP', 'Context'],
  ['STOP-APP', 'Context'],
  // Not of REMOVE-APP: a goodbye that is refused leaves rows behind, which is another fault (`vanish`).
  ['STATUS', 'JVMRoute'],
]);
