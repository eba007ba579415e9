import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DialectName } from '../../../src/core/mcmp/dialect.ts';
import { checkLines } from '../checklist.ts';
import { DESCENDANTS, linesOf } from './lines-of.ts';
import { HTTPD13_ELSEWHERE, UNDERTOW_ELSEWHERE } from './not-tested.ts';

const CHECKLIST: readonly { readonly id: string; readonly tags: readonly string[] }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../fixtures/checklist.json'), 'utf8'),
);

/** Topics that the parser and the machine answer for; the rest needs sockets. */
const TOPICS = /^MCMP-(CONFIG|APP|STATUS|PING|VER|INFO|DUMP|STATE)-/;

interface Dialect {
  readonly name: DialectName;
  /** Tags of the lines of the checklist that it has to keep. */
  readonly tags: readonly string[];
  /** Lines with its tags that are tested elsewhere or not at all, and where or why. */
  readonly elsewhere: ReadonlyMap<string, string>;
}

const DIALECTS: readonly Dialect[] = [
  { name: 'httpd-1.3', tags: ['MUST', 'H+U', 'httpd', '1.3'], elsewhere: HTTPD13_ELSEWHERE },
  { name: 'nginx', tags: ['MUST', 'nginx'], elsewhere: new Map() },
  { name: 'undertow', tags: ['MUST', 'H+U', 'undertow'], elsewhere: UNDERTOW_ELSEWHERE },
];

describe.each(DIALECTS)('$name', ({ name, tags, elsewhere }) => {
  const groups = linesOf(name);
  describe.each(groups)('$name', ({ lines }) => checkLines(lines));

  test('has a line for each point of the checklist that it has to keep', () => {
    const words = groups.flatMap(({ lines }) => lines.map(({ id }) => id));
    const ids = new Set(words.flatMap((id) => id.match(/\bMCMP-[A-Z]+-\d\d\b/g) ?? []));
    const wanted = CHECKLIST.filter((row) => TOPICS.test(row.id) && row.tags.some((tag) => tags.includes(tag)));
    expect(wanted.map(({ id }) => id).filter((id) => !ids.has(id) && !elsewhere.has(id))).toEqual([]);
    expect([...elsewhere.keys()].filter((id) => ids.has(id))).toEqual([]);
  });

  test('has exceptions only from lines that exist', () => {
    const ids = linesOf('httpd-2').flatMap(({ lines }) => lines.map(({ id }) => id));
    const except = [...(DESCENDANTS.get(name)?.except ?? [])];
    expect(except.filter((word) => !ids.some((id) => id === word || id.startsWith(`${word} `)))).toEqual([]);
  });
});
