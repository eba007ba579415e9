import { UsageError } from '../core/errors.ts';
import { closestName } from '../core/suggest.ts';
import { type Command, isSwitch, type OptionSpec, type OptionTable } from './command.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { buildYargs } from './grammar.ts';

export type ParsedLine =
  /** Nothing, or only `--help`: the page that introduces the program. */
  | { readonly kind: 'front-page'; readonly flags: Flags }
  /** What yargs has written: the help of a command; nothing after it has printed a shell's candidates. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'version'; readonly flags: Flags }
  | {
      readonly kind: 'run';
      readonly command: Command;
      readonly flags: Flags;
      readonly positionals: ReadonlyMap<string, string | readonly string[]>;
    };

/** Option to the texts it was given, in order. */
export type Flags = ReadonlyMap<string, readonly string[]>;

const COMPLETION_FLAG = '--get-yargs-completions';

/**
 * Reads a command line. yargs splits the words, writes the help and completes; what is allowed is checked here, against the
 * tables, so that every refusal names the mistake and what was probably meant.
 *
 * @param typed the words after `mcmp`
 * @param columns width of the help
 * @throws UsageError
 */
export async function parseLine(
  typed: readonly string[],
  commands: readonly Command[],
  columns: number,
): Promise<ParsedLine> {
  // `mcmp help send` is what many programs understand.
  const words = typed[0] === 'help' ? [...typed.slice(1), '--help'] : typed;
  const beforeDashes = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  refuseInheritedNames(beforeDashes);
  const completes = words.includes(COMPLETION_FLAG);
  const asksHelp = beforeDashes.some((word) => word === '--help' || word === '-h');
  const display = completes ? 'completion' : asksHelp && 'help';

  let chosen: Command | undefined;
  const cli = buildYargs(words, commands, { display, columns }, (command) => {
    chosen = command;
  });
  if (completes) {
    // yargs prints the candidates itself.
    await cli.parseAsync();
    return { kind: 'text', text: '' };
  }

  let shown = '';
  let failure: string | undefined;
  const argv = await cli
    .fail((message) => {
      failure ??= message;
    })
    .parseAsync([...words], {}, (_error: unknown, _argv: unknown, output: string) => {
      shown = output;
    });
  const rest = argv._.map(String);
  if (asksHelp && rest.length === 0) return { kind: 'front-page', flags: flagsOf(argv, GLOBAL_OPTIONS) };
  if (asksHelp && isCommandOrGroup(rest[0] ?? '', commands)) return { kind: 'text', text: `${shown}\n` };

  checkOptions(beforeDashes, { ...(chosen?.options ?? {}), ...GLOBAL_OPTIONS });
  if (failure !== undefined) throw new UsageError(valueMissing(failure));
  const flags = flagsOf(argv, { ...(chosen?.options ?? {}), ...GLOBAL_OPTIONS });
  if (argv['version'] === true) return { kind: 'version', flags };
  if (chosen === undefined) {
    if (rest.length === 0) return { kind: 'front-page', flags };
    throw unknownCommand(rest, commands);
  }
  const trailing = Array.isArray(argv['--']) ? argv['--'].map(String) : [];
  const given = [...rest.slice(chosen.name.split(' ').length), ...trailing];
  const positionals = positionalsOf(chosen, given, commands);
  return { kind: 'run', command: chosen, flags, positionals };
}

/** yargs stumbles over names that every object has, such as `--constructor`, before anything can be checked. */
function refuseInheritedNames(words: readonly string[]): void {
  for (const word of words) {
    const name = /^--?(?:no-)?([^=.]*)/.exec(word)?.[1] ?? '';
    if (name in Object.prototype) throw unknownOption(word.split('=')[0] ?? word, name, GLOBAL_OPTIONS);
  }
}

