/**
 * The state of a cluster as a deterministic machine (reference §3): what nodes said, who they are, what they serve.
 * `apply` changes it and says what changed; `needOf` says what it must be told first.
 */
export { apply, needOf } from './apply.ts';
export type { ClusterEvent } from './events.ts';
export { CONTEXT_TRANSITIONS, NODE_TRANSITIONS, type NodeState, nodeStateOf } from './lifecycle.ts';
export * from './records.ts';
export {
  type AliasRow,
  aliasesOf,
  balancersOf,
  type ClusterState,
  contextsOf,
  createCluster,
  findNode,
  nodesOf,
} from './state.ts';
export type * from './types.ts';
export { clusterDocument, dumpView, infoView } from './views.ts';
