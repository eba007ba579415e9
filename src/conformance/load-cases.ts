import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../core/errors.ts';
import type { Case } from './case.ts';

/** What a case needs to have; the rest is filled in by `defineCase`. */
const MEMBERS = { id: 'string', requirement: 'string', level: 'string', run: 'function', expected: 'object' } as const;
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
      ids.add(one.id);
      all.push(one);
    }
  }
  return all;
}

async function casesOf<Trial>(file: string, kit: object): Promise<readonly Case<Trial>[]> {
  const exported = await exportedBy(file);
  const cases: unknown = typeof exported === 'function' ? await exported(kit) : exported;
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

async function exportedBy(file: string): Promise<unknown> {
  try {
    const module: { readonly cases?: unknown } = await import(pathToFileURL(resolve(file)).href);
    return module.cases;
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
    ID.test(String(members.get('id')))
  );
}
