import type { MetricSink } from '../../../observe/metrics/index.ts';
import { type Histogram, OTHERS, wordLabel } from '../../../observe/metrics/index.ts';
import {
  DURATION_BOUNDS_SECONDS,
  REQUEST_RESULTS,
  type RequestCounts,
  type TrafficCounts,
} from '../../traffic/types.ts';
import type { Rows } from './rows.ts';

const FULL = wordLabel('full');
const RESUMED = wordLabel('resumed');
const RESULTS = REQUEST_RESULTS.map((result) => [result, wordLabel(result)] as const);

/** What the counts of a node or context look like before its first request has ended. */
const NOTHING_YET: RequestCounts = {
  byResult: { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, tunnel: 0, gone: 0, none: 0 },
  durationBuckets: new Array<number>(DURATION_BOUNDS_SECONDS.length + 1).fill(0),
  durationSumMs: 0,
  durationCount: 0,
};

/** Rate, errors and duration of requests, and why they went where they went. */
export function readTraffic(sink: MetricSink, traffic: TrafficCounts, rows: Rows): void {
  for (const [result, label] of RESULTS) {
    sink.add('mcmp_requests_total', { result: label }, traffic.all.byResult[result]);
  }
  sink.histogram('mcmp_request_duration_seconds', {}, durationsOf(traffic.all));
  for (const [code, count] of traffic.byCode) sink.add('mcmp_answers_total', { code: wordLabel(code) }, count);
  sink.add('mcmp_bad_requests_total', {}, traffic.badRequests);
  for (const listener of ['web', 'mcmp'] as const) {
    sink.add('mcmp_client_connections_refused_total', { listener: wordLabel(listener) }, traffic.turnedAway[listener]);
  }

  readHandshakes(sink, traffic);

  for (const [reason, count] of Object.entries(traffic.decisions)) {
    sink.add('mcmp_routing_decisions_total', { reason: wordLabel(reason) }, count);
  }
  for (const [reason, count] of Object.entries(traffic.retries)) {
    sink.add('mcmp_retries_total', { reason: wordLabel(reason) }, count);
  }
  for (const [outcome, count] of Object.entries(traffic.sessions)) {
    sink.add('mcmp_sticky_requests_total', { outcome: wordLabel(outcome) }, count);
  }
  for (const [source, count] of Object.entries(traffic.sessionSources)) {
    sink.add('mcmp_session_ids_total', { source: wordLabel(source) }, count);
  }
  sink.add('mcmp_node_connects_total', { result: OPENED }, traffic.connectsToNodes);
  sink.add('mcmp_node_connects_total', { result: FAILED }, traffic.failedConnectsToNodes);

  for (const { node, counts = NOTHING_YET } of rows.nodes) {
    for (const [result, label] of RESULTS) {
      sink.add('mcmp_node_requests_total', { node, result: label }, counts.byResult[result]);
    }
    sink.histogram('mcmp_node_request_duration_seconds', { node }, durationsOf(counts));
  }
  const others = sumOf(rows.otherNodes);
  for (const [result, label] of RESULTS) {
    sink.add('mcmp_node_requests_total', { node: OTHERS, result: label }, others.byResult[result]);
  }
  sink.histogram('mcmp_node_request_duration_seconds', { node: OTHERS }, durationsOf(others));

  for (const { labels, counts = NOTHING_YET } of rows.contexts) readContext(sink, labels, counts);
  readContext(sink, { node: OTHERS, host: OTHERS, context: OTHERS }, sumOf(rows.otherContexts));
}

const OPENED = wordLabel('opened');
const FAILED = wordLabel('failed');

function readContext(sink: MetricSink, labels: Rows['contexts'][number]['labels'], counts: RequestCounts): void {
  for (const [result, label] of RESULTS) {
    sink.add('mcmp_context_requests_total', { ...labels, result: label }, counts.byResult[result]);
  }
  const { durationSumMs, durationCount } = counts;
  sink.summary('mcmp_context_request_duration_seconds', labels, durationSumMs / 1000, durationCount);
}

function durationsOf({ durationBuckets, durationSumMs }: RequestCounts): Histogram {
  return { bounds: DURATION_BOUNDS_SECONDS, buckets: durationBuckets, sum: durationSumMs / 1000 };
}

function sumOf(all: readonly RequestCounts[]): RequestCounts {
  const byResult = { ...NOTHING_YET.byResult };
  const durationBuckets = [...NOTHING_YET.durationBuckets];
  let durationSumMs = 0;
  let durationCount = 0;
  for (const counts of all) {
    for (const result of REQUEST_RESULTS) byResult[result] += counts.byResult[result];
    for (const [index, count] of counts.durationBuckets.entries()) {
      durationBuckets[index] = (durationBuckets[index] ?? 0) + count;
    }
    durationSumMs += counts.durationSumMs;
    durationCount += counts.durationCount;
  }
  return { byResult, durationBuckets, durationSumMs, durationCount };
}

/** What came before the first request of a connection. */
function readHandshakes(sink: MetricSink, { tls, wrongProtocol, proxyHeaders }: TrafficCounts): void {
  for (const [result, count] of Object.entries(proxyHeaders)) {
    sink.add('mcmp_proxy_protocol_connections_total', { result: wordLabel(result) }, count);
  }
  for (const name of ['web', 'mcmp'] as const) {
    const listener = wordLabel(name);
    const { full, resumed, failures } = tls[name];
    sink.add('mcmp_tls_handshakes_total', { listener, result: FULL }, full);
    sink.add('mcmp_tls_handshakes_total', { listener, result: RESUMED }, resumed);
    for (const [reason, count] of Object.entries(failures)) {
      sink.add('mcmp_tls_handshake_failures_total', { listener, reason: wordLabel(reason) }, count);
    }
    for (const [spoke, count] of Object.entries(wrongProtocol[name])) {
      sink.add('mcmp_wrong_protocol_connections_total', { listener, spoke: wordLabel(spoke) }, count);
    }
  }
}
