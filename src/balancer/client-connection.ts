import {
  type ClientIdentity,
  checkPartialHead,
  createChunkScanner,
  createRequestHead,
  describeClient,
  findHeadEnd,
  type HttpViolation,
  parseRequestHead,
  type RequestHead,
  skipLeadingCrlf,
} from '../core/http/index.ts';
import { errorAnswer } from './answers.ts';
import { Exchange } from './exchange.ts';
import type { ListenerRole } from './front/bindings.ts';
import type { ClientPeer } from './front/client-peer.ts';
import { ALERT, beginsTls, spokeTls, tellOfProxyHeader } from './front/wrong-protocol.ts';
import { ManagementExchange } from './management/exchange.ts';
import type { Shared } from './shared.ts';
import { refusedHead } from './traffic/refused-head.ts';
import type { Wire, WireHandler } from './wire.ts';

/** Whoever answers the current request of a connection. Calls `connection.responseDone()` or `abort()` at the end. */
export interface RequestHandler {
  /** Whether body bytes come without chunk framing. */
  readonly wantsDecodedBody: boolean;
  /**
   * The head is in `connection.head`.
   * @param bodyFollows body bytes came with the head: `onBody` is called before this turn of the event loop ends
   */
  begin(bodyFollows: boolean): void;
  onBody(buffer: Buffer, from: number, to: number): void;
  /** All body bytes were given to `onBody`; comes at once for requests without a body. */
  onBodyDone(): void;
  /** The body's framing is broken. */
  onBadBody(violation: HttpViolation): void;
  onClientDrained(): void;
  /** The client closed its sending side although its body is not complete, or the connection is gone altogether. */
  onClientGone(): void;
  tick(): void;
}

type Phase = 'head' | 'busy' | 'tunnel' | 'linger' | 'closed';

/** A client that still sends its body is listened to, unheard, so that it gets to read its answer: so long at most, */
const LINGER_MS = 10_000;
/** so long when it is silent, */
const LINGER_SILENCE_MS = 2000;
/** and so many bytes. */
const LINGER_BYTES = 64 * 1024 * 1024;
/** While more than this of earlier answers is unread, the next request of a pipelining client has to wait. */
const MOST_UNREAD_BYTES = 256 * 1024;
const CR = 13;

/** Stands for the head while there is none. */
const NO_HEAD = createRequestHead();
const MAX_SPARE_HEADS = 1024;
const spareHeads: RequestHead[] = [];

/** One client's connection: reads requests one after the other and hands each to whoever answers it. */
export class ClientConnection implements WireHandler {
  readonly shared: Shared;
  readonly wire: Wire;
  readonly role: ListenerRole;
  readonly peer: ClientPeer;
  readonly identity: ClientIdentity;
  /** Of the current request; borrowed, so that an idle connection holds none. */
  head: RequestHead = NO_HEAD;
  /** Whether the body of the current request was received completely. */
  bodyDone = true;
  /** Last time bytes came from the client or were taken by it. */
  lastProgressMs: number;
  /** The client closed its sending side. */
  ended = false;

  #exchange: Exchange | null = null;
  #management: ManagementExchange | null = null;
  /** Null between requests. */
  #handler: RequestHandler | null = null;
  #phase: Phase = 'head';
  #headText = '';
  #deadlineMs: number;
  /** Bytes behind the current request: the next ones of a pipelining client. */
  #rest: Buffer | null = null;
  #pumping = false;
  #bodyLeft = 0;
  #chunks: ReturnType<typeof createChunkScanner> | null = null;
  #chunked = false;
  #lingered = 0;
  #lingerEndMs = 0;
  #keepAlive = true;

  /** @param open makes the wire that this connection is the handler of */
  constructor(shared: Shared, peer: ClientPeer, role: ListenerRole, open: (handler: WireHandler) => Wire) {
    this.shared = shared;
    this.role = role;
    this.peer = peer;
    this.identity = describeClient(peer.remoteAddress, peer.tls === null ? 'http' : 'https');
    this.lastProgressMs = shared.clock.nowMs;
    this.#deadlineMs = shared.clock.nowMs + shared.options.headerTimeoutMs;
    this.wire = open(this);
    shared.clients.add(this);
    if (!role.traffic) shared.managementClients++;
  }

  get busy(): boolean {
    return this.#phase === 'busy' || this.#phase === 'tunnel';
  }

  /** The exchange with a node that runs at the moment, if one does. */
  get currentExchange(): Exchange | null {
    return this.busy ? this.#exchange : null;
  }

  /** Whether the peer is a proxy whose word about its own client counts. */
  get isTrustedProxy(): boolean {
    return this.shared.options.trustProxy.length > 0 && this.shared.trustedProxy(this.peer.remoteAddress);
  }

  closeAfterResponse(): void {
    this.#keepAlive = false;
  }

  /** Decides for good whether the connection stays open after the current response: the response's head says so. */
  settleKeepAlive(): boolean {
    this.#keepAlive = this.#keepAlive && this.bodyDone && !this.ended && !this.shared.closing;
    return this.#keepAlive;
  }

