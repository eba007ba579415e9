import type { Pair } from '../../client/answer.ts';
import { parseMcmpDuration } from '../../core/mcmp/duration.ts';
import { closestName } from '../../core/suggest.ts';
import { contextPath } from '../registrar/paths.ts';
import type { ContextWish } from '../registrar/types.ts';
import type { NodeCondition } from '../simulator/types.ts';
import { Refusal } from './refusal.ts';
import type { ROUTES, RouteName, ValueForm, ValueRow } from './routes.ts';

interface ValueOfForm {
  readonly text: string;
  readonly load: string;
  readonly duration: number;
  readonly conditions: ReadonlySet<NodeCondition>;
  readonly 'context-state': ContextWish;
  readonly 'context-path': string;
  readonly target: '/' | '/*';
  readonly pairs: readonly Pair[];
}

type Values<T> = {
  readonly [Name in keyof T]: T[Name] extends { form: infer Form extends ValueForm }
    ? T[Name] extends { required: true }
      ? ValueOfForm[Form]
      : ValueOfForm[Form] | undefined
    : never;
};

type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [Key in Name]: string } & ParamsOf<Rest>
  : unknown;

/** A request to a route with everything that was found in it, checked. */
export interface Call<Name extends RouteName> {
  readonly params: ParamsOf<(typeof ROUTES)[Name]['path']>;
  readonly query: (typeof ROUTES)[Name] extends { query: infer Q } ? Values<Q> : Record<never, never>;
  readonly body: (typeof ROUTES)[Name] extends { body: infer B } ? Values<B> : Record<never, never>;
}

type Reader<Form extends ValueForm> = (value: unknown) => ValueOfForm[Form] | undefined;

interface FormRow<Form extends ValueForm> {
  /** Undefined: not of this form. */
  readonly read: Reader<Form>;
  /** What was expected, in words. */
  readonly words: string;
}

const CONDITIONS = ['starting', 'running', 'leaving', 'gone', 'killed'] as const satisfies readonly NodeCondition[];
const CONTEXT_STATES = ['enabled', 'disabled', 'stopped'] as const satisfies readonly ContextWish[];
const LONGEST_WAIT_MS = 600_000;
const MAX_TEXT_CHARACTERS = 1000;
const MAX_PAIRS = 200;

const FORMS: { readonly [Form in ValueForm]: FormRow<Form> } = {
  text: { read: readText, words: 'a text' },
  load: { read: (value) => readText(typeof value === 'number' ? String(value) : value), words: 'a load such as 50' },
  duration: { read: readWait, words: 'a time of at most 600s, such as 500ms or 10s' },
  conditions: { read: readConditions, words: `one or several of ${CONDITIONS.join(', ')}` },
  'context-state': {
    read: (value) => CONTEXT_STATES.find((state) => state === value),
    words: `one of ${CONTEXT_STATES.join(', ')}`,
  },
  'context-path': { read: readContextPath, words: 'the path of a context, such as /app' },
  target: { read: (value) => (value === '/' || value === '/*' ? value : undefined), words: '/ or /*' },
  pairs: { read: readPairs, words: `a list of at most ${MAX_PAIRS} fields, each [name, value]` },
};

/**
 * Checks texts or JSON values against the rows of the table.
 *
 * @param where in which part of the request they stand, for messages
 * @throws Refusal 400 for what is missing, unknown or of another form
 */
export function readValues(
  rows: Readonly<Record<string, ValueRow>>,
  given: ReadonlyMap<string, unknown>,
  where: 'query' | 'body',
): Readonly<Record<string, unknown>> {
  for (const name of given.keys()) if (!Object.hasOwn(rows, name)) throw unknownName(name, Object.keys(rows), where);
  const values: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(rows)) {
    const value = given.get(name);
    if (value === undefined) {
      if (row.required === true) {
        throw new Refusal(400, 'MCMP_BAD_BODY', `the ${where} lacks "${name}"`, { hint: `It is ${row.describe}.` });
      }
      continue;
    }
    const read = FORMS[row.form].read(value);
    if (read === undefined) {
      const code = where === 'body' ? 'MCMP_BAD_BODY' : 'MCMP_BAD_QUERY';
      throw new Refusal(400, code, `"${name}" of the ${where} has to be ${FORMS[row.form].words}`);
    }
    values[name] = read;
  }
  return values;
}

function unknownName(name: string, known: readonly string[], where: 'query' | 'body'): Refusal {
  const meant = closestName(name.slice(0, 100), known);
  const list = known.length === 0 ? `This route takes nothing in its ${where}.` : `It takes ${known.join(', ')}.`;
  return new Refusal(
    400,
    where === 'body' ? 'MCMP_BAD_BODY' : 'MCMP_BAD_QUERY',
    `the ${where} has "${name.slice(0, 100)}", which is not known`,
    { hint: meant === undefined ? list : `Did you mean ${meant}?` },
  );
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_CHARACTERS ? value : undefined;
}

function readWait(value: unknown): number | undefined {
  const waitMs = typeof value === 'string' ? parseMcmpDuration(value, 's') : undefined;
  return waitMs !== undefined && waitMs <= LONGEST_WAIT_MS ? waitMs : undefined;
}

function readConditions(value: unknown): ReadonlySet<NodeCondition> | undefined {
  if (typeof value !== 'string') return undefined;
  const found = value.split(',').map((word) => CONDITIONS.find((condition) => condition === word.trim()));
  const known = found.filter((condition) => condition !== undefined);
  return known.length === found.length ? new Set(known) : undefined;
}

function readContextPath(value: unknown): string | undefined {
  const text = readText(value);
  return text === undefined ? undefined : contextPath(text);
}

function readPairs(value: unknown): readonly Pair[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_PAIRS) return undefined;
  const pairs = value.map(readPair).filter((pair) => pair !== undefined);
  return pairs.length === value.length ? pairs : undefined;
}

function readPair(value: unknown): Pair | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [name, text]: readonly unknown[] = value;
  return typeof name === 'string' && typeof text === 'string' ? [name, text] : undefined;
}