function checkOptions(words: readonly string[], table: OptionTable): void {
  for (const word of words) {
    if (!word.startsWith('-') || word === '-' || /^-\.?[0-9]/.test(word)) continue;
    const [, name = '', assigned] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const negated = name.startsWith('no-') ? name.slice('no-'.length) : undefined;
    const spec = lookUp(table, name) ?? (negated === undefined ? undefined : switchOf(table, negated));
    if (spec === undefined || !word.startsWith('--')) throw unknownOption(word.split('=')[0] ?? word, name, table);
    if (spec.kind === 'boolean' && assigned !== undefined && assigned !== 'true' && assigned !== 'false') {
      throw new UsageError(`--${name} takes no value, or true or false, not "${assigned}"`);
    }
    // The flag alone means true; a value that turned out empty, as of a variable in a script, does not.
    if (assigned === '' && isSwitch(spec)) throw new UsageError(`--${name}= has no value`);
  }
}

function lookUp(table: OptionTable, name: string): OptionSpec | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function switchOf(table: OptionTable, name: string): OptionSpec | undefined {
  const spec = lookUp(table, name);
  return spec !== undefined && isSwitch(spec) ? spec : undefined;
}

function unknownOption(word: string, name: string, table: OptionTable): UsageError {
  const meant = closestName(name, Object.keys(table));
  return new UsageError(`unknown option ${word}`, {
    code: 'MCMP_UNKNOWN_OPTION',
    hint: meant === undefined ? '--help lists the options of a command.' : `Did you mean --${meant}?`,
  });
}

function unknownCommand(words: readonly string[], commands: readonly Command[]): UsageError {
  const [first = '', second] = words;
  const members = commands.map((command) => command.name).filter((name) => name.startsWith(`${first} `));
  if (members.length > 0) {
    const said = second === undefined ? `${first} needs one more word` : `unknown command ${first} ${second}`;
    return new UsageError(said, { code: 'MCMP_UNKNOWN_COMMAND', hint: `There are: ${members.join(', ')}.` });
  }
  const meant = closestName(first, [...new Set(commands.map((command) => command.name.split(' ')[0] ?? ''))]);
  return new UsageError(`unknown command ${first}`, {
    code: 'MCMP_UNKNOWN_COMMAND',
    hint: meant === undefined ? 'mcmp --help lists the commands.' : `Did you mean mcmp ${meant}?`,
  });
}

function isCommandOrGroup(word: string, commands: readonly Command[]): boolean {
  return commands.some((command) => command.name === word || command.name.startsWith(`${word} `));
}

/** yargs has one foreseen complaint left, about an option without its value. */
function valueMissing(message: string): string {
  const name = /^Not enough arguments following: (\S+)/.exec(message)?.[1];
  return name === undefined ? message : `--${name} needs a value`;
}

function flagsOf(argv: Readonly<Record<string, unknown>>, table: OptionTable): Flags {
  const flags = new Map<string, readonly string[]>();
  for (const [name, spec] of Object.entries(table)) {
    if (!Object.hasOwn(argv, name) || argv[name] === undefined) continue;
    const given = argv[name];
    const texts = (Array.isArray(given) ? given : [given]).map(String);
    flags.set(name, isSwitch(spec) ? texts.map((text) => (text === '' ? 'true' : text)) : texts);
  }
  return flags;
}

function positionalsOf(
  command: Command,
  words: readonly string[],
  commands: readonly Command[],
): Map<string, string | readonly string[]> {
  const values = new Map<string, string | readonly string[]>();
  let next = 0;
  for (const [name, { optional, variadic }] of Object.entries(command.positionals)) {
    if (variadic === true) {
      values.set(name, words.slice(next));
      return values;
    }
    const word = words[next];
    if (word === undefined) {
      if (optional === true) break;
      throw new UsageError(`mcmp ${command.name} needs a <${name}>`, {
        hint: `mcmp ${command.name} --help shows examples.`,
      });
    }
    values.set(name, word);
    next++;
  }
  const surplus = words[next];
  if (surplus !== undefined) {
    const below = commands.map(({ name }) => name).filter((name) => name.startsWith(`${command.name} `));
    const meant = closestName(`${command.name} ${surplus}`, below);
    throw new UsageError(`mcmp ${command.name} does not know what to do with "${surplus}"`, {
      hint: meant === undefined ? `mcmp ${command.name} --help shows what it takes.` : `Did you mean mcmp ${meant}?`,
    });
  }
  return values;
}
