import { byColumn, type CellContext, type Column } from './columns.ts';
import { COPY_OF_NODE_COLUMNS, COPY_OF_PATH_COLUMNS, PATH_COLUMNS } from './context-columns.ts';
import { DISAGREEMENT_COLUMNS, EVENT_COLUMNS } from './event-columns.ts';
import { parseFilter } from './filter.ts';
import { NODE_COLUMNS, OVERVIEW_COLUMNS } from './node-columns.ts';
import type { Row, Tables } from './rows.ts';
import { type ListView, listViewOf, type Place, placeOf, type ScreenName, type TuiState } from './state.ts';

/** What a screen lists, and how. */
export interface ListSpec {
  /** What its rows are called, for one and for several. */
  readonly noun: readonly [one: string, many: string];
  readonly columns: readonly Column<Row>[];
  rows(state: TuiState, place: Place): readonly Row[];
  /** Column by which it is sorted until somebody wishes otherwise; undefined: as the rows come. */
  readonly sort: string | undefined;
  /** The rows come in the order of that column. */
  readonly comesSorted?: true;
  /** Shown when there is no row at all. */
  readonly empty: string;
}

const NONE: readonly Row[] = [];

export const LISTS: Readonly<Record<ScreenName, ListSpec>> = {
  overview: {
    noun: ['node', 'nodes'],
    columns: OVERVIEW_COLUMNS,
    rows: ({ tables }) => tables.nodes,
    sort: 'state',
    empty: 'No node has registered.',
  },
  nodes: {
    noun: ['node', 'nodes'],
    columns: NODE_COLUMNS,
    rows: ({ tables }) => tables.nodes,
    sort: 'node',
    comesSorted: true,
    empty: 'No node has registered.',
  },
  contexts: {
    noun: ['context', 'contexts'],
    columns: PATH_COLUMNS,
    rows: ({ tables }) => tables.paths,
    sort: 'path',
    comesSorted: true,
    empty: 'No context is known.',
  },
  events: {
    noun: ['event', 'events'],
    columns: EVENT_COLUMNS,
    rows: ({ events }) => events,
    sort: undefined,
    empty: 'Nothing has changed since this program looks on.',
  },
  disagreements: {
    noun: ['disagreement', 'disagreements'],
    columns: DISAGREEMENT_COLUMNS,
    rows: ({ tables }) => tables.disagreements,
    sort: undefined,
    empty: 'The balancers agree.',
  },
  node: {
    noun: ['context', 'contexts'],
    columns: COPY_OF_NODE_COLUMNS,
    rows: ({ tables }, { of }) => tables.nodeByRoute.get(of)?.copies ?? NONE,
    sort: 'path',
    empty: 'It has no context.',
  },
  path: {
    noun: ['node', 'nodes'],
    columns: COPY_OF_PATH_COLUMNS,
    rows: ({ tables }, { of }) => tables.pathByName.get(of)?.copies ?? NONE,
    sort: 'node',
    comesSorted: true,
    empty: 'No node has it.',
  },
};

/** The order in which `s` goes through the columns. */
export function sortIdsOf({ columns }: ListSpec, tables: Tables): string[] {
  return columns.flatMap((column) =>
    column.order === undefined || column.when?.(tables) === false ? [] : [column.id],
  );
}

/** By what a list is sorted now. */
export function sortOf(spec: ListSpec, view: ListView): string | undefined {
  return view.sort ?? spec.sort;
}

/** Rows that the filter leaves, in order, and how many there are without it. */
export interface Selection {
  readonly rows: readonly Row[];
  readonly all: number;
  /** Why the filter is none. */
  readonly wrong: string | undefined;
}

export function selectionOf(state: TuiState): Selection {
  const place = placeOf(state);
  const spec = LISTS[place.screen];
  return select(spec, spec.rows(state, place), listViewOf(state), state);
}

/** Filtering and sorting ten thousand rows takes longer than showing thirty: it is done once for each reading and wish. */
const CACHE = new WeakMap<
  readonly Row[],
  { readonly key: string; readonly tables: Tables; readonly value: Selection }
>();

function select(spec: ListSpec, all: readonly Row[], view: ListView, { tables, nowMs }: TuiState): Selection {
  const sort = sortOf(spec, view);
  const key = JSON.stringify([sort, view.turned, view.filter, spec.noun]);
  const known = CACHE.get(all);
  if (known?.key === key && known.tables === tables) return known.value;
  const filter = parseFilter(view.filter, tables);
  const kept = 'wrong' in filter || view.filter === '' ? [...all] : all.filter(filter.test);
  const column = spec.columns.find(({ id }) => id === sort);
  const context: CellContext = { tables, nowMs, isNarrow: false };
  if (column !== undefined && !(spec.comesSorted === true && sort === spec.sort)) kept.sort(byColumn(column, context));
  if (view.turned) kept.reverse();
  const value = { rows: kept, all: all.length, wrong: 'wrong' in filter ? filter.wrong : undefined };
  CACHE.set(all, { key, tables, value });
  return value;
}

/** The row under the cursor. */
export function currentRow(state: TuiState): Row | undefined {
  return selectionOf(state).rows[listViewOf(state).cursorAt];
}

/** The rows that an action is about: the marked ones, else the one under the cursor. */
export function chosenRows(state: TuiState): readonly Row[] {
  if (state.marks.size > 0) {
    const place = placeOf(state);
    return LISTS[place.screen].rows(state, place).filter(({ key }) => state.marks.has(key));
  }
  const row = currentRow(state);
  return row === undefined ? [] : [row];
}
