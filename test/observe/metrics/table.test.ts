import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRIC_NAMES, METRIC_SECTIONS, metricRow } from '../../../src/observe/metrics/index.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { programOf } from '../../support/needs-program.ts';
import { expressionsOfDashboard } from './dashboard.ts';
import { metricsPage } from './metrics-page.ts';
import { seriesIn, unknownIn } from './promql.ts';
import { QUERIES } from './queries.ts';

const promtool = programOf(['promtool'], 'prometheus', 'promtool reads the alert rules and every expression');
const RULES = 'docs/prometheus/rules.yml';

it('docs/metrics.md says what the table says; if not, run this with --update', async () => {
  await expect(metricsPage()).toMatchFileSnapshot('../../../docs/metrics.md');
});

it('the table has each metric in one place, and metrics of one section side by side', () => {
  const sections = METRIC_NAMES.map((name) => metricRow(name).section);
  expect(sections.filter((section, index) => section !== sections[index - 1])).toEqual(METRIC_SECTIONS);
  const written = ['nodes', 'program', 'traffic'].flatMap((file) =>
    Array.from(
      readFileSync(`src/observe/metrics/rows/${file}.ts`, 'utf8').matchAll(/^ {2}(\w+): \{$/gm),
      ([, name]) => name,
    ),
  );
  expect(written.sort()).toEqual([...METRIC_NAMES].sort());
});

describe.each(METRIC_NAMES)('%s', (name) => {
  const row = metricRow(name);

  it('is named as Prometheus wants it: counters end in _total, units are said and are base units', () => {
    expect(name).toMatch(/^(?:mcmp|process|nodejs)(?:_[a-z][a-z0-9]*)+$/);
    expect(name.endsWith('_total')).toBe(row.type === 'counter');
    const unit = /_(seconds|bytes)(?:_total)?$/.exec(name)?.[1] ?? 'none';
    expect(row.unit).toBe(unit);
    expect(name).not.toMatch(/_(?:ms|millis|kb|mb|percent|ratio)(?:_|$)/);
  });

  it('has a sentence without a full stop, and labels that are no reserved ones', () => {
    expect(row.help).toMatch(/^[A-Z][^\n\\"]*[^.]$/);
    for (const label of row.labels) {
      expect(label).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
      expect(['le', 'quantile', 'job', 'instance']).not.toContain(label);
    }
    expect(row.lines).toBeGreaterThan(0);
  });
});

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

function alerts(): { readonly alert: string; readonly expr: string }[] {
  const { groups } = parse(readFileSync(RULES, 'utf8')) as Rules;
  return groups.flatMap(({ rules }) => rules);
}

describe('expressions for Prometheus', () => {
  it.each(alerts())('the alert $alert uses what the table has', ({ expr }) => {
    expect(seriesIn(expr)).not.toEqual([]);
    expect(unknownIn(expr)).toEqual([]);
  });

  it.each(QUERIES)('%s: uses what the table has', (_, expression) => {
    expect(seriesIn(expression)).not.toEqual([]);
    expect(unknownIn(expression)).toEqual([]);
  });

  it.each([
    ['rate(mcmp_nothing_total[5m])', ['mcmp_nothing_total']],
    ['mcmp_node_load{route="n"}', ['mcmp_node_load{route}']],
    ['sum by (route) (mcmp_node_load{node="n"})', ['(route)']],
    ['mcmp_request_duration_seconds', ['mcmp_request_duration_seconds']],
    ['mcmp_context_request_duration_seconds_bucket', ['mcmp_context_request_duration_seconds_bucket']],
    ['sum by (le) (mcmp_request_duration_seconds_bucket{job="a"})', []],
    ['mcmp_node_load{node="by (x) mcmp_y"}', []],
  ])('a mistake in %s is found', (expression, unknown) => {
    expect(unknownIn(expression)).toEqual(unknown);
  });

  it.skipIf(promtool === undefined)('are PromQL, the alerts in a file of rules', () => {
    const check = (file: string): string =>
      execFileSync(promtool ?? 'promtool', ['check', 'rules', file], { encoding: 'utf8' });
    expect(check(RULES)).toMatch(/SUCCESS: 18 rules found/);
    const expressions = [...QUERIES.map(([, expression]) => expression), ...expressionsOfDashboard()];
    const folder = mkdtempSync(join(tmpdir(), 'mcmp-rules-'));
    freeAfter(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'rules.yml');
    const rules = expressions.map((expr, index) => ({ record: `expression:number${index}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'all', rules }] }));
    expect(check(file)).toContain(`SUCCESS: ${expressions.length} rules found`);
  });
});
