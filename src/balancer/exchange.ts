import type { NodeRecord } from '../core/cluster/records.ts';
import type { HttpViolation } from '../core/http/index.ts';
import { methodOf } from '../core/mcmp/commands.ts';
import { createDecision, type RouteRequest, statusOf } from '../core/routing/index.ts';
import { cannotSwitch } from './ajp/upgrade.ts';
import { bodyBytesOf, errorAnswer } from './answers.ts';
import { type AttemptFailure, afterFailure, answerOfNone, FINAL, isSafe, reasonOfNone } from './attempts.ts';
import type { ClientConnection, RequestHandler } from './client-connection.ts';
import { failureKindOf } from './connection-failure.ts';
import { HeldBody } from './held-body.ts';
import { NodeAttempt } from './node-attempt.ts';
import type { RequestWay, ResponseWay } from './node-protocol.ts';
import { NodeProtocols } from './node-protocols.ts';
import type { Shared } from './shared.ts';
import { isSilent, isTunnelOver, latenessOf, TIMED_OUT } from './time-outs.ts';
import { type EndedBy, type LostCode, RequestAccount } from './traffic/request-account.ts';
import type { Upstream, UpstreamUser } from './upstream.ts';

const MAX_SPARE_EXCHANGES = 1024;

/** `asking`: whether the node is there, by CPING. `responding`: the request is with a node. */
type Phase = 'idle' | 'waiting' | 'connecting' | 'asking' | 'responding' | 'tunnel';

/**
 * One request from its head to the end of its response, read from top to bottom:
 * route, connect, send head and body; read the response head, pass it and the body on; done, or try the next node.
 * The object belongs to a client connection and is used again for each request on it.
 */
export class Exchange implements RequestHandler, UpstreamUser {
  readonly wantsDecodedBody = false;
  #client: ClientConnection;
  readonly #shared: Shared;
  readonly #decision = createDecision();
  readonly #route: RouteRequest = { target: '', host: '', cookie: '', excluded: [] };
  readonly #attempt = new NodeAttempt();
  readonly #account = new RequestAccount();
  readonly #body = new HeldBody();
  readonly #protocols: NodeProtocols;
  /** In the protocol of the node that is being tried. */
  #request: RequestWay;
  #relay: ResponseWay;

  #phase: Phase = 'idle';
  #attempts = 0;
  #lastFailure: AttemptFailure['kind'] | null = null;
  /** Until when a request without a node waits for one (WaitWorker), or 0. */
  #waitUntilMs = 0;
  /** Of a tunnel: the node closed its sending side. */
  #nodeEnded = false;

  private constructor(client: ClientConnection) {
    this.#client = client;
    this.#shared = client.shared;
    this.#protocols = new NodeProtocols(client.identity, this.#body);
    this.#request = this.#protocols.http.request;
    this.#relay = this.#protocols.http.response;
  }

  /** An exchange for the next request of a client, used before or new. */
  static of(client: ClientConnection): Exchange {
    const exchange = client.shared.spareExchanges.pop();
    if (exchange === undefined) return new Exchange(client);
    exchange.#client = client;
    exchange.#protocols.serve(client.identity);
    return exchange;
  }

