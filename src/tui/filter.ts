import type { CopyRow, NodeRow, PathRow, Row, Tables } from './rows.ts';
import { shown } from './width.ts';
import { conditionWords, STATUS_WORDS } from './words.ts';

/** Whether a row is shown. */
export type Test = (row: Row) => boolean;

/** A filter as it was typed, or why it is none. */
export type ParsedFilter = { readonly test: Test } | { readonly wrong: string };

interface TextField {
  readonly kind: 'text';
  /** One of a few words, of which the first letters are enough; else any part of a text. */
  readonly isWord?: true;
  readonly describe: string;
  readonly example: string;
  readonly of: (row: Row, tables: Tables) => readonly string[];
}

interface NumberField {
  readonly kind: 'number';
  readonly describe: string;
  readonly example: string;
  readonly of: (row: Row, tables: Tables) => number | undefined;
}

/** What a filter can ask for; the help and the documents print it. */
export const FILTER_FIELDS: ReadonlyMap<string, TextField | NumberField> = new Map<string, TextField | NumberField>([
  [
    'state',
    {
      kind: 'text',
      isWord: true,
      describe: 'state of a context or node; of rows with several contexts: any of them',
      example: 'state:stopped',
      of: statesOf,
    },
  ],
  [
    'node',
    { kind: 'text', describe: 'the node, or any node of the path', example: 'node:node1', of: (row) => namesOf(row) },
  ],
  [
    'path',
    { kind: 'text', describe: 'the path, or any path of the node', example: 'path:/app', of: (row) => pathsOf(row) },
  ],
  [
    'alias',
    {
      kind: 'text',
      describe: 'a host name under which contexts are served',
      example: 'alias:shop.example',
      of: (row) => copiesOf(row).map(({ aliasesShown }) => aliasesShown),
    },
  ],
  [
    'domain',
    {
      kind: 'text',
      describe: 'fail-over domain of the node',
      example: 'domain:blue',
      of: (row, tables) => nodesOf(row, tables).map(({ domain }) => shown(domain)),
    },
  ],
  [
    'is',
    {
      kind: 'text',
      isWord: true,
      describe: 'disputed (balancers disagree), stale (its balancer is silent), unserved (no node serves the path)',
      example: 'is:disputed',
      of: (row) => [
        ...('disagrees' in row && row.disagrees ? ['disputed'] : []),
        ...('isStale' in row && row.isStale ? ['stale'] : []),
        ...(row.kind === 'path' && row.serving === 0 ? ['unserved'] : []),
      ],
    },
  ],
  [
    'load',
    {
      kind: 'number',
      describe: 'load of the node',
      example: 'load<20',
      of: (row, tables) => {
        if (row.kind === 'node') return row.load;
        return row.kind === 'copy' ? tables.nodeByRoute.get(row.route)?.load : undefined;
      },
    },
  ],
  [
    'flight',
    {
      kind: 'number',
      describe: 'requests in flight',
      example: 'flight>0',
      of: (row) => ('inFlight' in row ? row.inFlight : undefined),
    },
  ],
  [
    'nodes',
    {
      kind: 'number',
      describe: 'how many nodes serve the path',
      example: 'nodes<2',
      of: (row) => (row.kind === 'path' ? row.serving : undefined),
    },
  ],
  [
    'contexts',
    {
      kind: 'number',
      describe: 'how many contexts there are',
      example: 'contexts>10',
      of: (row) => copiesOf(row).length,
    },
  ],
]);

/**
 * Reads a filter: words that all have to be true. `text` is looked for in what the row shows, `!` before a word turns it
 * round, `field:text` and `field<number` ask one field.
 */
export function parseFilter(text: string, tables: Tables): ParsedFilter {
  const tests: Test[] = [];
  for (const word of text.split(/\s+/).filter((one) => one !== '' && one !== '!')) {
    const parsed = parseWord(word, tables);
    if ('wrong' in parsed) return parsed;
    tests.push(parsed.test);
  }
  return { test: (row) => tests.every((test) => test(row)) };
}

