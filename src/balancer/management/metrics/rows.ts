import type { ContextRecord, NodeRecord } from '../../../core/cluster/records.ts';
import { type ClusterState, contextsOf, findNode, nodesOf } from '../../../core/cluster/state.ts';
import { type LabelText, labelText } from '../../../observe/metrics/index.ts';
import type { RequestCounts, TrafficCounts } from '../../traffic/types.ts';

/** A node with a row of its own; `counts` is undefined until a request to it has ended. */
export interface NodeRow {
  readonly record: NodeRecord;
  readonly node: LabelText;
  readonly counts: RequestCounts | undefined;
}

export interface ContextRow {
  readonly record: ContextRecord;
  readonly labels: { readonly node: LabelText; readonly host: LabelText; readonly context: LabelText };
  readonly counts: RequestCounts | undefined;
}

export interface Rows {
  readonly nodes: readonly NodeRow[];
  readonly contexts: readonly ContextRow[];
  /** What goes into the row `(others)`: counted together already, or of a node that nobody can name any more. */
  readonly otherNodes: readonly RequestCounts[];
  readonly otherContexts: readonly RequestCounts[];
}

/**
 * Who has a row of their own, the same in all metrics: first the nodes and contexts that the data plane counts apart, then
 * the others in the order of the tables, as long as there is room. Work is bounded by the two limits, however many nodes
 * and contexts there are.
 */
export function chooseRows(
  state: ClusterState,
  traffic: TrafficCounts,
  limits: { readonly nodes: number; readonly contexts: number },
): Rows {
  const nodeLabels = new Map<NodeRecord, LabelText>();
  const labelOf = (node: NodeRecord): LabelText => {
    const known = nodeLabels.get(node);
    if (known !== undefined) return known;
    const label = labelText(node.route);
    nodeLabels.set(node, label);
    return label;
  };
  const nodes: NodeRow[] = [];
  const otherNodes = [traffic.otherNodes];
  const withNode = new Set<NodeRecord>();
  for (const [record, counts] of traffic.nodes()) {
    if (isNamed(state, record)) {
      withNode.add(record);
      nodes.push({ record, node: labelOf(record), counts });
    } else {
      otherNodes.push(counts);
    }
  }
  for (const record of nodesOf(state)) {
    if (nodes.length >= limits.nodes) break;
    if (!withNode.has(record) && isNamed(state, record)) {
      nodes.push({ record, node: labelOf(record), counts: undefined });
    }
  }
  const contexts: ContextRow[] = [];
  const withContext = new Set<ContextRecord>();
  const contextRow = (record: ContextRecord, counts: RequestCounts | undefined): ContextRow => {
    const host = labelText(record.vhost.aliases[0]?.name ?? '');
    return { record, labels: { node: labelOf(record.vhost.node), host, context: labelText(record.path) }, counts };
  };
  // A node loses its contexts before it loses its name.
  for (const [record, counts] of traffic.contexts()) {
    withContext.add(record);
    contexts.push(contextRow(record, counts));
  }
  for (const record of contextsOf(state)) {
    if (contexts.length >= limits.contexts) break;
    if (!withContext.has(record)) contexts.push(contextRow(record, undefined));
  }
  return { nodes, contexts, otherNodes, otherContexts: [traffic.otherContexts] };
}

/** A buried node has lost its name (reference §3.6), and several may be buried: rows of the same name would be no rows. */
function isNamed(state: ClusterState, node: NodeRecord): boolean {
  return findNode(state, node.route) === node;
}
