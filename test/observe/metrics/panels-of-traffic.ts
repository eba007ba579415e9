import { CONTEXT, NODE, PICKED, perSecond, quantile, RATE, type RowSpec } from './panel-spec.ts';

const FAILED = `sum(rate(mcmp_requests_total{${PICKED},result=~"5xx|none"}[${RATE}])) / sum(rate(mcmp_requests_total{${PICKED}}[${RATE}]))`;
/** Rows of panels about requests, nodes and contexts. */
export const TRAFFIC_ROWS: readonly RowSpec[] = [
  {
    title: 'Overview',
    height: 4,
    panels: [
      {
        title: 'Requests',
        kind: 'stat',
        unit: 'reqps',
        width: 4,
        description: 'All requests to the traffic addresses.',
        queries: [{ expr: `sum(rate(mcmp_requests_total{${PICKED}}[${RATE}]))`, legend: '' }],
      },
      {
        title: 'Failed',
        kind: 'stat',
        unit: 'percentunit',
        width: 4,
        description:
          'Share of the requests that were answered with 5xx, or got no whole answer, though the client waited for it.',
        redFrom: 0.05,
        queries: [{ expr: FAILED, legend: '' }],
      },
      {
        title: '95 of 100 requests within',
        kind: 'stat',
        unit: 's',
        width: 4,
        description: 'Tunnels left out.',
        queries: [{ expr: quantile('0.95', 'mcmp_request_duration_seconds_bucket', PICKED), legend: '' }],
      },
      {
        title: 'Nodes that serve',
        kind: 'stat',
        unit: 'none',
        width: 3,
        description: 'Active nodes. A hot standby is not counted.',
        redBelow: 1,
        queries: [{ expr: `sum(mcmp_nodes{${PICKED},state="active"})`, legend: '' }],
      },
      {
        title: 'Nodes in error',
        kind: 'stat',
        unit: 'none',
        width: 3,
        description: 'Nodes that the balancer cannot reach.',
        redFrom: 1,
        queries: [{ expr: `sum(mcmp_nodes{${PICKED},state="error"})`, legend: '' }],
      },
      {
        title: 'Longest silence',
        kind: 'stat',
        unit: 's',
        width: 3,
        description: 'Age of the oldest last STATUS. Nodes report every 10 seconds.',
        redFrom: 60,
        queries: [{ expr: `max(mcmp_node_status_age_seconds{${NODE}})`, legend: '' }],
      },
      {
        title: 'Event loop',
        kind: 'stat',
        unit: 'percentunit',
        width: 3,
        description: 'How much of the time the busiest balancer works.',
        redFrom: 0.9,
        queries: [{ expr: `max(rate(mcmp_event_loop_active_seconds_total{${PICKED}}[${RATE}]))`, legend: '' }],
      },
    ],
  },
  {
    title: 'Requests',
    height: 8,
    panels: [
      {
        title: 'Requests by result',
        kind: 'timeseries',
        unit: 'reqps',
        width: 8,
        stacked: true,
        description:
          'The status class that clients were given. Without a whole answer, gone: the client broke it off; none: node or balancer did.',
        queries: [{ expr: perSecond('mcmp_requests_total', PICKED, 'result'), legend: '{{result}}' }],
      },
      {
        title: 'Duration',
        kind: 'timeseries',
        unit: 's',
        width: 8,
        description: 'How many of 100 requests end within which time.',
        queries: ['0.5', '0.9', '0.99'].map((share) => ({
          expr: quantile(share, 'mcmp_request_duration_seconds_bucket', PICKED),
          legend: `${Number(share) * 100} of 100`,
        })),
      },
      {
        title: 'Answers by code',
        kind: 'timeseries',
        unit: 'reqps',
        width: 8,
        stacked: true,
        description:
          'How the node was chosen, or why the balancer answered itself. Heads that could not be read are no requests.',
        queries: [
          { expr: perSecond('mcmp_answers_total', PICKED, 'code'), legend: '{{code}}' },
          { expr: `sum(rate(mcmp_bad_requests_total{${PICKED}}[${RATE}]))`, legend: 'unreadable' },
        ],
      },
    ],
  },
  {
    title: 'Nodes',
    height: 9,
    panels: [
      {
        title: 'Nodes now',
        kind: 'table',
        unit: 'none',
        width: 24,
        description: 'Each node that has a row of its own.',
        queries: [
          { expr: `mcmp_node_info{${NODE}}`, legend: 'info' },
          { expr: `mcmp_node_up{${NODE}}`, legend: 'up' },
          { expr: `mcmp_node_load{${NODE}}`, legend: 'load' },
          { expr: `mcmp_node_requests_in_flight{${NODE}}`, legend: 'in flight' },
          { expr: perSecond('mcmp_node_requests_total', NODE, 'instance, node'), legend: 'requests a second' },
          {
            expr: perSecond('mcmp_node_requests_total', `${NODE},result=~"5xx|none"`, 'instance, node'),
            legend: 'failures a second',
          },
          {
            expr: quantile('0.95', 'mcmp_node_request_duration_seconds_bucket', NODE, 'instance, node'),
            legend: '95 of 100 within (s)',
          },
          { expr: `mcmp_node_status_age_seconds{${NODE}}`, legend: 'STATUS age (s)' },
          { expr: `mcmp_node_failing_seconds{${NODE}}`, legend: 'pings fail for (s)' },
        ],
      },
      {
        title: 'Requests by node',
        kind: 'timeseries',
        unit: 'reqps',
        width: 8,
        stacked: true,
        description: 'Nodes with a row of their own.',
        queries: [
          { expr: perSecond('mcmp_node_requests_total', `${NODE},node!="(others)"`, 'node'), legend: '{{node}}' },
        ],
      },
      {
        title: '95 of 100 requests within, by node',
        kind: 'timeseries',
        unit: 's',
        width: 8,
        description: 'Nodes with a row of their own.',
        queries: [
          {
            expr: quantile('0.95', 'mcmp_node_request_duration_seconds_bucket', `${NODE},node!="(others)"`, 'node'),
            legend: '{{node}}',
          },
        ],
      },
      {
        title: 'Load by node',
        kind: 'timeseries',
        unit: 'none',
        width: 8,
        signed: true,
        description: 'As the nodes said it: 100 is idle, 0 a hot standby, -1 takes no requests.',
        queries: [{ expr: `mcmp_node_load{${NODE}}`, legend: '{{node}}' }],
      },
      {
        title: 'Nodes by state',
        kind: 'timeseries',
        unit: 'none',
        width: 12,
        stacked: true,
        description: 'All nodes, those without a row of their own included.',
        queries: [{ expr: `sum by (state) (mcmp_nodes{${PICKED}})`, legend: '{{state}}' }],
      },
      {
        title: 'Bytes from and to nodes',
        kind: 'timeseries',
        unit: 'Bps',
        width: 12,
        description: 'Nodes with a row of their own.',
        queries: [
          { expr: `sum(rate(mcmp_node_received_bytes_total{${NODE}}[${RATE}]))`, legend: 'from nodes' },
          { expr: `sum(rate(mcmp_node_sent_bytes_total{${NODE}}[${RATE}]))`, legend: 'to nodes' },
        ],
      },
    ],
  },
  {
    title: 'Contexts',
    height: 8,
    panels: [
      {
        title: 'Requests by context',
        kind: 'timeseries',
        unit: 'reqps',
        width: 8,
        stacked: true,
        description: 'Over all nodes, contexts with a row of their own.',
        queries: [
          {
            expr: perSecond('mcmp_context_requests_total', `${CONTEXT},context!="(others)"`, 'context'),
            legend: '{{context}}',
          },
        ],
      },
      {
        title: 'Mean duration by context',
        kind: 'timeseries',
        unit: 's',
        width: 8,
        description: 'Over all nodes, contexts with a row of their own.',
        queries: [
          {
            expr: `${perSecond('mcmp_context_request_duration_seconds_sum', CONTEXT, 'context')} / ${perSecond('mcmp_context_request_duration_seconds_count', CONTEXT, 'context')}`,
            legend: '{{context}}',
          },
        ],
      },
      {
        title: 'Contexts by status',
        kind: 'timeseries',
        unit: 'none',
        width: 8,
        stacked: true,
        description: 'Each context counts once for every node that has it.',
        queries: [{ expr: `sum by (status) (mcmp_contexts{${PICKED}})`, legend: '{{status}}' }],
      },
    ],
  },
];
