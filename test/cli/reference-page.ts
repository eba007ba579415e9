import type { Command, OptionSpec } from '../../src/cli/command.ts';
import { environmentName } from '../../src/cli/environment.ts';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { FLAG_ONLY, GLOBAL_OPTIONS } from '../../src/cli/global-options.ts';

const INTRODUCTION = `# The command line

This page is made from the tables that the program itself reads: \`npm run reference\` writes it anew.

Every setting can be given in four places: as a flag, in the environment, in the configuration file, or not at all. A flag
is stronger than the environment, the environment than the file, and the file than the default. \`--print-config\` shows what
a command would use and where each value comes from.

The configuration file is YAML or JSON: \`--config FILE\`, or \`mcmp.config.yaml\` in the working directory. Settings for all
commands stand at the top, the others below the name of their command, all with the names of the flags:

\`\`\`yaml
log-level: warn
serve:
  listen: [":8000", "[::1]:8001"]
  ping-interval: 5s
\`\`\`

Values: a time is \`500ms\`, \`10s\`, \`2m\`, \`1h\` or \`1d\`, a bare number means seconds unless the option says otherwise; a size
is \`512\`, \`64KiB\` or \`1MiB\`, a bare number means bytes; an address is \`host:port\`, \`:port\` for all interfaces, or
\`[::1]:port\`, and port 0 is any free one; several values are separated by commas, or the flag is repeated.

Results go to stdout, everything else to stderr. With \`--json\` stdout carries JSON alone, every document with a
\`schemaVersion\`, and a failure is one JSON object on stderr.
`;

/** The reference of all commands, as Markdown. */
export function referencePage(commands: readonly Command[]): string {
  const exitRows = Object.values(EXIT_CODES).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  const globals = Object.entries(GLOBAL_OPTIONS).map(([name, spec]) =>
    optionRow(name, spec, FLAG_ONLY.has(name) ? '' : environmentName(undefined, name)),
  );
  return [
    INTRODUCTION,
    '## Exit codes\n',
    table(['code', 'meaning'], [...exitRows, '| 128+n | ended by signal n |']),
    '## For all commands\n',
    table(['flag', 'variable', 'default', 'meaning'], globals),
    ...commands.map(commandSection),
  ].join('\n');
}

function commandSection(command: Command): string {
  const words = Object.entries(command.positionals).map(([name, spec]) => {
    const shape = spec.variadic === true ? `${name}..` : name;
    return spec.variadic === true || spec.optional === true ? `[${shape}]` : `<${shape}>`;
  });
  const positionals = Object.entries(command.positionals).map(
    ([name, spec]) => `| \`${name}\` | ${cell(spec.describe)} |`,
  );
  const options = Object.entries(command.options).map(([name, spec]) =>
    optionRow(name, spec, environmentName(command, name)),
  );
  const examples = command.examples.map(([line, meaning]) => `# ${meaning}\nmcmp ${line}`);
  return [
    `## mcmp ${[command.name, ...words].join(' ')}\n`,
    `${command.description}\n`,
    ...(positionals.length > 0 ? [table(['word', 'meaning'], positionals)] : []),
    ...(options.length > 0 ? [table(['flag', 'variable', 'default', 'meaning'], options)] : []),
    ...(command.notes ?? []).map(({ heading, rows }) =>
      table(
        [heading, 'meaning'],
        rows.map(([form, meaning]) => `| ${code(form)} | ${cell(meaning)} |`),
      ),
    ),
    `\`\`\`sh\n${examples.join('\n\n')}\n\`\`\`\n`,
  ].join('\n');
}

function optionRow(name: string, spec: OptionSpec, variable: string): string {
  const shown = Array.isArray(spec.default) ? spec.default.join(', ') : `${spec.default ?? ''}`;
  const choices = spec.kind === 'choice' ? ` (${spec.choices.join(', ')})` : '';
  const cells = [code(`--${name}`), code(variable), code(shown), cell(`${spec.describe}${choices}`)];
  return `| ${cells.join(' | ')} |`;
}

function table(heads: readonly string[], rows: readonly string[]): string {
  return [`| ${heads.join(' | ')} |`, `|${heads.map(() => '---').join('|')}|`, ...rows, ''].join('\n');
}

function code(text: string): string {
  return text === '' || text === 'false' ? '' : `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
