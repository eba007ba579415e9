import { closestName } from '../../core/suggest.ts';
import { errorOf, type WholeAnswer } from './route.ts';

/** A name of a stranger is repeated only so far. */
const LONGEST_ECHO = 100;

/**
 * Reads a query of known parameters, each any number of times.
 *
 * @param query as sent, behind `?`
 * @returns the values by name, in their order; or the answer to a query that has another parameter
 */
export function readQuery(
  query: string,
  known: readonly string[],
): ReadonlyMap<string, readonly string[]> | WholeAnswer {
  const values = new Map<string, string[]>(known.map((name) => [name, []]));
  for (const [name, value] of new URLSearchParams(query)) {
    const list = values.get(name);
    if (list === undefined) return unknownParameter(name, known);
    list.push(value);
  }
  return values;
}

function unknownParameter(name: string, known: readonly string[]): WholeAnswer {
  const meant = closestName(name.slice(0, LONGEST_ECHO), known);
  return errorOf(400, {
    code: 'MCMP_BAD_QUERY',
    error: `there is no parameter "${name.slice(0, LONGEST_ECHO)}" here`,
    hint: meant === undefined ? `There are: ${known.join(', ')}.` : `Did you mean ${meant}?`,
  });
}
