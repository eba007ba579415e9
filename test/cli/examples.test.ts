import { describe, expect, it } from 'vitest';
import { commands } from '../../commands/index.ts';
import { parseLine } from '../../src/cli/parse-line.ts';
import { resolveSettings } from '../../src/cli/settings.ts';

/** Splits a line as a shell would, as far as examples go: quotes, and nothing after a redirection or a pipe. */
function words(line: string): string[] {
  const [before = ''] = line.split(/ (?:>>?|\||&&) /);
  return [...before.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) => word.replace(/['"]/g, ''));
}

describe('the examples in the help', () => {
  const examples = commands.flatMap(({ name, examples }) => examples.map(([line]) => [line, name] as const));

  it.each(examples)('mcmp %s', async (line, name) => {
    const parsed = await parseLine(words(line), commands, 80);
    if (parsed.kind !== 'run') throw new Error(`shows the ${parsed.kind}`);
    const { command, flags } = parsed;
    expect(command.name).toBe(name);
    expect(resolveSettings(command.options, command, { flags, environment: {}, file: undefined }).size).toBe(
      Object.keys(command.options).length,
    );
  });

  it('exist for every command', () => {
    expect(commands.filter((command) => command.examples.length === 0)).toEqual([]);
  });
});
