import { DURATION_BOUNDS_SECONDS, REQUEST_RESULTS, type RequestCounts, type RequestResult } from './types.ts';

const BOUNDS_MS = DURATION_BOUNDS_SECONDS.map((seconds) => seconds * 1000);

/** Which bucket of durations a duration belongs to; a bound belongs to its own bucket. */
export function bucketOf(durationMs: number): number {
  let bucket = 0;
  for (const boundMs of BOUNDS_MS) {
    if (durationMs <= boundMs) return bucket;
    bucket++;
  }
  return bucket;
}

/** A row of `RequestCounts` that is counted up: of a node, of a context, or of all. */
export class Tally implements RequestCounts {
  readonly durationBuckets: number[] = Array.from({ length: BOUNDS_MS.length + 1 }, () => 0);
  durationSumMs = 0;
  durationCount = 0;
  readonly #results: Record<RequestResult, number> = noResults();
  /** Counts in its stead, once its node or context has left: requests may still be running then. */
  #heir: Tally | null = null;

  get byResult(): Readonly<Record<RequestResult, number>> {
    return this.#results;
  }

  /** @param bucket of `bucketOf`, or -1 for what has no duration worth counting */
  count(result: RequestResult, bucket: number, durationMs: number): void {
    if (this.#heir !== null) {
      this.#heir.count(result, bucket, durationMs);
      return;
    }
    this.#results[result]++;
    if (bucket < 0) return;
    this.durationBuckets[bucket] = (this.durationBuckets[bucket] ?? 0) + 1;
    this.durationSumMs += durationMs;
    this.durationCount++;
  }

  /** Adds all of it to another one, now and from now on, so that no total ever falls. */
  foldInto(heir: Tally): void {
    this.#heir = heir;
    for (const result of REQUEST_RESULTS) heir.#results[result] += this.#results[result];
    for (const [bucket, count] of this.durationBuckets.entries()) {
      heir.durationBuckets[bucket] = (heir.durationBuckets[bucket] ?? 0) + count;
    }
    heir.durationSumMs += this.durationSumMs;
    heir.durationCount += this.durationCount;
  }
}

function noResults(): Record<RequestResult, number> {
  return { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, tunnel: 0, gone: 0, none: 0 };
}

/** A bounded number of tallies, one for each of the first records that ask for one; all others share one. */
export class TallyRows<Row extends object> {
  readonly others = new Tally();
  readonly #rows = new Map<Row, Tally>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Where requests of a record are counted. It must not have left: whoever asks has just been told to use it. */
  of(record: Row): Tally {
    const row = this.#rows.get(record);
    if (row !== undefined) return row;
    if (this.#rows.size >= this.#limit) return this.others;
    const tally = new Tally();
    this.#rows.set(record, tally);
    return tally;
  }

  /** A record has left: its row is free, and what it counted stays among the others. */
  leave(record: Row): void {
    const row = this.#rows.get(record);
    if (row === undefined) return;
    this.#rows.delete(record);
    row.foldInto(this.others);
  }

  entries(): Iterable<readonly [Row, RequestCounts]> {
    return this.#rows.entries();
  }
}
