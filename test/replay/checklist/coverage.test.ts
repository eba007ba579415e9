import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { NOT_TESTED } from './not-tested.ts';

interface ChecklistRow {
  readonly id: string;
  /** Which implementations behave so; `MUST`: all, `H+U`: httpd and Undertow. */
  readonly tags: readonly string[];
}

const TESTS = fileURLToPath(new URL('../..', import.meta.url));
const CHECKLIST: readonly ChecklistRow[] = JSON.parse(readFileSync(join(TESTS, '../fixtures/checklist.json'), 'utf8'));

/** What the dialect httpd-2 has to do with. */
const TAGS_OF_HTTPD_2 = ['MUST', 'H+U', 'httpd', 'main'];

/** Ids that stand in a string of a test or of a table of tests, not in a comment. */
function idsInTests(): Set<string> {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('not-tested.ts'),
  );
  const ids = files.flatMap((name) =>
    readFileSync(join(TESTS, name), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
      .flatMap((line) => line.match(/\bMCMP-[A-Z]+-\d\d\b/g) ?? []),
  );
  return new Set(ids);
}

describe('the conformance checklist', () => {
  const inTests = idsInTests();
  const relevant = CHECKLIST.filter(({ tags }) => tags.some((tag) => TAGS_OF_HTTPD_2.includes(tag))).map(
    ({ id }) => id,
  );

  test('is there', () => {
    expect(CHECKLIST.length).toBeGreaterThan(290);
    expect(new Set(CHECKLIST.map(({ id }) => id)).size).toBe(CHECKLIST.length);
    expect(relevant.length).toBeGreaterThan(240);
  });

  test('has a test for every line that is about httpd, or a reason why not', () => {
    expect(relevant.filter((id) => !inTests.has(id) && !NOT_TESTED.has(id))).toEqual([]);
  });

  test('has no reason for a line that is tested, and none for a line that is not there', () => {
    expect([...NOT_TESTED.keys()].filter((id) => inTests.has(id) || !relevant.includes(id))).toEqual([]);
    for (const reason of NOT_TESTED.values()) expect(reason).toMatch(/^[A-Z].{15,}\.$/);
  });

  test('is what the tests mean by their ids', () => {
    const known = new Set(CHECKLIST.map(({ id }) => id));
    const elsewhere = /^MCMP-(ADV|MGR)-/;
    expect([...inTests].filter((id) => !known.has(id) && !elsewhere.test(id))).toEqual([]);
  });
});
