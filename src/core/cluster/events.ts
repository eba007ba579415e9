import type { AliasRecord, BalancerRecord, ContextRecord, ContextStatus, NodeRecord, VhostRecord } from './records.ts';

/** What changed in the cluster. The routing index, health, the log and the metrics live on these. */
export type ClusterEvent =
  | { readonly type: 'balancer-changed'; readonly balancer: BalancerRecord }
  | { readonly type: 'node-added'; readonly node: NodeRecord }
  /**
   * CONFIG changed settings of a known node. `moved`: its balancer or its address changed, so pools and index entries
   * made for it are stale.
   */
  | { readonly type: 'node-updated'; readonly node: NodeRecord; readonly moved: boolean }
  /** Load, error or removal mark changed: `isUsable(node)` or its place in the election may differ. */
  | { readonly type: 'node-state'; readonly node: NodeRecord; readonly reason: string }
  /** The row is free again; its contexts are gone before this is said. */
  | { readonly type: 'node-removed'; readonly node: NodeRecord; readonly reason: string }
  | { readonly type: 'alias-added'; readonly vhost: VhostRecord; readonly alias: AliasRecord }
  | { readonly type: 'alias-removed'; readonly vhost: VhostRecord; readonly alias: AliasRecord }
  | { readonly type: 'context-added'; readonly context: ContextRecord }
  | { readonly type: 'context-changed'; readonly context: ContextRecord; readonly from: ContextStatus }
  | { readonly type: 'context-removed'; readonly context: ContextRecord };
