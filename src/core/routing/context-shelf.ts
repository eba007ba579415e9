import type { ContextRecord, ContextStatus } from '../cluster/records.ts';

const KINDEST_FIRST: readonly ContextStatus[] = ['ENABLED', 'DISABLED', 'STOPPED'];

/** The contexts that one node has for one path, sorted by status. Every operation takes the same time however many. */
export class ContextShelf {
  readonly #byStatus: Readonly<Record<ContextStatus, ContextRecord[]>> = { ENABLED: [], DISABLED: [], STOPPED: [] };
  readonly #places = new Map<ContextRecord, { status: ContextStatus; index: number }>();

  get size(): number {
    return this.#places.size;
  }

  contexts(): ContextRecord[] {
    return [...this.#places.keys()];
  }

  /** Adds a context, or takes note of its status. */
  put(context: ContextRecord): void {
    this.remove(context);
    const row = this.#byStatus[context.status];
    this.#places.set(context, { status: context.status, index: row.length });
    row.push(context);
  }

  remove(context: ContextRecord): void {
    const place = this.#places.get(context);
    if (place === undefined) return;
    this.#places.delete(context);
    const row = this.#byStatus[place.status];
    const last = row.pop();
    if (last === undefined || last === context) return;
    row[place.index] = last;
    const moved = this.#places.get(last);
    if (moved !== undefined) moved.index = place.index;
  }

  /** A context with the kindest status there is: the given one if it has it. */
  kindest(preferred: ContextRecord): ContextRecord | undefined {
    for (const status of KINDEST_FIRST) {
      const row = this.#byStatus[status];
      if (row.length > 0) return this.#places.get(preferred)?.status === status ? preferred : row.at(-1);
    }
    return undefined;
  }
}
