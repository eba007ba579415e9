import { AJP_MAGIC_TO_NODE, EMPTY_BODY_PACKET, mostBodyBytes } from '../../core/ajp/index.ts';
import { type ClientIdentity, createRequestWriteOptions, type RequestWriteOptions } from '../../core/http/index.ts';
import type { Decision } from '../../core/routing/index.ts';
import type { ClientConnection } from '../client-connection.ts';
import type { HeldBody } from '../held-body.ts';
import type { RequestWay } from '../node-protocol.ts';
import type { Upstream } from '../upstream.ts';
import { BodyQueue } from './body-queue.ts';
import { forwardRequest } from './forward-request.ts';

/** Before the data of a packet: magic, length of the payload, length of the data. */
const BODY_HEAD_BYTES = 6;
/** A node that was told that the body is over may ask again, but not for ever. */
const MOST_EMPTY_PACKETS = 64;
/** A node asks when it has read what it asked for before; so only one that does not read leaves so much lying. */
const MOST_UNREAD_BYTES = 256 * 1024;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/**
 * The way of a request to a node that speaks AJP (reference §6.5). The node asks for each piece of the body; only the first one
 * of a body with a Content-Length goes unasked. So the client is read no faster than the node wants: at most one read of it
 * waits here, and it is paused until the node has taken that.
 */
export class AjpRequestRelay implements RequestWay {
  headSent = false;
  readonly #options: RequestWriteOptions;
  readonly #held: HeldBody;
  readonly #queue = new BodyQueue();
  /** The head leaves together with the first bytes of the body: the decision that it is made from. */
  #waiting: Decision | null = null;
  /** The node waits for the first piece, for which it does not ask. */
  #owesFirst = false;
  /** How many bytes the node asked for at most; 0: it does not wait. */
  #asked = 0;
  #emptyPackets = 0;

  constructor(client: ClientIdentity, held: HeldBody) {
    // 100-continue is ours to say, and neither trailers nor other protocols can be carried.
    this.#options = { ...createRequestWriteOptions(client), passExpect: false };
    this.#held = held;
  }

  /** Requests of another client come from now on. */
  serve(client: ClientIdentity): void {
    this.#options.client = client;
  }

  reset(): void {
    this.headSent = false;
    this.#waiting = null;
    this.#owesFirst = false;
    this.#asked = 0;
    this.#emptyPackets = 0;
    this.#queue.begin(false);
  }

  send(client: ClientConnection, upstream: Upstream, decision: Decision): boolean {
    this.headSent = true;
    if (!this.#held.follows) return this.#begin(client, upstream, decision);
    this.#waiting = decision;
    return true;
  }

  take(client: ClientConnection, upstream: Upstream, buffer: Buffer, from: number, to: number): boolean {
    this.#held.follows = false;
    const decision = this.#waiting;
    if (decision === null && this.#queue.bytes === 0 && !this.#held.isEmpty) {
      // Only what the node has been given completely is let go.
      this.#held.release();
      this.#held.gone = true;
    }
    const piece = this.#held.hold(buffer, from, to);
    if (decision !== null) {
      this.#waiting = null;
      return this.#begin(client, upstream, decision);
    }
    this.#queue.add(piece);
    this.#serve(client, upstream);
    return true;
  }

  finish(client: ClientConnection, upstream: Upstream): void {
    if (this.#waiting === null) this.#serve(client, upstream);
  }

  /** The node asks for the next bytes; that it took the last ones is no reason to read on. */
  drained(): void {}

  awaitsClient(client: ClientConnection): boolean {
    return (this.#owesFirst || this.#asked > 0) && !client.bodyDone && this.#queue.bytes === 0;
  }

  isSettled(): boolean {
    return !this.#owesFirst && this.#asked === 0;
  }

  /**
   * The node asks for more of the body: also once more behind its end, and for bodies that do not exist.
   *
   * @param most bytes that it takes
   * @param isBeforeHead of the response: behind it, there is nothing to be said to the client any more
   * @returns false when it asks in a way that cannot be answered
   */
  want(client: ClientConnection, upstream: Upstream, most: number, isBeforeHead: boolean): boolean {
    if (most === 0 || this.#asked > 0 || this.#emptyPackets === MOST_EMPTY_PACKETS) return false;
    if (upstream.wire.pendingBytes > MOST_UNREAD_BYTES) return false;
    this.#asked = most;
    if (isBeforeHead) this.#letClientContinue(client);
    this.#serve(client, upstream);
    return true;
  }

  #begin(client: ClientConnection, upstream: Upstream, decision: Decision): boolean {
    const { head } = client;
    this.#queue.begin(head.chunked);
    for (const piece of this.#held.pieces) this.#queue.add(piece);
    const lengthIfKnown = client.bodyDone ? this.#queue.bytes : 'unknown';
    const packet = forwardRequest(client, decision, this.#options, head.chunked ? lengthIfKnown : 'as-announced');
    if (packet === null) {
      this.headSent = false;
      return false;
    }
    this.#owesFirst = head.chunked ? client.bodyDone && this.#queue.bytes > 0 : head.contentLength > 0;
    upstream.countSent(packet.length);
    if (this.#owesFirst && this.#queue.bytes > 0) {
      upstream.wire.cork();
      upstream.wire.write(packet);
      this.#serve(client, upstream);
      upstream.wire.uncork();
    } else {
      upstream.wire.write(packet);
      if (this.#owesFirst) this.#letClientContinue(client);
      this.#serve(client, upstream);
    }
    return true;
  }

  /** Sends what the node waits for, as far as it is here, and reads the client when more is needed. */
  #serve(client: ClientConnection, upstream: Upstream): void {
    const most = mostBodyBytes(client.shared.options.ajpPacketBytes);
    if (this.#owesFirst && this.#queue.bytes > 0) {
      this.#owesFirst = false;
      this.#sendPiece(upstream, most);
    }
    if (this.#asked > 0 && this.#queue.bytes > 0) {
      const asked = this.#asked;
      this.#asked = 0;
      this.#sendPiece(upstream, Math.min(most, asked));
    } else if (this.#asked > 0 && client.bodyDone) {
      this.#asked = 0;
      this.#emptyPackets++;
      upstream.countSent(EMPTY_BODY_PACKET.length);
      upstream.wire.write(EMPTY_BODY_PACKET);
    }
    if (client.bodyDone) return;
    if (this.#queue.bytes > 0) client.wire.pause();
    else client.wire.resume();
  }

  #sendPiece(upstream: Upstream, most: number): void {
    const length = Math.min(most, this.#queue.bytes);
    const packet = Buffer.allocUnsafe(BODY_HEAD_BYTES + length);
    packet.writeUInt16BE(AJP_MAGIC_TO_NODE, 0);
    packet.writeUInt16BE(length + 2, 2);
    packet.writeUInt16BE(length, 4);
    this.#queue.take(packet, BODY_HEAD_BYTES, length);
    upstream.countSent(packet.length);
    upstream.wire.write(packet);
  }

  /** A client that waits to be asked for its body would wait for ever, for nodes say no such thing by AJP. */
  #letClientContinue(client: ClientConnection): void {
    const { head } = client;
    if (head.expectContinue && head.minorVersion === 1 && this.#held.receivedBytes === 0) client.wire.write(CONTINUE);
  }
}
