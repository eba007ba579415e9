import { addressRule } from '../core/access.ts';
import { McmpError } from '../core/errors.ts';
import { createRoutingIndex } from '../core/routing/index.ts';
import { openAccessLog } from '../observe/access-log/access-log.ts';
import type { Log } from '../observe/types.ts';
import type { ClientConnection } from './client-connection.ts';
import { type Clock, startClock } from './clock.ts';
import { Cluster } from './cluster.ts';
import { bindings } from './front/bindings.ts';
import { createEncryption, type Encryption, sameEncryption } from './front/encryption.ts';
import { type Listener, openListener } from './front/listener.ts';
import { Health } from './health.ts';
import { createHttp2Counts } from './http2/counts.ts';
import type { Http2ClientSession } from './http2/session.ts';
import { AnswerBounds } from './management/answer-bounds.ts';
import { createRouteOwners } from './management/route-owners.ts';
import { createRoutes } from './management/routes.ts';
import { createMessageJournal } from './message-journal.ts';
import { type BalancerOptions, MAX_HEADER_LINES } from './options.ts';
import type { BalancerAddresses, Shared } from './shared.ts';
import { Traffic } from './traffic/traffic.ts';
import { isServed, notServed } from './transports.ts';
import { UpstreamPools } from './upstream.ts';
import { NodeTls } from './upstream-tls.ts';

export { type BalancerOptions, DEFAULT_OPTIONS } from './options.ts';

/** A running balancer. */
export interface Balancer {
  readonly addresses: BalancerAddresses;
  /** Takes nothing new, lets what runs finish (at most `shutdownTimeoutMs`), closes. */
  close(): Promise<void>;
  /** Ends at once, in the middle of whatever runs. */
  closeNow(): void;
  /**
   * Takes over what can change while running.
   * @returns names of changed settings that need a restart, spelled as in `BalancerOptions`
   */
  reload(options: BalancerOptions): readonly (keyof BalancerOptions)[];
}

/** Settings that `reload` changes; the state machine and the listeners keep what they were started with. */
const RELOADABLE: ReadonlySet<keyof BalancerOptions> = new Set([
  'mcmpAllow',
  'mcmpHosts',
  'pingIntervalMs',
  'maxMessageBytes',
  'headerTimeoutMs',
  'idleTimeoutMs',
  'requestTimeoutMs',
  'upstreamTimeoutMs',
  'upstreamTls',
  'shutdownTimeoutMs',
  'maxConnections',
  'maxHeadBytes',
  'forwardedHeaders',
  'h2c',
  'via',
  'trustProxy',
  'proxyProtocolFrom',
  'ajpSecret',
  'ajpPacketBytes',
  'token',
  'legacyManagerGet',
  'readyWhen',
]);

/** Reloadable as long as the same addresses speak TLS. */
const CERTIFICATES: ReadonlySet<keyof BalancerOptions> = new Set(['listenTls', 'mcmpTls']);

/**
 * Starts a balancer and resolves when all its listeners listen.
 *
 * @throws McmpError when an address cannot be listened on, or an option makes no sense; nothing is left open then
 */
