import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FILTER_FIELDS } from '../../src/tui/filter.ts';
import { GROUPS, KEYMAP, keyName } from '../../src/tui/keymap.ts';
import { CONDITION_WORDS, STATUS_WORDS, UNKNOWN_CONDITION } from '../../src/tui/words.ts';

const PAGE = new URL('../../docs/tui.md', import.meta.url);

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The parts of the page that are made from tables of the program, by the mark they stand behind. */
const PARTS: ReadonlyMap<string, string> = new Map([
  [
    'keys',
    table(
      ['keys', 'what they do', ''],
      GROUPS.flatMap((group) =>
        KEYMAP.filter((row) => row.group === group).map(({ keys, words, dangerous }) => [
          keys.map((key) => `\`${keyName(key)}\``).join(' '),
          words,
          dangerous ? 'asks first; not with `--read-only`' : '',
        ]),
      ),
    ),
  ],
  [
    'states',
    table(
      ['state', 'of', 'meaning'],
      [
        ...Object.values(STATUS_WORDS).map(({ letter, word, meaning }) => [
          `\`${letter}\` ${word}`,
          'a context',
          meaning,
        ]),
        ...[...Object.values(CONDITION_WORDS), UNKNOWN_CONDITION].map(({ letter, word, meaning }) => [
          `\`${letter}\` ${word}`,
          'a node',
          meaning,
        ]),
      ],
    ),
  ],
  [
    'filters',
    table(
      ['filter', 'leaves rows by'],
      [...FILTER_FIELDS.values()].map(({ example, describe: words }) => [`\`${example}\``, words]),
    ),
  ],
]);

it('docs/tui.md has the keys, states and filters of the tables; if not, vitest --update', async () => {
  let page = readFileSync(PAGE, 'utf8');
  for (const [name, text] of PARTS) {
    const part = new RegExp(`(<!-- ${name} -->\\n)(?:[^]*?\\n)?(<!-- end of ${name} -->)`);
    expect(page).toMatch(part);
    page = page.replace(part, (_, before, after) => `${before}${text}\n${after}`);
  }
  await expect(page).toMatchFileSnapshot(PAGE.pathname);
});

describe('the keymap', () => {
  it('has each key once', () => {
    const keys = KEYMAP.flatMap((row) => row.keys);
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  });

  it('asks before everything that changes something at a balancer', () => {
    const acting = KEYMAP.filter(({ group }) => group === 'Acting').map(({ dangerous }) => dangerous);
    expect(new Set(acting)).toEqual(new Set([true]));
    expect(KEYMAP.filter(({ dangerous, group }) => dangerous && group !== 'Acting')).toEqual([]);
  });
});
