/**
 * A connection as the data plane sees it: bytes in, bytes out, and how full it is. Behind it stands a socket, or the stream of a
 * protocol that carries several connections over one socket.
 */
export interface Wire {
  /** Bytes that were written and not yet taken by whoever sends them. */
  readonly pendingBytes: number;
  readonly destroyed: boolean;
  /** The peer is not there any more, although its end looked orderly: a reset that came together with its last bytes. */
  readonly peerIsGone: boolean;
  /**
   * Of an encrypted wire that opens the connection itself: the peer ended it without the words for it, as anybody on the way
   * can.
   */
  readonly endUnsaid: boolean;
  /** Of a wire that opens the connection itself: it stands. */
  readonly connected: boolean;

  /**
   * Writes latin1 text, or bytes that nobody changes later.
   * @returns false when the writer should wait for `onDrained`
   */
  write(data: string | Buffer): boolean;
  /**
   * Writes bytes of this wire's current `onBytes` call to another wire, copying them only when they might be
   * overwritten before they are out.
   * @returns false when the reader should pause until the other wire's `onDrained`
   */
  passOn(to: Wire, buffer: Buffer, from: number, end: number): boolean;
  /** Several writes until `uncork` go out together. */
  cork(): void;
  uncork(): void;

  pause(): void;
  /**
   * Reads again. Ignored while the other wire still has bytes of this one's buffer to send: its `onDrained` is the time
   * to ask again. Not so behind `relax`, within `onBytes`: the next read goes into another buffer then.
   */
  resume(): void;
  /** A message is complete: a large read buffer is not needed for now. */
  relax(): void;
  /** Lets the operating system find out whether a silent peer is still there. */
  keepAlive(): void;

  /** Sends what is pending, then says that no more will come. */
  end(): void;
  destroy(): void;
  /** Ends in a way that nobody can take for the end of a message. */
  reset(): void;
}

/** Whoever owns a wire. All calls come from the event loop, never from inside a call to the wire itself. */
export interface WireHandler {
  /**
   * Bytes arrived: `buffer[0, length)`. They are overwritten as soon as the call returns; pass them on with
   * `wire.passOn`, or copy them.
   */
  onBytes(buffer: Buffer, length: number): void;
  /** Everything written so far went to the kernel, after a write that said otherwise. */
  onDrained(): void;
  /** The peer will send no more. */
  onEnd(): void;
  /** Once, at the very end. `error` is null after an orderly close. */
  onClosed(error: Error | null): void;
  /** Only on wires that opened the connection themselves. */
  onConnected(): void;
  /** The handler threw, which is a bug of this program: the connection is destroyed, everything else goes on. */
  onFault(error: unknown): void;
}