  onConnected(): void {}

  onBytes(buffer: Buffer, length: number): void {
    this.lastProgressMs = this.shared.clock.nowMs;
    switch (this.#phase) {
      case 'head':
        this.#pumping = true;
        this.#readHead(buffer, 0, length);
        this.#pumping = false;
        this.#pump();
        return;
      case 'busy':
        if (this.bodyDone) this.#keepRest(buffer, 0, length);
        else this.#readBody(buffer, 0, length);
        return;
      case 'tunnel':
        this.#handler?.onBody(buffer, 0, length);
        return;
      case 'linger':
        this.#lingered += length;
        this.#deadlineMs = Math.min(this.#lingerEndMs, this.lastProgressMs + LINGER_SILENCE_MS);
        if (this.#lingered > LINGER_BYTES) this.wire.destroy();
        return;
      case 'closed':
        return;
    }
  }

  onDrained(): void {
    this.lastProgressMs = this.shared.clock.nowMs;
    if (this.busy) this.#handler?.onClientDrained();
    else this.#pump();
  }

  onEnd(): void {
    this.ended = true;
    const isGone = !this.bodyDone || this.wire.peerIsGone;
    if (this.#phase === 'tunnel' || (this.#phase === 'busy' && isGone)) this.#handler?.onClientGone();
    else if (this.#phase === 'head' || this.#phase === 'linger') this.wire.end();
  }

  onClosed(): void {
    const wasBusy = this.busy;
    this.#phase = 'closed';
    this.#rest = null;
    if (this.shared.clients.delete(this) && !this.role.traffic) this.shared.managementClients--;
    if (wasBusy) this.#handler?.onClientGone();
    this.#giveBack();
  }

  onFault(error: unknown): void {
    this.shared.onFault(error);
  }

  /** Called at each tick of the clock. */
  guardedTick(): void {
    try {
      this.#tick();
    } catch (error) {
      this.onFault(error);
      // Still busy until it is closed, so that whoever answers lets its node go.
      this.wire.destroy();
    }
  }

  #tick(): void {
    const { nowMs } = this.shared.clock;
    if (this.busy) {
      this.#handler?.tick();
    } else if (this.#phase === 'linger' && this.wire.pendingBytes > 0) {
      // The time to linger begins when the answer is out.
      if (nowMs - this.lastProgressMs > this.shared.options.idleTimeoutMs) this.wire.destroy();
      this.#lingerFrom(nowMs);
    } else if (nowMs >= this.#deadlineMs) {
      if (this.#phase === 'head' && this.#headText !== '') {
        this.refuse({ code: 'HTTP_HEADER_TIMEOUT', status: 408, message: 'the request head did not arrive in time' });
      } else {
        this.wire.destroy();
      }
    }
  }

  /** The response to the current request is written. Closes the connection, or goes on to the next request. */
  responseDone(): void {
    if (this.#phase !== 'busy') return;
    if (!this.settleKeepAlive()) {
      this.#linger();
      return;
    }
    this.#phase = 'head';
    this.#deadlineMs = this.shared.clock.nowMs + this.shared.options.idleTimeoutMs;
    if (this.#rest === null) this.#giveBack();
    this.#pump();
  }

  /** Nothing runs: what only a running request needs goes back to the stock. */
  #giveBack(): void {
    if (this.head !== NO_HEAD && spareHeads.length < MAX_SPARE_HEADS) spareHeads.push(this.head);
    this.head = NO_HEAD;
    this.#exchange?.giveBack();
    this.#exchange = null;
    this.#handler = null;
  }

  /** Both sides are raw bytes from now on. */
  becomeTunnel(): void {
    this.#phase = 'tunnel';
    this.#keepAlive = false;
    const rest = this.#rest;
    this.#rest = null;
    if (rest !== null) this.#handler?.onBody(rest, 0, rest.length);
    this.wire.resume();
    if (this.ended) this.#handler?.onClientGone();
  }

  /** The response cannot be completed: the client must notice. */
  abort(): void {
    this.#phase = 'closed';
    this.wire.destroy();
  }

  /**
   * Answers a broken request and closes, so that nothing behind it can be taken for another request.
   * @returns what was answered
   */
  refuse({ status, message, code }: HttpViolation): string {
    this.#keepAlive = false;
    if (this.#phase === 'closed' || this.#phase === 'linger') return '';
    const answer = errorAnswer(status, message, code, { head: false, keepAlive: false });
    if (this.#phase === 'head' && this.role.traffic) refusedHead(this, status, code, answer);
    this.wire.write(answer);
    this.#linger();
    return answer;
  }

  /** Ends an idle connection; a busy one closes behind its response because `shared.closing` is set. */
  closeWhenIdle(): void {
    if (this.#phase === 'head' && this.#headText === '') this.wire.end();
    if (this.#phase === 'head') this.#keepAlive = false;
  }

  /**
   * Closes so that the last answer is not lost: a plain close would make the kernel send a reset when the client is
   * still sending, and the reset overtakes the answer (RFC 9112 §9.6).
   */
  #linger(): void {
    this.#phase = 'linger';
    this.#rest = null;
    this.lastProgressMs = this.shared.clock.nowMs;
    this.#lingerFrom(this.shared.clock.nowMs);
    this.wire.end();
    this.wire.resume();
  }

  #lingerFrom(nowMs: number): void {
    this.#deadlineMs = nowMs + LINGER_SILENCE_MS;
    this.#lingerEndMs = nowMs + LINGER_MS;
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#phase === 'head' && this.#rest !== null && this.wire.pendingBytes <= MOST_UNREAD_BYTES) {
      const rest = this.#rest;
      this.#rest = null;
      this.#readHead(rest, 0, rest.length);
    }
    this.#pumping = false;
    if (this.#phase !== 'head') return;
    if (this.wire.pendingBytes <= MOST_UNREAD_BYTES) this.wire.resume();
    else this.wire.pause();
  }

  #readHead(buffer: Buffer, start: number, end: number): void {
    const { headLimits } = this.shared;
    let before = this.#headText.length;
    const pieceEnd = Math.min(end, start + headLimits.maxHeadBytes + 4 - before);
    let text = this.#headText + buffer.toString('latin1', start, pieceEnd);
    if (text.charCodeAt(0) === CR) {
      const skipped = skipLeadingCrlf(text, 0);
      text = text.slice(skipped);
      before -= skipped;
      if (text === '' || text === '\r') {
        this.#headText = text;
        return;
      }
    }
    if (this.#headText === '') {
      this.#deadlineMs = this.shared.clock.nowMs + this.shared.options.headerTimeoutMs;
    }
    const headEnd = findHeadEnd(text, Math.max(0, before - 3));
    if (headEnd < 0) {
      const violation = checkPartialHead(text, headLimits);
      if (violation === null && !beginsTls(text)) this.#headText = text;
      else this.#refuseHead(text, violation);
      return;
    }
    this.#headText = '';
    if (this.head === NO_HEAD) this.head = spareHeads.pop() ?? createRequestHead();
    const violation = parseRequestHead(text, headEnd, this.head, headLimits);
    if (violation !== null) {
      this.#refuseHead(text, violation);
      return;
    }
    this.#begin(buffer, start + headEnd - before, end);
  }

  /** @param violation null: it begins TLS */
  #refuseHead(text: string, violation: HttpViolation | null): void {
    if (violation === null || beginsTls(text)) {
      this.#refuseTls();
      return;
    }
    tellOfProxyHeader(this.shared, this.peer, text);
    this.refuse(violation);
  }

  #refuseTls(): void {
    spokeTls(this.shared, this.role, this.peer);
    this.#keepAlive = false;
    this.wire.write(ALERT);
    this.#linger();
  }

  #begin(buffer: Buffer, from: number, end: number): void {
    const { head } = this;
    this.#phase = 'busy';
    this.#keepAlive = head.keepAlive;
    this.#chunked = head.chunked;
    this.#bodyLeft = Math.max(0, head.contentLength);
    this.bodyDone = !head.chunked && this.#bodyLeft === 0;
    if (head.chunked) {
      this.#chunks ??= createChunkScanner();
      this.#chunks.reset();
    }
    if (this.role.mcmp && ManagementExchange.isFor(this)) {
      this.#management ??= new ManagementExchange(this);
      this.#handler = this.#management;
    } else {
      this.#exchange ??= Exchange.of(this);
      this.#handler = this.#exchange;
    }
    const handler = this.#handler;
    if (this.bodyDone && from < end) this.#keepRest(buffer, from, end);
    handler.begin(!this.bodyDone && from < end);
    if (this.bodyDone) {
      if (this.#handler === handler && this.#phase === 'busy') handler.onBodyDone();
    } else if (from < end && this.#phase === 'busy') {
      this.#readBody(buffer, from, end);
    }
  }

  #readBody(buffer: Buffer, from: number, end: number): void {
    const handler = this.#handler;
    if (handler === null) return;
    let to: number;
    if (this.#chunked && this.#chunks !== null) {
      const chunks = this.#chunks;
      const onData = handler.wantsDecodedBody ? (a: number, b: number) => handler.onBody(buffer, a, b) : undefined;
      to = from + chunks.scan(buffer, from, end, onData);
      if (chunks.violation !== null) {
        handler.onBadBody(chunks.violation);
        return;
      }
      this.bodyDone = chunks.done;
    } else {
      to = Math.min(end, from + this.#bodyLeft);
      this.#bodyLeft -= to - from;
      this.bodyDone = this.#bodyLeft === 0;
    }
    // Kept first: the handler may finish the response inside `onBodyDone`, which goes on with the rest.
    if (to < end) this.#keepRest(buffer, to, end);
    if (!(this.#chunked && handler.wantsDecodedBody)) handler.onBody(buffer, from, to);
    if (this.bodyDone && this.#phase === 'busy') handler.onBodyDone();
  }

  #keepRest(buffer: Buffer, from: number, end: number): void {
    const bytes = buffer.subarray(from, end);
    this.#rest = this.#rest === null ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);
    this.wire.pause();
  }
}
