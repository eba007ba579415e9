import { describe, expect, it } from 'vitest';
import { parseLine } from '../../src/cli/parse-line.ts';
import { sampleCommands } from './sample-commands.ts';

const parse = (...words: string[]): ReturnType<typeof parseLine> => parseLine(words, sampleCommands, 80);

describe('a command line', () => {
  it('is a command, its flags and its words', async () => {
    const line = await parse('--json', 'probe', 'a', '--count', '5', '--at', ':1', '--at=:2', 'b=1', '--deep', 'c');
    if (line.kind !== 'run') throw new Error(line.kind);
    expect(line.command.name).toBe('probe');
    expect(Object.fromEntries(line.flags)).toEqual({ json: ['true'], count: ['5'], at: [':1', ':2'], deep: ['true'] });
    expect(Object.fromEntries(line.positionals)).toEqual({ target: 'a', words: ['b=1', 'c'] });
  });

  it('takes texts as they are', async () => {
    const line = await parse('probe', '007', '1e3', '--name', '0x10', '--note=', '--no-deep', '--', '--count', '-x');
    if (line.kind !== 'run') throw new Error(line.kind);
    expect(Object.fromEntries(line.flags)).toEqual({ name: ['0x10'], note: [''], deep: ['false'] });
    expect(Object.fromEntries(line.positionals)).toEqual({ target: '007', words: ['1e3', '--count', '-x'] });
  });

  it('takes negative numbers for values', async () => {
    const line = await parse('probe', 'a', '--count', '-5');
    if (line.kind !== 'run') throw new Error(line.kind);
    expect(line.flags.get('count')).toEqual(['-5']);
  });

  it('takes negative numbers for words', async () => {
    const line = await parse('probe', '-1', '--deep', 'a', '-2.5', '-.5');
    if (line.kind !== 'run') throw new Error(line.kind);
    expect(Object.fromEntries(line.positionals)).toEqual({ target: '-1', words: ['a', '-2.5', '-.5'] });
    expect(Object.fromEntries(line.flags)).toEqual({ deep: ['true'] });
  });

  it.each([
    [['probe', 'a', '--beacon'], ['true']],
    [['probe', 'a', '--beacon', '--deep'], ['true']],
    [['probe', 'a', '--beacon', 'http://lb:1'], ['http://lb:1']],
    [['probe', 'a', '--beacon=off'], ['off']],
    [['probe', 'a', '--no-beacon'], ['false']],
    [['probe', 'a'], undefined],
  ])('takes a flag that may stand alone: %j', async (words, given) => {
    const line = await parse(...words);
    if (line.kind !== 'run') throw new Error(line.kind);
    expect(line.flags.get('beacon')).toEqual(given);
  });

  it('refuses such a flag when its value turned out empty', async () => {
    await expect(parse('probe', 'a', '--beacon=')).rejects.toMatchObject({ message: '--beacon= has no value' });
  });

  it('finds commands of two words', async () => {
    const line = await parse('radio', 'listen', '--group', '1.2.3.4:5');
    expect(line).toMatchObject({ kind: 'run', command: { name: 'radio listen' } });
  });

  it.each([
    [['pump'], 'pump', {}],
    [['pump', '--depth', '3'], 'pump', { depth: ['3'] }],
    [['pump', 'valve', 'open', '--number', '3'], 'pump valve', { number: ['3'] }],
    [['pump', '--json', 'valve', 'shut'], 'pump valve', { json: ['true'] }],
  ])('tells a command from one below it: %j', async (words, name, given) => {
    const line = await parse(...words);
    if (line.kind !== 'run') throw new Error(line.kind);
    expect(line.command.name).toBe(name);
    expect(Object.fromEntries(line.flags)).toEqual(given);
  });

  it('shows in the help of a command those below it, and in theirs only their own options', async () => {
    const above = await parse('pump', '--help');
    const below = await parse('pump', 'valve', '--help');
    if (above.kind !== 'text' || below.kind !== 'text') throw new Error('no help');
    expect(above.text).toContain('mcmp pump [options]');
    expect(above.text).toMatch(/mcmp pump valve <way>\s+Turn a valve/);
    expect(above.text).toContain('--depth');
    expect(below.text).toContain('mcmp pump valve <way> [options]');
    expect(below.text).toContain('--number');
    expect(below.text).not.toMatch(/--depth|Pumps/);
  });

  it.each([[['--help']], [['-h']], [['help']], [[]], [['--json']]])('%j asks for the front page', async (words) => {
    expect((await parse(...words)).kind).toBe('front-page');
  });

  it.each([
    [
      ['probe', '--help'],
      ['mcmp probe <target> [words..]', '--wait-time', 'TIME: a time', '[default: 2s]', 'mcmp probe everything'],
    ],
    [['probe', '-h'], ['MCMP_PROBE_NAME']],
    [
      ['help', 'probe'],
      ['mcmp probe <target> [words..]', '--wait-time'],
    ],
    [['radio', '--help'], ['mcmp radio listen']],
    [
      ['radio', 'listen', '--help'],
      ['ADDR: where', '224.0.1.105:23364', 'radio: listen: group'],
    ],
  ])('%j shows help in 80 columns', async (words, parts) => {
    const line = await parse(...words);
    if (line.kind !== 'text') throw new Error(line.kind);
    for (const part of parts) expect(line.text).toContain(part);
    expect(Math.max(...line.text.split('\n').map((row) => row.length))).toBeLessThanOrEqual(80);
  });

  it.each([
    [['prob'], 'unknown command prob', 'Did you mean mcmp probe?'],
    [['nothing-like-it'], 'unknown command nothing-like-it', 'mcmp --help lists the commands.'],
    [['radio'], 'radio needs one more word', 'There are: radio listen.'],
    [['radio', 'lisen'], 'unknown command radio lisen', 'There are: radio listen.'],
    [['probe', 'a', '--cuont', '5'], 'unknown option --cuont', 'Did you mean --count?'],
    [['probe', 'a', '--cuont=5'], 'unknown option --cuont', 'Did you mean --count?'],
    [['probe', 'a', '-c', '5'], 'unknown option -c', '--help lists the options of a command.'],
    [['probe', 'a', '--no-count'], 'unknown option --no-count', undefined],
    [['probe', 'a', '--__proto__', '5'], 'unknown option --__proto__', undefined],
    [['probe', 'a', '--constructor=5'], 'unknown option --constructor', undefined],
    [['probe', 'a', '--name.x=5'], 'unknown option --name.x', 'Did you mean --name?'],
    [['probe', 'a', '--waitTime=5s'], 'unknown option --waitTime', 'Did you mean --wait-time?'],
    [['--jsn'], 'unknown option --jsn', 'Did you mean --json?'],
    [['probe', 'a', '--count'], '--count needs a value', undefined],
    [['probe', 'a', '--count', '--deep'], '--count needs a value', undefined],
    [['probe', 'a', '--deep=perhaps'], '--deep takes no value, or true or false, not "perhaps"', undefined],
    [['probe'], 'mcmp probe needs a <target>', 'mcmp probe --help shows examples.'],
    [['pump', 'vavle'], 'mcmp pump does not know what to do with "vavle"', 'Did you mean mcmp pump valve?'],
    [['pump', 'valve'], 'mcmp pump valve needs a <way>', undefined],
    [['pump', 'valve', 'open', '--depth', '3'], 'unknown option --depth', undefined],
    [['pump', '--depth', '3', 'valve', 'open'], 'unknown option --depth', undefined],
    [['radio', 'listen', 'now'], 'mcmp radio listen does not know what to do with "now"', undefined],
  ])('%j is refused', async (words, message, hint) => {
    await expect(parse(...words)).rejects.toMatchObject({
      kind: 'usage',
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  });
});
