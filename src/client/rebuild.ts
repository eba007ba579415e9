import type { BalancerRecord, NodeRecord, VhostRecord } from '../core/cluster/records.ts';
import { createRoutingIndex, type RoutingIndex } from '../core/routing/index.ts';
import type { RoutingRules } from '../core/routing/rules.ts';
import type { ClusterView, ViewBalancer, ViewNode } from './view.ts';

export interface RebuildOptions {
  readonly rules: RoutingRules;
  readonly useAlias: boolean;
}

/**
 * Makes a routing index of what a balancer told about itself, so that its decisions can be explained from outside. The
 * index starts at the beginning of an election interval: how many requests each node got in the running one is not told.
 */
export function rebuildRouting(view: ClusterView, options: RebuildOptions): RoutingIndex {
  const index = createRoutingIndex({ ...options, sessionCookie: '' });
  const balancers = new Map(view.balancers.map((balancer, slot) => [balancer.name, balancerRow(balancer, slot)]));
  let contextSlot = 0;
  let aliasSlot = 0;
  view.nodes.forEach((told, slot) => {
    const balancer = balancers.get(told.balancer);
    if (balancer === undefined) return;
    const node = nodeRow(told, slot, balancer);
    index.observe({ type: 'node-added', node }, 0);
    told.vhosts.forEach(({ aliases, contexts }, position) => {
      const vhost: VhostRecord = { node, number: position + 1, aliases: [], contexts: new Map() };
      node.vhosts.push(vhost);
      for (const name of aliases) {
        const slot = aliasSlot++;
        const alias = { slot, id: slot, name };
        vhost.aliases.push(alias);
        index.observe({ type: 'alias-added', vhost, alias }, 0);
      }
      for (const { path, status } of contexts) {
        const slot = contextSlot++;
        const context = { slot, id: slot, vhost, path, status, inFlight: 0 };
        vhost.contexts.set(path, context);
        index.observe({ type: 'context-added', context }, 0);
      }
    });
  });
  return index;
}

function balancerRow(told: ViewBalancer, slot: number): BalancerRecord {
  return {
    slot,
    id: slot,
    name: told.name,
    stickySession: told.stickySession,
    stickySessionCookie: told.cookie,
    stickySessionPath: told.path,
    stickySessionRemove: told.remove,
    stickySessionForce: told.force,
    waitWorkerSeconds: told.timeoutSeconds,
    maxAttempts: told.maxAttempts,
  };
}

function nodeRow(told: ViewNode, slot: number, balancer: BalancerRecord): NodeRecord {
  return {
    slot,
    id: slot,
    route: told.name,
    balancer,
    domain: told.domain,
    host: told.host,
    port: told.port,
    type: told.type,
    reversed: false,
    flushPackets: told.flushPackets,
    flushWaitMs: told.flushWaitMs,
    pingMs: told.pingSeconds * 1000,
    smax: told.smax,
    ttlMs: told.ttlSeconds * 1000,
    timeoutMs: 0,
    load: told.load,
    inError: told.told?.state === 'error',
    errorReason: told.told?.errorReason ?? '',
    removedAtMs: told.told?.state === 'removing' || told.told?.state === 'buried' ? 1 : 0,
    lastHeardMs: 0,
    failingSinceMs: 0,
    vhosts: [],
    counters: {
      elected: told.elected,
      readBytes: told.readBytes,
      transferredBytes: told.transferredBytes,
      inFlight: told.connected,
    },
  };
}
