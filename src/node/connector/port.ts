import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { McmpError } from '../../core/errors.ts';
import { serveHttp } from './http-front.ts';
import { listen, portOf } from './listen.ts';
import { reset } from './reset.ts';
import { begin, type Resident, residentFor } from './resident.ts';

/** One connection of a balancer. */
interface Connection {
  readonly socket: Socket;
  readonly stream: Duplex;
  /** Requests that came over it. */
  requests: number;
  /** What is being answered on it, a WebSocket included, and for whom. */
  readonly running: Map<Duplex | ServerResponse, Resident>;
}

/** An address with the nodes behind it: one, or several that share it. */
export interface Port {
  readonly number: number;
  readonly residents: Resident[];
  readonly isClosing: () => boolean;
  /** Takes no more connections. */
  shut(): void;
  /** Ends connections that idle; the others end with the response they are at. */
  finish(): void;
  /** Resolves when no connection is left. */
  empty(): Promise<void>;
  /** Ends connections that are busy for one resident, or all. */
  cutOff(how: 'close' | 'reset', resident?: Resident): void;
}

/** @throws McmpError `MCMP_LISTEN` */
export async function openPort(first: Resident): Promise<Port> {
  const { host, port: wantedPort } = first.options;
  const residents = [first];
  const connections = new Set<Connection>();
  let closing = false;
  let turns = 0;
  const whenEmpty: (() => void)[] = [];

  const accept = (socket: Socket): void => {
    const connection: Connection = { socket, stream: socket, requests: 0, running: new Map() };
    connections.add(connection);
    // An error is always followed by close, which is what counts here; after a handshake nobody else listens for it.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      connections.delete(connection);
      if (connections.size === 0) for (const wake of whenEmpty.splice(0)) wake();
    });
    serveHttp(connection.stream, {
      request: (request, response) => answer(connection, request, response),
      upgrade: (request, head) => upgrade(connection, request, head),
    });
  };

  const take = (connection: Connection, request: IncomingMessage, running: Duplex | ServerResponse): Resident => {
    const resident = residentFor(residents, request, turns++);
    const over = begin(resident, request.url ?? '/');
    connection.requests += 1;
    connection.running.set(running, resident);
    running.once('close', () => {
      connection.running.delete(running);
      over();
      if (closing && connection.running.size === 0) connection.socket.destroySoon();
    });
    return resident;
  };

  const answer = (connection: Connection, request: IncomingMessage, response: ServerResponse): void => {
    if (request.method === 'OPTIONS' && request.url === '*') {
      response.writeHead(200, { Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS', 'Content-Length': '0' }).end();
      return;
    }
    const { options } = take(connection, request, response);
    if (closing || connection.requests === options.maxRequestsPerConnection) response.shouldKeepAlive = false;
    options.application.request(request, response);
  };

  const upgrade = (connection: Connection, request: IncomingMessage, head: Buffer): void => {
    const { options } = take(connection, request, connection.stream);
    options.application.upgrade(request, connection.stream, head);
  };

  const server: Server = await listen(host, wantedPort, accept);

  return {
    number: portOf(server),
    residents,
    isClosing: () => closing,
    shut() {
      closing = true;
      server.close();
    },
    finish() {
      for (const { socket, running } of connections) {
        if (running.size === 0) socket.destroySoon();
        for (const one of running.keys()) if ('headersSent' in one && !one.headersSent) one.shouldKeepAlive = false;
      }
    },
    empty: () =>
      new Promise((resolve) => {
        if (connections.size === 0) resolve();
        else whenEmpty.push(resolve);
      }),
    cutOff(how, resident) {
      for (const { socket, running } of connections) {
        if (resident !== undefined && ![...running.values()].includes(resident)) continue;
        if (how === 'reset') reset(socket);
        else socket.destroy();
      }
    },
  };
}

/** @throws McmpError `MCMP_LISTEN` when the port is about to close */
export function moveIn(port: Port, resident: Resident): void {
  if (port.isClosing()) {
    const { route } = resident.options;
    throw new McmpError('unreachable', 'MCMP_LISTEN', `${route} cannot share port ${port.number}: it is being closed`, {
      hint: 'Give the node a port of its own, or share that of a node that stays.',
    });
  }
  port.residents.push(resident);
}
