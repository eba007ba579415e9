import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/**
 * Finds a program of another package that a test drives. Who misses it is told once which test was left out and how to get
 * it; `.ci/run` installs all of them.
 *
 * @param names in the order of preference
 * @param debianPackage what brings it
 * @param test what is left out without it, as the reader of the test's output knows it
 * @returns its path, or undefined when it is not there: for `it.skipIf`
 */
export function programOf(names: readonly string[], debianPackage: string, test: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const name of names) {
    const path = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (path !== undefined) return path;
  }
  console.warn(`Left out: ${test}. It needs ${names[0]}; get it with: apt-get install ${debianPackage}`);
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
