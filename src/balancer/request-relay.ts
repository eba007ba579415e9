import { type ClientIdentity, type RequestWriteOptions, writeRequestHead } from '../core/http/index.ts';
import type { Decision } from '../core/routing/index.ts';
import { isSafe } from './attempts.ts';
import type { ClientConnection } from './client-connection.ts';
import { fillRequestOptions, requestOptionsFor } from './forwarding.ts';
import type { HeldBody } from './held-body.ts';
import type { RequestWay } from './node-protocol.ts';
import { ONE_WRITE_BYTES } from './response-relay.ts';
import type { Upstream } from './upstream.ts';

/**
 * The way of a request from the client to a node that speaks HTTP, or to one after the other: what came of its body before
 * there was a connection is kept, and sent again to the next node where that may be done.
 */
export class RequestRelay implements RequestWay {
  headSent = false;
  readonly #options: RequestWriteOptions;
  readonly #held: HeldBody;
  /** Body bytes come with the head: both leave in one write. */
  #unsentHead = '';

  constructor(client: ClientIdentity, held: HeldBody) {
    this.#options = requestOptionsFor(client);
    this.#held = held;
  }

  /** Requests of another client come from now on. */
  serve(client: ClientIdentity): void {
    this.#options.client = client;
  }

  reset(): void {
    this.headSent = false;
    this.#unsentHead = '';
  }

  send(client: ClientConnection, upstream: Upstream, decision: Decision): boolean {
    const { head, wire } = client;
    fillRequestOptions(this.#options, client, decision);
    const text = writeRequestHead(head, this.#options);
    this.headSent = true;
    upstream.countSent(text.length);
    if (this.#held.follows) {
      this.#unsentHead = text;
      return true;
    }
    if (this.#held.isEmpty) {
      upstream.wire.write(text);
      if (!client.bodyDone) wire.resume();
      return true;
    }
    let more = true;
    upstream.wire.cork();
    upstream.wire.write(text);
    for (const piece of this.#held.pieces) {
      upstream.countSent(piece.length);
      more = upstream.wire.write(piece);
    }
    upstream.wire.uncork();
    if (!isSafe(head.method)) {
      this.#held.gone = true;
      this.#held.release();
    }
    if (more) wire.resume();
    else wire.pause();
    return true;
  }

  /** Takes bytes of the body, or of a tunnel. */
  take(client: ClientConnection, upstream: Upstream, buffer: Buffer, from: number, to: number): boolean {
    const { wire } = client;
    this.#held.follows = false;
    this.#held.release();
    this.#held.gone = true;
    upstream.countSent(to - from);
    // A client that pipelines was paused while the request before this one ran.
    if (this.#pass(client, upstream, buffer, from, to)) wire.resume();
    else wire.pause();
    return true;
  }

  /** The framing of the client, passed on as it is, has said so. */
  finish(): void {}

  drained(client: ClientConnection): void {
    client.wire.resume();
  }

  awaitsClient(client: ClientConnection, upstream: Upstream): boolean {
    return !client.bodyDone && upstream.wire.pendingBytes === 0;
  }

  isSettled(client: ClientConnection): boolean {
    return client.bodyDone;
  }

  /** @returns false when the client should wait until the node took more */
  #pass(client: ClientConnection, upstream: Upstream, buffer: Buffer, from: number, to: number): boolean {
    const head = this.#unsentHead;
    if (head === '') return client.wire.passOn(upstream.wire, buffer, from, to);
    this.#unsentHead = '';
    if (to - from <= ONE_WRITE_BYTES) return upstream.wire.write(head + buffer.toString('latin1', from, to));
    upstream.wire.cork();
    upstream.wire.write(head);
    const more = client.wire.passOn(upstream.wire, buffer, from, to);
    upstream.wire.uncork();
    return more || upstream.wire.pendingBytes === 0;
  }
}
