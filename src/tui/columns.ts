import type { ContextStatus } from '../core/cluster/records.ts';
import type { CopyRow, DisagreementRow, EventRow, NodeRow, PathRow, Row, Severity, Tables } from './rows.ts';
import { compare } from './tables.ts';
import { shown } from './width.ts';
import { age, clockTime, conditionWords, countWords, percent, STATUS_WORDS, short, type Tint } from './words.ts';

/** What a cell depends on besides its row. */
export interface CellContext {
  readonly tables: Tables;
  readonly nowMs: number;
  /** Rooms for a letter only. */
  readonly isNarrow: boolean;
}

export interface Cell {
  readonly text: string;
  readonly tint?: Tint;
}

export interface Column<R extends Row> {
  readonly id: string;
  readonly title: string;
  readonly width: number;
  /** Gets a part of what is left; the number says how large. */
  readonly grow?: number;
  readonly align?: 'right';
  /** 0 stays in the smallest terminal; the highest goes first. */
  readonly priority: number;
  /** There is something to show; default always. */
  readonly when?: (tables: Tables) => boolean;
  // Methods, so that lists of all kinds can be held in one table; each is made together with its rows.
  cell(row: R, context: CellContext): Cell;
  /** What `s` sorts by; without, it cannot be sorted by. */
  order?(row: R, context: CellContext): number | string;
}

const several = ({ balancers }: Tables): boolean => balancers.length > 1;

function number(value: number | undefined, words: (value: number) => string = String): Cell {
  return value === undefined ? { text: '-', tint: 'gray' } : { text: words(value) };
}

function statusCell(status: ContextStatus, { isNarrow }: CellContext): Cell {
  const { letter, word, tint } = STATUS_WORDS[status];
  return { text: isNarrow ? letter : `${letter} ${word}`, tint };
}

function conditionCell(row: NodeRow | undefined, { isNarrow }: CellContext): Cell {
  const { letter, word, tint } = conditionWords(row?.condition);
  return { text: isNarrow ? letter : `${letter} ${word}`, tint };
}

function countsCell(counts: NodeRow['counts']): Cell {
  const tint = counts.STOPPED > 0 ? 'red' : counts.DISABLED > 0 ? 'yellow' : counts.ENABLED > 0 ? 'green' : 'gray';
  return { text: countWords(counts), tint };
}

/** Which balancers say what: `1E 2D`, and `2-` for one that does not know it. */
function saysCell({ statuses, disagrees }: CopyRow): Cell {
  const text = statuses.map((status, at) => `${at + 1}${status === undefined ? '-' : STATUS_WORDS[status].letter}`);
  return { text: text.join(' '), tint: disagrees ? 'magenta' : 'gray' };
}

function knownCell({ knownAt, disagrees }: NodeRow, { tables }: CellContext): Cell {
  const text = tables.balancers.map((_, at) => (knownAt.includes(at) ? String(at + 1) : '-')).join(' ');
  return { text: disagrees ? `${text} ≠` : text, tint: disagrees ? 'magenta' : 'gray' };
}

/** How much somebody has to look at a node: the smaller, the more. */
function trouble(row: NodeRow): number {
  if (row.condition === 'error') return 0;
  if (row.condition === 'removing') return 1;
  if (row.condition === 'withdrawn') return 2;
  if (row.disagrees) return 3;
  if (row.counts.STOPPED > 0) return 4;
  if (row.counts.DISABLED > 0) return 5;
  return row.copies.length === 0 ? 6 : 7;
}

