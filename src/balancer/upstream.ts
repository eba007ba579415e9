import { CPING, CPONG } from '../core/ajp/index.ts';
import type { NodeRecord } from '../core/cluster/records.ts';
import { isEncryptedType } from '../core/mcmp/connector-types.ts';
import type { Clock } from './clock.ts';
import { type ConnectionTarget, SocketWire } from './socket-wire.ts';
import { addressOf, protocolOf } from './transports.ts';
import { KnownSession, type NodeTls } from './upstream-tls.ts';
import type { Wire, WireHandler } from './wire.ts';

/** Whoever uses an upstream connection at the moment: one exchange, from its request to the end of its response. */
export interface UpstreamUser {
  /** Requests can be sent from now on. */
  onUpstreamReady(): void;
  /** A kept connection cannot be used any more, although it still stands. @param words what is wrong with it */
  onUpstreamStale(words: string): void;
  onUpstreamBytes(buffer: Buffer, length: number): void;
  onUpstreamDrained(): void;
  onUpstreamEnd(): void;
  onUpstreamClosed(error: Error | null): void;
}

/** One connection to a node. It carries one request at a time. */
export class Upstream implements WireHandler {
  readonly pool: NodePool;
  readonly wire: Wire;
  user: UpstreamUser | null = null;
  /** Requests it was given before the current one. */
  served = 0;
  idleSinceMs = 0;
  /** The connection stands, and the node said that it is there if it was asked. */
  ready = false;
  /** It serves the request that it has, and then no other. */
  isLast = false;
  /** Bytes of the answer that came so far; -1: nothing was asked. */
  #pongBytes = -1;

  constructor(pool: NodePool) {
    this.pool = pool;
    this.wire = SocketWire.open(this, pool.target());
  }

  onConnected(): void {
    this.ready = true;
    this.user?.onUpstreamReady();
  }

  /** Asks the node whether it is there, and still knows this connection, before anything is lost on it. */
  ask(): void {
    this.ready = false;
    this.#pongBytes = 0;
    this.wire.write(CPING);
  }

  /** Bytes were written. */
  countSent(bytes: number): void {
    this.pool.node.counters.transferredBytes += bytes;
  }

