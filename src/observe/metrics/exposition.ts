import type { LabelText } from './label.ts';
import type { MetricRow } from './row.ts';
import { METRIC_NAMES, METRICS, type MetricName, metricRow } from './table.ts';

type Rows = typeof METRICS;
/** The values of a metric's labels, each made by `labelText` or `wordLabel`. */
export type Labels<N extends MetricName> = Readonly<Record<Rows[N]['labels'][number], LabelText>>;
type NamesOf<T extends MetricRow['type']> = {
  [N in MetricName]: Rows[N]['type'] extends T ? N : never;
}[MetricName];
export type ValueMetric = NamesOf<'counter' | 'gauge'>;
export type HistogramMetric = NamesOf<'histogram'>;
export type SummaryMetric = NamesOf<'summary'>;

/** Durations that were counted. */
export interface Histogram {
  /** Upper bounds, rising; there is one bucket more than bounds. */
  readonly bounds: readonly number[];
  /** How many are in each bucket alone. */
  readonly buckets: readonly number[];
  readonly sum: number;
}

/** Takes readings. The numbers are noted when they are given; text is made when it is asked for. */
export interface MetricSink {
  add<N extends ValueMetric>(metric: N, labels: Labels<N>, value: number): void;
  histogram<N extends HistogramMetric>(metric: N, labels: Labels<N>, values: Histogram): void;
  summary<N extends SummaryMetric>(metric: N, labels: Labels<N>, sum: number, count: number): void;
}

export interface Exposition extends MetricSink {
  /** For the exporter: what is added goes in with the label `target` before its others. */
  under(target: LabelText): MetricSink;
  /** How many lines of values there are. */
  readonly lines: number;
  /** The document piece by piece, each a whole number of lines and of about 32 KiB. */
  pieces(format: MetricFormat): Generator<string, void>;
  text(format: MetricFormat): string;
}

/** Prometheus' text format 0.0.4, and OpenMetrics 1.0. */
export type MetricFormat = 'prometheus' | 'openmetrics';

export const CONTENT_TYPES = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies Record<MetricFormat, string>;

/** What a scraper's Accept header asks for. */
export function formatFor(accept: string): MetricFormat {
  const ranges = accept.toLowerCase().split(',');
  const weightOf = (type: string): number => {
    const range = ranges.find((one) => one.trim().startsWith(type));
    return range === undefined ? 0 : Number(/;\s*q=([\d.]+)/.exec(range)?.[1] ?? 1);
  };
  const openmetrics = weightOf('application/openmetrics-text');
  return openmetrics > 0 && openmetrics >= weightOf('text/plain') ? 'openmetrics' : 'prometheus';
}

/** Pieces are made at least that long: a few hundred lines, a fraction of a millisecond. */
const PIECE_CHARACTERS = 32 * 1024;

/** The readings of one metric: labels and numbers side by side. */
interface Family {
  readonly labels: string[];
  readonly values: number[];
  readonly histograms: Histogram[];
}

/** A scrape: readings go in, in any order; the text comes out metric by metric, in the order of the table. */
export function createExposition(): Exposition {
  const families = new Map<MetricName, Family>();
  let lines = 0;

  const familyOf = (metric: MetricName): Family => {
    let family = families.get(metric);
    if (family === undefined) {
      family = { labels: [], values: [], histograms: [] };
      families.set(metric, family);
    }
    return family;
  };
  const sink = (first: string): MetricSink => ({
    add(metric, labels, value) {
      const family = familyOf(metric);
      family.labels.push(labelPairs(METRICS[metric].labels, labels, first));
      family.values.push(value);
      lines++;
    },
    histogram(metric, labels, { bounds, buckets, sum }) {
      const family = familyOf(metric);
      family.labels.push(labelPairs(METRICS[metric].labels, labels, first));
      family.histograms.push({ bounds, buckets: [...buckets], sum });
      lines += bounds.length + 3;
    },
    summary(metric, labels, sum, count) {
      const family = familyOf(metric);
      family.labels.push(labelPairs(METRICS[metric].labels, labels, first));
      family.values.push(sum, count);
      lines += 2;
    },
  });
  function* pieces(format: MetricFormat): Generator<string, void> {
    let piece = '';
    for (const name of METRIC_NAMES) {
      const family = families.get(name);
      if (family === undefined) continue;
      piece += head(name, metricRow(name), format);
      for (let index = 0; index < family.labels.length; index++) {
        piece += sampleOf(name, metricRow(name), family, index);
        if (piece.length >= PIECE_CHARACTERS) {
          yield piece;
          piece = '';
        }
      }
    }
    if (format === 'openmetrics') piece += '# EOF\n';
    if (piece !== '') yield piece;
  }
  return {
    ...sink(''),
    under: (target) => sink(`target="${target}"`),
    get lines() {
      return lines;
    },
    pieces,
    text: (format) => [...pieces(format)].join(''),
  };
}

/** `a="b",c="d"`, without braces. */
function labelPairs<L extends string>(
  names: readonly L[],
  labels: Readonly<Record<L, LabelText>>,
  first: string,
): string {
  let pairs = first;
  for (const name of names) pairs += pairs === '' ? `${name}="${labels[name]}"` : `,${name}="${labels[name]}"`;
  return pairs;
}

function head(name: string, { type, help, unit }: MetricRow, format: MetricFormat): string {
  if (format === 'prometheus') return `# HELP ${name} ${help}.\n# TYPE ${name} ${type}\n`;
  // OpenMetrics names a counter without the suffix of its samples.
  const family = type === 'counter' ? name.replace(/_total$/, '') : name;
  const unitLine = unit === 'none' ? '' : `# UNIT ${family} ${unit}\n`;
  return `# TYPE ${family} ${type}\n${unitLine}# HELP ${family} ${help}.\n`;
}

function sampleOf(name: string, { type }: MetricRow, family: Family, index: number): string {
  const labels = family.labels[index] ?? '';
  if (type === 'histogram') return histogramLines(name, labels, family.histograms[index]);
  const braced = labels === '' ? '' : `{${labels}}`;
  if (type !== 'summary') return `${name}${braced} ${numberText(family.values[index])}\n`;
  const sum = numberText(family.values[2 * index]);
  return `${name}_sum${braced} ${sum}\n${name}_count${braced} ${numberText(family.values[2 * index + 1])}\n`;
}

function histogramLines(name: string, labels: string, histogram: Histogram | undefined): string {
  if (histogram === undefined) return '';
  const { bounds, buckets, sum } = histogram;
  const before = labels === '' ? `${name}_bucket{le="` : `${name}_bucket{${labels},le="`;
  const braced = labels === '' ? '' : `{${labels}}`;
  let text = '';
  let count = 0;
  for (let index = 0; index < buckets.length; index++) {
    count += buckets[index] ?? 0;
    text += `${before}${boundText(bounds[index])}"} ${count}\n`;
  }
  return `${text}${name}_sum${braced} ${numberText(sum)}\n${name}_count${braced} ${count}\n`;
}

/** Upper bounds are floats, so that both formats spell them alike. */
function boundText(bound: number | undefined): string {
  if (bound === undefined) return '+Inf';
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function numberText(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
