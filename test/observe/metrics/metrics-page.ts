import { DEFAULT_OPTIONS } from '../../../src/balancer/index.ts';
import {
  METRIC_NAMES,
  METRIC_SECTIONS,
  type MetricName,
  type MetricRow,
  MOST_LABEL_CHARACTERS,
  metricRow,
} from '../../../src/observe/metrics/index.ts';
import { QUERIES } from './queries.ts';

const { metricsNodes, metricsContexts } = DEFAULT_OPTIONS;

const INTRODUCTION = `# Metrics

This page is made from the table that the program reads: \`npx vitest run test/observe/metrics/table.test.ts --update\` writes
it anew.

\`mcmp serve\` shows its metrics at \`/metrics\` of the MCMP address, to whoever is in \`--mcmp-allow\`: as Prometheus text, or as
OpenMetrics to whoever asks for that. \`mcmp exporter\` shows those of other balancers ([exporter.md](exporter.md)).

\`\`\`yaml
scrape_configs:
  - job_name: mcmp
    static_configs:
      - targets: ['127.0.0.1:8090']
\`\`\`

- Alert rules to begin with: [prometheus/rules.yml](prometheus/rules.yml).
- A dashboard for Grafana 10 and newer: [grafana/mcmp.json](grafana/mcmp.json). Import it (Dashboards, New, Import).

All numbers of a scrape are of one moment. The text is made from them in slices of a few milliseconds, between which the
balancer serves requests ([why](adr/metrics-written-here.md)).
`;

const ROWS_AND_LABELS = `## Rows

Whoever may speak MCMP can register nodes and contexts, and give them names. So that this does not decide how large a scrape
is, at most ${thousands(metricsNodes)} nodes (\`--metrics-nodes\`) and ${thousands(metricsContexts)} contexts (\`--metrics-contexts\`) have rows of their own,
the same in all metrics:

- First come those that a request went to, in that order. They keep their row as long as they are registered.
- The rest of the room goes to the others in the order of their tables, until a node or context with requests takes it.
- Requests of all that have no row are counted together, as \`node="(others)"\`. A node or context that leaves takes its row
  with it, and what it counted goes to \`(others)\` as well: no total falls. So \`(others)\` rises at once when a busy node
  leaves: its rate means nothing then. For totals use the metrics without a node, such as \`mcmp_requests_total\`.
- Where a sum would mean nothing (loads, states, ages) or would fall when a node leaves (\`mcmp_node_elected_total\` and the
  bytes), there is no \`(others)\`. \`mcmp_nodes\`, \`mcmp_contexts\` and \`mcmp_table_rows\` count all of them,
  \`mcmp_nodes_without_row\` and \`mcmp_contexts_without_row\` those that were left out.
- A node that leaves and is registered again under its name begins at 0; Prometheus takes that for a restart.

How many lines there are at most, with N nodes and C contexts that have rows, B balancers and T targets:

| | lines | with the default limits |
|---|---|---|
`;

const LABELS = `## Values of labels

\`node\` is the JVMRoute, \`host\` the first alias of the virtual host, \`context\` the path, \`balancer\` and \`domain\` as in CONFIG.
They are what peers said: UTF-8 as it is; control characters, bytes that are not UTF-8 and backslashes as \`\\xHH\` (in the text
of a scrape the backslash is doubled), as is a bracket in front, because \`(others)\` is ours. Values of more than
${MOST_LABEL_CHARACTERS} characters are cut and end in \`\\...\` and a digest. Two names never become the same value.
`;

/** docs/metrics.md. */
export function metricsPage(): string {
  return [
    INTRODUCTION,
    '## Questions\n',
    ...QUERIES.map(([question, expression]) => `${question}:\n\n\`\`\`promql\n${expression}\n\`\`\`\n`),
    ROWS_AND_LABELS + cardinality(),
    LABELS,
    ...METRIC_SECTIONS.flatMap((section) => [`## ${section}\n`, sectionTable(section)]),
  ].join('\n');
}

/** Lines for one of each subject, over all metrics of a place. */
function linesPer(
  isShown: (row: MetricRow) => boolean,
): { readonly [S in MetricRow['per']]: number } & { readonly others: number } {
  const lines = { program: 0, balancer: 0, node: 0, context: 0, target: 0, others: 0 };
  for (const name of METRIC_NAMES) {
    const row = metricRow(name);
    if (!isShown(row)) continue;
    lines[row.per] += row.lines;
    if (row.others) lines.others += row.lines;
  }
  return lines;
}

function cardinality(): string {
  const serve = linesPer(({ place }) => place !== 'exporter');
  const fixed = serve.program + serve.others;
  const most = fixed + serve.node * metricsNodes + serve.context * metricsContexts + serve.balancer * metricsNodes;
  const own = linesPer(({ place }) => place === 'exporter');
  const program = linesPer(({ place, section }) => place === 'both' && section === 'The program');
  const shared = linesPer(({ place, section }) => place === 'both' && section !== 'The program');
  return [
    `| \`mcmp serve\` | ${fixed} + ${serve.node} N + ${serve.context} C + B | ${thousands(most)}, if all nodes have balancers of their own |`,
    `| \`mcmp exporter\` | ${own.program + program.program} + T (${own.target} + ${shared.program} + ${shared.node} N + ${shared.context} C + B) | |`,
    '',
  ].join('\n');
}

function sectionTable(section: MetricRow['section']): string {
  const rows = METRIC_NAMES.filter((name) => metricRow(name).section === section);
  return [
    '| metric | type | labels | meaning | shown by | lines |',
    '|---|---|---|---|---|---|',
    ...rows.map((name) => tableLine(name, metricRow(name))),
    '',
  ].join('\n');
}

const SUBJECTS = {
  program: '',
  balancer: ' a balancer',
  node: ' a node',
  context: ' a context',
  target: ' a target',
} as const;

function tableLine(name: MetricName, { type, labels, help, note, place, per, lines, others }: MetricRow): string {
  const meaning = note === undefined ? help : `${help}. ${note}`;
  const cells = [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    meaning,
    place,
    `${lines}${SUBJECTS[per]}${others ? ', and of all others' : ''}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function thousands(count: number): string {
  return count.toLocaleString('en-US');
}
