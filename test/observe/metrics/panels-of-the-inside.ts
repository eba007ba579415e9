import { NODE, PICKED, perSecond, quantile, RATE, type RowSpec } from './panel-spec.ts';

const MISSED = `sum(rate(mcmp_sticky_requests_total{${PICKED},outcome!="hit"}[${RATE}])) / sum(rate(mcmp_sticky_requests_total{${PICKED}}[${RATE}]))`;

/** Rows of panels about how the balancer works. */
export const INSIDE_ROWS: readonly RowSpec[] = [
  {
    title: 'Routing and stickiness',
    height: 8,
    panels: [
      {
        title: 'Decisions by reason',
        kind: 'timeseries',
        unit: 'reqps',
        width: 6,
        stacked: true,
        description: 'docs/routing.md explains the reasons.',
        queries: [{ expr: perSecond('mcmp_routing_decisions_total', PICKED, 'reason'), legend: '{{reason}}' }],
      },
      {
        title: 'Sticky misses',
        kind: 'timeseries',
        unit: 'percentunit',
        width: 6,
        description: 'Share of the requests with a session id that did not reach the node of their session.',
        queries: [{ expr: MISSED, legend: 'missed' }],
      },
      {
        title: 'Sessions by outcome',
        kind: 'timeseries',
        unit: 'reqps',
        width: 6,
        stacked: true,
        description: 'What came of requests with a session id.',
        queries: [{ expr: perSecond('mcmp_sticky_requests_total', PICKED, 'outcome'), legend: '{{outcome}}' }],
      },
      {
        title: 'Retries by reason',
        kind: 'timeseries',
        unit: 'reqps',
        width: 6,
        stacked: true,
        description: 'Further attempts, by what became of the attempt before.',
        queries: [{ expr: perSecond('mcmp_retries_total', PICKED, 'reason'), legend: '{{reason}}' }],
      },
    ],
  },
  {
    title: 'Connections',
    height: 8,
    panels: [
      {
        title: 'Connections of clients',
        kind: 'timeseries',
        unit: 'none',
        width: 8,
        description:
          'To addresses for web traffic, to those for MCMP alone, how many web clients there may be, and what was turned away.',
        queries: [
          { expr: `sum by (listener) (mcmp_client_connections{${PICKED}})`, legend: '{{listener}}' },
          { expr: `sum(mcmp_client_connections_limit{${PICKED}})`, legend: 'limit' },
          {
            expr: `sum(increase(mcmp_client_connections_refused_total{${PICKED}}[${RATE}]))`,
            legend: 'turned away',
          },
        ],
      },
      {
        title: 'Connections to nodes',
        kind: 'timeseries',
        unit: 'none',
        width: 8,
        stacked: true,
        description: 'Busy with a request, or idle in the pool.',
        queries: [{ expr: `sum by (state) (mcmp_node_connections{${NODE}})`, legend: '{{state}}' }],
      },
      {
        title: 'Connects to nodes',
        kind: 'timeseries',
        unit: 'cps',
        width: 8,
        description: 'New connections for requests. Many of them with steady traffic: nodes close theirs too soon.',
        queries: [{ expr: perSecond('mcmp_node_connects_total', PICKED, 'result'), legend: '{{result}}' }],
      },
    ],
  },
  {
    title: 'MCMP',
    height: 8,
    panels: [
      {
        title: 'Messages by command',
        kind: 'timeseries',
        unit: 'mps',
        width: 8,
        stacked: true,
        description: 'What nodes and tools said to the balancer.',
        queries: [{ expr: perSecond('mcmp_messages_total', PICKED, 'command'), legend: '{{command}}' }],
      },
      {
        title: 'Messages refused',
        kind: 'timeseries',
        unit: 'mps',
        width: 8,
        description: 'By command and type of the error.',
        queries: [
          {
            expr: perSecond('mcmp_messages_total', `${PICKED},answer!="ok"`, 'command, answer'),
            legend: '{{command}} {{answer}}',
          },
        ],
      },
      {
        title: 'Tables',
        kind: 'timeseries',
        unit: 'percentunit',
        width: 8,
        description: 'Used part of what the tables may hold.',
        queries: [
          {
            expr: `max by (table) (mcmp_table_rows{${PICKED}} / mcmp_table_rows_limit{${PICKED}})`,
            legend: '{{table}}',
          },
        ],
      },
    ],
  },
  {
    title: 'The program',
    height: 8,
    panels: [
      {
        title: 'Event loop: how late',
        kind: 'timeseries',
        unit: 's',
        width: 6,
        description: 'What a request waits before it is looked at.',
        queries: ['0.5', '0.99'].map((share) => ({
          expr: quantile(share, 'mcmp_event_loop_lag_seconds_bucket', PICKED, 'instance'),
          legend: `{{instance}} ${Number(share) * 100} of 100`,
        })),
      },
      {
        title: 'Time at work',
        kind: 'timeseries',
        unit: 'percentunit',
        width: 6,
        description: 'Event loop, CPU of all threads, and pauses for garbage collection; 1 is one core.',
        queries: [
          { expr: `rate(mcmp_event_loop_active_seconds_total{${PICKED}}[${RATE}])`, legend: '{{instance}} event loop' },
          { expr: `rate(process_cpu_seconds_total{${PICKED}}[${RATE}])`, legend: '{{instance}} CPU' },
          { expr: perSecond('nodejs_gc_duration_seconds_sum', PICKED, 'instance'), legend: '{{instance}} collections' },
        ],
      },
      {
        title: 'Memory',
        kind: 'timeseries',
        unit: 'bytes',
        width: 6,
        description: 'Of the process, and what of it JavaScript uses.',
        queries: [
          { expr: `process_resident_memory_bytes{${PICKED}}`, legend: '{{instance}} resident' },
          { expr: `nodejs_heap_size_used_bytes{${PICKED}}`, legend: '{{instance}} heap' },
          { expr: `nodejs_external_memory_bytes{${PICKED}}`, legend: '{{instance}} buffers' },
        ],
      },
      {
        title: 'Observers',
        kind: 'timeseries',
        unit: 'none',
        width: 6,
        description: 'Readers of the event stream, and lines of the access log that are missing.',
        queries: [
          { expr: `sum(mcmp_event_readers{${PICKED}})`, legend: 'event readers' },
          {
            expr: `sum(increase(mcmp_access_log_lost_lines_total{${PICKED}}[${RATE}]))`,
            legend: 'log lines lost',
          },
        ],
      },
    ],
  },
];
