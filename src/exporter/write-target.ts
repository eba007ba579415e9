import {
  type GoodReading,
  nodeCondition,
  type ViewBalancer,
  type ViewContext,
  type ViewNode,
  type ViewVhost,
} from '../client/index.ts';
import { toldConditions } from '../client/node-condition.ts';
import { TELLS } from '../client/told.ts';
import { STATUS_NUMBERS } from '../core/mcmp/info.ts';
import { type LabelText, labelText, type MetricSink, wordLabel } from '../observe/metrics/index.ts';

/** How many nodes and contexts of one target have rows of their own. */
export interface RowLimits {
  readonly nodes: number;
  readonly contexts: number;
}

/**
 * Writes what one balancer said. What its brand cannot tell is left out: a 0 would be a lie that an alert believes.
 *
 * @param sink puts the target before the labels
 * @param nowMs since the epoch
 */
export function writeTarget(sink: MetricSink, { state }: GoodReading, limits: RowLimits, nowMs: number): void {
  const { view, brand, facts } = state;
  const named = namedNodes(view.nodes);
  const rows = named.slice(0, limits.nodes);
  const tells = TELLS[brand];
  for (const { node, label } of rows) writeNode(sink, node, label, { brand, counters: tells.counters, nowMs });
  const conditions = toldConditions(brand, facts !== undefined);
  const counted = view.nodes.map((node) => nodeCondition(node, brand));
  for (const condition of conditions) {
    const count = counted.filter((one) => one === condition).length;
    sink.add('mcmp_nodes', { state: wordLabel(condition) }, count);
  }
  sink.add('mcmp_nodes_without_row', {}, view.nodes.length - rows.length);
  writeContexts(sink, named, limits.contexts);
  for (const group of toldBalancers(view.balancers).slice(0, limits.nodes)) {
    sink.add(
      'mcmp_balancer_info',
      {
        balancer: labelText(group.name),
        sticky_session: flag(group.stickySession),
        force: flag(group.force),
        remove: flag(group.remove),
        cookie: labelText(group.cookie),
        path: labelText(group.path),
        wait_seconds: wordLabel(tells.waitWorker ? String(group.timeoutSeconds) : ''),
        max_attempts: wordLabel(String(group.maxAttempts)),
      },
      1,
    );
  }
  writeTables(sink, state);
}

interface NamedNode {
  readonly node: ViewNode;
  readonly label: LabelText;
}

/** Nodes that can be told apart: of two of one name, which buried ones of httpd have, the first. */
function namedNodes(nodes: readonly ViewNode[]): NamedNode[] {
  const byName = new Map<string, NamedNode>();
  for (const node of nodes) {
    if (byName.has(node.name) || node.told?.state === 'buried') continue;
    byName.set(node.name, { node, label: labelText(node.name) });
  }
  return [...byName.values()];
}

/** Balancer groups that can be told apart: of two of one name, which would make the scrape of all targets invalid, the first. */
function toldBalancers(groups: readonly ViewBalancer[]): ViewBalancer[] {
  const byName = new Map<string, ViewBalancer>();
  for (const group of groups) if (group.told && !byName.has(group.name)) byName.set(group.name, group);
  return [...byName.values()];
}

function writeNode(
  sink: MetricSink,
  node: ViewNode,
  label: LabelText,
  about: { readonly brand: GoodReading['state']['brand']; readonly counters: boolean; readonly nowMs: number },
): void {
  const { told } = node;
  const labels = { node: label };
  sink.add(
    'mcmp_node_info',
    {
      ...labels,
      address: labelText(`${node.type}://${node.host}:${node.port}`),
      balancer: labelText(node.balancer),
      domain: labelText(node.domain),
    },
    1,
  );
  const condition = nodeCondition(node, about.brand);
  if (condition !== undefined) {
    sink.add('mcmp_node_up', labels, condition === 'active' || condition === 'standby' ? 1 : 0);
    sink.add('mcmp_node_load', labels, node.load);
    for (const state of toldConditions(about.brand, told !== undefined)) {
      sink.add('mcmp_node_state', { ...labels, state: wordLabel(state) }, state === condition ? 1 : 0);
    }
  }
  if (about.counters) {
    sink.add('mcmp_node_requests_in_flight', labels, node.connected);
    sink.add('mcmp_node_elected_total', labels, node.elected);
    sink.add('mcmp_node_received_bytes_total', labels, node.readBytes);
    sink.add('mcmp_node_sent_bytes_total', labels, node.transferredBytes);
  }
  if (told === undefined) return;
  // The clock of another machine: what is not there yet is now.
  const secondsSince = (ms: number): number => Math.max(0, about.nowMs - ms) / 1000;
  if (told.lastHeardMs !== 0) sink.add('mcmp_node_status_age_seconds', labels, secondsSince(told.lastHeardMs));
  sink.add('mcmp_node_failing_seconds', labels, told.failingSinceMs === 0 ? 0 : secondsSince(told.failingSinceMs));
}

interface PlacedContext {
  readonly node: LabelText;
  readonly host: string;
  readonly context: ViewContext;
}

function writeContexts(sink: MetricSink, nodes: readonly NamedNode[], most: number): void {
  const byStatus = new Map(Object.keys(STATUS_NUMBERS).map((status) => [status, 0]));
  const written = new Set<string>();
  let all = 0;
  for (const { node, host, context } of placedContexts(nodes)) {
    all += 1;
    byStatus.set(context.status, (byStatus.get(context.status) ?? 0) + 1);
    if (written.size >= most) continue;
    const labels = { node, host: labelText(host), context: labelText(context.path) };
    const key = JSON.stringify(labels);
    // A balancer that says the same twice must not make the whole scrape invalid.
    if (written.has(key)) continue;
    written.add(key);
    sink.add('mcmp_context_state', labels, STATUS_NUMBERS[context.status]);
    if (context.inFlight !== undefined) sink.add('mcmp_context_requests_in_flight', labels, context.inFlight);
  }
  for (const [status, count] of byStatus) sink.add('mcmp_contexts', { status: wordLabel(status.toLowerCase()) }, count);
  sink.add('mcmp_contexts_without_row', {}, all - written.size);
}

function* placedContexts(nodes: readonly NamedNode[]): Generator<PlacedContext> {
  for (const { node, label } of nodes) {
    for (const vhost of node.vhosts) {
      for (const context of vhost.contexts) yield { node: label, host: hostOf(vhost), context };
    }
  }
}

/** The first alias stands for the virtual host. */
function hostOf({ aliases }: ViewVhost): string {
  return aliases[0] ?? '';
}

function writeTables(sink: MetricSink, { view, facts }: GoodReading['state']): void {
  const vhosts = view.nodes.flatMap((node) => node.vhosts);
  const rows = {
    nodes: view.nodes.length,
    contexts: vhosts.reduce((sum, { contexts }) => sum + contexts.length, 0),
    hosts: vhosts.reduce((sum, { aliases }) => sum + aliases.length, 0),
    balancers: view.balancers.filter(({ told }) => told).length,
    'named-contexts': vhosts.reduce((sum, { aliases, contexts }) => sum + aliases.length * contexts.length, 0),
  };
  for (const [table, count] of Object.entries(rows)) sink.add('mcmp_table_rows', { table: wordLabel(table) }, count);
  for (const [table, limit] of Object.entries(facts?.limits ?? {})) {
    sink.add('mcmp_table_rows_limit', { table: wordLabel(table) }, limit);
  }
}

function flag(value: boolean): LabelText {
  return wordLabel(String(value));
}
