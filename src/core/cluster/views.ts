import type { ReplyRules } from '../mcmp/dialect.ts';
import type { ClusterDocument, DocumentNode } from '../mcmp/document.ts';
import type { DumpBalancer, DumpContext, DumpHost, DumpNode, DumpView } from '../mcmp/dump.ts';
import type { InfoContext, InfoNode, InfoVhost, InfoView } from '../mcmp/info.ts';
import { PROTOCOL_VERSION } from '../mcmp/release.ts';
import type { BalancerSettings } from '../mcmp/types.ts';
import { nodeStateOf } from './lifecycle.ts';
import {
  type AliasRecord,
  type ContextRecord,
  isUsable,
  type NodeCounters,
  type NodeRecord,
  type VhostRecord,
} from './records.ts';
import { rowsOf } from './slots.ts';
import { aliasesOf, balancersOf, type ClusterState, contextsOf, findNode, nodesOf } from './state.ts';

/** The tables as INFO, DUMP and JSON tell them, rows in slot order (reference §2.6). */

export function infoView(state: ClusterState): InfoView {
  const { replies } = state.settings.dialect;
  const nodes: InfoNode[] = [];
  for (const node of nodesOf(state)) nodes.push(infoNode(node, replies));
  const vhosts: InfoVhost[] = [];
  for (const { alias, vhost } of aliasesOf(state)) vhosts.push(infoVhost(vhost, alias, replies));
  const contexts: InfoContext[] = [];
  for (const context of contextsOf(state)) contexts.push(infoContext(context));
  return { nodes, vhosts, contexts };
}

/** The same of one node: its rows have the ids that they have in the whole. */
export function infoViewOf(state: ClusterState, route: string): InfoView {
  const node = findNode(state, route);
  if (node === undefined) return { nodes: [], vhosts: [], contexts: [] };
  const { replies } = state.settings.dialect;
  return {
    nodes: [infoNode(node, replies)],
    vhosts: node.vhosts.flatMap((vhost) => vhost.aliases.map((alias) => infoVhost(vhost, alias, replies))),
    contexts: node.vhosts.flatMap(({ contexts }) => Array.from(contexts.values(), infoContext)),
  };
}

function infoVhost(vhost: VhostRecord, alias: AliasRecord, { idColumns }: ReplyRules): InfoVhost {
  const slot = idColumns === 'owners' ? -1 : alias.id;
  return { node: vhost.node.id, vhost: vhost.number, slot, alias: alias.name };
}

function infoContext({ vhost, id, path, status }: ContextRecord): InfoContext {
  return { node: vhost.node.id, vhost: vhost.number, slot: id, path, status };
}

const NO_COUNTERS: NodeCounters = { elected: 0, readBytes: 0, transferredBytes: 0, inFlight: 0 };

function infoNode(node: NodeRecord, { infoCounters, infoShowsError }: ReplyRules): InfoNode {
  const counters = infoCounters ? node.counters : NO_COUNTERS;
  const load = infoCounters ? node.load : 0;
  return {
    id: node.id,
    name: node.route,
    balancer: node.balancer.name,
    domain: node.domain,
    host: node.host,
    port: node.port,
    type: node.type,
    flushPackets: infoCounters ? node.flushPackets : 'off',
    flushWaitMs: node.flushWaitMs,
    pingSeconds: Math.floor(node.pingMs / 1000),
    smax: node.smax,
    ttlSeconds: Math.floor(node.ttlMs / 1000),
    elected: counters.elected,
    readBytes: counters.readBytes,
    transferredBytes: counters.transferredBytes,
    connected: counters.inFlight,
    load: infoShowsError && node.inError ? -1 : load,
  };
}

export function dumpView(state: ClusterState): DumpView {
  const byOwner = state.settings.dialect.replies.idColumns === 'owners';
  const balancers: DumpBalancer[] = [];
  for (const balancer of balancersOf(state)) {
    balancers.push({
      id: balancer.id,
      name: balancer.name,
      stickySession: balancer.stickySession,
      cookie: balancer.stickySessionCookie,
      path: balancer.stickySessionPath,
      remove: balancer.stickySessionRemove,
      force: balancer.stickySessionForce,
      timeoutSeconds: balancer.waitWorkerSeconds,
      maxAttempts: balancer.maxAttempts,
    });
  }
  const nodes: DumpNode[] = [];
  for (const node of nodesOf(state)) {
    nodes.push({
      id: node.id,
      slot: byOwner ? node.balancerId : node.id,
      balancer: node.balancer.name,
      route: node.route,
      domain: node.domain,
      host: node.host,
      port: node.port,
      type: node.type,
      flushPackets: node.flushPackets,
      flushWaitMs: node.flushWaitMs,
      pingSeconds: Math.floor(node.pingMs / 1000),
      smax: node.smax,
      ttlSeconds: Math.floor(node.ttlMs / 1000),
      timeoutSeconds: Math.floor(node.timeoutMs / 1000),
    });
  }
  const hosts: DumpHost[] = [];
  for (const { alias, vhost } of aliasesOf(state)) {
    const slot = byOwner ? vhost.number : alias.id;
    hosts.push({ slot, alias: alias.name, vhost: vhost.number, node: vhost.node.id });
  }
  const contexts: DumpContext[] = [];
  for (const { id, path, vhost, status } of contextsOf(state)) {
    contexts.push({ slot: id, path, vhost: vhost.number, node: vhost.node.id, status });
  }
  return { balancers, nodes, hosts, contexts };
}

/** The document of a cluster; its strings are byte strings. */
export function clusterDocument(state: ClusterState): ClusterDocument {
  const { settings } = state;
  const balancers: ({ readonly id: number } & BalancerSettings)[] = [];
  for (const { slot, ...balancer } of balancersOf(state)) balancers.push(balancer);
  const nodes: DocumentNode[] = [];
  for (const node of rowsOf(state.nodes)) {
    const { slot, vhosts, vhostByAlias, balancerId, counters, inError, balancer, ...rest } = node;
    nodes.push({
      ...rest,
      balancer: balancer.name,
      state: nodeStateOf(node, state.buried),
      usable: isUsable(node),
      ...counters,
      vhosts: vhosts.map((vhost) => ({
        id: vhost.number,
        aliases: vhost.aliases.map((alias) => alias.name),
        contexts: [...vhost.contexts.values()].map(({ id, path, status, inFlight }) => ({
          id,
          path,
          status,
          inFlight,
        })),
      })),
    });
  }
  return {
    schemaVersion: 1,
    release: settings.dialect.replies.release,
    protocol: PROTOCOL_VERSION,
    dialect: settings.dialect.name,
    incarnationId: settings.incarnationId,
    defaultBalancer: settings.defaultBalancer,
    waitBeforeRemoveMs: settings.waitBeforeRemoveMs,
    brokenNodeTimeoutMs: settings.brokenNodeTimeoutMs,
    limits: settings.limits,
    used: {
      nodes: state.nodes.count,
      contexts: state.contexts.count,
      hosts: state.aliases.count,
      balancers: state.balancers.count,
    },
    balancers,
    nodes,
  };
}
