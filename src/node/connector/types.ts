import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FaultBoard } from '../faults/types.ts';

/** What answers behind a connector. `OPTIONS *` never reaches it: that is how balancers ping (reference §5.2). */
export interface Application {
  readonly request: RequestListener;
  /** WebSocket handshakes. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export interface ConnectorOptions {
  readonly route: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly application: Application;
  /** Without it no fault ever strikes, and sockets are not looked at. */
  readonly faults?: FaultBoard;
  /** Told of each request when it begins and when it is over; the path has no query. */
  readonly onRequest?: (path: string) => () => void;
}

/** The port of a node that balancers send requests to. */
export interface Connector {
  readonly port: number;
  /** Requests received since the start, pings of balancers not counted. */
  readonly requestCount: () => number;
  /** Requests being answered now. */
  readonly inFlight: () => number;
  /** Takes no more connections; resolves when the running requests are answered, or cut off after `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
  /** Resets every connection at once, as the end of a process does. */
  kill(): Promise<void>;
}
