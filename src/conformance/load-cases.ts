import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../core/errors.ts';
import { closestName } from '../core/suggest.ts';
import { type Case, type CaseFacts, LEVELS } from './case.ts';
import { NEEDS } from './needs.ts';

/** What `defineCase` makes; an object that was written by hand has to have it too. */
const MEMBERS = {
  id: 'string',
  requirement: 'string',
  level: 'string',
  spec: 'string',
  isolated: 'boolean',
  disturbs: 'boolean',
  deadlineMs: 'number',
  run: 'function',
  expected: 'object',
} as const;
const LISTS = ['lines', 'tags', 'needs'] as const;
const ID = /^[a-z0-9-]+\/[a-z0-9-]+$/;

/**
 * Loads users' own cases: modules that export `cases`, an array of what `balancerCase` or `nodeCase` made, or a function that
 * is given the kit (everything of `mcmp/conformance`) and returns one. A function needs no import, so it works wherever the
 * module lies.
 * @param taken ids that exist already
 * @throws UsageError when a module cannot be loaded, or exports something else
 */
export async function loadCases<Trial>(
  files: readonly string[],
  kit: object,
  taken: ReadonlySet<string>,
): Promise<readonly Case<Trial>[]> {
  const ids = new Set(taken);
  const all: Case<Trial>[] = [];
  for (const file of files) {
    for (const one of await casesOf<Trial>(file, kit)) {
      if (ids.has(one.id)) throw new UsageError(`${file}: a case called ${one.id} exists already`);
      checkWords(file, one);
      ids.add(one.id);
      all.push(one);
    }
  }
  return all;
}

async function casesOf<Trial>(file: string, kit: object): Promise<readonly Case<Trial>[]> {
  const exported = await exportedBy(file);
  const cases: unknown = typeof exported === 'function' ? await madeBy(file, () => exported(kit)) : exported;
  if (!Array.isArray(cases)) {
    throw new UsageError(`${file} exports no cases`, {
      hint: 'Write: export const cases = ({ balancerCase, inAll, accepted }) => [balancerCase({ … })]; see docs/conformance-cases.md.',
    });
  }
  return cases.map((one: unknown, index) => {
    if (isCase<Trial>(one)) return one;
    throw new UsageError(`${file}: case ${index + 1} is none: balancerCase() makes one`, {
      hint: `An id is two words with a slash between them, such as my-team/health-page.`,
    });
  });
}

function exportedBy(file: string): Promise<unknown> {
  return madeBy(file, async () => {
    const module: { readonly cases?: unknown } = await import(pathToFileURL(resolve(file)).href);
    return module.cases;
  });
}

/** What the code of a module makes. @throws UsageError when it throws */
async function madeBy(file: string, make: () => unknown): Promise<unknown> {
  try {
    return await make();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot load ${file}: ${why}`, { cause: error });
  }
}

function isCase<Trial>(one: unknown): one is Case<Trial> {
  if (typeof one !== 'object' || one === null) return false;
  const members = new Map<string, unknown>(Object.entries(one));
  return (
    Object.entries(MEMBERS).every(([name, type]) => typeof members.get(name) === type) &&
    LISTS.every((name) => Array.isArray(members.get(name))) &&
    members.get('expected') !== null &&
    ID.test(String(members.get('id')))
  );
}

/** A need and a level are chosen from lists; a word that is in none would be found in the middle of the run. */
function checkWords(file: string, { id, level, needs }: CaseFacts): void {
  const wrong = (what: string, word: string, known: readonly string[]): UsageError => {
    const suggestion = closestName(word, known);
    const hint = suggestion === undefined ? `Known are ${known.join(', ')}.` : `Did you mean ${suggestion}?`;
    return new UsageError(`${file}: ${id} has the ${what} ${word}, which does not exist`, { hint });
  };
  if (!LEVELS.includes(level)) throw wrong('level', level, LEVELS);
  for (const need of needs) if (!Object.hasOwn(NEEDS, need)) throw wrong('need', String(need), Object.keys(NEEDS));
}
