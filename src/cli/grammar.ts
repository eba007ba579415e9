import yargs, { type Argv, type Options } from 'yargs';
import { inColumns } from './columns.ts';
import { type Command, isSwitch, type Note, type OptionSpec, type OptionTable } from './command.ts';
import { environmentName } from './environment.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';

type Shown = 'help' | 'completion' | false;

export interface Display {
  /** Help and completion show what is expected; without, yargs only splits and checks nothing. */
  readonly display: Shown;
  readonly columns: number;
}

/** Builds yargs from the tables. `choose` is told which command the line names. */
export function buildYargs(
  words: readonly string[],
  commands: readonly Command[],
  { display, columns }: Display,
  choose: (command: Command) => void,
): Argv {
  const cli = yargs([...words])
    .scriptName('mcmp')
    .locale('en')
    .exitProcess(false)
    .version(false)
    .help('help', GLOBAL_OPTIONS.help.describe)
    .alias('help', 'h')
    .wrap(columns)
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
    })
    .group('help', GLOBAL_OPTIONS.help.group);
  declareOptions(cli, GLOBAL_OPTIONS, display);

  const groups = new Map<string, { head?: Command; members: Command[] }>();
  for (const command of commands) {
    const [first = '', second] = command.name.split(' ');
    const group = groups.get(first) ?? { members: [] };
    if (second === undefined) group.head = command;
    else group.members.push(command);
    groups.set(first, group);
  }
  for (const [word, { head, members }] of groups) {
    const declareMembers = (inner: Argv): void => {
      for (const member of members) {
        declareCommand(inner, member.name.slice(word.length + 1), member, { display, choose });
      }
    };
    if (head !== undefined) {
      declareCommand(cli, word, head, { display, choose, declareMembers });
      continue;
    }
    const summary = members.map((command) => command.name).join(', ');
    cli.command(word, summary, (inner) => {
      declareMembers(inner);
      return inner;
    });
  }
  return cli;
}

interface Declaring {
  readonly display: Shown;
  readonly choose: (command: Command) => void;
  /** Declares the commands of two words whose first word is this command. */
  readonly declareMembers?: (inner: Argv) => void;
}

function declareCommand(
  parent: Argv,
  word: string,
  command: Command,
  { display, choose, declareMembers }: Declaring,
): void {
  const positionals = display
    ? Object.entries(command.positionals).map(([name, { optional, variadic }]) => {
        const shape = variadic === true ? `${name}..` : name;
        return optional === true || variadic === true ? ` [${shape}]` : ` <${shape}>`;
      })
    : [];
  parent.command(`${word}${positionals.join('')}`, command.summary, (inner) => {
    // Here and not in yargs' handler, which is left out when yargs has a complaint: that too is about this command. A
    // command of two words is chosen after the one whose name is its first word, and the last one counts.
    choose(command);
    declareMembers?.(inner);
    inner.usage(`$0 ${command.name}${positionals.join('')} [options]\n\n${command.description}`);
    if (display !== false) {
      for (const [name, { describe, suggestions }] of Object.entries(command.positionals)) {
        const choices = display === 'completion' && suggestions !== undefined ? { choices: suggestions } : {};
        inner.positional(name, { describe, type: 'string', ...choices });
      }
    }
    declareOptions(inner, command.options, display, { global: false });
    for (const [line, meaning] of command.examples) inner.example(`$0 ${line}`, meaning);
    const [name] = Object.keys(command.options);
    const notes = [...(command.notes ?? []).flatMap(noteLines), ...unitNotes(command.options)];
    if (name !== undefined) {
      inner.epilogue(
        [
          ...notes,
          `Settings can also stand in the environment (${environmentName(command, name)}) or in the configuration file (${[...command.name.split(' '), name].join(': ')}). A flag is stronger than the environment, and the environment than the file.`,
        ].join('\n'),
      );
    }
    return inner;
  });
}

/** `global: false`: the options are not those of the commands below. */
function declareOptions(cli: Argv, table: OptionTable, display: Shown, scope: Options = {}): void {
  for (const [name, spec] of Object.entries(table)) {
    if (name !== 'help') cli.option(name, { ...yargsOption(spec, display), ...scope });
  }
}

function noteLines({ heading, rows }: Note): readonly string[] {
  return [`${heading}:`, ...inColumns(rows), ''];
}

/** How to write the values that have units, where a command has such. */
function unitNotes(options: OptionTable): readonly string[] {
  const kinds = new Set(Object.values(options).map(({ kind }) => kind));
  return [
    ...(kinds.has('duration') ? ['TIME: 500ms, 10s, 2m, 1h; a bare number means seconds, unless it says ms.'] : []),
    ...(kinds.has('size') ? ['SIZE: 512, 64KiB, 1MiB; a bare number means bytes.'] : []),
    ...(kinds.has('address') ? ['ADDR: host:port, :port for all interfaces, [::1]:port; port 0 is any free one.'] : []),
  ];
}

/** What stands for a value in the help, where an option does not say it better. */
const PLACEHOLDERS: Readonly<Record<Exclude<OptionSpec['kind'], 'boolean' | 'choice'>, string>> = {
  string: 'TEXT',
  number: 'N',
  duration: 'TIME',
  size: 'SIZE',
  address: 'ADDR',
  url: 'URL',
  list: 'A,B,..',
};

function yargsOption(spec: OptionSpec, display: Shown): Options {
  const shown = defaultText(spec);
  // Without a group yargs would print an option below all groups, those of all commands included.
  const group = { group: spec.group ?? 'Options:' };
  if (spec.kind === 'boolean') return { type: 'boolean', describe: spec.describe, ...group };
  const kindOfValue = spec.kind === 'choice' ? undefined : PLACEHOLDERS[spec.kind];
  const placeholder = spec.placeholder ?? (isSwitch(spec) ? `[${kindOfValue}]` : kindOfValue);
  const bareUnit = spec.kind === 'duration' && spec.unit === 'ms' ? ' in ms' : '';
  return {
    ...group,
    describe: placeholder === undefined ? spec.describe : `${placeholder}${bareUnit}: ${spec.describe}`,
    ...(isSwitch(spec) ? {} : { requiresArg: true }),
    ...(shown === undefined ? {} : { defaultDescription: shown }),
    // In the help the kind of a value is said by its placeholder; yargs would call all of them strings.
    ...(display === false ? { type: 'string' as const } : {}),
    ...(display !== false && spec.kind === 'choice' ? { choices: [...spec.choices] } : {}),
  };
}

/** The default as the help shows it. */
function defaultText(spec: OptionSpec): string | undefined {
  if (spec.default === undefined || spec.default === '' || spec.default === false) return undefined;
  return Array.isArray(spec.default) ? spec.default.join(', ') : `${spec.default}`;
}