const NODE: Column<NodeRow> = {
  id: 'node',
  title: 'NODE',
  width: 10,
  grow: 2,
  priority: 0,
  cell: ({ shown: text }) => ({ text }),
  order: ({ shown: text }) => text,
};
const STATE: Column<NodeRow> = {
  id: 'state',
  title: 'STATE',
  width: 11,
  priority: 0,
  cell: conditionCell,
  order: trouble,
};
const COUNTS: Column<NodeRow> = {
  id: 'contexts',
  title: 'CONTEXTS',
  width: 9,
  priority: 1,
  cell: ({ counts }) => countsCell(counts),
  order: ({ copies }) => copies.length,
};
const LOAD: Column<NodeRow> = {
  id: 'load',
  title: 'LOAD',
  width: 4,
  align: 'right',
  priority: 2,
  cell: ({ load }) => number(load),
  order: ({ load }) => load ?? Number.MAX_SAFE_INTEGER,
};
const ELECTED: Column<NodeRow> = {
  id: 'elected',
  title: 'ELECTED',
  width: 7,
  align: 'right',
  priority: 5,
  cell: ({ elected }) => number(elected, short),
  order: ({ elected }) => -(elected ?? -1),
};
const EXPECTED: Column<NodeRow> = {
  id: 'expected',
  title: 'EXPECT',
  width: 6,
  align: 'right',
  priority: 4,
  cell: ({ expected }) => number(expected, percent),
  order: ({ expected }) => -(expected ?? -1),
};
/** So much more or less than expected is worth a colour; below, it is chance. */
const ODD_SHARE = 0.15;
const ACTUAL: Column<NodeRow> = {
  id: 'actual',
  title: 'ACTUAL',
  width: 6,
  align: 'right',
  priority: 3,
  cell: ({ actual, expected }) => ({
    ...number(actual, percent),
    ...(actual !== undefined && expected !== undefined && Math.abs(actual - expected) > ODD_SHARE
      ? { tint: 'yellow' as const }
      : {}),
  }),
  order: ({ actual }) => -(actual ?? -1),
};
const FLIGHT: Column<NodeRow | PathRow | CopyRow> = {
  id: 'flight',
  title: 'FLIGHT',
  width: 6,
  align: 'right',
  priority: 3,
  cell: ({ inFlight }) => number(inFlight, short),
  order: ({ inFlight }) => -(inFlight ?? -1),
};
/** Nodes say STATUS every 10 s; after so long something is wrong. */
const OLD_STATUS_MS = 30_000;
const HEARD: Column<NodeRow> = {
  id: 'status',
  title: 'STATUS',
  width: 6,
  align: 'right',
  priority: 4,
  cell: ({ lastHeardMs }, { nowMs }) => {
    if (lastHeardMs === undefined) return { text: '-', tint: 'gray' };
    if (lastHeardMs === 0) return { text: 'never', tint: 'yellow' };
    const elapsedMs = nowMs - lastHeardMs;
    return { text: age(elapsedMs), ...(elapsedMs > OLD_STATUS_MS ? { tint: 'yellow' as const } : {}) };
  },
  order: ({ lastHeardMs }) => lastHeardMs ?? Number.MAX_SAFE_INTEGER,
};
const DOMAIN: Column<NodeRow> = {
  id: 'domain',
  title: 'DOMAIN',
  width: 10,
  priority: 7,
  when: ({ nodes }) => nodes.some(({ domain }) => domain !== ''),
  cell: ({ domain }) => ({ text: shown(domain) }),
  order: ({ domain }) => domain,
};
const ADDRESS: Column<NodeRow> = {
  id: 'address',
  title: 'ADDRESS',
  width: 24,
  grow: 1,
  priority: 6,
  cell: ({ addressShown }) => ({ text: addressShown }),
  order: ({ addressShown }) => addressShown,
};
const KNOWN: Column<NodeRow> = {
  id: 'at',
  title: 'AT',
  width: 7,
  priority: 5,
  when: several,
  cell: knownCell,
};
const WHY: Column<NodeRow> = {
  id: 'why',
  title: 'WHY',
  width: 20,
  grow: 2,
  priority: 8,
  when: ({ nodes }) => nodes.some(({ reasonShown }) => reasonShown !== ''),
  cell: ({ reasonShown }) => ({ text: reasonShown, tint: 'red' }),
};

export const OVERVIEW_COLUMNS: readonly Column<NodeRow>[] = [
  STATE,
  NODE,
  COUNTS,
  LOAD,
  ELECTED,
  EXPECTED,
  ACTUAL,
  FLIGHT,
  HEARD,
  KNOWN,
  DOMAIN,
  WHY,
];

export const NODE_COLUMNS: readonly Column<NodeRow>[] = [
  NODE,
  { ...STATE, priority: 1 },
  COUNTS,
  { ...ADDRESS, priority: 2 },
  { ...DOMAIN, priority: 3 },
  { ...LOAD, priority: 5 },
  { ...FLIGHT, priority: 5 },
  { ...HEARD, priority: 6 },
  { ...KNOWN, priority: 4 },
  WHY,
];

export const PATH_COLUMNS: readonly Column<PathRow>[] = [
  {
    id: 'path',
    title: 'CONTEXT',
    width: 14,
    grow: 2,
    priority: 0,
    cell: ({ shown: text }) => ({ text }),
    order: ({ shown: text }) => text,
  },
  {
    id: 'states',
    title: 'STATES',
    width: 11,
    priority: 0,
    cell: ({ counts }) => countsCell(counts),
    order: ({ counts }) => -(counts.STOPPED * 1_000_000 + counts.DISABLED),
  },
  {
    id: 'serving',
    title: 'SERVED BY',
    width: 9,
    priority: 1,
    cell: ({ serving }) =>
      serving === 0
        ? { text: 'nobody', tint: 'red' }
        : {
            text: serving === 1 ? '1 node' : `${serving} nodes`,
            ...(serving === 1 ? { tint: 'yellow' as const } : {}),
          },
    order: ({ serving }) => serving,
  },
  FLIGHT,
  {
    id: 'where',
    title: 'NODES',
    width: 20,
    grow: 3,
    priority: 2,
    cell: ({ copies }) => ({
      // More than this fits no terminal.
      text: copies
        .slice(0, 40)
        .map(({ routeShown, status }) => `${routeShown}:${STATUS_WORDS[status].letter}`)
        .join(' '),
    }),
  },
];

