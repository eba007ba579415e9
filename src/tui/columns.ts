import type { CopyRow, NodeRow, PathRow, Row, Tables } from './rows.ts';
import { compare } from './tables.ts';
import { conditionWords, countWords, short, type Tint } from './words.ts';

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

/** For columns that tell balancers apart. */
export const several = ({ balancers }: Tables): boolean => balancers.length > 1;

export function number(value: number | undefined, words: (value: number) => string = String): Cell {
  return value === undefined ? { text: '-', tint: 'gray' } : { text: words(value) };
}

export function conditionCell(row: NodeRow | undefined, { isNarrow }: CellContext): Cell {
  const { letter, word, tint } = conditionWords(row?.condition);
  return { text: isNarrow ? letter : `${letter} ${word}`, tint };
}

export function countsCell(counts: NodeRow['counts']): Cell {
  const tint = counts.STOPPED > 0 ? 'red' : counts.DISABLED > 0 ? 'yellow' : counts.ENABLED > 0 ? 'green' : 'gray';
  return { text: countWords(counts), tint };
}

export const FLIGHT: Column<NodeRow | PathRow | CopyRow> = {
  id: 'flight',
  title: 'FLIGHT',
  width: 6,
  align: 'right',
  priority: 3,
  cell: ({ inFlight }) => number(inFlight, short),
  order: ({ inFlight }) => -(inFlight ?? -1),
};

/** Compares by a column; numbers stand before words. */
export function byColumn<R extends Row>(column: Column<R>, context: CellContext): (left: R, right: R) => number {
  const { order = () => 0 } = column;
  return (left, right) => {
    const [a, b] = [order(left, context), order(right, context)];
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return compare(String(a), String(b));
  };
}
