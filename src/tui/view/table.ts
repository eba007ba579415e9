import type { Cell, CellContext, Column } from '../columns.ts';
import type { Layout } from '../layout.ts';
import { LISTS, selectionOf, sortOf } from '../lists.ts';
import type { Row } from '../rows.ts';
import { listViewOf, placeOf, type TuiState } from '../state.ts';
import { displayWidth, toWidth } from '../width.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, type Segment, segment } from './line.ts';

/** A column and the room that it has. */
export interface PlacedColumn {
  readonly column: Column<Row>;
  readonly width: number;
}

/** Cursor and mark. */
const GUTTER = 2;
const GAP = 2;
const NARROW_GAP = 1;
/** What can be read without a heading has a priority of no more than this. */
const WITHOUT_HEADING = 1;
/** From here on there is room between columns. */
const WIDE_COLUMNS = 100;

/**
 * Which columns have room, and how much each: those of the highest priority number go first, and what is left is given to
 * those that grow.
 */
export function placeColumns(
  columns: readonly Column<Row>[],
  { width, isNarrow }: Pick<Layout, 'width' | 'isNarrow'>,
  context: CellContext,
): PlacedColumn[] {
  const gap = gapOf(width);
  const least = (column: Column<Row>): number => (isNarrow && isState(column) ? 1 : column.width);
  let kept = columns.filter(
    (column) => column.when?.(context.tables) !== false && (!isNarrow || column.priority <= WITHOUT_HEADING),
  );
  const taken = (): number => kept.reduce((sum, column) => sum + least(column) + gap, GUTTER - gap);
  while (kept.length > 1 && taken() > width) {
    const lowest = Math.max(...kept.map(({ priority }) => priority));
    const at = kept.findLastIndex(({ priority }) => priority === lowest);
    kept = kept.filter((_, index) => index !== at);
  }
  const spare = width - taken();
  const growing = kept.reduce((sum, { grow = 0 }) => sum + grow, 0);
  let given = 0;
  let grown = 0;
  return kept.map((column) => {
    const { grow = 0 } = column;
    given += grow;
    const upTo = growing === 0 ? 0 : Math.floor((spare * given) / growing);
    const more = grow === 0 ? 0 : upTo - grown;
    grown += more;
    return { column, width: Math.max(1, least(column) + more) };
  });
}

function gapOf(width: number): number {
  return width < WIDE_COLUMNS ? NARROW_GAP : GAP;
}

/** Where there is little room a state is its letter. */
function isState({ id }: Column<Row>): boolean {
  return id === 'state' || id === 'node-state';
}

/** Headings and rows of the list, as many lines as the layout gives them. */
export function tableLines(state: TuiState, layout: Layout, glyphs: Glyphs): Line[] {
  const place = placeOf(state);
  const spec = LISTS[place.screen];
  const view = listViewOf(state);
  const { rows } = selectionOf(state);
  const context: CellContext = { tables: state.tables, nowMs: state.nowMs, isNarrow: layout.isNarrow };
  const placed = fitted(placeColumns(spec.columns, layout, context), rows, context);
  const gap = ' '.repeat(gapOf(layout.width));
  const lines: Line[] = [];
  if (layout.headings) {
    const sort = sortOf(spec, view);
    const titles = placed.map(({ column, width }) => {
      const arrow = column.id === sort ? (view.turned ? glyphs.up : glyphs.down) : '';
      // An arrow takes the gap where the title has no room for it.
      const text = toWidth(column.title + arrow, Math.max(width, displayWidth(column.title + arrow)), column.align);
      return segment(text.slice(0, Math.max(width, column.title.length + arrow.length)), {
        bold: arrow !== '',
        dim: arrow === '',
      });
    });
    lines.push(joined([segment(' '.repeat(GUTTER))], titles, placed, gap));
  }
  if (rows.length === 0) lines.push([segment(`${' '.repeat(GUTTER)}${emptyWords(state, spec.empty)}`, { dim: true })]);
  for (const [index, row] of rows.slice(view.top, view.top + layout.body).entries()) {
    const isCurrent = view.top + index === view.cursorAt;
    lines.push(rowLine(row, placed, context, glyphs, { isCurrent, isMarked: state.marks.has(row.key), gap }));
  }
  return lines;
}

