import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as library from '../src/index.ts';

const ROOT = new URL('../', import.meta.url);
const PAGES = ['README.md', ...listed('docs', '.md'), ...listed('examples', '.mjs')];

test("has everything that the documentation and the examples import from 'mcmp'", () => {
  const named = PAGES.flatMap((page) =>
    [...readFileSync(new URL(page, ROOT), 'utf8').matchAll(/import \{([^}]*)\} from 'mcmp'/g)].flatMap(
      ([, names = '']) =>
        names
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '' && !name.startsWith('type ')),
    ),
  );
  expect(named).toContain('createNode');
  expect(named).toContain('startSidecar');
  expect(named.filter((name) => !(name in library))).toEqual([]);
});

function listed(folder: string, ending: string): string[] {
  return readdirSync(new URL(folder, ROOT))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);
}
