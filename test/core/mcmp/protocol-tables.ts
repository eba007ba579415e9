import { CONTEXT_TRANSITIONS, NODE_TRANSITIONS, type NodeStep } from '../../../src/core/cluster/lifecycle.ts';
import { COMMANDS } from '../../../src/core/mcmp/commands.ts';
import { DIALECTS, type Dialect, HTTPD2_DIALECT, MCMP_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { ERRORS, type ErrorTextKey, errorRow, type McmpErrorCode } from '../../../src/core/mcmp/errors.ts';
import { FIELDS, type FieldName, fieldRow } from '../../../src/core/mcmp/fields.ts';

/** The tables of docs/protocol.md as the code knows them. */

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

const code = (text: string) => (text === '' ? '' : `\`${text}\``);

export function commandsTable(): string {
  return table(
    ['command', 'what it does', '`/*` means the whole node'],
    Object.entries(COMMANDS).map(([name, row]) => [code(name), row.summary, row.wildcard ? 'yes' : '']),
  );
}

export function fieldsTable(): string {
  return table(
    ['field', 'commands', 'default', 'bytes at most: mcmp', 'httpd-2', 'meaning'],
    (Object.keys(FIELDS) as FieldName[]).map((name) => {
      const row = fieldRow(name);
      const commands = row.commands.map((command) => command.replace(/^(ENABLE|DISABLE|STOP|REMOVE)-APP$/, '*-APP'));
      const longest = (limit: number | undefined) => (limit === undefined ? '' : String(limit - 1));
      return [
        code(name),
        [...new Set(commands)].join(', '),
        code(row.default ?? ''),
        longest(row.limit?.mcmp),
        longest(row.limit?.httpd),
        row.help,
      ];
    }),
  );
}

export function errorsTable(): string {
  return table(
    ['code', 'type', 'Mess', 'what to do'],
    (Object.keys(ERRORS) as McmpErrorCode[]).map((name) => {
      const row = errorRow(name, MCMP_DIALECT);
      return [code(`MCMP_${name.toUpperCase().replaceAll('-', '_')}`), row.type, code(row.mess), ERRORS[name].hint];
    }),
  );
}

export function contextsTable(): string {
  const verbs = Object.keys(CONTEXT_TRANSITIONS.absent) as (keyof typeof CONTEXT_TRANSITIONS.absent)[];
  return table(
    ['from', ...verbs],
    Object.entries(CONTEXT_TRANSITIONS).map(([from, row]) => [from, ...verbs.map((verb) => row[verb])]),
  );
}

export function nodesTable(): string {
  const step = (to: NodeStep) => (typeof to === 'string' ? to : `${to.yes} if ${code(to.ask)}, else ${to.no}`);
  return table(
    ['from', 'what happens', 'to'],
    Object.entries(NODE_TRANSITIONS).flatMap(([from, row]) =>
      Object.entries(row).map(([trigger, to]) => [from, trigger, step(to)]),
    ),
  );
}

/** Every member of a dialect row with its value, as `cluster.vhosts`. */
function leaves(value: unknown, path: string, into: Map<string, string>): void {
  if (value instanceof RegExp) into.set(path, value.source);
  else if (Array.isArray(value)) into.set(path, value.join(', '));
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) leaves(member, path === '' ? key : `${path}.${key}`, into);
  } else into.set(path, String(value));
}

/** A row of the dialect table by paths; its error texts apart. */
function rulesOf({ name, summary, errorTexts, ...rules }: Dialect): Map<string, string> {
  const found = new Map<string, string>();
  leaves(rules, '', found);
  return found;
}

const ROWS = [...DIALECTS.values()];
/** The dialects that are compared with `mcmp` without words for each difference. */
const OTHERS = ROWS.filter((dialect) => dialect !== MCMP_DIALECT && dialect !== HTTPD2_DIALECT);

/** What the other dialects do; an empty cell is as `mcmp` has it. */
export function otherDialectsTable(): string {
  const ours = rulesOf(MCMP_DIALECT);
  const theirs = OTHERS.map(rulesOf);
  return table(
    ['what', 'mcmp', ...OTHERS.map(({ name }) => name)],
    [...new Set([ours, ...theirs].flatMap((rules) => [...rules.keys()]))].flatMap((path) => {
      const mcmp = ours.get(path) ?? '';
      const cells = theirs.map((rules) => (rules.get(path) === mcmp ? '' : code(rules.get(path) ?? '')));
      return cells.every((cell) => cell === '') ? [] : [[code(path), code(mcmp), ...cells]];
    }),
  );
}

/** Their error texts; an empty cell is as the table of errors has it. */
export function otherErrorsTable(): string {
  const keys = new Set(OTHERS.flatMap(({ errorTexts }) => Object.keys(errorTexts) as ErrorTextKey[]));
  return table(
    ['error', ...OTHERS.map(({ name }) => name)],
    [...keys].map((key) => [
      code(key),
      ...OTHERS.map(({ errorTexts }) => {
        const text = errorTexts[key];
        return text === undefined ? '' : code(text.inBodyAlone ? text.mess : `${text.type}/${text.mess}`);
      }),
    ]),
  );
}

export interface DialectDifference {
  readonly path: string;
  readonly httpd2: string;
  readonly mcmp: string;
}

/** Where the two rows of the dialect table differ. */
export function dialectDifferences(): DialectDifference[] {
  const [ours, theirs] = [MCMP_DIALECT, HTTPD2_DIALECT].map((dialect: Dialect) => {
    const found = rulesOf(dialect);
    for (const error of Object.keys(HTTPD2_DIALECT.errorTexts) as McmpErrorCode[]) {
      const row = errorRow(error, dialect);
      found.set(`errorTexts.${error}`, `${row.type}/${row.mess}`);
    }
    return found;
  });
  return [...(ours ?? [])].flatMap(([path, mcmp]) => {
    const httpd2 = theirs?.get(path) ?? '';
    return httpd2 === mcmp ? [] : [{ path, httpd2, mcmp }];
  });
}
