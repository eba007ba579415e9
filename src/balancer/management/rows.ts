import { nodeStateOf } from '../../core/cluster/lifecycle.ts';
import { type BalancerRecord, type ContextRecord, isUsable, type NodeRecord } from '../../core/cluster/records.ts';
import type { ClusterState } from '../../core/cluster/state.ts';
import { textOf } from '../../core/mcmp/bytes.ts';
import type { DocumentNode } from '../../core/mcmp/document.ts';
import type { BalancerSettings } from '../../core/mcmp/types.ts';
import type { Shared } from '../shared.ts';

/**
 * The rows of the tables as the JSON API tells them, in the state document and in events alike. Strings of peers are
 * decoded, times are whole milliseconds. What identifies a row is its `id`: names of other bytes may read the same.
 */

export interface NodeRow extends Omit<DocumentNode, 'vhosts'> {
  /** How long ago that was. */
  readonly lastHeardAgoMs: number;
  /** Connections to the node. */
  readonly connections: { readonly open: number; readonly idle: number };
}

export interface ContextRow {
  readonly id: number;
  readonly path: string;
  readonly status: ContextRecord['status'];
  readonly inFlight: number;
}

export interface BalancerRow extends BalancerSettings {
  readonly id: number;
}

/** A node, named by what points to it. */
export interface NodeName {
  readonly id: number;
  readonly route: string;
}

export function nodeRow({ cluster, clock, pools }: Shared, node: NodeRecord): NodeRow {
  return {
    id: node.id,
    route: textOf(node.route),
    balancer: textOf(node.balancer.name),
    domain: textOf(node.domain),
    host: textOf(node.host),
    port: textOf(node.port),
    type: textOf(node.type),
    reversed: node.reversed,
    flushPackets: node.flushPackets,
    flushWaitMs: node.flushWaitMs,
    pingMs: node.pingMs,
    smax: node.smax,
    ttlMs: node.ttlMs,
    timeoutMs: node.timeoutMs,
    load: node.load,
    state: stateOf(cluster.state, node),
    usable: isUsable(node),
    errorReason: textOf(node.errorReason),
    removedAtMs: Math.round(node.removedAtMs),
    failingSinceMs: Math.round(node.failingSinceMs),
    lastHeardMs: Math.round(node.lastHeardMs),
    lastHeardAgoMs: Math.max(0, Math.round(clock.wallMs - node.lastHeardMs)),
    ...node.counters,
    connections: pools.countsOf(node),
  };
}

export function nodeName({ id, route }: NodeRecord): NodeName {
  return { id, route: textOf(route) };
}

export function contextRow({ id, path, status, inFlight }: ContextRecord): ContextRow {
  return { id, path: textOf(path), status, inFlight };
}

export function balancerRow({ slot, ...settings }: BalancerRecord): BalancerRow {
  const { name, stickySessionCookie, stickySessionPath } = settings;
  return {
    ...settings,
    name: textOf(name),
    stickySessionCookie: textOf(stickySessionCookie),
    stickySessionPath: textOf(stickySessionPath),
  };
}

export function stateOf(state: ClusterState, node: NodeRecord): NodeRow['state'] {
  return nodeStateOf(node, state.buried);
}
