import {
  type Cell,
  type CellContext,
  type Column,
  conditionCell,
  countsCell,
  FLIGHT,
  number,
  several,
} from './columns.ts';
import type { NodeRow } from './rows.ts';
import { shown } from './width.ts';
import { age, percent, short } from './words.ts';

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
  priority: 6,
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
  width: 5,
  priority: 3,
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
