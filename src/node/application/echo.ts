import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Application } from '../connector/types.ts';

export interface EchoOptions {
  readonly route: string;
  /** Finds the context of a handshake and enters its session; undefined when no context serves it. */
  readonly enter: (request: IncomingMessage) => EchoSession | undefined;
}

interface EchoSession {
  readonly setCookie: string | undefined;
  readonly query: URLSearchParams;
  /** What `?hello` says first. */
  readonly words: object;
}

export interface Echo {
  readonly upgrade: Application['upgrade'];
  /** Closes every WebSocket with 1001. */
  close(): void;
}

/** Longer messages end the connection with 1009. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const GOING_AWAY = 1001;

/**
 * A WebSocket at any path of a context that sends back what it gets, text as text and bytes as bytes, one message at a
 * time. `?hello` makes it speak first, `?close=CODE` end after its first message with that code.
 */
export function createEcho(options: EchoOptions): Echo {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  const cookies = new WeakMap<IncomingMessage, string>();
  server.on('headers', (headers, request) => {
    headers.push(`X-Route: ${options.route}`);
    const cookie = cookies.get(request);
    if (cookie !== undefined) headers.push(`Set-Cookie: ${cookie}`);
  });

  return {
    upgrade(request, socket, head) {
      const session = options.enter(request);
      const closeCode = session === undefined ? undefined : readCloseCode(session.query.get('close'));
      if (session === undefined || typeof closeCode === 'string') {
        refuse(socket, session === undefined ? 404 : 400, {
          route: options.route,
          error: typeof closeCode === 'string' ? closeCode : 'no context of this node serves the path',
        });
        return;
      }
      if (session.setCookie !== undefined) cookies.set(request, session.setCookie);
      server.handleUpgrade(request, socket, head, (webSocket) => {
        if (session.query.has('hello')) webSocket.send(JSON.stringify(session.words));
        echoAll(webSocket, closeCode);
      });
    },
    close() {
      for (const webSocket of server.clients) webSocket.close(GOING_AWAY, 'the node goes away');
    },
  };
}

function echoAll(webSocket: WebSocket, closeCode: number | undefined): void {
  webSocket.on('message', (data, binary) => {
    // Nothing more is read until this one is out: a client that does not read fills its own buffers, not ours.
    webSocket.pause();
    webSocket.send(data, { binary }, () => webSocket.resume());
    if (closeCode !== undefined) webSocket.close(closeCode);
  });
  // Violations of RFC 6455 arrive here after ws has closed the connection with the code for them.
  webSocket.on('error', () => webSocket.terminate());
}

/** @returns the code, undefined when none was asked for, or a sentence that says what is wrong with it */
function readCloseCode(text: string | null): number | string | undefined {
  if (text === null) return undefined;
  const code = /^\d{4}$/.test(text) ? Number(text) : 0;
  const reserved = code < 1000 || code > 4999 || (code >= 1004 && code <= 1006) || (code > 1014 && code < 3000);
  return reserved ? 'close: expected a code that may be sent (RFC 6455 §7.4), for example ?close=4001' : code;
}

function refuse(socket: Duplex, status: 400 | 404, words: { readonly route: string; readonly error: string }): void {
  const body = `${JSON.stringify(words)}\n`;
  const reason = status === 400 ? 'Bad Request' : 'Not Found';
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
