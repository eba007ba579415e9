import { constants, PerformanceObserver, performance } from 'node:perf_hooks';
import process from 'node:process';
import type { MetricSink } from './exposition.ts';
import { wordLabel } from './label.ts';

/** Upper bounds of the buckets of pauses, in seconds. */
const PAUSE_BOUNDS_SECONDS = [0.001, 0.01, 0.1, 1] as const;

const COLLECTION_KINDS = [
  [constants.NODE_PERFORMANCE_GC_MINOR, wordLabel('minor')],
  [constants.NODE_PERFORMANCE_GC_MAJOR, wordLabel('major')],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, wordLabel('incremental')],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, wordLabel('weak-callbacks')],
] as const;

/** Durations counted in buckets. */
export class DurationBuckets {
  readonly bounds: readonly number[];
  readonly buckets: number[];
  sum = 0;

  /** @param bounds upper bounds in seconds, rising */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.buckets = new Array<number>(bounds.length + 1).fill(0);
  }

  count(seconds: number): void {
    let index = 0;
    while (index < this.bounds.length && seconds > (this.bounds[index] ?? 0)) index++;
    this.buckets[index] = (this.buckets[index] ?? 0) + 1;
    this.sum += seconds;
  }
}

/** Pauses by kind; there is one for the whole process, made by the first scrape: who is never scraped pays nothing. */
let pauses: ReadonlyMap<number, DurationBuckets> | undefined;

function watchedPauses(): ReadonlyMap<number, DurationBuckets> {
  if (pauses !== undefined) return pauses;
  const byKind = new Map(COLLECTION_KINDS.map(([kind]) => [kind, new DurationBuckets(PAUSE_BOUNDS_SECONDS)]));
  // One call may tell of several collections.
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) byKind.get(kindOf(entry))?.count(entry.duration / 1000);
  }).observe({ entryTypes: ['gc'] });
  pauses = byKind;
  return byKind;
}

function kindOf(entry: object): number {
  const detail: unknown = 'detail' in entry ? entry.detail : undefined;
  return typeof detail === 'object' && detail !== null && 'kind' in detail ? Number(detail.kind) : 0;
}

/** What the process and its JavaScript engine say of themselves. */
export function readProgram(sink: MetricSink): void {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  sink.add('process_start_time_seconds', {}, performance.timeOrigin / 1000);
  sink.add('process_cpu_seconds_total', {}, (user + system) / 1e6);
  sink.add('process_resident_memory_bytes', {}, rss);
  sink.add('nodejs_heap_size_used_bytes', {}, heapUsed);
  sink.add('nodejs_heap_size_total_bytes', {}, heapTotal);
  sink.add('nodejs_external_memory_bytes', {}, external);
  sink.add('mcmp_event_loop_active_seconds_total', {}, performance.eventLoopUtilization().active / 1000);
  const byKind = watchedPauses();
  for (const [number, kind] of COLLECTION_KINDS) {
    const counted = byKind.get(number);
    if (counted !== undefined) sink.histogram('nodejs_gc_duration_seconds', { kind }, counted);
  }
}
