import { type ContextRecord, type ContextStatus, isUsable, type NodeRecord } from '../../../core/cluster/records.ts';
import { type ClusterState, nodesOf } from '../../../core/cluster/state.ts';
import { servedKeys, takesNewRequests } from './order.ts';
import { conditionOf, type NodeCondition } from './words.ts';

/** Contexts by status. */
export type StatusCounts = Record<ContextStatus, number>;

export interface DomainCounts {
  nodes: number;
  readonly contexts: StatusCounts;
}

/** What needs somebody's eye. */
export interface Trouble {
  /** In error, by slot. */
  readonly nodes: readonly NodeRecord[];
  /** One context of each path that no node takes new requests for. */
  readonly contexts: readonly ContextRecord[];
  /** How many there are; the lists are cut. */
  readonly nodeCount: number;
  readonly contextCount: number;
}

/** The whole cluster in numbers, whatever part of it the page shows. */
export interface Overview {
  readonly nodes: Readonly<Record<NodeCondition, number>>;
  readonly contexts: Readonly<StatusCounts>;
  readonly nodeCount: number;
  readonly contextCount: number;
  readonly inFlight: number;
  readonly domains: ReadonlyMap<string, DomainCounts>;
  readonly trouble: Trouble;
}

/** Longest list of troubles; what there is beyond is counted. */
const MOST_LISTED = 8;

export function overviewOf(state: ClusterState, useAlias: boolean): Overview {
  const nodes = { active: 0, standby: 0, error: 0, removing: 0 };
  const contexts = noContexts();
  const domains = new Map<string, DomainCounts>();
  const troubled: NodeRecord[] = [];
  /** A context of each key that nobody serves; `null`: somebody does. */
  const unserved = new Map<string, ContextRecord | null>();
  let inFlight = 0;
  for (const node of nodesOf(state)) {
    const condition = conditionOf(node);
    nodes[condition]++;
    if (condition === 'error' && troubled.length < MOST_LISTED) troubled.push(node);
    inFlight += node.counters.inFlight;
    let domain = domains.get(node.domain);
    if (domain === undefined) {
      domain = { nodes: 0, contexts: noContexts() };
      domains.set(node.domain, domain);
    }
    domain.nodes++;
    const usable = isUsable(node);
    for (const vhost of node.vhosts) {
      for (const context of vhost.contexts.values()) {
        contexts[context.status]++;
        domain.contexts[context.status]++;
        noteServed(unserved, context, usable && takesNewRequests(context), useAlias);
      }
    }
  }
  const [lonely, contextCount] = lonelyOf(unserved);
  return {
    nodes,
    contexts,
    nodeCount: state.nodes.count,
    contextCount: state.contexts.count,
    inFlight,
    domains,
    trouble: { nodes: troubled, contexts: lonely, nodeCount: nodes.error, contextCount },
  };
}

export function noContexts(): StatusCounts {
  return { ENABLED: 0, DISABLED: 0, STOPPED: 0 };
}

/** Statuses of the contexts of one node. */
export function statusCountsOf(node: NodeRecord): StatusCounts {
  const counts = noContexts();
  for (const vhost of node.vhosts) for (const { status } of vhost.contexts.values()) counts[status]++;
  return counts;
}

function noteServed(
  unserved: Map<string, ContextRecord | null>,
  context: ContextRecord,
  served: boolean,
  useAlias: boolean,
): void {
  for (const key of servedKeys(context, useAlias)) {
    if (served) unserved.set(key, null);
    else if (!unserved.has(key)) unserved.set(key, context);
  }
}

function lonelyOf(unserved: ReadonlyMap<string, ContextRecord | null>): [ContextRecord[], number] {
  const listed: ContextRecord[] = [];
  let found = 0;
  for (const context of unserved.values()) {
    if (context === null) continue;
    found++;
    if (listed.length < MOST_LISTED) listed.push(context);
  }
  return [listed, found];
}
