import type { MetricRow } from './row.ts';
import { CONTEXT_ROWS, NODE_ROWS } from './rows/nodes.ts';
import { MCMP_ROWS, OBSERVER_ROWS, PROGRAM_ROWS, TARGET_ROWS } from './rows/program.ts';
import { CONNECTION_ROWS, REQUEST_ROWS, ROUTING_ROWS } from './rows/traffic.ts';

/**
 * Every metric that this program shows, `mcmp serve` on its `/metrics` and `mcmp exporter` for balancers of any brand: one
 * row each. The writer, `docs/metrics.md`, the dashboard's test and the alert rules' test read it. `mcmp_` is put before
 * names by nobody: a row's key is what Prometheus stores.
 */
export const METRICS = {
  ...REQUEST_ROWS,
  ...NODE_ROWS,
  ...CONTEXT_ROWS,
  ...ROUTING_ROWS,
  ...CONNECTION_ROWS,
  ...MCMP_ROWS,
  ...OBSERVER_ROWS,
  ...PROGRAM_ROWS,
  ...TARGET_ROWS,
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** The row of a metric, with its label names as plain text. */
export function metricRow(name: MetricName): MetricRow {
  return METRICS[name];
}
