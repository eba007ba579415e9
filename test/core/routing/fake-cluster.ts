import type { ClusterEvent } from '../../../src/core/cluster/events.ts';
import type {
  AliasRecord,
  BalancerRecord,
  ContextRecord,
  ContextStatus,
  NodeRecord,
  VhostRecord,
} from '../../../src/core/cluster/records.ts';
import { HTTPD2_DIALECT, MCMP_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import type { Decision, RouteRequest, RoutingIndex, RoutingIndexOptions } from '../../../src/core/routing/index.ts';
import { createDecision, createRoutingIndex } from '../../../src/core/routing/index.ts';
import type { RoutingRules } from '../../../src/core/routing/rules.ts';

/** The rules of the default dialect as far as routing goes, and of httpd's. */
export const OWN_RULES: RoutingRules = MCMP_DIALECT.routing;
export const HTTPD_RULES: RoutingRules = HTTPD2_DIALECT.routing;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Cluster tables made by hand: each call changes the records as the cluster machine would and tells a routing index, so
 * that routing is tested without the machine.
 */
export class FakeCluster {
  readonly index: RoutingIndex;
  readonly nodes: NodeRecord[] = [];
  readonly balancers: BalancerRecord[] = [];
  now = 1_000;
  #contextSlots = 0;
  #aliasSlots = 0;

  constructor(options: Partial<RoutingIndexOptions> = {}) {
    this.index = createRoutingIndex({ useAlias: false, rules: OWN_RULES, sessionCookie: '', ...options });
  }

  tell(event: ClusterEvent): void {
    this.index.observe(event, this.now);
  }

  balancer(name: string, settings: Partial<Mutable<BalancerRecord>> = {}): BalancerRecord {
    let balancer = this.balancers.find((each) => each.name === name);
    if (balancer === undefined) {
      balancer = {
        slot: this.balancers.length,
        id: this.balancers.length,
        name,
        stickySession: true,
        stickySessionCookie: 'JSESSIONID',
        stickySessionPath: 'jsessionid',
        stickySessionRemove: false,
        stickySessionForce: true,
        waitWorkerSeconds: 0,
        maxAttempts: 1,
      };
      this.balancers.push(balancer);
    }
    Object.assign(balancer, settings);
    this.tell({ type: 'balancer-changed', balancer });
    return balancer;
  }

  node(route: string, settings: { load?: number; domain?: string; balancer?: string } = {}): NodeRecord {
    const used = new Set(this.nodes.map((each) => each.slot));
    let slot = 0;
    while (used.has(slot)) slot++;
    const node: NodeRecord = {
      slot,
      id: slot,
      route,
      balancer: this.balancer(settings.balancer ?? 'mycluster'),
      domain: settings.domain ?? '',
      host: 'localhost',
      port: '8080',
      type: 'http',
      reversed: false,
      flushPackets: 'off',
      flushWaitMs: 10,
      pingMs: 10_000,
      smax: -1,
      ttlMs: 60_000,
      timeoutMs: 0,
      load: settings.load ?? 100,
      inError: false,
      errorReason: '',
      removedAtMs: 0,
      lastHeardMs: this.now,
      failingSinceMs: 0,
      vhosts: [],
      counters: { elected: 0, readBytes: 0, transferredBytes: 0, inFlight: 0 },
    };
    this.nodes.push(node);
    this.tell({ type: 'node-added', node });
    return node;
  }

  /** Changes fields of a node and says so. */
  change(node: NodeRecord, fields: Partial<Mutable<NodeRecord>>): void {
    const moved = fields.balancer !== undefined;
    Object.assign(node, fields);
    if (moved || fields.route !== undefined || fields.domain !== undefined) {
      this.tell({ type: 'node-updated', node, moved });
    } else {
      this.tell({ type: 'node-state', node, reason: 'a test said so' });
    }
  }

  vhost(node: NodeRecord, ...names: string[]): VhostRecord {
    const vhost: VhostRecord = { node, number: node.vhosts.length + 1, aliases: [], contexts: new Map() };
    node.vhosts.push(vhost);
    for (const name of names) this.alias(vhost, name);
    return vhost;
  }

  alias(vhost: VhostRecord, name: string): AliasRecord {
    const slot = this.#aliasSlots++;
    const alias: AliasRecord = { slot, id: slot, name };
    vhost.aliases.push(alias);
    this.tell({ type: 'alias-added', vhost, alias });
    return alias;
  }

  removeAlias(vhost: VhostRecord, alias: AliasRecord): void {
    vhost.aliases.splice(vhost.aliases.indexOf(alias), 1);
    this.tell({ type: 'alias-removed', vhost, alias });
  }

  /** Sets a context of a virtual host, or of the node's first one. */
  context(owner: NodeRecord | VhostRecord, path: string, status: ContextStatus = 'ENABLED'): ContextRecord {
    const vhost = 'contexts' in owner ? owner : (owner.vhosts[0] ?? this.vhost(owner, 'localhost'));
    const known = vhost.contexts.get(path);
    if (known !== undefined) {
      const from = known.status;
      known.status = status;
      this.tell({ type: 'context-changed', context: known, from });
      return known;
    }
    const slot = this.#contextSlots++;
    const context: ContextRecord = { slot, id: slot, vhost, path, status, inFlight: 0 };
    vhost.contexts.set(path, context);
    this.tell({ type: 'context-added', context });
    return context;
  }

  removeContext(context: ContextRecord): void {
    context.vhost.contexts.delete(context.path);
    this.tell({ type: 'context-removed', context });
  }

  removeNode(node: NodeRecord): void {
    for (const vhost of [...node.vhosts]) {
      for (const context of [...vhost.contexts.values()]) this.removeContext(context);
      for (const alias of [...vhost.aliases]) this.removeAlias(vhost, alias);
    }
    node.vhosts.length = 0;
    this.nodes.splice(this.nodes.indexOf(node), 1);
    this.tell({ type: 'node-removed', node, reason: 'a test said so' });
  }

  /** Routes one request into a decision of its own. */
  ask(target: string, request: Partial<RouteRequest> = {}): Decision {
    const decision = createDecision();
    const chosen = this.index.route({ target, host: '', cookie: '', excluded: [], ...request }, decision, this.now);
    if (chosen !== (decision.node !== null)) throw new Error('route() and its decision disagree');
    return decision;
  }

  /** The route of the chosen node, or the reason why there is none. */
  where(target: string, request: Partial<RouteRequest> = {}): string {
    const decision = this.ask(target, request);
    return decision.node === null ? decision.reason : decision.node.route;
  }

  /** How many of `count` equal requests each node gets. */
  spread(count: number, target: string, request: Partial<RouteRequest> = {}): Map<string, number> {
    const shares = new Map<string, number>();
    for (let sent = 0; sent < count; sent++) {
      const to = this.where(target, request);
      shares.set(to, (shares.get(to) ?? 0) + 1);
    }
    return shares;
  }
}
