import type { IncomingMessage } from 'node:http';
import type { AjpForwardRequest } from '../../core/ajp/index.ts';

/** What a balancer said by AJP about a request and its client (reference §6.5). */
export interface AjpArrival {
  readonly kind: 'ajp';
  /** As it was decoded; `secret` is among its attributes and must not be shown. */
  readonly request: AjpForwardRequest;
  /** -1: the request has no Content-Length, and whether it has a body had to be asked. */
  readonly contentLength: number;
  /** What came of the secret: it was the right one, none came, or the node has none to compare it with. */
  readonly secret: 'right' | 'none' | 'not compared';
}

/** What is known of a connection that is encrypted. */
export interface TlsArrival {
  readonly kind: 'tls';
  /** `TLSv1.3` */
  readonly version: string | null;
  /** As OpenSSL calls it. */
  readonly cipher: string;
  /** What the balancer asked for by SNI. */
  readonly serverName: string | null;
  readonly alpn: string | null;
  /** Subject of the balancer's certificate, when it showed one: `CN=lb1`. */
  readonly clientSubject: string | null;
}

/** How a request came, when it was not by HTTP in clear. */
export type Arrival = AjpArrival | TlsArrival;

const arrivals = new WeakMap<IncomingMessage, Arrival>();

export function noteArrival(request: IncomingMessage, arrival: Arrival): void {
  arrivals.set(request, arrival);
}

/** How a request came; undefined: by HTTP in clear. */
export function arrivalOf(request: IncomingMessage): Arrival | undefined {
  return arrivals.get(request);
}
