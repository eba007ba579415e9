import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { acceptOf } from '../../src/balancer/http2/websocket.ts';
import type { BalancerOptions } from '../../src/balancer/index.ts';
import { openConnector } from '../../src/node/connector/connector.ts';
import type { TestBalancer } from './balancer.ts';
import { identityOf, testCertificates } from './certificates.ts';
import { freeAfter } from './cleanup.ts';

export interface BackNode {
  readonly port: number;
  /** The process of it dies: the port refuses, open connections are reset. */
  kill(): Promise<void>;
}

/** What the balancer speaks to its nodes. */
export interface Back {
  readonly name: 'http' | 'https' | 'ajp';
  /** What the balancer has to be told. */
  readonly options: Partial<BalancerOptions>;
  /** Whether there are trailers, interim responses but 100, and other protocols. AJP has none of them. */
  readonly isHttp: boolean;
}

export const HTTP: Back = { name: 'http', options: {}, isHttp: true };

export const HTTPS: Back = {
  name: 'https',
  get options() {
    return { upstreamTls: { ca: testCertificates().ca, certificate: null, insecure: false } };
  },
  isHttp: true,
};

export const AJP: Back = { name: 'ajp', options: {}, isHttp: false };

/** Opens a WebSocket, in which whatever comes is sent back. */
function repeatBytes({ headers }: IncomingMessage, socket: Duplex): void {
  const accept = acceptOf(headers['sec-websocket-key'] ?? '');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.pipe(socket);
}

/** A node of this kind, registered. It shows its handler the requests of `node:http`, whatever came over the wire. */
export async function startBack(
  lb: TestBalancer,
  { name }: Back,
  route: string,
  handler: RequestListener,
): Promise<BackNode> {
  const connector = await openConnector({
    route,
    host: '127.0.0.1',
    port: 0,
    type: name,
    ...(name === 'https' ? { tls: identityOf(testCertificates().server) } : {}),
    application: { request: handler, upgrade: repeatBytes },
  });
  freeAfter(() => connector.kill());
  await lb.register(route, connector.port, { type: name });
  return { port: connector.port, kill: () => connector.kill() };
}
