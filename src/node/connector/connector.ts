import { createServer, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { McmpError } from '../../core/errors.ts';

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

/** Longer than balancers keep idle connections (60 s), so that it is they who close them. */
const KEEP_IDLE_MS = 65_000;

/**
 * Listens and hands requests to the application. `OPTIONS *` never reaches it: balancers ping HTTP nodes that way
 * (reference §5.2), and any 200 will do.
 * @throws McmpError `MCMP_LISTEN`
 */
export async function openConnector(host: string, port: number, application: RequestListener): Promise<Connector> {
  let requests = 0;
  let inFlight = 0;
  let closing = false;
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: KEEP_IDLE_MS }, (request, response) => {
    if (request.method === 'OPTIONS' && request.url === '*') {
      response.writeHead(200, { Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS', 'Content-Length': '0' }).end();
      return;
    }
    requests += 1;
    inFlight += 1;
    response.once('close', () => {
      inFlight -= 1;
      if (closing) server.closeIdleConnections();
    });
    application(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new McmpError('unreachable', 'MCMP_LISTEN', `the node cannot listen on ${host}:${port}: ${error.message}`, {
          hint: 'Port 0 takes any free port.',
          cause: error,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const closed = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
    });

  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    requestCount: () => requests,
    inFlight: () => inFlight,
    async close(timeoutMs) {
      closing = true;
      const done = closed();
      server.closeIdleConnections();
      const deadline = setTimeout(() => server.closeAllConnections(), timeoutMs);
      await done;
      clearTimeout(deadline);
    },
    async kill() {
      const done = closed();
      for (const socket of sockets) socket.resetAndDestroy();
      await done;
    },
  };
}
