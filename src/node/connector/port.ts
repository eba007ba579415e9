import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { DEFAULT_PACKET_BYTES } from '../../core/ajp/index.ts';
import { McmpError, UsageError } from '../../core/errors.ts';
import { digestOf } from '../../core/secret.ts';
import { systemClock } from '../clock.ts';
import { type ConnectionFaults, putFaultsOn } from '../faults/traffic/connection-faults.ts';
import { ajpHeadEnd, httpHeadEnd } from '../faults/traffic/head-end.ts';
import { tlsFaultsOf } from '../faults/traffic/tls-faults.ts';
import { type AjpFrontOptions, serveAjp } from './ajp/ajp-front.ts';
import type { AjpWire } from './ajp/ajp-wire.ts';
import { noteArrival, type TlsArrival } from './arrival.ts';
import { connectorTypeOf } from './connector-types.ts';
import { openDoor } from './door.ts';
import { finish, reset } from './endings.ts';
import { serveHttp } from './http-front.ts';
import { answerPings, PING_HEADERS } from './pings.ts';
import { begin, type Resident, residentFor } from './resident.ts';
import { leadThroughTls } from './tls/lead-through-tls.ts';
import { describeTls } from './tls/tls-end.ts';

/**
 * More requests that wait on one connection for their answers end it: a few bytes each would take kilobytes of memory here
 * for as long as somebody asks to wait. Balancers send one at a time.
 */
const MOST_PIPELINED = 100;

/** One connection of a balancer. */
interface Connection {
  /** Of the balancer; what is spoken may be encrypted. */
  readonly socket: Socket;
  /** What is spoken over it: the socket itself, what is inside of TLS, or what shapes its bytes. */
  stream: Duplex;
  faults: ConnectionFaults | undefined;
  /** Set when it speaks AJP. */
  ajp: AjpWire | undefined;
  /** Set when it is encrypted. */
  tls: TlsArrival | undefined;
  /** Requests that came over it. */
  requests: number;
  /** Of them and of pings, those that are not answered yet. */
  unanswered: number;
  /** What is being answered on it, a WebSocket included. */
  readonly running: Map<Duplex | ServerResponse, Running>;
}

