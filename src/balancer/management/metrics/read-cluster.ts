import { type ContextStatus, isUsable, type NodeRecord } from '../../../core/cluster/records.ts';
import { balancersOf } from '../../../core/cluster/state.ts';
import { labelText, type MetricSink, wordLabel } from '../../../observe/metrics/index.ts';
import type { Shared } from '../../shared.ts';
import type { ContextTotals } from './context-totals.ts';
import type { Rows } from './rows.ts';

/** As DUMP prints them (reference §2.6). */
const CONTEXT_STATUSES: Readonly<Record<ContextStatus, number>> = { ENABLED: 1, DISABLED: 2, STOPPED: 3 };

/** States of a node as an operator asks for them; each node is in one. */
const NODE_STATES = ['active', 'standby', 'withdrawn', 'error', 'removing'] as const;
type NodeStateWord = (typeof NODE_STATES)[number];
const STATE_LABELS = NODE_STATES.map((state) => [state, wordLabel(state)] as const);

const BUSY = wordLabel('busy');
const IDLE = wordLabel('idle');

/** Nodes, contexts, balancers and tables as they are. */
export function readCluster(
  sink: MetricSink,
  { cluster, pools, options, clock }: Shared,
  rows: Rows,
  totals: ContextTotals,
): void {
  const { state } = cluster;
  for (const { record, node } of rows.nodes) {
    readNode(sink, node, record, clock.wallMs);
    const { open, idle } = pools.countsOf(record);
    sink.add('mcmp_node_connections', { node, state: BUSY }, open - idle);
    sink.add('mcmp_node_connections', { node, state: IDLE }, idle);
  }
  const nodesByState: Record<NodeStateWord, number> = { active: 0, standby: 0, withdrawn: 0, error: 0, removing: 0 };
  for (const node of state.nodes.rows) if (node !== undefined) nodesByState[stateOf(node)]++;
  for (const [word, label] of STATE_LABELS) sink.add('mcmp_nodes', { state: label }, nodesByState[word]);
  sink.add('mcmp_nodes_without_row', {}, state.nodes.count - rows.nodes.length);

  for (const { record, labels } of rows.contexts) {
    sink.add('mcmp_context_state', labels, CONTEXT_STATUSES[record.status]);
    sink.add('mcmp_context_requests_in_flight', labels, record.inFlight);
  }
  for (const [status, count] of Object.entries(totals)) {
    sink.add('mcmp_contexts', { status: wordLabel(status.toLowerCase()) }, count);
  }
  sink.add('mcmp_contexts_without_row', {}, state.contexts.count - rows.contexts.length);

  readTables(sink, cluster.state);
  readBalancers(sink, cluster.state, options.metricsNodes);
}

function readNode(sink: MetricSink, node: Rows['nodes'][number]['node'], record: NodeRecord, wallMs: number): void {
  const { type, host, port, balancer, domain, counters, load, lastHeardMs, failingSinceMs } = record;
  const address = labelText(`${type}://${host}:${port}`);
  sink.add('mcmp_node_info', { node, address, balancer: labelText(balancer.name), domain: labelText(domain) }, 1);
  sink.add('mcmp_node_up', { node }, isUsable(record) ? 1 : 0);
  const current = stateOf(record);
  for (const [word, label] of STATE_LABELS)
    sink.add('mcmp_node_state', { node, state: label }, word === current ? 1 : 0);
  sink.add('mcmp_node_load', { node }, load);
  sink.add('mcmp_node_status_age_seconds', { node }, ageSeconds(lastHeardMs, wallMs));
  sink.add('mcmp_node_failing_seconds', { node }, failingSinceMs === 0 ? 0 : ageSeconds(failingSinceMs, wallMs));
  sink.add('mcmp_node_requests_in_flight', { node }, counters.inFlight);
  sink.add('mcmp_node_elected_total', { node }, counters.elected);
  sink.add('mcmp_node_received_bytes_total', { node }, counters.readBytes);
  sink.add('mcmp_node_sent_bytes_total', { node }, counters.transferredBytes);
}

/** The clock stands still between its ticks, so what has just happened may lie ahead of it. */
function ageSeconds(sinceMs: number, nowMs: number): number {
  return Math.max(0, nowMs - sinceMs) / 1000;
}

function stateOf(node: NodeRecord): NodeStateWord {
  if (node.removedAtMs !== 0) return 'removing';
  if (node.inError) return 'error';
  if (node.load < 0) return 'withdrawn';
  return node.load === 0 ? 'standby' : 'active';
}

const TABLES = {
  nodes: wordLabel('nodes'),
  contexts: wordLabel('contexts'),
  hosts: wordLabel('hosts'),
  balancers: wordLabel('balancers'),
  named: wordLabel('named-contexts'),
} as const;

function readTables(
  sink: MetricSink,
  { nodes, contexts, aliases, balancers, namedContexts, settings }: Shared['cluster']['state'],
): void {
  const { limits, maxNamedContexts } = settings;
  sink.add('mcmp_table_rows', { table: TABLES.nodes }, nodes.count);
  sink.add('mcmp_table_rows', { table: TABLES.contexts }, contexts.count);
  sink.add('mcmp_table_rows', { table: TABLES.hosts }, aliases.count);
  sink.add('mcmp_table_rows', { table: TABLES.balancers }, balancers.count);
  sink.add('mcmp_table_rows', { table: TABLES.named }, namedContexts);
  sink.add('mcmp_table_rows_limit', { table: TABLES.nodes }, limits.maxNodes);
  sink.add('mcmp_table_rows_limit', { table: TABLES.contexts }, limits.maxContexts);
  sink.add('mcmp_table_rows_limit', { table: TABLES.hosts }, limits.maxHosts);
  // Rows of balancers outlive their nodes, and have the limit of nodes.
  sink.add('mcmp_table_rows_limit', { table: TABLES.balancers }, limits.maxNodes);
  if (maxNamedContexts !== undefined) sink.add('mcmp_table_rows_limit', { table: TABLES.named }, maxNamedContexts);
}

function readBalancers(sink: MetricSink, state: Shared['cluster']['state'], most: number): void {
  let room = most;
  for (const balancer of balancersOf(state)) {
    if (room-- <= 0) return;
    sink.add(
      'mcmp_balancer_info',
      {
        balancer: labelText(balancer.name),
        sticky_session: wordLabel(String(balancer.stickySession)),
        force: wordLabel(String(balancer.stickySessionForce)),
        remove: wordLabel(String(balancer.stickySessionRemove)),
        cookie: labelText(balancer.stickySessionCookie),
        path: labelText(balancer.stickySessionPath),
        wait_seconds: wordLabel(String(balancer.waitWorkerSeconds)),
        max_attempts: wordLabel(String(balancer.maxAttempts)),
      },
      1,
    );
  }
}