  /** The client is idle or gone: another one may have this object. */
  giveBack(): void {
    const { spareExchanges } = this.#shared;
    if (this.#phase === 'idle' && spareExchanges.length < MAX_SPARE_EXCHANGES) spareExchanges.push(this);
  }

  get node(): NodeRecord | null {
    return this.#phase === 'idle' ? null : this.#attempt.node;
  }

  // ---- request in -------------------------------------------------------------------------------------------------

  begin(bodyFollows: boolean): void {
    const { head } = this.#client;
    this.#account.begin(this.#shared, this.#decision);
    this.#attempts = 0;
    this.#lastFailure = null;
    this.#body.begin(bodyFollows);
    this.#request.reset();
    this.#relay.reset();
    this.#attempt.progressMs = this.#shared.clock.nowMs;
    this.#waitUntilMs = 0;
    this.#route.target = head.target;
    this.#route.host = head.host;
    this.#route.cookie = head.cookie;
    this.#route.excluded.length = 0;
    this.#phase = 'waiting';
    // On a port for web traffic such a method changes nothing and reaches no node either (CVE-2011-4608).
    const forBalancer = head.method !== 'GET' && methodOf(head.method) !== undefined;
    if (forBalancer) this.#answer(501, 'this address does not receive MCMP', 'no-mcmp-here');
    else this.#choose();
  }

  onBody(buffer: Buffer, from: number, to: number): void {
    if (this.#phase === 'idle' || from === to) return;
    const { upstream } = this.#attempt;
    this.#body.receivedBytes += to - from;
    if (upstream === null || !this.#request.headSent) {
      this.#body.follows = false;
      this.#body.hold(buffer, from, to);
      this.#client.wire.pause();
    } else if (!this.#request.take(this.#client, upstream, buffer, from, to)) {
      this.#headTooLarge();
    }
  }

  onBodyDone(): void {
    const { upstream } = this.#attempt;
    this.#attempt.progressMs = this.#shared.clock.nowMs;
    this.#client.wire.relax();
    if (upstream !== null && this.#request.headSent) this.#request.finish(this.#client, upstream);
  }

  onBadBody(violation: HttpViolation): void {
    if (this.#relay.begun) this.#cutOff('bad-request-body');
    else this.#endWith(violation.status, violation.code, this.#client.refuse(violation));
  }

  // ---- choose a node, connect, send -------------------------------------------------------------------------------

  #choose(): void {
    const decision = this.#decision;
    if (!this.#shared.routing.route(this.#route, decision, this.#shared.clock.wallMs)) {
      this.#noNode();
      return;
    }
    const { node, context } = decision;
    if (node === null || context === null) return;
    this.#attempts++;
    this.#attempt.begin(node, context);
    this.#account.chose(this.#shared.traffic, decision.reason, node, context);
    if (!cannotSwitch(node, this.#client.head)) this.#connect(node, false);
    else this.#answer(501, 'nodes that speak AJP cannot switch to another protocol', 'ajp-no-upgrade');
  }

  #connect(node: NodeRecord, fresh: boolean): void {
    const upstream = this.#attempt.connect(this.#shared, this, node, this.#client.head.method, fresh);
    this.#account.attempt(this.#shared.traffic);
    const { request, response } = this.#protocols.of(node);
    this.#request = request;
    this.#relay = response;
    request.reset();
    response.reset();
    if (upstream.ready) {
      this.#account.sentAtOnce(this.#waitUntilMs > 0);
      this.#send(upstream);
    } else {
      this.#phase = upstream.wire.connected ? 'asking' : 'connecting';
    }
  }

  onUpstreamReady(): void {
    const { upstream } = this.#attempt;
    if (upstream === null) return;
    this.#attempt.progressMs = this.#shared.clock.nowMs;
    if (this.#phase === 'connecting') {
      this.#shared.traffic.connectsToNodes++;
      // The kernel of a node that hangs takes connections, and what must not be sent twice would be lost there.
      if (upstream.pool.asks && !isSafe(this.#client.head.method)) {
        this.#phase = 'asking';
        upstream.ask();
        return;
      }
    }
    this.#account.sent();
    this.#send(upstream);
  }

  #send(upstream: Upstream): void {
    this.#phase = 'responding';
    if (!this.#request.send(this.#client, upstream, this.#decision)) this.#headTooLarge();
  }

  /** No node is asked: what one client sends must not count against any of them (CVE-2022-2053, CVE-2023-5379). */
  #headTooLarge(): void {
    const { ajpPacketBytes } = this.#shared.options;
    this.#attempt.leave(true, -1);
    const words = `the request head does not fit into the ${ajpPacketBytes} bytes of an AJP packet (--ajp-packet-size)`;
    this.#answer(431, words, 'ajp-head-too-large');
  }

  // ---- response out -----------------------------------------------------------------------------------------------

  onUpstreamBytes(buffer: Buffer, length: number): void {
    this.#attempt.received(length, this.#shared.clock.nowMs);
    const { upstream } = this.#attempt;
    if (upstream === null) return;
    if (this.#phase === 'responding') this.#takeResponse(upstream, buffer, length);
    else if (this.#phase === 'tunnel') this.#relay.pass(this.#client, upstream, buffer, 0, length);
    else this.#attemptFailed({ kind: 'bad-response', words: 'the node answered before it was asked' });
  }

  #takeResponse(upstream: Upstream, buffer: Buffer, length: number): void {
    switch (this.#relay.take(this.#client, upstream, buffer, length)) {
      case 'more':
        this.#account.heard();
        return;
      case 'done':
        this.#finish(true);
        return;
      case 'done-and-more':
        this.#finish(false);
        return;
      case 'tunnel':
        this.#becomeTunnel(upstream);
        return;
      case 'bad-response':
        this.#attemptFailed({ kind: 'bad-response', words: this.#relay.problem });
        return;
      case 'refused':
        this.#attemptFailed({ kind: 'refused', words: this.#relay.problem });
        return;
      case 'broken-body':
        this.#shared.log.warn('A node sent a broken body', {
          route: this.#attempt.node?.route,
          problem: this.#relay.problem,
        });
        this.#cutOff('node-broke-off');
        return;
    }
  }

  /** @param clean nothing came behind the response: the connection may be used again */
  #finish(clean: boolean): void {
    const client = this.#client;
    this.#end('node', this.#decision.reason);
    // A node may answer before it took the whole request: what still waits to be sent would precede the next one.
    const allSent = this.#attempt.upstream?.wire.pendingBytes === 0;
    this.#letGo(clean && allSent && this.#relay.keepsConnection && this.#request.isSettled(client));
    client.responseDone();
  }

  #becomeTunnel(upstream: Upstream): void {
    this.#phase = 'tunnel';
    this.#account.heard();
    this.#nodeEnded = false;
    this.#client.wire.keepAlive();
    upstream.wire.keepAlive();
    this.#client.becomeTunnel();
  }

  // ---- what can go wrong ------------------------------------------------------------------------------------------

  onUpstreamDrained(): void {
    this.#attempt.progressMs = this.#shared.clock.nowMs;
    this.#request.drained(this.#client);
  }

  onClientDrained(): void {
    this.#attempt.upstream?.wire.resume();
  }

  onUpstreamEnd(): void {
    if (this.#phase === 'tunnel') {
      this.#nodeEnded = true;
      this.#client.wire.end();
    } else if (this.#phase === 'responding' && !this.#attempt.endUnsaid && this.#relay.end(this.#client)) {
      this.#finish(false);
    } else {
      this.#upstreamLost(null);
    }
  }

  onUpstreamStale(words: string): void {
    this.#attemptFailed({ kind: 'lost', words });
  }

  onUpstreamClosed(error: Error | null): void {
    this.#attempt.upstream = null;
    if (this.#phase === 'tunnel') this.#cutOff('node-broke-off');
    else this.#upstreamLost(error);
  }

  /** The connection to the node ended before the response did. */
  #upstreamLost(error: Error | null): void {
    const { node } = this.#attempt;
    if (this.#phase === 'idle' || node === null) return;
    const words = this.#attempt.lossInWords(error);
    if (this.#relay.begun) {
      this.#shared.log.warn('A node broke off its response', { route: node.route, problem: words });
      this.#cutOff('node-broke-off');
    } else {
      this.#attemptFailed({ kind: failureKindOf(error, this.#phase === 'connecting', this.#attempt.reused), words });
    }
  }

  /** The health check found the node of this request dead; the response, if any, has been silent since `sinceMs`. */
  onNodeDown(sinceMs: number): void {
    if (this.#attempt.progressMs > sinceMs) return;
    if (this.#phase !== 'responding' && this.#phase !== 'connecting' && this.#phase !== 'asking') return;
    if (this.#relay.begun) this.#cutOff('node-hung');
    else this.#attemptFailed({ kind: 'hung', words: 'the node does not answer any more' });
  }

  onClientGone(): void {
    if (this.#phase === 'tunnel' && this.#attempt.upstream !== null && !this.#client.wire.destroyed) {
      this.#attempt.upstream.wire.end();
      return;
    }
    this.#lose('client-gone');
    if (!this.#client.wire.destroyed) this.#client.abort();
  }

  /** The balancer ends, and closes the connection of this client next. */
  onBalancerStopped(): void {
    this.#lose('balancer-stopped');
  }

  #attemptFailed(failure: AttemptFailure): void {
    const { node } = this.#attempt;
    if (node === null) return;
    this.#lastFailure = failure.kind;
    const stale = failure.kind === 'lost' && this.#attempt.reused;
    if (this.#phase === 'connecting') this.#shared.traffic.failedConnectsToNodes++;
    const next = afterFailure({
      failure,
      stale,
      nothingSent: !this.#request.headSent,
      bodyHeld: !this.#body.gone,
      repeatable: isSafe(this.#client.head.method) && !this.#body.gone,
      attempts: this.#attempts,
      maxAttempts: node.balancer.maxAttempts + 1,
      lostStatus: this.#shared.cluster.dialect.http.lostStatus,
    });
    const elsewhere = this.#attempt.isElsewhere;
    this.#attempt.blame(this.#shared, next.blame, failure.words);
    if (next.step !== 'answer') this.#account.failed(next.because);
    if (next.step === 'same-node' && !elsewhere) {
      this.#attempt.upstream?.discard();
      this.#connect(node, true);
    } else if (next.step === 'answer') {
      this.#answer(next.status, next.reason, next.code);
    } else {
      this.#attempt.leave(false, -1);
      this.#phase = 'waiting';
      if (!elsewhere) this.#route.excluded.push(node);
      this.#choose();
    }
  }

  #noNode(): void {
    const { nowMs } = this.#shared.clock;
    if (this.#lastFailure === 'refused') {
      const { status, reason, code } = FINAL.refused;
      this.#answer(status, reason, code);
      return;
    }
    const reason = reasonOfNone(this.#decision.reason, this.#attempts);
    const status = statusOf(reason, this.#shared.cluster.dialect.routing);
    const waitMs = (this.#decision.balancer?.waitWorkerSeconds ?? 0) * 1000;
    if (status === 503 && waitMs > 0 && this.#waitUntilMs === 0) {
      this.#waitUntilMs = nowMs + waitMs;
      // A node that failed this request is waited for like any other.
      this.#route.excluded.length = 0;
    }
    if (nowMs < this.#waitUntilMs) return;
    this.#shared.traffic.decisions[reason]++;
    const { words, code } = answerOfNone(reason, this.#lastFailure);
    this.#answer(status, words, code);
  }

  #answer(status: number, reason: string, code: string): void {
    const client = this.#client;
    const isHead = client.head.method === 'HEAD';
    const empty = this.#shared.cluster.dialect.http.trafficErrors === 'empty';
    const text = errorAnswer(status, reason, code, { head: isHead, keepAlive: client.settleKeepAlive(), empty });
    this.#endWith(status, code, text);
    client.wire.write(text);
    client.responseDone();
  }

  tick(): void {
    if (this.#phase === 'tunnel') this.#tickTunnel();
    else if (this.#phase === 'waiting') this.#choose();
    else if (this.#phase !== 'idle') this.#checkTime();
  }

  #checkTime(): void {
    const client = this.#client;
    const { node, upstream, progressMs } = this.#attempt;
    // On a new connection it is the node that does not answer: how long it may take is what a ping may take.
    if (this.#phase === 'asking' && this.#attempt.reused && isSilent(this.#shared.clock.nowMs - progressMs)) {
      this.onUpstreamStale('did not answer CPING');
      return;
    }
    const clientOwes = upstream !== null && this.#request.headSent && this.#request.awaitsClient(client, upstream);
    const lateness = latenessOf(client, clientOwes, node, this.#account.startedMs, progressMs);
    if (lateness === 'in-time') return;
    if (node !== null && (lateness === 'node-silent' || lateness === 'upstream-timeout')) {
      this.#shared.health.suspect(node);
    }
    if (lateness === 'node-silent') return;
    if (this.#phase === 'connecting') this.#shared.traffic.failedConnectsToNodes++;
    if (this.#relay.begun || (lateness === 'client-timeout' && client.bodyDone)) {
      this.#cutOff(lateness);
    } else {
      const { status, words } = TIMED_OUT[lateness];
      this.#answer(status, words, lateness);
    }
  }

  #tickTunnel(): void {
    if (!isTunnelOver(this.#client, this.#nodeEnded, this.#attempt.progressMs)) return;
    this.#lose('client-gone');
    this.#client.abort();
  }

  // ---- how it ends without an answer ------------------------------------------------------------------------------

  #cutOff(code: LostCode): void {
    this.#lose(code);
    this.#breakOff();
  }

  /** The client has part of a response and must notice that it is not the whole, also where the end is a closed connection. */
  #breakOff(): void {
    if (this.#relay.endsByClosing) this.#client.wire.reset();
    this.#client.abort();
  }

  /** The client was given no whole answer; a tunnel, which has no other end, ends that way too. */
  #lose(code: LostCode): void {
    if (this.#phase === 'idle') return;
    if (this.#phase === 'tunnel') this.#end('tunnel', this.#decision.reason);
    else this.#end('loss', code);
    this.#letGo(false);
  }

  /** The client is given an answer of our own. @param text all of it */
  #endWith(status: number, code: string, text: string): void {
    const sentBytes = bodyBytesOf(text);
    this.#account.end(this.#client, this.#decision, 'balancer', status, code, sentBytes, this.#body);
    this.#letGo(false);
  }

  /** The client was given what the node sent, or part of it, or nothing. */
  #end(by: EndedBy, code: string): void {
    const { begun, head, sentBytes } = this.#relay;
    this.#account.end(this.#client, this.#decision, by, begun ? head.status : 0, code, sentBytes, this.#body);
  }

  /** The exchange is over, whatever is answered. */
  #letGo(reusable: boolean): void {
    if (this.#phase === 'idle') return;
    this.#phase = 'idle';
    this.#request.reset();
    this.#body.release();
    this.#attempt.leave(reusable, this.#relay.head.keepAliveSeconds);
  }
}
