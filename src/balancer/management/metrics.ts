import process from 'node:process';
import { headerValue } from '../../core/http/find-header.ts';
import { COMMANDS } from '../../core/mcmp/commands.ts';
import { RELEASE } from '../../core/mcmp/release.ts';
import {
  CONTENT_TYPES,
  createExposition,
  type Exposition,
  formatFor,
  type MetricSink,
  readProgram,
  wordLabel,
} from '../../observe/metrics/index.ts';
import { webConnections } from '../front/listener.ts';
import { GOAWAY_REASONS, type Http2Counts } from '../http2/counts.ts';
import type { Shared } from '../shared.ts';
import { type ContextTotals, createContextTotals } from './metrics/context-totals.ts';
import { watchLoopLag } from './metrics/loop-lag.ts';
import { readCluster } from './metrics/read-cluster.ts';
import { readTraffic } from './metrics/read-traffic.ts';
import { chooseRows } from './metrics/rows.ts';
import { errorOf, type ManagementRoute, type StreamSource } from './route.ts';
import { PieceWriter, type PieceWriterOptions, type Slices } from './slices.ts';

const WEB = wordLabel('web');
const MCMP = wordLabel('mcmp');

/** Scrapes that are being written at a time: each keeps its numbers until its reader has taken the last of them. */
const MOST_SCRAPES = 16;

/**
 * `GET /metrics`: everything that the balancer counts (docs/metrics.md). All numbers are of one moment; the text, which may
 * be some megabytes, is made of them in slices, between which the balancer serves requests.
 *
 * @param eventReaders how many read the stream of events
 */
export function createMetricsRoute(shared: Shared, slices: Slices, eventReaders: () => number): ManagementRoute {
  const totals = createContextTotals(shared.cluster);
  const lag = watchLoopLag(shared.clock);
  let writing = 0;
  return {
    methods: ['GET'],
    describe: 'metrics for Prometheus, or as OpenMetrics',
    answer({ head }) {
      if (writing >= MOST_SCRAPES) {
        const error = `${MOST_SCRAPES} readers of the metrics have not read them to the end yet`;
        const hint = 'Ask again in a second.';
        return errorOf(503, { code: 'MCMP_TOO_MANY_READERS', error, hint }, [['Retry-After', '1']]);
      }
      const format = formatFor(headerValue(head, 'accept'));
      const exposition = readBalancer(shared, totals());
      exposition.histogram('mcmp_event_loop_lag_seconds', {}, lag);
      exposition.add('mcmp_event_readers', {}, eventReaders());
      return {
        kind: 'stream',
        headers: [
          ['Content-Type', CONTENT_TYPES[format]],
          ['Cache-Control', 'no-store'],
          ['X-Content-Type-Options', 'nosniff'],
        ],
        start(stream) {
          writing++;
          const onOver = (): void => {
            writing--;
          };
          return written({ stream, pieces: exposition.pieces(format), slices, onFault: shared.onFault, onOver });
        },
      };
    },
  };
}

function written({
  stream,
  onOver,
  ...options
}: Omit<PieceWriterOptions, 'onDone'> & { readonly onOver: () => void }): StreamSource {
  const writer = new PieceWriter({ stream, ...options, onDone: () => stream.end() });
  return {
    onDrained: () => writer.drained(),
    onTick() {},
    // The document has an end: it is written to there.
    onClosing() {},
    onOver: () => {
      writer.stop();
      onOver();
    },
  };
}

function readBalancer(shared: Shared, totals: ContextTotals): Exposition {
  const exposition = createExposition();
  const { metricsNodes: nodes, metricsContexts: contexts } = shared.options;
  const rows = chooseRows(shared.cluster.state, shared.traffic, { nodes, contexts });
  readTraffic(exposition, shared.traffic, rows);
  readCluster(exposition, shared, rows, totals);
  readSurroundings(exposition, shared);
  readProgram(exposition);
  return exposition;
}

/** What is around cluster and traffic: connections of clients, messages of peers, the program itself. */
function readSurroundings(sink: MetricSink, shared: Shared): void {
  const { accessLog, arriving, encryption, managementClients, options, messages, routeOwners } = shared;
  const { cluster, clock, startedMs } = shared;
  sink.add('mcmp_client_connections', { listener: WEB }, webConnections(shared) + arriving.web.size);
  sink.add('mcmp_client_connections', { listener: MCMP }, managementClients + arriving.mcmp.size);
  sink.add('mcmp_client_connections_limit', {}, options.maxConnections);
  const expiries = Array.from(encryption.values(), (end) => end.expiries).flat();
  for (const [files, atMs] of new Map(expiries.map(({ files, atMs }) => [files, atMs] as const))) {
    sink.add('mcmp_tls_certificate_expiry_timestamp_seconds', { certificate: wordLabel(files) }, atMs / 1000);
  }
  readHttp2(sink, shared.http2.counts);
  readMessages(sink, messages.counts());
  sink.add('mcmp_route_owner_refusals_total', {}, routeOwners.refusals);
  sink.add('mcmp_access_log_lost_lines_total', {}, accessLog?.lostLines ?? 0);
  const [, version = ''] = RELEASE.split('/');
  sink.add(
    'mcmp_build_info',
    {
      version: wordLabel(version),
      dialect: wordLabel(cluster.dialect.name),
      node_version: wordLabel(process.versions.node),
    },
    1,
  );
  sink.add('mcmp_uptime_seconds', {}, (clock.nowMs - startedMs) / 1000);
}

function readHttp2(sink: MetricSink, { sessions, streams, streamsOver, goaways }: Http2Counts): void {
  sink.add('mcmp_http2_connections', {}, sessions);
  sink.add('mcmp_http2_streams', {}, streams);
  for (const [result, count] of Object.entries(streamsOver)) {
    sink.add('mcmp_http2_streams_total', { result: wordLabel(result) }, count);
  }
  for (const reason of GOAWAY_REASONS) {
    sink.add('mcmp_http2_goaways_total', { reason: wordLabel(reason) }, goaways[reason]);
  }
}

const COMMAND_LABELS = [...Object.keys(COMMANDS), 'other'].map((command) => [command, wordLabel(command)] as const);
const ANSWER_LABELS = (['ok', 'SYNTAX', 'MEM', 'GENERAL'] as const).map(
  (answer) => [answer, wordLabel(answer)] as const,
);

/** All pairs are there from the start: the increase of a counter that appears with 1 is 0. */
function readMessages(sink: MetricSink, counts: ReturnType<Shared['messages']['counts']>): void {
  const known = new Map(Array.from(counts, ({ method, answer, count }) => [`${method} ${answer}`, count]));
  for (const [method, command] of COMMAND_LABELS) {
    for (const [word, answer] of ANSWER_LABELS) {
      sink.add('mcmp_messages_total', { command, answer }, known.get(`${method} ${word}`) ?? 0);
    }
  }
}
