import { Cluster } from '../../../src/balancer/cluster.ts';
import type { BalancerOptions } from '../../../src/balancer/index.ts';
import type { PageState, Seen } from '../../../src/balancer/management/page/render-page.ts';
import type { AppCommandName, BalancerSettings, NodeSettings } from '../../../src/core/mcmp/types.ts';
import { TEST_OPTIONS } from '../../support/balancer.ts';

/** What the page sees of a balancer, without one that runs: strings go in as they are, unread by any parser. */

export const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

const SILENT = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

export function seenCluster(options: Partial<BalancerOptions> = {}): Seen & { readonly cluster: Cluster } {
  const all = { ...TEST_OPTIONS, limits: { maxNodes: 20_000, maxContexts: 20_000, maxHosts: 20_000 }, ...options };
  const clock = {
    nowMs: 90_000_000,
    wallMs: NOW_MS,
    httpDate: '',
    refresh: () => {},
    onTick: () => {},
    stop: () => {},
  };
  return { cluster: new Cluster(all, SILENT, clock), options: all, clock, startedMs: 0, routes: new Map() };
}

export const LOOK: PageState = {
  view: { filter: '', page: 1, refreshSeconds: 0 },
  notice: undefined,
  mayChange: true,
  formToken: 'form-token',
  nonce: '',
};

const NODE: NodeSettings = {
  route: 'n1',
  domain: '',
  host: '127.0.0.1',
  port: '8080',
  type: 'http',
  reversed: false,
  flushPackets: 'off',
  flushWaitMs: 10,
  pingMs: 10_000,
  smax: -1,
  ttlMs: 60_000,
  timeoutMs: 0,
};

const BALANCER: BalancerSettings = {
  name: 'mycluster',
  stickySession: true,
  stickySessionCookie: 'JSESSIONID',
  stickySessionPath: 'jsessionid',
  stickySessionRemove: false,
  stickySessionForce: false,
  waitWorkerSeconds: 0,
  maxAttempts: 1,
};

const BY = { by: 'mcmp', peer: '127.0.0.1' } as const;
let port = 1000;

export interface Registered {
  readonly node?: Partial<NodeSettings>;
  readonly balancer?: Partial<BalancerSettings>;
  readonly aliases?: readonly string[];
  readonly contexts?: readonly string[];
  readonly load?: number;
}

/** A node that registers, enables its contexts, and reports its load. */
export function register(cluster: Cluster, route: string, registered: Registered = {}): void {
  const { node = {}, balancer = {}, aliases = ['localhost'], contexts = ['/app'], load = 100 } = registered;
  port += 1;
  const settings = { ...NODE, port: String(port), ...node, route };
  cluster.apply(
    { kind: 'CONFIG', node: settings, balancer: { ...BALANCER, ...balancer }, aliases: [], contexts: [] },
    BY,
  );
  set(cluster, 'ENABLE-APP', route, contexts, aliases);
  cluster.apply({ kind: 'STATUS', route, load, reachable: true }, BY);
}

export function set(
  cluster: Cluster,
  kind: AppCommandName,
  route: string,
  contexts: readonly string[],
  aliases: readonly string[] = ['localhost'],
): void {
  cluster.apply({ kind, route, wildcard: false, aliases, contexts }, BY);
}
