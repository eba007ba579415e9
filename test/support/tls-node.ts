import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { identityOf, testCertificates } from './certificates.ts';
import { freeAfter } from './cleanup.ts';

export interface TlsNode {
  readonly port: number;
  /** Handshakes that were completed, with what each brought. */
  readonly handshakes: readonly Handshake[];
  /** What `tls` of `node:tls` is told, from the next connection on. */
  setIdentity(identity: { readonly cert: string; readonly key: string }): void;
  kill(): void;
}

export interface Handshake {
  readonly serverName: string;
  readonly alpn: string;
  readonly resumed: boolean;
  readonly version: string;
  /** Common name of the certificate that the client showed; empty: none. */
  readonly client: string;
}

/** An https node that answers each request with `answer`, or with its name. */
export async function startHttpsNode(
  name: string,
  options: TlsOptions = {},
  answer?: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TlsNode> {
  const server = createServer({ ALPNProtocols: ['http/1.1'], ...withIdentity(options) }, (request, response) => {
    if (answer !== undefined && request.url !== '*') answer(request, response);
    else response.end(name);
  });
  return await listening(server);
}

/** A server that speaks bytes behind its handshake. */
export async function startRawTlsNode(
  onConnection: (socket: TLSSocket) => void,
  options: TlsOptions = {},
): Promise<TlsNode> {
  const server = createTlsServer({ allowHalfOpen: true, ...withIdentity(options) }, (socket) => {
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  return await listening(server);
}

function withIdentity(options: TlsOptions): TlsOptions {
  return { ...identityOf(testCertificates().server), ...options };
}

async function listening(server: ReturnType<typeof createTlsServer>): Promise<TlsNode> {
  const handshakes: Handshake[] = [];
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('secureConnection', (socket) => {
    handshakes.push({
      serverName: typeof socket.servername === 'string' ? socket.servername : '',
      alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : '',
      resumed: socket.isSessionReused(),
      version: socket.getProtocol() ?? '',
      client: [socket.getPeerCertificate().subject?.CN ?? ''].flat()[0] ?? '',
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no TCP port');
  const kill = (): void => {
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
  };
  freeAfter(kill);
  return { port: address.port, handshakes, setIdentity: (identity) => server.setSecureContext(identity), kill };
}
