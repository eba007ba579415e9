/**
 * - `counter`: only ever grows, until the program starts again.
 * - `gauge`: a value as it is at the moment.
 * - `histogram`: how many took at most so long, their sum and their number.
 * - `summary`: the sum and the number only.
 */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary';

/** Who shows it: the balancer of this program, the exporter, or both; the exporter then puts the label `target` before. */
export type MetricPlace = 'serve' | 'exporter' | 'both';

/** What there may be several of; how many lines of a scrape a metric takes grows with them. */
export type MetricSubject = 'program' | 'balancer' | 'node' | 'context' | 'target';

export interface MetricRow {
  readonly section: MetricSection;
  readonly type: MetricType;
  /** One sentence, without a full stop. */
  readonly help: string;
  /** In the order in which they are written. */
  readonly labels: readonly string[];
  readonly unit: 'seconds' | 'bytes' | 'none';
  readonly place: MetricPlace;
  /** There are at most `lines` lines for each of these. */
  readonly per: MetricSubject;
  readonly lines: number;
  /** Whether nodes or contexts without a row of their own are counted in a row of their own, `(others)`. */
  readonly others?: true;
  /** What else a reader should know; whole sentences. */
  readonly note?: string;
}

export const METRIC_SECTIONS = [
  'Requests',
  'Nodes',
  'Contexts',
  'Routing and stickiness',
  'Connections',
  'MCMP',
  'Observers',
  'The program',
  'Targets of the exporter',
] as const;
export type MetricSection = (typeof METRIC_SECTIONS)[number];
