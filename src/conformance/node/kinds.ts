/**
 * Kinds of nodes that are judged, as dialects are for balancers. `any`: a node of which nothing is known; it is judged only by
 * what every node has to do. `mcmp`: ours (`mcmp node-sim`, `createNode`). `java`: Tomcat, JBoss EAP and WildFly, in which the
 * same mod_cluster engine speaks. `starman` and `mcc`: the small nodes of reference §9.10.
 */
export const NODE_KINDS = ['any', 'mcmp', 'java', 'starman', 'mcc'] as const;

export type NodeKind = (typeof NODE_KINDS)[number];

/** A value for some kinds of nodes; where there is none, the kind does no such thing, or is free to do as it likes. */
export type PerKind<T> = Readonly<Partial<Record<NodeKind, T>>>;

/** The same for nodes of every kind, save those that have a value of their own. */
export function forNodes<T>(value: T, others: PerKind<T> = {}): PerKind<T> {
  return { any: value, mcmp: value, java: value, starman: value, mcc: value, ...others };
}

/** The User-Agent of a Java node, and the beginning of ours. */
const AGENTS: readonly (readonly [prefix: string, kind: NodeKind])[] = [
  ['ClusterListener/', 'java'],
  ['mcmp-node', 'mcmp'],
];

/** What kind of node a User-Agent is of; `any` when it tells nothing. */
export function kindByUserAgent(agent: string): NodeKind {
  return AGENTS.find(([prefix]) => agent.startsWith(prefix))?.[1] ?? 'any';
}
