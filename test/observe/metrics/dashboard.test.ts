import { describe, expect, it } from 'vitest';
import { METRIC_NAMES, metricRow } from '../../../src/observe/metrics/index.ts';
import { dashboardText, withoutVariables } from './dashboard.ts';
import { seriesIn, unknownIn } from './promql.ts';

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Place;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat?: string }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
}

interface Dashboard {
  readonly schemaVersion: number;
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[];
  };
  readonly panels: readonly Panel[];
}

it('docs/grafana/mcmp.json is what the list of panels says; if not, run this with --update', async () => {
  await expect(dashboardText()).toMatchFileSnapshot('../../../docs/grafana/mcmp.json');
});

describe('the dashboard', () => {
  const dashboard = JSON.parse(dashboardText()) as Dashboard;
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');
  const expressions = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

  it('has panels with a title, words, a unit, a data source and something to show', () => {
    for (const { title, description, fieldConfig, datasource, targets } of panels) {
      expect(title).toMatch(/\S/);
      expect(description, title).toMatch(/\.$/);
      expect(fieldConfig?.defaults.unit, title).toMatch(/\S/);
      expect(datasource?.uid, title).toBe('$datasource');
      expect(targets, title).not.toHaveLength(0);
      expect(new Set(targets?.map(({ refId }) => refId)).size, title).toBe(targets?.length);
    }
  });

  it('has an id and a title for each panel that no other has', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });

  it('has panels that lie in the grid of 24 columns and not upon each other', () => {
    for (const [index, { title, gridPos: one }] of dashboard.panels.entries()) {
      expect(one.x >= 0 && one.w > 0 && one.h > 0 && one.x + one.w <= 24, title).toBe(true);
      for (const { gridPos: other } of dashboard.panels.slice(0, index)) {
        const apart =
          one.x >= other.x + other.w ||
          other.x >= one.x + one.w ||
          one.y >= other.y + other.h ||
          other.y >= one.y + one.h;
        expect(apart, title).toBe(true);
      }
    }
  });

  it.each(expressions)('$title: $expr uses what the table has', ({ expr }) => {
    expect(seriesIn(expr)).not.toEqual([]);
    expect(unknownIn(withoutVariables(expr))).toEqual([]);
  });

  it('uses variables that it has, made from metrics of the table', () => {
    const names = new Set([...dashboard.templating.list.map(({ name }) => name), '__rate_interval']);
    const definitions = dashboard.templating.list.flatMap(({ definition }) => definition ?? []);
    for (const text of [...definitions, ...expressions.map(({ expr }) => expr)]) {
      for (const [, name = ''] of text.matchAll(/\$(\w+)/g)) expect(names).toContain(name);
    }
    for (const definition of definitions) expect(unknownIn(withoutVariables(definition)), definition).toEqual([]);
    expect(dashboard.templating.list[0]?.type).toBe('datasource');
  });

  it('shows every metric of the balancer but those that its panels show in another form', () => {
    const shown = new Set(
      expressions.flatMap(({ expr }) => seriesIn(expr)).map((name) => name.replace(/_(?:bucket|sum|count)$/, '')),
    );
    const missing = METRIC_NAMES.filter((name) => metricRow(name).place !== 'exporter' && !shown.has(name));
    expect(missing).toEqual([
      'mcmp_node_state',
      'mcmp_node_elected_total',
      'mcmp_nodes_without_row',
      'mcmp_context_requests_in_flight',
      'mcmp_context_state',
      'mcmp_contexts_without_row',
      'mcmp_session_ids_total',
      'mcmp_tls_handshakes_total',
      'mcmp_tls_handshake_failures_total',
      'mcmp_tls_certificate_expiry_timestamp_seconds',
      'mcmp_wrong_protocol_connections_total',
      'mcmp_proxy_protocol_connections_total',
      'mcmp_http2_connections',
      'mcmp_http2_streams',
      'mcmp_http2_streams_total',
      'mcmp_http2_goaways_total',
      'mcmp_route_owner_refusals_total',
      'mcmp_balancer_info',
      'mcmp_build_info',
      'mcmp_uptime_seconds',
      'process_start_time_seconds',
      'nodejs_heap_size_total_bytes',
    ]);
  });
});
