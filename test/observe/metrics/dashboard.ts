import { NODE, type PanelSpec, PICKED, type Query, RATE } from './panel-spec.ts';
import { INSIDE_ROWS } from './panels-of-the-inside.ts';
import { TRAFFIC_ROWS } from './panels-of-traffic.ts';

/**
 * The dashboard of docs/grafana: places in the grid, ids and everything that all panels have in common follow from the
 * order of the rows.
 */
const ROWS = [...TRAFFIC_ROWS, ...INSIDE_ROWS];

const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

/** Every expression, with values in place of Grafana's variables, so that Prometheus can read it. */
export function expressionsOfDashboard(): string[] {
  return ROWS.flatMap(({ panels }) =>
    panels.flatMap(({ queries }) => queries.map(({ expr }) => withoutVariables(expr))),
  );
}

export function withoutVariables(expression: string): string {
  return expression.replaceAll(RATE, '5m').replace(/\$\w+/g, '.*');
}

/** docs/grafana/mcmp.json. */
export function dashboardText(): string {
  // Arrays of words on one line, as the formatter of this repository wants them.
  const text = JSON.stringify(dashboard(), null, 2).replace(
    /\[\s+("[^"]*"(?:,\s+"[^"]*")*)\s+\]/g,
    (_, words: string) => {
      return `[${words.replace(/,\s+/g, ', ')}]`;
    },
  );
  return `${text}\n`;
}

function dashboard(): object {
  const panels: object[] = [];
  let top = 0;
  for (const row of ROWS) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y: top, w: 24, h: 1 },
      panels: [],
    });
    top += 1;
    let left = 0;
    for (const spec of row.panels) {
      if (left + spec.width > 24) {
        left = 0;
        top += row.height;
      }
      panels.push(panelOf(spec, panels.length + 1, { x: left, y: top, w: spec.width, h: row.height }));
      left += spec.width;
    }
    top += row.height;
  }
  return {
    title: 'mcmp: an MCMP balancer',
    uid: 'mcmp-balancer',
    description: 'Requests, nodes, contexts and the program itself, as /metrics of mcmp serve tells them.',
    tags: ['mcmp', 'mod_cluster'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    templating: { list: variables() },
    annotations: { list: [] },
    links: [],
    panels,
  };
}

function panelOf(spec: PanelSpec, id: number, gridPos: object): object {
  const { title, description, kind, unit, queries, redFrom, redBelow, signed } = spec;
  const isInstant = kind !== 'timeseries';
  return {
    id,
    type: kind,
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: letter(index),
      datasource: DATASOURCE,
      expr,
      ...(kind === 'table' ? { format: 'table' } : { legendFormat: legend }),
      instant: isInstant,
      range: !isInstant,
    })),
    fieldConfig: {
      defaults: {
        unit,
        ...(kind === 'timeseries' && !signed ? { min: 0 } : {}),
        ...colours(redFrom, redBelow),
        ...drawn(spec),
      },
      overrides: [],
    },
    ...(kind === 'table' ? asTable(queries) : {}),
    options: optionsOf(spec),
  };
}

function colours(redFrom: number | undefined, redBelow: number | undefined): object {
  if (redFrom === undefined && redBelow === undefined) return { color: { mode: 'palette-classic' } };
  const steps =
    redFrom === undefined
      ? [
          { color: 'red', value: null },
          { color: 'green', value: redBelow },
        ]
      : [
          { color: 'green', value: null },
          { color: 'red', value: redFrom },
        ];
  return { color: { mode: 'thresholds' }, thresholds: { mode: 'absolute', steps } };
}

function drawn({ kind, stacked }: PanelSpec): object {
  if (kind !== 'timeseries') return {};
  const stacking = { group: 'A', mode: stacked ? 'normal' : 'none' };
  return { custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: stacked ? 25 : 5, showPoints: 'never', stacking } };
}

function optionsOf({ kind }: PanelSpec): object {
  if (kind === 'stat') {
    return {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      graphMode: 'none',
      colorMode: 'value',
      textMode: 'auto',
    };
  }
  if (kind === 'table') return { showHeader: true, cellHeight: 'sm' };
  return {
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
    tooltip: { mode: 'multi', sort: 'desc' },
  };
}

/** Joins the answers of all queries by node, and gives their columns names. */
function asTable(queries: readonly Query[]): object {
  const names = Object.fromEntries(
    queries.slice(1).map(({ legend }, index) => [`Value #${letter(index + 1)}`, legend]),
  );
  const hidden = Object.fromEntries(['Time', '__name__', 'job', 'Value #A'].map((name) => [name, true]));
  return {
    transformations: [
      { id: 'merge', options: {} },
      { id: 'organize', options: { excludeByName: hidden, renameByName: names, indexByName: {} } },
    ],
  };
}

function letter(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

function variables(): object[] {
  const query = (name: string, label: string, text: string): object => ({
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    definition: text,
    query: { query: text, refId: `variable-${name}` },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { selected: true, text: ['All'], value: ['$__all'] },
  });
  return [
    { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', current: {}, refresh: 1 },
    query('job', 'Job', 'label_values(mcmp_build_info, job)'),
    query('instance', 'Balancer', 'label_values(mcmp_build_info{job=~"$job"}, instance)'),
    query('node', 'Node', `label_values(mcmp_node_info{${PICKED}}, node)`),
    query('context', 'Context', `label_values(mcmp_context_state{${NODE}}, context)`),
  ];
}
