import type { NodeRecord } from '../core/cluster/records.ts';
import type { Clock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { type PingManners, type PingResult, pingNode } from './ping.ts';
import type { NodeTls } from './upstream-tls.ts';

interface Watch {
  readonly node: NodeRecord;
  nextCheckMs: number;
  readBytesAtCheck: number;
  lastGoodPingMs: number;
  running: Promise<PingResult> | null;
  /** The node has left the tables; requests that it has not answered are still watched over. */
  gone: boolean;
}

/** A node that was pinged well this recently is not suspected again (a slow request is not a hung node). */
const TRUST_AFTER_PING_MS = 1000;
const DEFAULT_PING_MS = 10_000;
/**
 * A STATUS makes the balancer ping (reference §5.3), and is as good a check as ours. Nodes report as often as we check, and
 * a little later each time: without some patience every idle node would be pinged twice in an interval.
 */
const PATIENCE = 1.25;

/**
 * Finds out which nodes are alive (reference §5): pings idle nodes and nodes in error at each interval, and a node at once
 * when a request to it stays silent. What it finds goes to the cluster as NODE-DOWN and NODE-UP.
 */
export class Health {
  readonly #clock: Clock;
  readonly #cluster: Cluster;
  readonly #tls: NodeTls;
  readonly #manners: PingManners;
  readonly #watches = new Map<NodeRecord, Watch>();
  intervalMs: number;
  readonly #onUnreachable: (node: NodeRecord, sinceMs: number) => void;
  #stopped = false;

  /** @param onUnreachable requests to that node which were silent since `sinceMs` wait in vain */
  constructor(
    clock: Clock,
    cluster: Cluster,
    tls: NodeTls,
    manners: PingManners,
    intervalMs: number,
    onUnreachable: (node: NodeRecord, sinceMs: number) => void,
  ) {
    this.#onUnreachable = onUnreachable;
    this.#clock = clock;
    this.#cluster = cluster;
    this.#tls = tls;
    this.#manners = manners;
    this.intervalMs = intervalMs;
  }

  watch(node: NodeRecord): void {
    // The first check comes at a moment that depends on the slot, so that a large fleet is not pinged in one burst.
    const spreadMs = ((node.slot * 997) % 1000) * (this.intervalMs / 1000);
    this.#watches.set(node, {
      node,
      nextCheckMs: this.#clock.nowMs + this.intervalMs / 2 + spreadMs,
      readBytesAtCheck: node.counters.readBytes,
      lastGoodPingMs: Number.NEGATIVE_INFINITY,
      running: null,
      gone: false,
    });
  }

  /** The node left. Whoever still waits for its answer may suspect it all the same. */
  forget(node: NodeRecord): void {
    const watch = this.#watches.get(node);
    if (watch !== undefined) watch.gone = true;
  }

  /** The node lives at another address now: what is being found out about the old one says nothing about it. */
  moved(node: NodeRecord): void {
    this.watch(node);
  }

  /** A node in error was heard of: if it is well again, it should not wait for the next check. */
  heard(node: NodeRecord): void {
    const watch = this.#watches.get(node);
    if (watch !== undefined && watch.running === null && node.inError) this.#check(watch);
  }

  stop(): void {
    this.#stopped = true;
    this.#watches.clear();
  }

  /** Pings once; callers at the same time share one ping. Changes no state. */
  ping(node: NodeRecord): Promise<PingResult> {
    const watch = this.#watches.get(node);
    if (watch?.running) return watch.running;
    const timeoutMs = node.pingMs > 0 ? node.pingMs : DEFAULT_PING_MS;
    const running = pingNode(node, timeoutMs, this.#manners, this.#tls).then((result) => {
      if (watch !== undefined) {
        watch.running = null;
        if (result.reachable) watch.lastGoodPingMs = this.#clock.nowMs;
      }
      return result;
    });
    if (watch !== undefined) watch.running = running;
    return running;
  }

  /** A request to the node is silent, or broke: find out now. */
  suspect(node: NodeRecord): void {
    const watch = this.#watches.get(node);
    if (watch === undefined || watch.running !== null) return;
    if (this.#clock.nowMs - watch.lastGoodPingMs < TRUST_AFTER_PING_MS) return;
    this.#check(watch);
  }

  /** To be called at each tick of the clock. */
  tick(): void {
    for (const [watched, watch] of this.#watches) {
      if (watch.gone) {
        if (watched.counters.inFlight === 0) this.#watches.delete(watched);
        continue;
      }
      if (this.#clock.nowMs < watch.nextCheckMs) continue;
      watch.nextCheckMs = this.#clock.nowMs + this.intervalMs;
      const { node } = watch;
      const wasIdle = node.counters.readBytes === watch.readBytesAtCheck;
      watch.readBytesAtCheck = node.counters.readBytes;
      const pingedLately = this.#clock.nowMs - watch.lastGoodPingMs < this.intervalMs * PATIENCE;
      if (node.removedAtMs === 0 && watch.running === null && (node.inError || (wasIdle && !pingedLately))) {
        this.#check(watch);
      }
    }
  }

  #check(watch: Watch): void {
    const { node } = watch;
    const startedMs = this.#clock.nowMs;
    void this.ping(node).then((result) => {
      if (this.#stopped || this.#watches.get(node) !== watch) return;
      if (result.reachable) {
        if (!watch.gone && (node.inError || node.failingSinceMs !== 0))
          this.#cluster.apply({ kind: 'NODE-UP', route: node.route }, { by: 'health' });
      } else {
        // Another node may have the route of one that is gone.
        if (!watch.gone)
          this.#cluster.apply({ kind: 'NODE-DOWN', route: node.route, reason: result.reason }, { by: 'health' });
        this.#onUnreachable(node, startedMs);
      }
    });
  }
}
