/** Metrics: the table of all of them, and the text that a scraper reads. */
export {
  CONTENT_TYPES,
  createExposition,
  type Exposition,
  formatFor,
  type Histogram,
  type MetricSink,
} from './exposition.ts';
export { type LabelText, labelText, MOST_LABEL_CHARACTERS, OTHERS, wordLabel } from './label.ts';
export { DurationBuckets, readProgram } from './program.ts';
export { METRIC_SECTIONS, type MetricRow } from './row.ts';
export { METRIC_NAMES, METRICS, type MetricName, metricRow } from './table.ts';
