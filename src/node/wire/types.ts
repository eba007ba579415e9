import type { HttpAnswer, Pair } from '../../client/answer.ts';

/**
 * Whose manners a node has: ours, or those of the Java node with its weaknesses (reference §9, the interop measurements).
 */
export type Manners = 'mcmp' | 'java';

/** One message as a node says it. */
export interface Outgoing {
  readonly method: string;
  /** `/*` is the node-wide form; the path of the balancer's URL (`proxyURL`) is put in front by the wire. */
  readonly target: '/' | '/*';
  /** In the order in which they are sent. */
  readonly pairs: readonly Pair[];
  /**
   * The node whose rows are wanted of INFO, said in a header of ours: `mcmp serve` then leaves the others out, and nobody
   * else looks at it. A fleet that comes would be told of itself a thousand times. Never said with Java manners.
   */
  readonly about?: string;
}

/** One balancer in the eyes of a node: one connection at a time, one exchange at a time. */
export interface McmpWire {
  /** As shown to people: `127.0.0.1:8090`, with the scheme when it is https. */
  readonly address: string;
  /** Our side of the connection that was last open, for connectors that listen on all addresses; undefined before the first. */
  localAddress(): string | undefined;
  /**
   * Sends a message and reads the whole answer, whatever it is. A kept connection that turns out to be dead is replaced
   * once (reference §9.2).
   * @throws McmpError when no answer came that can be read; the signal's reason when it was aborted
   */
  exchange(message: Outgoing, signal: AbortSignal): Promise<HttpAnswer>;
  /**
   * Closes the connection, after the exchange that is under way, if any; the next exchange resolves the name again and
   * opens another.
   */
  disconnect(): void;
  /** Ends for good: whoever waits for an answer, and whoever asks later, gets an McmpError `MCMP_WIRE_CLOSED`. */
  close(): Promise<void>;
}