  onBytes(buffer: Buffer, length: number): void {
    // Bytes that nobody asked for would be taken for the answer to the next request (response-queue poisoning).
    if (this.user === null) this.discard();
    else if (this.#pongBytes >= 0) this.#readPong(buffer, length);
    else this.user.onUpstreamBytes(buffer, length);
  }

  /** CPONG and nothing else: other bytes belong to an answer that nobody waits for any more (CVE-2022-1319). */
  #readPong(buffer: Buffer, length: number): void {
    const expected = CPONG.subarray(this.#pongBytes, this.#pongBytes + length);
    if (!expected.equals(buffer.subarray(0, length))) {
      this.user?.onUpstreamStale('answered something else than CPONG to CPING');
      return;
    }
    this.#pongBytes += length;
    if (this.#pongBytes < CPONG.length) return;
    this.#pongBytes = -1;
    this.ready = true;
    this.user?.onUpstreamReady();
  }

  onDrained(): void {
    this.user?.onUpstreamDrained();
  }

  onEnd(): void {
    if (this.user !== null) {
      this.user.onUpstreamEnd();
      return;
    }
    this.pool.closedByNode(this);
    this.discard();
  }

  onClosed(error: Error | null): void {
    this.pool.closedByNode(this);
    this.pool.forget(this);
    const user = this.user;
    this.user = null;
    user?.onUpstreamClosed(error);
  }

  onFault(error: unknown): void {
    this.pool.onFault(error);
  }

  /** Closes the connection without telling its user. */
  discard(): void {
    this.user = null;
    this.pool.forget(this);
    this.wire.destroy();
  }
}

/** Below this idle time, a connection is trusted: with http, also with a request that must not be sent twice. */
const FRESH_ENOUGH_MS = 1000;

/** The kept connections of one node, last used first. */
export class NodePool {
  readonly node: NodeRecord;
  readonly onFault: (error: unknown) => void;
  readonly #clock: Clock;
  /** The protocol has a question for "are you there?". */
  readonly asks: boolean;
  readonly #idle: Upstream[] = [];
  readonly #open = new Set<Upstream>();
  /** Shortest idle time after which this node was seen to close a connection. */
  #observedIdleLimitMs = Number.POSITIVE_INFINITY;
  readonly #tls: NodeTls;
  readonly #session = new KnownSession();
  #retired = false;

  constructor(node: NodeRecord, clock: Clock, tls: NodeTls, onFault: (error: unknown) => void) {
    this.node = node;
    this.asks = protocolOf(node) === 'ajp';
    this.#clock = clock;
    this.#tls = tls;
    this.onFault = onFault;
  }

  /** Where the next connection goes to. */
  target(): ConnectionTarget {
    const { node } = this;
    const address = addressOf(node);
    const tls = isEncryptedType(node.type) ? this.#tls.target(address.host, this.#session, this.#clock.nowMs) : null;
    return { ...address, tls };
  }

  /** The node left, or lives elsewhere: what happens to these connections says nothing about it. */
  get retired(): boolean {
    return this.#retired;
  }

  get openCount(): number {
    return this.#open.size;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /**
   * @param repeatable whether the request may be sent again if the node has just closed the connection; others get a
   * connection that was used a moment ago, or a new one. Nodes that speak AJP can be asked first whether they still know the
   * connection, which makes any of them fit for any request
   * @param fresh insist on a new connection
   */
  take(repeatable: boolean, fresh: boolean): Upstream {
    if (!fresh) {
      const limitMs = Math.min(
        this.#observedIdleLimitMs * 0.9,
        repeatable || this.asks ? Number.POSITIVE_INFINITY : FRESH_ENOUGH_MS,
      );
      const upstream = this.#idle.at(-1);
      const idleMs = upstream === undefined ? Number.POSITIVE_INFINITY : this.#clock.nowMs - upstream.idleSinceMs;
      if (upstream !== undefined && idleMs <= limitMs) {
        this.#idle.pop();
        upstream.served++;
        if (this.asks && (idleMs > FRESH_ENOUGH_MS || !repeatable)) upstream.ask();
        return upstream;
      }
    }
    const upstream = new Upstream(this);
    this.#open.add(upstream);
    return upstream;
  }

  /** Takes a connection back whose response is complete. */
  release(upstream: Upstream, keepAliveSeconds: number): void {
    upstream.user = null;
    if (this.#retired || upstream.isLast || upstream.wire.destroyed) {
      upstream.discard();
      return;
    }
    if (keepAliveSeconds >= 0) {
      this.#observedIdleLimitMs = Math.min(this.#observedIdleLimitMs, Math.max(1, keepAliveSeconds) * 1000);
    }
    upstream.wire.relax();
    // A slow client may have paused it, and whoever gets it next would wait for an answer that nobody reads.
    upstream.wire.resume();
    upstream.idleSinceMs = this.#clock.nowMs;
    this.#idle.push(upstream);
  }

  forget(upstream: Upstream): void {
    if (!this.#open.delete(upstream)) return;
    const index = this.#idle.indexOf(upstream);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  /** The node ended a connection; when that was an idle one, this tells how long the node keeps them. */
  closedByNode(upstream: Upstream): void {
    if (!this.#idle.includes(upstream)) return;
    const idleMs = this.#clock.nowMs - upstream.idleSinceMs;
    // Shorter than a second is a restart or a full server, not a time-out to learn from.
    if (idleMs > FRESH_ENOUGH_MS) this.#observedIdleLimitMs = Math.min(this.#observedIdleLimitMs, idleMs);
  }

  /** Closes what was idle for longer than `ttl`, except the `smax` that the node wants to keep (reference §2.1). */
  sweep(): void {
    const keep = Math.max(0, this.node.smax);
    while (this.#idle.length > keep) {
      const oldest = this.#idle[0];
      if (oldest === undefined || this.#clock.nowMs - oldest.idleSinceMs < this.node.ttlMs) return;
      oldest.discard();
    }
  }

  /** The node is gone or moved: idle connections close now, busy ones when their response is complete. */
  retire(): void {
    this.#retired = true;
    this.renew();
  }

  /** No connection that stands serves another request: idle ones close now, busy ones when their response is complete. */
  renew(): void {
    for (const upstream of [...this.#idle]) upstream.discard();
    for (const upstream of this.#open) upstream.isLast = true;
  }

  /** Closes everything at once. */
  destroy(): void {
    this.#retired = true;
    for (const upstream of [...this.#open]) upstream.wire.destroy();
  }
}

/** The pools of all nodes. */
export class UpstreamPools {
  readonly #clock: Clock;
  readonly #tls: NodeTls;
  readonly #onFault: (error: unknown) => void;
  readonly #pools = new Map<NodeRecord, NodePool>();

  /** @param onFault told of exceptions that should not happen */
  constructor(clock: Clock, tls: NodeTls, onFault: (error: unknown) => void) {
    this.#clock = clock;
    this.#tls = tls;
    this.#onFault = onFault;
  }

  of(node: NodeRecord): NodePool {
    let pool = this.#pools.get(node);
    if (pool === undefined) {
      pool = new NodePool(node, this.#clock, this.#tls, this.#onFault);
      this.#pools.set(node, pool);
    }
    return pool;
  }

  /** The connections of a node: how many there are, and how many of them wait for a request. */
  countsOf(node: NodeRecord): { readonly open: number; readonly idle: number } {
    const pool = this.#pools.get(node);
    return { open: pool?.openCount ?? 0, idle: pool?.idleCount ?? 0 };
  }

  /** The node left, or lives at another address now. */
  retire(node: NodeRecord): void {
    this.#pools.get(node)?.retire();
    this.#pools.delete(node);
  }

  sweep(): void {
    for (const pool of this.#pools.values()) pool.sweep();
  }

  /** What was found out about the connections that stand, such as that their nodes trust them, holds no longer. */
  renew(): void {
    for (const pool of this.#pools.values()) pool.renew();
  }

  destroy(): void {
    for (const pool of this.#pools.values()) pool.destroy();
    this.#pools.clear();
  }
}
