import { METRIC_NAMES, type MetricRow, metricRow } from '../../../src/observe/metrics/index.ts';

/** Labels that Prometheus puts on every series of a target, and the bound of a histogram's bucket. */
const GIVEN_LABELS = ['job', 'instance', 'le'];

/** The names under which the series of a metric are stored. */
function seriesNames(name: string, { type }: MetricRow): string[] {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
  return type === 'summary' ? [`${name}_sum`, `${name}_count`] : [name];
}

const ROWS: ReadonlyMap<string, MetricRow> = new Map(
  METRIC_NAMES.flatMap((name) =>
    seriesNames(name, metricRow(name)).map((series) => [series, metricRow(name)] as const),
  ),
);

/**
 * What an expression of PromQL uses that does not exist: series that no metric of the table has, labels in `{...}` that the
 * series before it does not have, and labels in `by (...)` and the like that none of its series has.
 */
export function unknownIn(expression: string): string[] {
  const bare = expression.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const unknown: string[] = [];
  const known = new Set(GIVEN_LABELS);
  for (const [, series = '', , matchers = ''] of bare.matchAll(/\b((?:mcmp|process|nodejs)_\w+)(\{([^}]*)\})?/g)) {
    const row = ROWS.get(series);
    if (row === undefined) {
      unknown.push(series);
      continue;
    }
    const labels = [...GIVEN_LABELS, ...row.labels, ...(row.place === 'serve' ? [] : ['target'])];
    for (const label of labels) known.add(label);
    for (const [, label = ''] of matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
      if (!labels.includes(label)) unknown.push(`${series}{${label}}`);
    }
  }
  for (const [, list = ''] of bare.matchAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g)) {
    for (const label of list.split(',').map((one) => one.trim())) {
      if (label !== '' && !known.has(label)) unknown.push(`(${label})`);
    }
  }
  return unknown;
}

/** Every series that an expression names. */
export function seriesIn(expression: string): string[] {
  return expression.match(/\b(?:mcmp|process|nodejs)_\w+/g) ?? [];
}
