/** Index of the first row of a table, and which of its free rows is used first (reference §3.2). */
export interface SlotRules {
  readonly first: number;
  readonly reuse: 'lowest' | 'last-freed';
  /** Whether the ids that rows are known by outside are a count from 1 that never comes again; else they are the indexes. */
  readonly countsIds?: boolean;
}

/**
 * A table whose rows keep their index until they are removed. A new row takes the lowest free one, as the shared memory
 * tables of httpd 2 do, or the one that was freed last, as those of httpd 1.3 and nginx do. The former are kept in a binary
 * heap, so both directions cost O(log n).
 */
export interface SlotTable<T> {
  /** Rows by index; holes are undefined. Read by the writers of INFO and DUMP, changed here only. */
  readonly rows: (T | undefined)[];
  /** Free indices below `rows.length` and not below the first: a binary min-heap, or a stack. */
  readonly free: number[];
  readonly rules: SlotRules;
  /** Rows made so far. */
  made: number;
  /** Rows in use. */
  count: number;
}

export function createSlotTable<T>(rules: SlotRules = { first: 0, reuse: 'lowest' }): SlotTable<T> {
  return { rows: [], free: [], rules, made: 0, count: 0 };
}

/** Puts a row where `make` is told its index, and the id that goes with it. */
export function takeSlot<T>(table: SlotTable<T>, make: (slot: number, id: number) => T): T {
  const { free, rules, rows } = table;
  const slot = (rules.reuse === 'lowest' ? popLowest(free) : free.pop()) ?? Math.max(rules.first, rows.length);
  table.made++;
  const row = make(slot, rules.countsIds === true ? table.made : slot);
  rows[slot] = row;
  table.count++;
  return row;
}

/** Frees a row. Freeing one that is free already is a bug of the caller and throws. */
export function releaseSlot<T>(table: SlotTable<T>, slot: number): void {
  if (table.rows[slot] === undefined) throw new RangeError(`row ${slot} is not in use`);
  table.rows[slot] = undefined;
  table.count--;
  if (table.rules.reuse === 'last-freed') {
    table.free.push(slot);
    return;
  }
  if (table.count === 0) {
    table.rows.length = 0;
    table.free.length = 0;
    return;
  }
  push(table.free, slot);
}

/** The rows in use, lowest index first. */
export function* rowsOf<T>(table: SlotTable<T>): Generator<T> {
  for (const row of table.rows) if (row !== undefined) yield row;
}

function push(heap: number[], value: number): void {
  let child = heap.length;
  heap.push(value);
  while (child > 0) {
    const parent = (child - 1) >> 1;
    const above = heap[parent] ?? 0;
    if (above <= value) break;
    heap[child] = above;
    child = parent;
  }
  heap[child] = value;
}

function popLowest(heap: number[]): number | undefined {
  const lowest = heap[0];
  const last = heap.pop();
  if (lowest === undefined || last === undefined || heap.length === 0) return lowest;
  let parent = 0;
  for (;;) {
    const left = 2 * parent + 1;
    const leftValue = heap[left];
    if (leftValue === undefined) break;
    const rightValue = heap[left + 1] ?? Number.POSITIVE_INFINITY;
    const lower = rightValue < leftValue ? left + 1 : left;
    const lowerValue = Math.min(leftValue, rightValue);
    if (lowerValue >= last) break;
    heap[parent] = lowerValue;
    parent = lower;
  }
  heap[parent] = last;
  return lowest;
}