interface Running {
  readonly resident: Resident;
  readonly over: () => void;
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

/**
 * Opens an address for its first resident. The clock and the faults of connections are that resident's.
 * @throws McmpError `MCMP_LISTEN`
 */
export async function openPort(first: Resident): Promise<Port> {
  const { host, port: wantedPort, faults: board, clock = systemClock } = first.options;
  const residents = [first];
  const connections = new Set<Connection>();
  let closing = false;
  let turns = 0;
  const whenEmpty: (() => void)[] = [];
  const { speaks } = connectorTypeOf(first.options);
  const { tls } = first.options;
  const ajp = speaks === 'ajp' ? ajpFrontOptions(first) : undefined;

  /** The node that a connection belongs to before a request says for whom it is. */
  const hostRoute = (): string => (residents[0] ?? first).options.route;

  const accept = (socket: Socket): void => {
    const connection: Connection = {
      socket,
      stream: socket,
      faults: undefined,
      ajp: undefined,
      tls: undefined,
      requests: 0,
      unanswered: 0,
      running: new Map(),
    };
    connections.add(connection);
    // An error is always followed by close, which is what counts here; after a handshake nobody else listens for it.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      connections.delete(connection);
      // Requests that were pipelined behind the one being answered have no end of their own.
      for (const { over } of connection.running.values()) over();
      if (connections.size === 0) for (const wake of whenEmpty.splice(0)) wake();
    });
    if (tls === undefined) {
      serveOn(connection, socket);
      return;
    }
    const tlsFaults = board === undefined ? undefined : tlsFaultsOf(socket, board, clock, hostRoute());
    leadThroughTls(socket, tls, tlsFaults, (secure) => {
      connection.tls = describeTls(secure);
      serveOn(connection, secure);
    });
  };

  /** @param socket what is spoken over, faults apart */
  const serveOn = (connection: Connection, socket: Socket): void => {
    const headEnd = ajp === undefined ? httpHeadEnd() : ajpHeadEnd();
    const faults = board === undefined ? undefined : putFaultsOn(socket, board, clock, hostRoute(), headEnd);
    const stream = faults?.stream ?? socket;
    connection.stream = stream;
    connection.faults = faults;
    if (ajp !== undefined) {
      connection.ajp = serveAjp(stream, socket, ajp, {
        request: (request, response) => answer(connection, request, response, false),
        ping: (pong) => (faults === undefined ? pong() : faults.meetCping(hostRoute(), pong)),
      });
      return;
    }
    const serve = (): void =>
      serveHttp(stream, {
        request: (request, response, expectsContinue) => answer(connection, request, response, expectsContinue),
        upgrade: (request, head) => upgrade(connection, request, head),
      });
    if (faults === undefined) answerPings(socket, serve);
    else serve();
  };

  const take = (connection: Connection, request: IncomingMessage, running: Duplex | ServerResponse): Resident => {
    const resident = residentFor(residents, request, turns++);
    const over = begin(resident, request.url ?? '/');
    connection.requests += 1;
    connection.running.set(running, { resident, over });
    running.once('close', () => {
      connection.running.delete(running);
      over();
      if (!door.isOpen() && connection.running.size === 0) finish(connection.stream);
    });
    return resident;
  };

  const answer = (
    connection: Connection,
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
  ): void => {
    const { faults } = connection;
    connection.unanswered += 1;
    response.once('close', () => {
      connection.unanswered -= 1;
    });
    if (connection.unanswered > MOST_PIPELINED) {
      connection.socket.destroy();
      return;
    }
    if (request.method === 'OPTIONS' && request.url === '*') {
      if (faults === undefined) answerPing(response, 200);
      else faults.meetPing(hostRoute(), response, (status) => answerPing(response, status));
      return;
    }
    if (connection.tls !== undefined) noteArrival(request, connection.tls);
    const { options } = take(connection, request, response);
    // Tomcat ends a connection of AJP never by itself.
    const isLast = !door.isOpen() || (ajp === undefined && connection.requests === options.maxRequestsPerConnection);
    if (isLast) response.shouldKeepAlive = false;
    const hand = (): void => {
      if (expectsContinue) response.writeContinue();
      options.application.request(request, response);
    };
    if (faults === undefined) hand();
    else faults.meetRequest(options.route, request, response, connection.ajp, hand);
  };

  const upgrade = (connection: Connection, request: IncomingMessage, head: Buffer): void => {
    const { stream, faults } = connection;
    if (connection.tls !== undefined) noteArrival(request, connection.tls);
    const { options } = take(connection, request, stream);
    const hand = (): void => options.application.upgrade(request, stream, head);
    if (faults === undefined) hand();
    else faults.meetRequest(options.route, request, undefined, undefined, hand);
  };

  const finishAll = (): void => {
    for (const { stream, running } of connections) {
      if (running.size === 0) finish(stream);
      for (const one of running.keys()) if ('headersSent' in one && !one.headersSent) one.shouldKeepAlive = false;
    }
  };

  const isRefusing = (): boolean =>
    board !== undefined && residents.some(({ options }) => board.isOn('refuse', options.route));
  const door = await openDoor({
    host,
    port: wantedPort,
    clock,
    accept,
    shallBeOpen: () => !closing && !isRefusing(),
    onShut: () => {
      if (closing) return;
      for (const { options } of residents) board?.strike('refuse', options.route);
      finishAll();
    },
  });
  const stopLooking = board?.onChange(door.look);

  return {
    number: door.port,
    residents,
    isClosing: () => closing,
    shut() {
      closing = true;
      stopLooking?.();
      door.look();
    },
    finish: finishAll,
    empty: () =>
      new Promise((resolve) => {
        if (connections.size === 0) resolve();
        else whenEmpty.push(resolve);
      }),
    cutOff(how, resident) {
      for (const { socket, running } of connections) {
        if (resident !== undefined && ![...running.values()].some((one) => one.resident === resident)) continue;
        if (how === 'reset') reset(socket);
        else socket.destroy();
      }
    },
  };
}

function ajpFrontOptions({ options: { ajp = {} } }: Resident): AjpFrontOptions {
  const { secret, packetBytes = DEFAULT_PACKET_BYTES } = ajp;
  // Compared with what comes over the wire, where each character is one byte.
  const secretDigest = secret === undefined ? undefined : digestOf(Buffer.from(secret).toString('latin1'));
  return { secretDigest, packetBytes };
}

function answerPing(response: ServerResponse, status: number): void {
  response.writeHead(status, PING_HEADERS).end();
}

/**
 * @throws McmpError `MCMP_LISTEN` when the port is about to close
 * @throws UsageError when something else is spoken there
 */
export function moveIn(port: Port, resident: Resident): void {
  const there = connectorTypeOf((port.residents[0] ?? resident).options);
  const own = connectorTypeOf(resident.options);
  if (own.speaks !== there.speaks || own.isEncrypted !== there.isEncrypted) {
    const { route, type = 'http' } = resident.options;
    throw new UsageError(
      `${route} is of type ${type} and cannot share port ${port.number}, where something else is spoken`,
    );
  }
  if (port.isClosing()) {
    const { route } = resident.options;
    throw new McmpError('unreachable', 'MCMP_LISTEN', `${route} cannot share port ${port.number}: it is being closed`, {
      hint: 'Give the node a port of its own, or share that of a node that stays.',
    });
  }
  port.residents.push(resident);
}
