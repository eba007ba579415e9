/** Questions that operators have, with what Prometheus is asked then: a section of docs/metrics.md. */
export const QUERIES: readonly (readonly [question: string, expression: string])[] = [
  ['Requests per second, by how they ended', 'sum by (result) (rate(mcmp_requests_total[5m]))'],
  [
    'Share of requests that failed',
    'sum(rate(mcmp_requests_total{result=~"5xx|none"}[5m])) / sum(rate(mcmp_requests_total[5m]))',
  ],
  [
    'The time within which 99 of 100 requests to each node end',
    'histogram_quantile(0.99, sum by (node, le) (rate(mcmp_node_request_duration_seconds_bucket[5m])))',
  ],
  [
    'Mean time of a request, by context',
    'sum by (context) (rate(mcmp_context_request_duration_seconds_sum[5m])) / sum by (context) (rate(mcmp_context_request_duration_seconds_count[5m]))',
  ],
  ['Nodes that the balancer cannot reach', 'mcmp_node_state{state="error"} == 1'],
  ['Nodes that have not reported for a minute', 'mcmp_node_status_age_seconds > 60'],
  [
    'Share of requests that lost the node of their session',
    'sum(rate(mcmp_sticky_requests_total{outcome!="hit"}[5m])) / sum(rate(mcmp_sticky_requests_total[5m]))',
  ],
  ['Why requests were sent again', 'sum by (reason) (rate(mcmp_retries_total[5m]))'],
  ['Contexts that are not enabled', 'mcmp_context_state > 1'],
  ['How full the tables are', 'mcmp_table_rows / mcmp_table_rows_limit'],
  [
    'Requests in flight of a domain',
    'sum by (domain) (mcmp_node_requests_in_flight * on (job, instance, target, node) group_left (domain) mcmp_node_info)',
  ],
  ['How busy the balancer is: 1 is one core', 'rate(mcmp_event_loop_active_seconds_total[5m])'],
];
