import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commands } from '../../commands/index.ts';
import { GLOBAL_OPTIONS } from '../../src/cli/global-options.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Every `mcmp COMMAND ... --flag` in a string of the sources, and in the pages for users. */
function sayings(): [said: string, command: string, flag: string][] {
  const names = commands.map(({ name }) => name).sort((a, b) => b.length - a.length);
  const files = [
    'README.md',
    ...['src', 'commands', 'docs'].flatMap((folder) =>
      readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    ),
  ].filter((name) => /\.(?:tsx?|md)$/.test(name));
  const call = new RegExp(`(?:mcmp|mcmp --) (${names.join('|')})\\b([^\\n'\`|&;#()]*)`, 'g');
  return files.flatMap((file) =>
    [...readFileSync(`${ROOT}${file}`, 'utf8').matchAll(call)].flatMap(([, name = '', rest = '']) =>
      [...rest.matchAll(/(?<= )--([a-z][a-z0-9-]*)/g)].map(([, flag = '']): [string, string, string] => [
        `${file}: mcmp ${name}${rest}`,
        name,
        flag,
      ]),
    ),
  );
}

describe('what users are told to type', () => {
  it('has only flags that the command has', () => {
    const unknown = sayings().filter(([, name, flag]) => {
      const options = commands.find((command) => command.name === name)?.options ?? {};
      return !(Object.hasOwn(options, flag) || Object.hasOwn(GLOBAL_OPTIONS, flag) || flag === 'help');
    });
    expect(unknown.map(([said, , flag]) => `--${flag} in ${said}`)).toEqual([]);
  });

  it('is found at all', () => {
    expect(sayings().length).toBeGreaterThan(50);
  });
});
