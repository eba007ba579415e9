import { type ClientIdentity, type RequestWriteOptions, writeRequestHead } from '../core/http/index.ts';
import type { Decision } from '../core/routing/index.ts';
import { isSafe } from './attempts.ts';
import type { ClientConnection } from './client-connection.ts';
import { fillRequestOptions, requestOptionsFor } from './forwarding.ts';
import { HeldBody } from './held-body.ts';
import { ONE_WRITE_BYTES } from './response-relay.ts';
import type { Upstream } from './upstream.ts';

/**
 * The way of a request from the client to a node, or to one after the other: what came of its body before there was a
 * connection is kept, and sent again to the next node where that may be done. Used again for each request.
 */
export class RequestRelay {
  /** This attempt's node was sent the head. */
  headSent = false;
  /** Body bytes were sent that are not held any more: no other node can be given the whole request. */
  bodyGone = false;
  /** Of the body, as it came from the client with its framing. */
  receivedBytes = 0;
  readonly #options: RequestWriteOptions;
  readonly #held = new HeldBody();
  /** Body bytes come with the head: both leave in one write. */
  #bodyFollows = false;
  #unsentHead = '';

  constructor(client: ClientIdentity) {
    this.#options = requestOptionsFor(client);
  }

  /** Requests of another client come from now on. */
  serve(client: ClientIdentity): void {
    this.#options.client = client;
  }

  begin(bodyFollows: boolean): void {
    this.bodyGone = false;
    this.receivedBytes = 0;
    this.#bodyFollows = bodyFollows;
    this.#unsentHead = '';
  }

  /** An attempt with a connection begins, over which nothing was sent yet. */
  reset(): void {
    this.headSent = false;
  }

  /**
   * Sends the head, and what is held of the body.
   * @returns how many bytes
   */
  send(client: ClientConnection, upstream: Upstream, decision: Decision): number {
    const { head, wire } = client;
    fillRequestOptions(this.#options, client, decision);
    const text = writeRequestHead(head, this.#options);
    this.headSent = true;
    if (this.#bodyFollows) {
      this.#unsentHead = text;
      return text.length;
    }
    if (this.#held.isEmpty) {
      upstream.wire.write(text);
      if (!client.bodyDone) wire.resume();
      return text.length;
    }
    let bytes = text.length;
    let more = true;
    upstream.wire.cork();
    upstream.wire.write(text);
    for (const piece of this.#held.pieces) {
      bytes += piece.length;
      more = upstream.wire.write(piece);
    }
    upstream.wire.uncork();
    if (!isSafe(head.method)) {
      this.bodyGone = true;
      this.#held.release();
    }
    if (more) wire.resume();
    else wire.pause();
    return bytes;
  }

  /**
   * Takes bytes of the body, or of a tunnel: sends them, or keeps them while no node has the head.
   * @returns how many were sent
   */
  take(client: ClientConnection, upstream: Upstream | null, buffer: Buffer, from: number, to: number): number {
    const { wire } = client;
    this.receivedBytes += to - from;
    this.#bodyFollows = false;
    if (upstream === null || !this.headSent) {
      this.#held.hold(buffer, from, to);
      wire.pause();
      return 0;
    }
    this.#held.release();
    this.bodyGone = true;
    // A client that pipelines was paused while the request before this one ran.
    if (this.#pass(client, upstream, buffer, from, to)) wire.resume();
    else wire.pause();
    return to - from;
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

  /** The request is over. */
  release(): void {
    this.#held.release();
  }
}
