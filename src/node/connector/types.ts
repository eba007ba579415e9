import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { FaultBoard } from '../faults/types.ts';

/** What answers behind a connector. `OPTIONS *` never reaches it: that is how balancers ping (reference §5.2). */
export interface Application {
  readonly request: RequestListener;
  /** WebSocket handshakes; other upgrades arrive as plain requests. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export interface AjpConnectorOptions {
  /** What balancers have to say with each request; without it none is asked for. */
  readonly secret?: string;
  /** The most bytes of a packet, 8192 to 65536, default 8192. A balancer must not send longer ones. */
  readonly packetBytes?: number;
}

/** A certificate with its chain and its key, PEM. */
export interface CertificateAndKey {
  readonly cert: string;
  readonly key: string;
}

/** The node's end of TLS. Connectors that are given the same object share what OpenSSL makes of it. */
export interface ConnectorTls extends CertificateAndKey {
  /** Authorities of the balancers' certificates, PEM; with it balancers have to show one. */
  readonly ca?: string;
  /** What the faults `tls-expired` and `tls-wrong-host` show; without it the right one. */
  readonly falseCertificate?: (kind: 'expired' | 'wrong-host') => CertificateAndKey;
}

export interface ConnectorOptions {
  readonly route: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Default `http`; `ws` and `wss` are `http` and `https` under the names that balancers want for WebSockets. */
  readonly type?: string;
  /** Of a connector of type `https` or `wss`, which needs it. */
  readonly tls?: ConnectorTls;
  /** Of a connector of type `ajp`. */
  readonly ajp?: AjpConnectorOptions;
  readonly application: Application;
  /** Without it no fault ever strikes, and sockets are not looked at. */
  readonly faults?: FaultBoard;
  /** Told of each request when it begins and when it is over; the path has neither query nor path parameters. */
  readonly onRequest?: (path: string) => () => void;
  /** The connection is announced to be closed with this response, as Tomcat does with the 100th; default: never. */
  readonly maxRequestsPerConnection?: number;
  /** Serves a second route at the address of another connector of this process; host and port are those of that one. */
  readonly shareWith?: Connector;
  readonly clock?: Clock;
}

/** The port of a node that balancers send requests to. */
export interface Connector {
  readonly port: number;
  /** Requests received since the start, pings of balancers not counted. */
  readonly requestCount: () => number;
  /** Requests being answered now, and WebSockets that are open. */
  readonly inFlight: () => number;
  /**
   * Takes no more connections and closes those that idle; running responses are the last of theirs. Resolves when all are
   * answered, or cut off after `timeoutMs`. An address that is shared goes with the last of its connectors.
   */
  close(timeoutMs: number): Promise<void>;
  /** Resets every connection at once, as the end of a process does; at a shared address those it is busy on. */
  kill(): Promise<void>;
}
