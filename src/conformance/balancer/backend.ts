import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import type { Duplex } from 'node:stream';

/** A request that reached a backend. */
export interface BackendRequest {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  /** As they came, in order. */
  readonly headers: readonly (readonly [string, string])[];
  /** Byte string; filled when the body is complete. */
  body: string;
  /** Values of a header, in lower case names; joined by `, `. */
  header(name: string): string | undefined;
  /** Number of the connection, from 1. */
  readonly connection: number;
}

export interface BackendOptions {
  /** Answers instead of the default, which says 200 and names the route; pings (`OPTIONS *`) come to `ping`. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse, seen: BackendRequest) => void;
  readonly ping?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers an `Upgrade`; default: the connection is closed. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Takes whole connections instead of speaking HTTP: for exact bytes. */
  readonly raw?: (socket: Socket, connection: number) => void;
}

/** A web server that stands behind a node, and remembers what reached it. */
export interface Backend {
  readonly host: string;
  readonly port: number;
  /** Requests other than pings, in the order in which their heads came. */
  readonly requests: readonly BackendRequest[];
  /** `OPTIONS *` of the balancer. */
  readonly pings: readonly BackendRequest[];
  /** Connections that were opened so far. */
  connections(): number;
  /** Stops listening and cuts off what is open: the node is dead. */
  kill(): Promise<void>;
  /** Listens again on the same port. */
  revive(): Promise<void>;
  /** Named in answers, so that a client can tell who served it. */
  route: string;
}

/** Header by which a backend of ours says who it is. */
export const SERVED_BY = 'X-Served-By';

/**
 * Starts a web server on a free port of the loopback interface.
 * @param usedPorts ports that are not taken although they are free; the new one is added
 */
export async function startBackend(options: BackendOptions = {}, usedPorts: Set<number> = new Set()): Promise<Backend> {
  const requests: BackendRequest[] = [];
  const pings: BackendRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const numbers = new WeakMap<Socket, number>();
  const accept = (socket: Socket): void => {
    connections += 1;
    numbers.set(socket, connections);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Whatever the balancer does to the connection is what the case looks at.
    socket.on('error', () => socket.destroy());
  };
  const see = (request: IncomingMessage): BackendRequest => {
    const seen = readRequest(request, numbers.get(request.socket) ?? 0);
    const isPing = request.method === 'OPTIONS' && request.url === '*';
    (isPing ? pings : requests).push(seen);
    return seen;
  };
  const backend = { route: '' };
  const http = (): Server => {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      const seen = see(request);
      if (request.method === 'OPTIONS' && request.url === '*') {
        request.resume();
        if (options.ping === undefined) response.writeHead(200, { 'Content-Length': '0' }).end();
        else options.ping(request, response);
        return;
      }
      response.setHeader(SERVED_BY, backend.route);
      if (options.answer !== undefined) options.answer(request, response, seen);
      else answerWhole(request, response, backend.route);
    });
    server.on('upgrade', (request, socket, head) => {
      see(request);
      if (options.upgrade === undefined) socket.destroy();
      else options.upgrade(request, socket, head);
    });
    server.on('connection', accept);
    return server;
  };
  const tcp = (raw: (socket: Socket, connection: number) => void): TcpServer =>
    createTcpServer((socket) => {
      accept(socket);
      raw(socket, connections);
    });
  const { raw } = options;
  const create = (): TcpServer => (raw === undefined ? http() : tcp(raw));
  const unused = await listenOnUnused(create, usedPorts);
  const { port } = unused;
  let { server } = unused;
  return Object.assign(backend, {
    host: '127.0.0.1',
    port,
    requests,
    pings,
    connections: () => connections,
    kill: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    async revive(): Promise<void> {
      server = create();
      await listen(server, port);
    },
  });
}

/** An address that refuses connections, and goes on doing so until it is let go. */
export interface DeadAddress {
  readonly host: string;
  readonly port: number;
  release(): Promise<void>;
}

/**
 * Keeps a port of the loopback interface busy as the near end of a connection: nobody listens there, and nobody else can.
 * @param usedPorts as for backends: a balancer may still know them
 */
export async function holdDeadAddress(usedPorts: Set<number>): Promise<DeadAddress> {
  const far = createTcpServer();
  const farPort = await listen(far, 0);
  const near = connect({ host: '127.0.0.1', port: farPort, localAddress: '127.0.0.1' });
  const [[farEnd]] = (await Promise.all([once(far, 'connection'), once(near, 'connect')])) as [[Socket], unknown];
  const release = (): Promise<void> =>
    new Promise((resolve) => {
      near.destroy();
      farEnd.destroy();
      far.close(() => resolve());
    });
  const port = near.localPort ?? 0;
  if (!usedPorts.has(port)) {
    usedPorts.add(port);
    return { host: '127.0.0.1', port, release };
  }
  const unused = await holdDeadAddress(usedPorts);
  await release();
  return unused;
}

/** Reads the body to its end, then says who answered. */
function answerWhole(request: IncomingMessage, response: ServerResponse, route: string): void {
  request.resume();
  request.once('end', () => {
    const body = `served by ${route}\n`;
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': String(body.length) });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
}

function readRequest(request: IncomingMessage, connection: number): BackendRequest {
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    headers.push([request.rawHeaders[at] ?? '', request.rawHeaders[at + 1] ?? '']);
  }
  const seen: BackendRequest = {
    method: request.method ?? '',
    target: request.url ?? '',
    httpVersion: request.httpVersion,
    headers,
    body: '',
    connection,
    header(name) {
      const values = headers.filter(([other]) => other.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
      return values.length === 0 ? undefined : values.join(', ');
    },
  };
  request.on('data', (chunk: Buffer) => {
    seen.body += chunk.toString('latin1');
  });
  return seen;
}

/** Listens on a free port that has not been used before, and marks it as used. */
async function listenOnUnused(
  create: () => TcpServer,
  used: Set<number>,
): Promise<{ readonly server: TcpServer; readonly port: number }> {
  const server = create();
  const port = await listen(server, 0);
  if (!used.has(port)) {
    used.add(port);
    return { server, port };
  }
  // The used one stays open meanwhile, so that the system does not offer it again.
  const unused = await listenOnUnused(create, used);
  server.close();
  return unused;
}

function listen(server: TcpServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
