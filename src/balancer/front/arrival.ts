import type { Socket } from 'node:net';
import type { ClientPeer } from './client-peer.ts';

/** A connection on its way from its listener to whoever reads requests from it. Nothing reads from its socket meanwhile. */
export interface Arrival {
  readonly socket: Socket;
  /** What is known of the other end so far. */
  readonly peer: ClientPeer;
  /** What was read from the socket already; null: nothing. */
  readonly first: Buffer | null;
}

/** Connections that no request is read from yet, because something else has to come first. They count as open. */
export interface Arriving {
  readonly web: Set<Socket>;
  readonly mcmp: Set<Socket>;
}