const OPERATORS: ReadonlyMap<string, (left: number, right: number) => boolean> = new Map([
  ['<', (left: number, right: number) => left < right],
  ['>', (left: number, right: number) => left > right],
  ['<=', (left: number, right: number) => left <= right],
  ['>=', (left: number, right: number) => left >= right],
  ['=', (left: number, right: number) => left === right],
]);

function parseWord(word: string, tables: Tables): ParsedFilter {
  if (word.startsWith('!')) {
    const inner = parseWord(word.slice(1), tables);
    return 'wrong' in inner ? inner : { test: (row) => !inner.test(row) };
  }
  const [, name = '', operator = '', rest = ''] = /^([a-z]+)(:|<=|>=|<|>|=)(.*)$/i.exec(word) ?? [];
  const field = FILTER_FIELDS.get(name.toLowerCase());
  if (name === '' || (field === undefined && operator === ':' && /^[/\d]/.test(rest))) return containing(word);
  if (field === undefined) {
    return { wrong: `there is no field ${name}; there are ${[...FILTER_FIELDS.keys()].join(', ')}` };
  }
  if (field.kind === 'text') {
    if (operator !== ':' && operator !== '=') return { wrong: `${name} is compared with a colon: ${field.example}` };
    const wanted = rest.toLowerCase();
    // `d` shall mean disabled, and not every word with a d.
    const matches = field.isWord === true ? startsWith : includes;
    return { test: (row) => field.of(row, tables).some((value) => matches(value.toLowerCase(), wanted)) };
  }
  const number = Number(rest);
  const holds = OPERATORS.get(operator === ':' ? '=' : operator);
  if (holds === undefined || rest === '' || Number.isNaN(number)) {
    return rest === '' ? { test: () => true } : { wrong: `${name} is compared with a number: ${field.example}` };
  }
  return {
    test: (row) => {
      const value = field.of(row, tables);
      return value !== undefined && holds(value, number);
    },
  };
}

const startsWith = (value: string, wanted: string): boolean => value.startsWith(wanted);
const includes = (value: string, wanted: string): boolean => value.includes(wanted);

function containing(word: string): ParsedFilter {
  const wanted = word.toLowerCase();
  return { test: (row) => wordsOf(row).some((value) => value.toLowerCase().includes(wanted)) };
}

/** What a bare word is looked for in. */
function wordsOf(row: Row): readonly string[] {
  switch (row.kind) {
    case 'node':
      return [row.shown, row.addressShown, shown(row.domain), conditionWords(row.condition).word];
    case 'path':
      return [row.shown];
    case 'copy':
      return [row.pathShown, row.routeShown, row.aliasesShown, STATUS_WORDS[row.status].word];
    case 'event':
      return [row.shown, row.whereShown, row.whoShown];
    case 'disagreement':
      return [row.shown];
  }
}

function copiesOf(row: Row): readonly CopyRow[] {
  if (row.kind === 'copy') return [row];
  return row.kind === 'node' || row.kind === 'path' ? row.copies : [];
}

function nodesOf(row: Row, tables: Tables): readonly NodeRow[] {
  if (row.kind === 'node') return [row];
  return copiesOf(row).flatMap(({ route }) => tables.nodeByRoute.get(route) ?? []);
}

function namesOf(row: Row): readonly string[] {
  return row.kind === 'node' ? [row.shown] : copiesOf(row).map(({ routeShown }) => routeShown);
}

function pathsOf(row: Row): readonly string[] {
  return row.kind === 'path' ? [row.shown] : copiesOf(row).map(({ pathShown }) => pathShown);
}

function statesOf(row: Row): readonly string[] {
  const ofContexts = (counts: PathRow['counts']): string[] =>
    (['ENABLED', 'DISABLED', 'STOPPED'] as const)
      .filter((status) => counts[status] > 0)
      .map((status) => STATUS_WORDS[status].word);
  if (row.kind === 'node') return [conditionWords(row.condition).word, ...ofContexts(row.counts)];
  if (row.kind === 'path') return ofContexts(row.counts);
  return row.kind === 'copy' ? [STATUS_WORDS[row.status].word] : [];
}
