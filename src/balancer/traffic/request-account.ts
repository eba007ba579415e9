import type { ContextRecord, NodeRecord } from '../../core/cluster/records.ts';
import type { Decision, RoutingReason } from '../../core/routing/index.ts';
import type { ClientConnection } from '../client-connection.ts';
import type { Shared } from '../shared.ts';
import type { TIMED_OUT } from '../time-outs.ts';
import { describeClientAndRequest } from './access-entry.ts';
import type { Tally } from './tally.ts';
import type { Traffic } from './traffic.ts';
import type { RequestResult, RetryReason, SessionOutcome } from './types.ts';

/**
 * How a request was lost: the client was given no answer, or not the whole of one. Where an answer would have had a code of
 * its own, that is it.
 */
export type LostCode =
  | 'client-gone'
  | 'node-broke-off'
  | 'node-hung'
  | 'bad-request-body'
  | 'balancer-stopped'
  | keyof typeof TIMED_OUT;

/** The client went away, read or sent nothing for too long, or broke the framing of its body. */
const CLIENTS_DOING: ReadonlySet<string> = new Set<LostCode>(['client-gone', 'client-timeout', 'bad-request-body']);

/** Who had the last word: the node, this balancer, a tunnel, or nobody. */
export type EndedBy = 'node' | 'balancer' | 'tunnel' | 'loss';

/** What came of the session id, when a node served or began to. */
const OUTCOMES: Partial<Record<RoutingReason, SessionOutcome>> = {
  sticky: 'hit',
  'failover-domain': 'failover-domain',
  failover: 'failover',
  elected: 'no-route',
  standby: 'no-route',
};

/** What is remembered of one request, to be counted and logged when it ends. Belongs to an exchange and is used again. */
export class RequestAccount {
  /** Monotonic milliseconds, exact: the balancer's clock stands still between its ticks. */
  startedMs = 0;
  /** Connections that were tried; more than there were nodes when a kept one had just been closed. */
  #attempts = 0;
  #retry: RetryReason | null = null;
  #node: NodeRecord | null = null;
  #context: ContextRecord | null = null;
  #nodeTally: Tally | null = null;
  #contextTally: Tally | null = null;
  /** There is a log that wants to know the times between; they are 0 when not known. */
  #logged = false;
  #sentMs = 0;
  #firstByteMs = 0;

  begin(shared: Shared, decision: Decision): void {
    this.startedMs = performance.now();
    this.#attempts = 0;
    this.#retry = null;
    this.#logged = shared.accessLog !== null;
    this.#sentMs = 0;
    this.#firstByteMs = 0;
    // The decision is used again as well: that of the last request says nothing about this one.
    decision.sessionSource = 'none';
  }

  /** A node was chosen: the request counts for it from now on, however it ends. */
  chose(traffic: Traffic, reason: RoutingReason, node: NodeRecord, context: ContextRecord): void {
    traffic.decisions[reason]++;
    this.#node = node;
    this.#context = context;
    this.#nodeTally = traffic.nodeRows.of(node);
    this.#contextTally = traffic.contextRows.of(context);
  }

  /** The last attempt failed, and there may be another one. */
  failed(reason: RetryReason): void {
    this.#retry = reason;
  }

  /** A connection is tried. */
  attempt(traffic: Traffic): void {
    this.#attempts++;
    if (this.#retry === null) return;
    traffic.retries[this.#retry]++;
    this.#retry = null;
    this.#sentMs = 0;
    this.#firstByteMs = 0;
  }

  /** The request goes to the node, over a connection that had to be opened. */
  sent(): void {
    if (this.#logged) this.#sentMs = performance.now();
  }

  /**
   * The request goes to the node in the turn in which it was chosen. To ask for the time costs as much as to choose, so the
   * start stands for it where nothing came between.
   *
   * @param waited a node was waited for
   */
  sentAtOnce(waited: boolean): void {
    if (this.#logged) this.#sentMs = waited || this.#attempts > 1 ? performance.now() : this.startedMs;
  }

  /** The node sent something, and more will come; the end stands for it in a response that comes as a whole. */
  heard(): void {
    if (this.#logged && this.#firstByteMs === 0) this.#firstByteMs = performance.now();
  }

  /**
   * The request has ended.
   *
   * @param status of what the client was given, or began to be given; 0 when it was given nothing
   * @param sentBytes of the body, to the client
   * @param received what came of the request's body
   */
  end(
    client: ClientConnection,
    decision: Decision,
    by: EndedBy,
    status: number,
    code: string,
    sentBytes: number,
    received: { readonly receivedBytes: number },
  ): void {
    const { traffic, accessLog } = client.shared;
    const totalMs = performance.now() - this.startedMs;
    traffic.ended(resultOf(by, status, code), code, totalMs, this.#nodeTally, this.#contextTally);
    const outcome = decision.sessionSource === 'none' ? '' : sessionOutcome(by, decision.reason);
    if (decision.sessionSource !== 'none' && outcome !== '') {
      traffic.sessionSources[decision.sessionSource]++;
      traffic.sessions[outcome]++;
    }
    if (accessLog !== null) {
      const { entry } = accessLog;
      describeClientAndRequest(entry, client);
      entry.startedAtMs = performance.timeOrigin + this.startedMs;
      entry.status = status;
      entry.complete = by !== 'loss';
      // Of what a client did not wait for, only what it could have had.
      entry.sentBytes = by === 'loss' ? Math.max(0, sentBytes - client.wire.pendingBytes) : sentBytes;
      entry.receivedBytes = received.receivedBytes;
      entry.route = this.#node?.route ?? '';
      entry.context = this.#context?.path ?? '';
      entry.code = code;
      entry.attempts = this.#attempts;
      entry.session = outcome;
      entry.totalMs = totalMs;
      entry.sentAfterMs = this.#sentMs === 0 ? -1 : this.#sentMs - this.startedMs;
      if (this.#firstByteMs !== 0) entry.firstByteAfterMs = this.#firstByteMs - this.startedMs;
      else entry.firstByteAfterMs = by !== 'balancer' && status > 0 ? totalMs : -1;
      accessLog.write();
    }
    this.#node = null;
    this.#context = null;
    this.#nodeTally = null;
    this.#contextTally = null;
  }
}

function resultOf(by: EndedBy, status: number, code: string): RequestResult {
  if (by === 'tunnel') return 'tunnel';
  if (by === 'loss') return CLIENTS_DOING.has(code) ? 'gone' : 'none';
  return status < 300 ? '2xx' : status < 400 ? '3xx' : status < 500 ? '4xx' : '5xx';
}

function sessionOutcome(by: EndedBy, reason: RoutingReason): SessionOutcome {
  if (reason === 'sticky-forced') return 'forced-503';
  return (by === 'balancer' ? undefined : OUTCOMES[reason]) ?? 'unserved';
}
