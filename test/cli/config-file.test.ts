import { describe, expect, it } from 'vitest';
import { parseConfig, readConfigFile } from '../../src/cli/config-file.ts';
import { sampleCommands } from './sample-commands.ts';

const parse = (text: string): ReturnType<typeof parseConfig> => parseConfig('c.yaml', text, sampleCommands);

describe('the configuration file', () => {
  it('has settings for all commands and a section for each', () => {
    const file = parse(
      'log-level: debug\nprobe:\n  count: 5\n  at: [":1", ":2"]\n  deep: true\nradio:\n  listen:\n    group: 1.2.3.4:5\n',
    );
    expect(file.settings().get('log-level')).toEqual({ texts: ['debug'], where: 'c.yaml:1' });
    expect(file.settings('probe').get('count')).toEqual({ texts: ['5'], where: 'c.yaml:3' });
    expect(file.settings('probe').get('at')).toEqual({ texts: [':1', ':2'], where: 'c.yaml:4' });
    expect(file.settings('probe').get('deep')).toEqual({ texts: ['true'], where: 'c.yaml:5' });
    expect(file.settings('radio listen').get('group')).toEqual({ texts: ['1.2.3.4:5'], where: 'c.yaml:8' });
    expect(file.settings('radio').size).toBe(0);
  });

  it('may be JSON', () => {
    expect(parse('{"probe": {"wait-time": "3s"}}').settings('probe').get('wait-time')?.texts).toEqual(['3s']);
  });

  it.each(['', '# nothing yet\n', 'probe:\n', '---\n'])('may be as good as empty: %j', (text) => {
    expect(parse(text).settings('probe').size).toBe(0);
  });

  it.each([
    [
      'a key that no command has',
      'probe:\n  cuont: 5\n',
      'c.yaml:2: unknown key "cuont" in the section probe',
      'Did you mean count?',
    ],
    ['a section that no command has', '\nprob:\n  count: 5\n', 'c.yaml:2: unknown key "prob"', 'Did you mean probe?'],
    ["a command's key at the top", 'count: 5\n', 'c.yaml:1: unknown key "count"', /^Known are: .*probe/],
    [
      "a key of an object's own",
      'probe:\n  __proto__: 1\n',
      'c.yaml:2: unknown key "__proto__" in the section probe',
      /^Known/,
    ],
    ['its own name', 'config: other.yaml\n', 'c.yaml:1: unknown key "config"', /^Known|mean/],
    ['a wish that only a flag can carry', 'print-config: true\n', 'c.yaml:1: unknown key "print-config"', /^Known/],
  ])('refuses %s', (_, text, message, hint) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ message, hint: expect.stringMatching(hint) }));
  });

  it.each([
    ['a mapping as a value', 'probe:\n  count: {a: 1}\n', /^c.yaml:2: count needs a value/],
    ['no value', 'probe:\n  count:\n', /^c.yaml:2: count needs a value/],
    ['a list with something else in it', 'probe:\n  at: [":1", [":2"]]\n', /^c.yaml:2: at needs a value/],
    ['a word where a section belongs', 'probe: yes\n', /^c.yaml:1: probe is a section/],
    ['a list at the top', '- probe\n', /^c.yaml: expected settings and sections/],
    ['what is no YAML', 'probe: [\n', /^c.yaml:\d: /],
    ['one key twice', 'probe:\n  count: 1\n  count: 2\n', /^c.yaml:3: .*unique/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it('has to exist when it was named', () => {
    expect(() => readConfigFile('/nowhere/c.yaml', sampleCommands)).toThrow('/nowhere/c.yaml cannot be read');
  });
});