const COPY_STATE: Column<CopyRow> = {
  id: 'state',
  title: 'STATE',
  width: 11,
  priority: 0,
  cell: ({ status }, context) => statusCell(status, context),
  order: ({ status }) => -Object.keys(STATUS_WORDS).indexOf(status),
};
const SHARE: Column<CopyRow> = {
  id: 'share',
  title: 'EXPECT',
  width: 6,
  align: 'right',
  priority: 2,
  cell: (row, { tables }) => number(tables.shareOf(row), percent),
  order: (row, { tables }) => -(tables.shareOf(row) ?? -1),
};
const ALIASES: Column<CopyRow> = {
  id: 'aliases',
  title: 'HOST NAMES',
  width: 14,
  grow: 2,
  priority: 4,
  cell: ({ aliasesShown }) => ({ text: aliasesShown === '' ? '-' : aliasesShown }),
  order: ({ aliasesShown }) => aliasesShown,
};
const SAYS: Column<CopyRow> = {
  id: 'at',
  title: 'AT',
  width: 8,
  priority: 1,
  when: several,
  cell: saysCell,
  order: ({ disagrees }) => (disagrees ? 0 : 1),
};

/** The contexts of one node. */
export const COPY_OF_NODE_COLUMNS: readonly Column<CopyRow>[] = [
  {
    id: 'path',
    title: 'CONTEXT',
    width: 16,
    grow: 2,
    priority: 0,
    cell: ({ pathShown: text }) => ({ text }),
    order: ({ pathShown }) => pathShown,
  },
  COPY_STATE,
  SAYS,
  SHARE,
  FLIGHT,
  ALIASES,
];

/** The nodes of one context. */
export const COPY_OF_PATH_COLUMNS: readonly Column<CopyRow>[] = [
  {
    id: 'node',
    title: 'NODE',
    width: 14,
    grow: 2,
    priority: 0,
    cell: ({ routeShown: text }) => ({ text }),
    order: ({ routeShown }) => routeShown,
  },
  COPY_STATE,
  SAYS,
  {
    id: 'node-state',
    title: 'NODE IS',
    width: 11,
    priority: 2,
    cell: ({ route }, context) => conditionCell(context.tables.nodeByRoute.get(route), context),
    order: ({ route }, { tables }) => conditionWords(tables.nodeByRoute.get(route)?.condition).word,
  },
  {
    id: 'load',
    title: 'LOAD',
    width: 4,
    align: 'right',
    priority: 3,
    cell: ({ route }, { tables }) => number(tables.nodeByRoute.get(route)?.load),
    order: ({ route }, { tables }) => tables.nodeByRoute.get(route)?.load ?? Number.MAX_SAFE_INTEGER,
  },
  SHARE,
  FLIGHT,
  ALIASES,
];

const SEVERITY_TINTS: Readonly<Record<Severity, Tint | undefined>> = {
  good: 'green',
  plain: undefined,
  warning: 'yellow',
  bad: 'red',
};

export function severityTint(severity: Severity): Tint | undefined {
  return SEVERITY_TINTS[severity];
}

export const EVENT_COLUMNS: readonly Column<EventRow>[] = [
  {
    id: 'time',
    title: 'TIME',
    width: 8,
    priority: 1,
    cell: ({ atMs }) => ({ text: clockTime(atMs), tint: 'gray' }),
    order: ({ atMs }) => -atMs,
  },
  {
    id: 'what',
    title: 'WHAT',
    width: 30,
    grow: 4,
    priority: 0,
    cell: ({ shown: text, severity }) => {
      const tint = severityTint(severity);
      return tint === undefined ? { text } : { text, tint };
    },
  },
  {
    id: 'who',
    title: 'WHO',
    width: 16,
    priority: 3,
    cell: ({ whoShown }) => ({ text: whoShown, tint: 'cyan' }),
    order: ({ whoShown }) => whoShown,
  },
  {
    id: 'where',
    title: 'AT',
    width: 16,
    priority: 2,
    cell: ({ whereShown }) => ({ text: whereShown, tint: 'gray' }),
    order: ({ whereShown }) => whereShown,
  },
];

export const DISAGREEMENT_COLUMNS: readonly Column<DisagreementRow>[] = [
  {
    id: 'kind',
    title: 'ABOUT',
    width: 13,
    priority: 1,
    cell: ({ disagreement }) => ({ text: disagreement.kind, tint: 'magenta' }),
    order: ({ disagreement }) => disagreement.kind,
  },
  {
    id: 'what',
    title: 'WHO SAYS WHAT',
    width: 30,
    grow: 1,
    priority: 0,
    cell: ({ shown: text }) => ({ text }),
    order: ({ shown: text }) => text,
  },
];

/** Compares by a column; numbers stand before words. */
export function byColumn<R extends Row>(column: Column<R>, context: CellContext): (left: R, right: R) => number {
  const { order = () => 0 } = column;
  return (left, right) => {
    const [a, b] = [order(left, context), order(right, context)];
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return compare(String(a), String(b));
  };
}
