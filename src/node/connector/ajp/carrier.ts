import { METHODS } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { AjpForwardRequest } from '../../../core/ajp/index.ts';

/** What happens on a carrier. */
export interface CarrierListener {
  /** The HTTP server can take more of the request. */
  readonly wanted: () => void;
  /** It has written a part of its answer. `done` when it may write more. */
  readonly said: (bytes: Buffer, done: () => void) => void;
  /** It has ended the connection. */
  readonly ended: () => void;
}

/**
 * A connection that exists only inside this process: over it the HTTP server of all nodes gets the requests that came by AJP,
 * as HTTP/1.1. Addresses are those of the connection of the balancer.
 */
export function createCarrier(socket: Socket, listener: CarrierListener): Duplex {
  const carrier = new Duplex({
    read: listener.wanted,
    write: (bytes: Buffer, _encoding, done) => listener.said(bytes, done),
    writev: (writes, done) => listener.said(Buffer.concat(writes.map(({ chunk }) => chunk as Buffer)), done),
    final: (done) => {
      done();
      listener.ended();
    },
    destroy: (error, done) => {
      done(error);
      listener.ended();
    },
  });
  // It shows as the end of the connection.
  carrier.on('error', () => carrier.destroy());
  return Object.assign(carrier, {
    // The times of the connection are kept where its bytes come in.
    setTimeout: () => carrier,
    setNoDelay: () => carrier,
    destroySoon: () => carrier.destroy(),
    localAddress: socket.localAddress,
    localPort: socket.localPort,
    remoteAddress: socket.remoteAddress,
    remotePort: socket.remotePort,
    remoteFamily: socket.remoteFamily,
  });
}

/** What the HTTP server is told of a body: nothing, that it has no byte, or that its end shows when it comes. */
export type CarriedBody = 'none' | 'empty' | 'chunked';

/** What is about the connection and not the request, and what would make the HTTP server do more than answer. */
const NOT_CARRIED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

const HTTP_METHODS: ReadonlySet<string> = new Set(METHODS);
/** In place of one that Node's HTTP server does not know; the application is told the real one. */
const METHOD_STAND_IN = 'POST';

/** The target of a request as HTTP has it. */
export function targetOf({ uri, attributes }: AjpForwardRequest): string {
  const query = attributes.find(({ name }) => name === 'query_string')?.value;
  return query === undefined ? uri : `${uri}?${query}`;
}

/** The head under which a request travels over a carrier; the method decides whether its answer has a body. */
export function carriedHead(request: AjpForwardRequest, body: CarriedBody): string {
  const { method, headers, serverName, serverPort } = request;
  let head = `${HTTP_METHODS.has(method) && method !== 'CONNECT' ? method : METHOD_STAND_IN} ${targetOf(request)} HTTP/1.1\r\n`;
  let hasHost = false;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (NOT_CARRIED.has(lower)) continue;
    hasHost ||= lower === 'host';
    head += `${name}: ${value}\r\n`;
  }
  if (!hasHost) head += `Host: ${serverName}:${serverPort}\r\n`;
  if (body === 'empty') head += 'Content-Length: 0\r\n';
  if (body === 'chunked') head += 'Transfer-Encoding: chunked\r\n';
  return `${head}\r\n`;
}
