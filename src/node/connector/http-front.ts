import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Longer than balancers keep idle connections (60 s), so that it is they who close them. */
export const KEEP_IDLE_MS = 65_000;

/** Who answers what comes over a connection. */
interface Answerer {
  /** The request waits with its body for `100 Continue` (RFC 9110 §10.1.1) if `expectsContinue`; nobody has said it yet. */
  request(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void;
  /** Handshake of a WebSocket (RFC 6455 §4.1). */
  upgrade(request: IncomingMessage, head: Buffer): void;
}

const answerers = new WeakMap<Duplex, Answerer>();
let front: Server | undefined;

/**
 * Reads HTTP/1.1 from a connection. One HTTP server reads those of all nodes of the process and never listens itself: a
 * server each would cost ten thousand nodes ten thousand timers.
 */
export function serveHttp(stream: Duplex, answerer: Answerer): void {
  answerers.set(stream, answerer);
  front ??= createFront();
  // Who connects and never asks is not kept longer than who is done asking; the HTTP server sets its own times after that.
  if ('setTimeout' in stream && typeof stream.setTimeout === 'function') stream.setTimeout(KEEP_IDLE_MS);
  front.emit('connection', stream);
}

let carriedFront: Server | undefined;
const carriedAnswers = new WeakMap<Duplex, (request: IncomingMessage, response: ServerResponse) => void>();

/** More than the largest packet of AJP can carry, spelt out. */
const MOST_CARRIED_HEAD_BYTES = 256 * 1024;

/** Reads HTTP/1.1 from a connection inside of this process: what came by AJP, and is neither an upgrade nor waits for 100. */
export function serveCarried(
  stream: Duplex,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  carriedFront ??= createCarriedFront();
  carriedAnswers.set(stream, answer);
  carriedFront.emit('connection', stream);
}

function createCarriedFront(): Server {
  return createServer({ keepAliveTimeout: 0, maxHeaderSize: MOST_CARRIED_HEAD_BYTES }, (request, response) => {
    carriedAnswers.get(request.socket)?.(request, response);
  });
}

function createFront(): Server {
  const onRequest = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void => {
    request.socket.setTimeout(0);
    answerers.get(request.socket)?.request(request, response, expectsContinue);
  };
  const server = createServer({ keepAliveTimeout: KEEP_IDLE_MS }, (request, response) =>
    onRequest(request, response, false),
  );
  server.on('checkContinue', (request, response) => onRequest(request, response, true));
  server.on('upgrade', (request, socket, head) => {
    request.socket.setTimeout(0);
    const answerer = answerers.get(socket);
    if (answerer === undefined) return;
    if (request.headers.upgrade?.toLowerCase() === 'websocket') answerer.upgrade(request, head);
    else ignoreUpgrade(server, request, socket, head);
  });
  return server;
}

/**
 * A server may ignore an upgrade it does not know (RFC 9110 §7.8), such as the `h2c` of curl and Java, which some balancers
 * pass on (reference §5.6). Node's HTTP server has let go of the connection by now, so it gets the request once more,
 * without the field that made it an upgrade.
 */
function ignoreUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.toLowerCase() !== 'upgrade') text += `${name}: ${rawHeaders[i + 1] ?? ''}\r\n`;
  }
  if (head.length > 0) socket.unshift(head);
  socket.unshift(Buffer.from(`${text}\r\n`, 'latin1'));
  server.emit('connection', socket);
}