export async function startBalancer(options: BalancerOptions, { log }: { log: Log }): Promise<Balancer> {
  const wanted = bindings(options);
  const encryption = createEncryption(options);
  const clock = startClock();
  const shared = createShared(options, encryption, log, clock);
  const listeners: Listener[] = [];
  const end = (): void => {
    clock.stop();
    shared.health.stop();
    for (const client of [...shared.clients]) {
      client.currentExchange?.onBalancerStopped();
      client.abort();
    }
    for (const session of [...shared.http2.sessions]) session.destroy();
    for (const socket of [...shared.arriving.web, ...shared.arriving.mcmp]) socket.destroy();
    shared.pools.destroy();
  };
  try {
    const { accessLog } = options;
    if (accessLog !== undefined) {
      shared.accessLog = await openAccessLog({ ...accessLog, log, stdout: process.stdout });
    }
    for (const binding of wanted) {
      const listener = await openListener(shared, binding);
      listeners.push(listener);
      shared.ownPorts.add(Number(listener.address.slice(listener.address.lastIndexOf(':') + 1)));
    }
  } catch (error) {
    for (const listener of listeners) listener.close();
    end();
    await shared.accessLog?.close();
    throw error;
  }
  const encrypted = listeners.filter((listener) => listener.encrypted !== null).map(({ address }) => address);
  shared.addresses = {
    listen: listeners.filter(({ role }) => role.traffic).map(({ address }) => address),
    mcmp: listeners.filter(({ role }) => role.mcmp).map(({ address }) => address),
    ...(encrypted.length === 0 ? {} : { encrypted }),
  };
  return {
    addresses: shared.addresses,
    async close() {
      shared.closing = true;
      const deadlineMs = performance.now() + shared.options.shutdownTimeoutMs;
      // Whoever asks meanwhile is told that the balancer stops: an address for MCMP alone stays open until nothing runs.
      for (const isTraffic of [true, false]) {
        for (const { role, close } of listeners) if (role.traffic === isTraffic) close();
        const ofThese = (): ClientConnection[] => [...shared.clients].filter(({ role }) => role.traffic === isTraffic);
        for (const client of ofThese()) client.closeWhenIdle();
        const sessions = (): Http2ClientSession[] =>
          [...shared.http2.sessions].filter(({ role }) => role.traffic === isTraffic);
        for (const session of sessions()) session.closeWhenIdle();
        await noneLeft(() => ofThese().length + sessions().length, deadlineMs);
      }
      end();
      await shared.accessLog?.close();
    },
    closeNow() {
      shared.closing = true;
      for (const listener of listeners) listener.close();
      end();
      void shared.accessLog?.close();
    },
    reload(next) {
      return reload(shared, next);
    },
  };
}

