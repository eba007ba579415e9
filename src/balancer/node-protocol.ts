import type { ResponseHead } from '../core/http/index.ts';
import type { Decision } from '../core/routing/index.ts';
import type { ClientConnection } from './client-connection.ts';
import type { Upstream } from './upstream.ts';

/** What an exchange asks of the protocol that a node speaks: a way for the request and a way for the response. */
export interface NodeProtocol {
  readonly request: RequestWay;
  readonly response: ResponseWay;
}

/** The way of a request to a node; used again for each attempt and each request. */
export interface RequestWay {
  /** This attempt's node was sent the head. */
  readonly headSent: boolean;
  /** An attempt with a connection begins, over which nothing was sent yet; or the request is over, and nothing is kept of it. */
  reset(): void;
  /**
   * Sends the head, and what the node takes of the body that is held.
   * @returns false when the head is larger than the protocol can carry; nothing was sent then
   */
  send(client: ClientConnection, upstream: Upstream, decision: Decision): boolean;
  /** Takes bytes of the body, behind `send`. @returns as `send`, which may leave the head to the first bytes */
  take(client: ClientConnection, upstream: Upstream, buffer: Buffer, from: number, to: number): boolean;
  /** All bytes of the body were given to `take`, or are held. */
  finish(client: ClientConnection, upstream: Upstream): void;
  /** The node took what was written to it. */
  drained(client: ClientConnection): void;
  /** The client, not the node, owes the next bytes. */
  awaitsClient(client: ClientConnection, upstream: Upstream): boolean;
  /** The node waits for no more of this request: what comes next on the connection is a request. */
  isSettled(client: ClientConnection): boolean;
}

/**
 * What bytes of a node brought:
 * `more`: passed on, more will come. `done`: the response is complete; `done-and-more`: and something came behind it.
 * `tunnel`: it switched protocols. `bad-response`: nothing was passed on, for it is no response. `broken-body`: part of a
 * body was passed on, and what follows cannot be read. `refused`: the node did not act on the request, because it does not
 * trust this balancer; nothing was passed on.
 */
export type RelayOutcome = 'more' | 'done' | 'done-and-more' | 'tunnel' | 'bad-response' | 'broken-body' | 'refused';

/** The way of a response from a node to the client; used again for each. */
export interface ResponseWay {
  /** The head went to the client: there is no way back to another node. */
  readonly begun: boolean;
  /** For the log: what was wrong with the response. */
  readonly problem: string;
  /** Of the body, as written to the client, framing of chunks included. */
  readonly sentBytes: number;
  readonly head: ResponseHead;
  /** The client has a head, and sees the end of this response by the end of its connection. */
  readonly endsByClosing: boolean;
  /** Behind this response, the node takes another request on the connection. */
  readonly keepsConnection: boolean;
  /** Another response is awaited. */
  reset(): void;
  take(client: ClientConnection, upstream: Upstream, buffer: Buffer, length: number): RelayOutcome;
  /** The node will send no more. @returns whether the client has the whole response by now */
  end(client: ClientConnection): boolean;
  /** Passes bytes of a tunnel on. */
  pass(client: ClientConnection, upstream: Upstream, buffer: Buffer, from: number, to: number): void;
}
