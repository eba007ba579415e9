import type { ContextStatus } from '../core/cluster/records.ts';
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
import type { CopyRow, PathRow } from './rows.ts';
import { conditionWords, percent, STATUS_WORDS } from './words.ts';

function statusCell(status: ContextStatus, { isNarrow }: CellContext): Cell {
  const { letter, word, tint } = STATUS_WORDS[status];
  return { text: isNarrow ? letter : `${letter} ${word}`, tint };
}

/** Which balancers say what: `1E 2D`, and `2-` for one that does not know it. */
function saysCell({ statuses, disagrees }: CopyRow): Cell {
  const text = statuses.map((status, at) => `${at + 1}${status === undefined ? '-' : STATUS_WORDS[status].letter}`);
  return { text: text.join(' '), tint: disagrees ? 'magenta' : 'gray' };
}

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
