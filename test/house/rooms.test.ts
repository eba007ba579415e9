import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = 'src';
const PAGE = 'docs/adr/rooms-that-stand-on-others.md';
/** Everybody stands on these. */
const FLOORS = ['core', 'observe'];
/** A file with more lines is more than one idea. */
const MOST_LINES = 500;

const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => `${SRC}/${path.split(sep).join('/')}`);

/** `src/<room>/...`; what stands in `src` itself, such as the entrance of the library, is in none. */
function roomOf(path: string): string {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? '';
}

/** Which room imports which, by the import and export lines of its files. */
function importsBetweenRooms(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const path of FILES) {
    const room = roomOf(path);
    for (const [, specifier = ''] of readFileSync(path, 'utf8').matchAll(/\bfrom '(\.[^']+)'/g)) {
      const other = roomOf(join(dirname(path), specifier).split(sep).join('/'));
      if (room === '' || other === '' || other === room) continue;
      found.set(room, (found.get(room) ?? new Set()).add(other));
    }
  }
  return found;
}

/** The lines of the page that say so: `` - `src/node` imports `src/client` `` */
function allowedByPage(): string[] {
  const lines = readFileSync(PAGE, 'utf8').matchAll(/^- `src\/([a-z]+)` imports ((?:`src\/[a-z]+`(?:, | and )?)+)/gm);
  return Array.from(lines, ([, room = '', others = '']) =>
    Array.from(others.matchAll(/src\/([a-z]+)/g), ([, other = '']) => `${room} -> ${other}`),
  ).flat();
}

describe('the rooms of src', () => {
  const imports = importsBetweenRooms();

  it('import each other as docs/adr/rooms-that-stand-on-others.md says, and not otherwise', () => {
    const found = [...imports].flatMap(([room, others]) =>
      [...others].filter((other) => !FLOORS.includes(other)).map((other) => `${room} -> ${other}`),
    );
    expect(found.sort()).toEqual(allowedByPage().sort());
  });

  it('have floors that stand on nothing but what is below them', () => {
    expect([...(imports.get('core') ?? [])]).toEqual([]);
    expect([...(imports.get('observe') ?? [])]).toEqual(['core']);
  });

  it('stand on each other in no circle', () => {
    const standsOn = (room: string, seen = new Set<string>()): Set<string> => {
      for (const other of imports.get(room) ?? []) if (!seen.has(other)) standsOn(other, seen.add(other));
      return seen;
    };
    expect([...imports.keys()].filter((room) => standsOn(room).has(room))).toEqual([]);
  });

  it('have no file that is more than one idea', () => {
    const linesOf = (path: string): number => readFileSync(path, 'utf8').split('\n').length;
    expect(FILES.length).toBeGreaterThan(100);
    expect(FILES.filter((path) => linesOf(path) > MOST_LINES)).toEqual([]);
  });
});
