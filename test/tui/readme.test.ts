import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GROUPS, KEYMAP, keyName } from '../../src/tui/keymap.ts';

const PAGE = new URL('../../README.md', import.meta.url);

/** A line for each group: the screens, and the keys that the footer shows, the first of those that do the same. */
function mainKeys(): string {
  const rows = GROUPS.map((group) => {
    const shown = KEYMAP.filter((row) => row.group === group && (row.footer !== undefined || group === 'Screens'));
    const keys = shown.map(({ keys: [first = ''], footer, action }) => `\`${keyName(first)}\` ${footer ?? action}`);
    return `| ${group} | ${keys.join(', ')} |`;
  });
  return ['|  | keys |', '| --- | --- |', ...rows].join('\n');
}

it('README.md has the main keys of the keymap; if not, vitest --update', async () => {
  const page = readFileSync(PAGE, 'utf8');
  const part = /(<!-- main keys -->\n)(?:[\s\S]*?\n)?(<!-- end of main keys -->)/;
  expect(page).toMatch(part);
  const made = page.replace(part, (_, before, after) => `${before}${mainKeys()}\n${after}`);
  await expect(made).toMatchFileSnapshot(PAGE.pathname);
});
