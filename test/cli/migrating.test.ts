import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { options } from '../../commands/serve.ts';

const PAGE = readFileSync('docs/migrating.md', 'utf8');
/** What a balancer of another brand is set by, and what that is here. */
const ROWS = Array.from(
  PAGE.matchAll(/^\| (`.+?`.*?) \| (.+?) \| (.*?) ?\|$/gm),
  ([, theirs = '', ours = '', notes = '']) => ({
    theirs,
    ours,
    notes,
  }),
);

describe('docs/migrating.md', () => {
  it('names flags of mcmp serve, and no others', () => {
    const flags = ROWS.flatMap(({ ours }) => Array.from(ours.matchAll(/--([a-z0-9-]+)/g), ([, flag = '']) => flag));
    expect(flags.length).toBeGreaterThan(60);
    expect(flags.filter((flag) => !Object.hasOwn(options, flag))).toEqual([]);
  });

  it('has an example whose settings are settings', () => {
    const example: unknown = parse(/```yaml\n(.*?)```/s.exec(PAGE)?.[1] ?? '');
    expect(example).toMatchObject({ serve: { mcmp: ':6666' } });
    const serve = typeof example === 'object' && example !== null && 'serve' in example ? (example.serve ?? {}) : {};
    expect(Object.keys(serve).filter((name) => !Object.hasOwn(options, name))).toEqual([]);
  });

  it('says why where there is no flag', () => {
    const unexplained = ROWS.filter(({ ours, notes }) => ours === 'none' && notes === '').map(({ theirs }) => theirs);
    expect(unexplained).toEqual([]);
  });
});
