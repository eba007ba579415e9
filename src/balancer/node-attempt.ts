import type { ContextRecord, NodeRecord } from '../core/cluster/records.ts';
import { logRefusal } from './ajp/refusals.ts';
import { type Blame, isSafe } from './attempts.ts';
import { connectionFailureInWords } from './connection-failure.ts';
import type { Shared } from './shared.ts';
import { addressOf } from './transports.ts';
import type { NodePool, Upstream, UpstreamUser } from './upstream.ts';

/** A request's stay with one node: which one, over which connection, and since when the node is silent. Used again. */
export class NodeAttempt {
  node: NodeRecord | null = null;
  context: ContextRecord | null = null;
  upstream: Upstream | null = null;
  /** The connection served requests before: the node may have closed it just now. */
  reused = false;
  /** Last time the node took or sent bytes. */
  progressMs = 0;
  /** Where the connection came from. */
  #pool: NodePool | null = null;

  /** A node was chosen: the request is in flight there until `leave`. */
  begin(node: NodeRecord, context: ContextRecord): void {
    this.node = node;
    this.context = context;
    node.counters.inFlight++;
    context.inFlight++;
  }

  /** @param fresh insist on a new connection */
  connect(shared: Shared, user: UpstreamUser, node: NodeRecord, method: string, fresh: boolean): Upstream {
    const pool = shared.pools.of(node);
    const upstream = pool.take(isSafe(method), fresh);
    this.#pool = pool;
    upstream.user = user;
    this.upstream = upstream;
    this.reused = upstream.served > 0;
    this.progressMs = shared.clock.nowMs;
    return upstream;
  }

  /** The node has left or moved meanwhile: the address of this attempt is not where it lives any more. */
  get isElsewhere(): boolean {
    return this.#pool?.retired === true;
  }

  /** The node ended an encrypted connection without the words for it: what it sent may not be all. */
  get endUnsaid(): boolean {
    return this.upstream?.wire.endUnsaid === true;
  }

  /** Says what a failure says about the node. @param words for the log and the tables */
  blame(shared: Shared, blame: Blame, words: string): void {
    const { node } = this;
    if (node === null) return;
    if (blame === 'suspect') shared.health.suspect(node);
    else if (blame === 'distrust') logRefusal(shared, node);
    else if (blame === 'down' && !this.isElsewhere) {
      shared.cluster.apply({ kind: 'NODE-DOWN', route: node.route, reason: words }, { by: 'traffic' });
    }
  }

  /** How the connection ended, with the address it went to. @param error null when it was closed in an orderly way */
  lossInWords(error: Error | null): string {
    if (error === null || this.node === null) return 'closed the connection';
    const { host, port } = addressOf(this.node);
    return connectionFailureInWords(error, host, port);
  }

  received(bytes: number, nowMs: number): void {
    if (this.node !== null) this.node.counters.readBytes += bytes;
    this.progressMs = nowMs;
  }

  /**
   * Ends the work with the node: counters and connection.
   * @param reusable the connection may serve another request
   */
  leave(reusable: boolean, keepAliveSeconds: number): void {
    const { node, context, upstream } = this;
    if (node !== null && context !== null) {
      node.counters.inFlight--;
      context.inFlight--;
    }
    this.node = null;
    this.context = null;
    this.upstream = null;
    this.#pool = null;
    if (upstream === null) return;
    if (reusable) upstream.pool.release(upstream, keepAliveSeconds);
    else upstream.discard();
  }
}