function createShared(options: BalancerOptions, encryption: Encryption, log: Log, clock: Clock): Shared {
  const onFault = (error: unknown): void =>
    log.error('A bug of this program broke one connection; please report it', {
      problem: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  const nodeTls = new NodeTls(options.upstreamTls);
  const pools = new UpstreamPools(clock, nodeTls, onFault);
  const clients: Shared['clients'] = new Set();
  const cluster = new Cluster(options, log, clock);
  const { dialect } = cluster;
  const routing = createRoutingIndex({
    useAlias: options.useAlias,
    rules: dialect.routing,
    sessionCookie: options.sessionCookie,
  });
  const health = new Health(clock, cluster, nodeTls, dialect.ping, options.pingIntervalMs, (node, sinceMs) => {
    for (const client of clients) {
      const exchange = client.currentExchange;
      if (exchange?.node === node) exchange.onNodeDown(sinceMs);
    }
  });
  const traffic = new Traffic({ nodes: options.metricsNodes, contexts: options.metricsContexts });
  cluster.observe((event) => {
    routing.observe(event, clock.wallMs);
    traffic.observe(event);
    if (event.type === 'node-added') {
      health.watch(event.node);
      // Until its first ping a node counts as well; one that cannot be served must not be chosen before that.
      if (!isServed(event.node)) {
        const reason = notServed(event.node);
        cluster.apply({ kind: 'NODE-DOWN', route: event.node.route, reason }, { by: 'balancer' });
      }
    } else if (event.type === 'node-removed') {
      health.forget(event.node);
      pools.retire(event.node);
    } else if (event.type === 'node-updated' && event.moved) {
      pools.retire(event.node);
      health.moved(event.node);
    } else if (event.type === 'context-added' || event.type === 'context-changed') {
      // A server that registers while it boots is pinged before its connector is open, and says ENABLE-APP when it is.
      if (event.context.status === 'ENABLED') health.heard(event.context.vhost.node);
    }
  });
  const shared: Shared = {
    options,
    headLimits: { maxHeadBytes: options.maxHeadBytes, maxHeaderLines: MAX_HEADER_LINES },
    mcmpAllowed: checkedRule('mcmp-allow', options.mcmpAllow),
    trustedProxy: checkedRule('trust-proxy', options.trustProxy),
    proxies: checkedRule('proxy-protocol', options.proxyProtocolFrom),
    log,
    clock,
    cluster,
    routing,
    pools,
    nodeTls,
    health,
    messages: createMessageJournal(cluster, log),
    routeOwners: createRouteOwners(options.mcmpRouteOwner, cluster, log),
    traffic,
    accessLog: null,
    routes: new Map(),
    answerBounds: new AnswerBounds(),
    startedMs: clock.nowMs,
    clients,
    managementClients: 0,
    arriving: { web: new Set(), mcmp: new Set() },
    toldOfProxyHeaderAtMs: Number.NEGATIVE_INFINITY,
    toldOfProxyStrangerAtMs: Number.NEGATIVE_INFINITY,
    toldOfTlsAtMs: { web: Number.NEGATIVE_INFINITY, mcmp: Number.NEGATIVE_INFINITY },
    encryption,
    http2: { sessions: new Set(), counts: createHttp2Counts() },
    spareExchanges: [],
    ownPorts: new Set(),
    addresses: { listen: [], mcmp: [] },
    onFault,
    closing: false,
  };
  shared.routes = createRoutes(shared);
  let recalculateAtMs = clock.nowMs + options.recalcIntervalMs;
  clock.onTick(() => {
    cluster.apply({ kind: 'TICK' }, { by: 'clock' });
    if (clock.nowMs >= recalculateAtMs) {
      recalculateAtMs = clock.nowMs + options.recalcIntervalMs;
      routing.recalculate(clock.wallMs);
    }
    pools.sweep();
    health.tick();
    for (const client of clients) client.guardedTick();
    for (const session of shared.http2.sessions) session.tick();
    shared.accessLog?.flush();
  });
  return shared;
}

function checkedRule(flag: string, ranges: readonly string[]): (address: string | undefined) => boolean {
  try {
    return addressRule(ranges);
  } catch (error) {
    const why = error instanceof RangeError ? error.message : String(error);
    throw new McmpError('usage', 'MCMP_BAD_RANGE', `--${flag}: ${why}`, {
      hint: `Give addresses or CIDR ranges, separated by commas: --${flag} 127.0.0.1,10.1.0.0/16`,
    });
  }
}

function reload(shared: Shared, next: BalancerOptions): (keyof BalancerOptions)[] {
  const mcmpAllowed = checkedRule('mcmp-allow', next.mcmpAllow);
  const trustedProxy = checkedRule('trust-proxy', next.trustProxy);
  const proxies = checkedRule('proxy-protocol', next.proxyProtocolFrom);
  const before = shared.options;
  // The listeners stay: whether one speaks TLS was settled when it was opened, with which certificates is not.
  const sameListeners = sameEncryption(before, next);
  const encryption = sameListeners ? createEncryption(next) : shared.encryption;
  // The last that may refuse what it is given, and the first that changes something.
  shared.nodeTls.change(next.upstreamTls);
  const names = Object.keys(next).filter((name): name is keyof BalancerOptions => Object.hasOwn(before, name));
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(next[name]));
  if (changed.includes('ajpSecret')) shared.pools.renew();
  const fixed = changed.filter((name) => !RELOADABLE.has(name) && !(sameListeners && CERTIFICATES.has(name)));
  const kept = Object.fromEntries(fixed.map((name) => [name, before[name]]));
  shared.options = { ...next, ...kept };
  shared.headLimits = { maxHeadBytes: next.maxHeadBytes, maxHeaderLines: MAX_HEADER_LINES };
  shared.mcmpAllowed = mcmpAllowed;
  shared.trustedProxy = trustedProxy;
  shared.proxies = proxies;
  shared.encryption = encryption;
  shared.health.intervalMs = next.pingIntervalMs;
  void shared.accessLog?.reopen();
  return fixed;
}

/** Resolves when none is left, or the time is over. @param deadlineMs as `performance.now()` */
function noneLeft(count: () => number, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (count() > 0 && performance.now() < deadlineMs) return;
      clearInterval(timer);
      resolve();
    };
    const timer = setInterval(check, 10);
    check();
  });
}
