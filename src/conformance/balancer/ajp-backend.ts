import type { Socket } from 'node:net';
import {
  type AjpForwardRequest,
  AjpRequestReader,
  CPONG,
  DEFAULT_PACKET_BYTES,
  END_RESPONSE_CLOSE,
  END_RESPONSE_REUSE,
  getBodyChunk,
  MOST_PACKET_BYTES,
  mostBodyBytes,
  SEND_BODY_CHUNK_TAIL,
  sendBodyChunkHead,
  writeSendHeaders,
} from '../../core/ajp/index.ts';
import { type BackendOptions, SERVED_BY } from './backend.ts';

/** What an AJP backend was sent, apart from pings. */
export interface AjpSeen {
  /** Heads of requests, `OPTIONS *` left out. */
  readonly requests: AjpForwardRequest[];
  /** Byte strings, one for each of the requests; filled as the body comes. */
  readonly bodies: string[];
  /** What was against AJP/1.3, or against what the backend said. */
  readonly problems: string[];
  /** How many connections were closed. */
  closed: number;
}

export function nothingSeen(): AjpSeen {
  return { requests: [], bodies: [], problems: [], closed: 0 };
}

/** How a backend answers; left out: 200 without a body, and leave to use the connection again. */
export interface AjpAnswer {
  readonly status?: number;
  /** Beside the one that names the route. */
  readonly headers?: readonly (readonly [string, string])[];
  /** Byte strings, each sent as a packet of its own; without any there is `Content-Length: 0`. */
  readonly chunks?: readonly string[];
  /** Says in END_RESPONSE that the connection cannot be used again. It is not closed here. */
  readonly noReuse?: true;
  /** Behind this answer the connection is dead: nothing is answered on it, not even CPING. */
  readonly thenSilent?: true;
}

/**
 * An AJP server of ours: answers CPING, writes requests down, asks for their bodies to the end, and answers.
 *
 * @param seen where it is written down
 * @param answer by the number of the request, from 1
 */
export function ajpBackend(
  seen: AjpSeen,
  route: () => string,
  answer: (request: number) => AjpAnswer = () => ({}),
): BackendOptions {
  return {
    raw: (socket) => {
      new AjpBackendConnection(socket, seen, route, answer);
    },
  };
}

class AjpBackendConnection {
  readonly #socket: Socket;
  readonly #seen: AjpSeen;
  readonly #route: () => string;
  readonly #answer: (request: number) => AjpAnswer;
  // Whoever configured the balancer chose the size of its packets; all are taken.
  readonly #reader = new AjpRequestReader({ packetBytes: MOST_PACKET_BYTES });
  /** The request that is being read is one to be written down. */
  #isSeen = false;
  #bodyEnded = true;
  /** Why no further request may come. */
  #over = '';
  #silent = false;

  constructor(socket: Socket, seen: AjpSeen, route: () => string, answer: (request: number) => AjpAnswer) {
    this.#socket = socket;
    this.#seen = seen;
    this.#route = route;
    this.#answer = answer;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('close', () => {
      seen.closed += 1;
    });
  }

  onForwardRequest(request: AjpForwardRequest, contentLength: number): void {
    const { requests, bodies, problems } = this.#seen;
    if (this.#over !== '') problems.push(`a FORWARD_REQUEST on a connection ${this.#over}`);
    if (this.#silent) return;
    this.#isSeen = request.uri !== '*';
    if (this.#isSeen) {
      requests.push(request);
      bodies.push('');
    }
    this.#bodyEnded = false;
    if (contentLength === 0 || (contentLength === -1 && !hasBody(request))) this.onBodyEnd();
    else if (contentLength === -1) this.#askForBody();
  }

  onBody(buffer: Buffer, from: number, to: number): void {
    const { bodies } = this.#seen;
    if (this.#isSeen) bodies.push(`${bodies.pop() ?? ''}${buffer.toString('latin1', from, to)}`);
  }

  onBodyPacketEnd(): void {
    if (!this.#bodyEnded) this.#askForBody();
  }

  onBodyEnd(): void {
    if (this.#bodyEnded) return;
    this.#bodyEnded = true;
    this.#send(this.#isSeen ? this.#answer(this.#seen.requests.length) : {});
  }

  onCping(): void {
    if (!this.#silent) this.#socket.write(CPONG);
  }

  onShutdown(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#reader.read(chunk, 0, chunk.length, this);
    const { violation } = this.#reader;
    if (violation === null) return;
    this.#seen.problems.push(`${violation.message} (${violation.code})`);
    this.#socket.destroy();
  }

  #askForBody(): void {
    this.#reader.expectBody();
    this.#socket.write(getBodyChunk(mostBodyBytes(DEFAULT_PACKET_BYTES)));
  }

  #send({ status = 200, headers = [], chunks = [], noReuse, thenSilent }: AjpAnswer): void {
    const lines = [
      [SERVED_BY, this.#route()] as const,
      ...(chunks.length === 0 ? [['Content-Length', '0'] as const] : []),
      ...headers,
    ];
    const head = writeSendHeaders(status, 'As asked', lines, MOST_PACKET_BYTES);
    if (head === null) throw new RangeError('The head of an answer does not fit into a packet.');
    const body = chunks.flatMap((chunk) => {
      const data = Buffer.from(chunk, 'latin1');
      return [sendBodyChunkHead(data.length), data, SEND_BODY_CHUNK_TAIL];
    });
    const end = noReuse === true ? END_RESPONSE_CLOSE : END_RESPONSE_REUSE;
    this.#socket.write(Buffer.concat([head, ...body, end]));
    this.#silent = thenSilent === true;
    if (noReuse === true) this.#over = 'of which END_RESPONSE said that it cannot be used again';
    else if (thenSilent === true) this.#over = 'on which CPING was not answered';
  }
}

/** Whether a request without Content-Length has a body: HTTP says it so, and AJP has no other word for it. */
function hasBody({ method }: AjpForwardRequest): boolean {
  return method === 'POST';
}