function emptyWords(state: TuiState, empty: string): string {
  if (listViewOf(state).filter !== '') return 'The filter leaves nothing; Esc drops it.';
  const outcomes = state.tables.balancers.map(({ reading }) => reading.outcome);
  const answering = outcomes.filter((outcome) => outcome === 'read').length;
  if (placeOf(state).screen === 'disagreements' && answering === 1) {
    return outcomes.length === 1 ? 'There is one balancer only.' : 'One balancer answers: there is nothing to compare.';
  }
  if (placeOf(state).screen === 'events' || answering > 0) return empty;
  if (outcomes.length === 0) return 'No balancer has advertised itself yet.';
  return outcomes.includes('pending') ? 'Waiting for the first answer.' : 'No balancer answers.';
}

const MEASURED = 500;

/** Growing columns take no more than their texts need, as long as another one needs it more; the rest stays at the right. */
function fitted(placed: readonly PlacedColumn[], rows: readonly Row[], context: CellContext): PlacedColumn[] {
  // Not those on the screen: columns that change their width while somebody scrolls are hard to read.
  const shown = rows.slice(0, MEASURED);
  const needs = placed.map(({ column, width }) =>
    column.grow === undefined
      ? width
      : Math.max(column.title.length, ...shown.map((row) => displayWidth(column.cell(row, context).text))),
  );
  /** What a growing column keeps when its texts need less than it was given. */
  const kept = placed.map(({ column, width }, at) => {
    const need = needs[at] ?? width;
    return column.grow === undefined || need >= width ? width : Math.max(need, Math.min(width, column.width));
  });
  let spare = placed.reduce((sum, { width }, at) => sum + width - (kept[at] ?? width), 0);
  return placed.map(({ column, width }, at) => {
    const need = needs[at] ?? width;
    if (column.grow === undefined || need <= width) return { column, width: kept[at] ?? width };
    const more = Math.min(spare, need - width);
    spare -= more;
    return { column, width: width + more };
  });
}

function rowLine(
  row: Row,
  placed: readonly PlacedColumn[],
  context: CellContext,
  glyphs: Glyphs,
  { isCurrent, isMarked, gap }: { readonly isCurrent: boolean; readonly isMarked: boolean; readonly gap: string },
): Line {
  const isStale = 'isStale' in row && row.isStale;
  const look = (cell: Cell): Omit<Segment, 'text'> => {
    if (isCurrent) return { inverse: true };
    if (isStale) return { tint: 'gray' };
    return cell.tint === undefined ? {} : { tint: cell.tint };
  };
  const cells = placed.map(({ column, width }) => {
    const cell = column.cell(row, context);
    return segment(toWidth(cell.text, width, column.align, glyphs.ellipsis), look(cell));
  });
  const gutter: Line = [
    segment(isCurrent ? glyphs.cursor : ' ', { bold: true }),
    segment(isMarked ? glyphs.mark : ' ', { tint: 'cyan', bold: true }),
  ];
  return joined(gutter, cells, placed, gap, isCurrent);
}

function joined(
  gutter: Line,
  cells: readonly Segment[],
  placed: readonly PlacedColumn[],
  gap: string,
  isCurrent = false,
): Line {
  const line: Segment[] = [...gutter];
  for (const [at, cell] of cells.entries()) {
    line.push(cell);
    if (at === cells.length - 1) break;
    const over = displayWidth(cell.text) - (placed[at]?.width ?? 0);
    line.push(segment(gap.slice(Math.max(0, over)), isCurrent ? { inverse: true } : {}));
  }
  return line;
}
