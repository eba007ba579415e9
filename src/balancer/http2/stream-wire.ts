import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Wire, WireHandler } from '../wire.ts';
import type { RequestFraming, RequestText } from './request-text.ts';
import { ResponseWriter } from './response-writer.ts';

const CRLF = Buffer.from('\r\n');

/** What a stream tells the session it belongs to. */
export interface StreamOwner {
  /** Body bytes came in one frame. */
  onData(bytes: number): void;
  /** Lets the operating system find out whether the silent peer of the whole session is there. */
  keepAlive(): void;
  /** @param whole the request was answered, and the answer was taken */
  onStreamOver(stream: StreamWire, whole: boolean): void;
}

/**
 * A stream of HTTP/2 as a connection of HTTP/1.1 that carries one request: its handler is given the request as HTTP/1.1 has
 * it, and what it writes leaves as HEADERS and DATA.
 */
export class StreamWire implements Wire {
  readonly connected = true;
  readonly endUnsaid = false;
  readonly #stream: ServerHttp2Stream;
  readonly #handler: WireHandler;
  readonly #owner: StreamOwner;
  readonly #response: ResponseWriter;
  readonly #framing: RequestFraming;
  readonly #headText: string;
  #left: number;
  #error: Error | null = null;
  #trailers = '';
  /** All of the request was given to the handler. */
  #received = false;

  /**
   * @param request is used again by the caller for the next one
   * @param websocketAccept what a node has to answer that opens a WebSocket; empty: none is asked for
   */
  constructor(
    handler: WireHandler,
    owner: StreamOwner,
    stream: ServerHttp2Stream,
    request: RequestText,
    websocketAccept: string,
  ) {
    this.#handler = handler;
    this.#owner = owner;
    this.#stream = stream;
    this.#framing = request.framing;
    this.#headText = request.text;
    this.#left = request.contentLength;
    this.#response = new ResponseWriter(stream, request.method, websocketAccept);
    stream.on('drain', () => this.#guard(() => this.#handler.onDrained()));
    stream.on('error', (error) => {
      this.#error = error;
    });
    stream.once('close', () => {
      this.#owner.onStreamOver(
        this,
        this.#received && this.#response.over && stream.rstCode === constants.NGHTTP2_NO_ERROR,
      );
      this.#guard(() => this.#handler.onClosed(this.#error));
    });
  }

  /** Gives the handler the request, and what comes of its body from now on. @param ends no body follows */
  begin(ends: boolean): void {
    const text = Buffer.from(this.#headText, 'latin1');
    if (!ends) this.#listen();
    this.#guard(() => this.#handler.onBytes(text, text.length));
    if (ends) this.#end();
  }

  /** The client closed its side of the connection: what has not come will not come. */
  connectionEnded(): void {
    const isHere = this.#stream.state.state === constants.NGHTTP2_STREAM_STATE_HALF_CLOSED_REMOTE;
    if (this.#received || isHere) return;
    this.#received = true;
    this.#guard(() => this.#handler.onEnd());
  }

  get pendingBytes(): number {
    return this.#stream.writableLength;
  }

  /** Of the body, came and not yet given to the handler. */
  get unreadBytes(): number {
    return this.#stream.readableLength;
  }

  get destroyed(): boolean {
    return this.#stream.destroyed;
  }

  get peerIsGone(): boolean {
    return this.#stream.destroyed;
  }

  write(data: string | Buffer): boolean {
    return this.#response.write(data) || this.#stream.writableLength === 0;
  }

  /** What Node.js reads for a stream is written to by nobody else. */
  passOn(to: Wire, buffer: Buffer, from: number, end: number): boolean {
    return to.write(buffer.subarray(from, end));
  }

  cork(): void {
    this.#stream.cork();
  }

  uncork(): void {
    this.#stream.uncork();
  }

  /** No more of the body is taken: the client may send what fits into its window. */
  pause(): void {
    if (!this.#received) this.#stream.pause();
  }

  resume(): void {
    if (!this.#received) this.#stream.resume();
  }

  relax(): void {}

  keepAlive(): void {
    this.#owner.keepAlive();
  }

  /**
   * The response is over. A client that still sends its body is told to stop, when it has read the answer (RFC 9113 §8.1);
   * a response that is not whole ends with a reset.
   */
  end(): void {
    if (!this.#response.end()) this.destroy();
    else if (!this.#received && !this.#response.isTunnel) this.#response.stopRequest();
  }

  destroy(): void {
    const stream = this.#stream;
    if (stream.destroyed) return;
    if (this.#response.over) {
      // All is written but not all is taken: any code but CANCEL would blame somebody.
      if (!stream.closed) stream.close(stream.writableFinished ? constants.NGHTTP2_NO_ERROR : constants.NGHTTP2_CANCEL);
      stream.destroy();
    } else {
      // `close` with a code would let Node.js send END_STREAM first, as if the response were whole; an error does not.
      stream.destroy(new Error('The response could not be completed'));
    }
  }

  reset(): void {
    this.destroy();
  }

  #listen(): void {
    const stream = this.#stream;
    stream.on('data', (data: Buffer) => this.#take(data));
    stream.on('trailers', (_fields, _flags, ...more: unknown[]) => {
      if (this.#framing === 'chunked') this.#trailers = printTrailers(more[0]);
    });
    stream.once('end', () => {
      if (!stream.aborted) this.#end();
    });
  }

  #take(data: Buffer): void {
    this.#owner.onData(data.length);
    if (data.length === 0) return;
    if (this.#framing === 'length') {
      this.#left -= data.length;
      // One byte more would be the beginning of another request (the class of CVE-2021-21295).
      if (this.#left < 0) {
        this.destroy();
        return;
      }
    } else if (this.#framing === 'none') {
      return;
    }
    const bytes = this.#framing === 'chunked' ? chunkOf(data) : data;
    this.#guard(() => this.#handler.onBytes(bytes, bytes.length));
  }

  #end(): void {
    if (this.#received) return;
    this.#received = true;
    if (this.#framing === 'chunked') {
      const last = Buffer.from(`0\r\n${this.#trailers}\r\n`, 'latin1');
      this.#guard(() => this.#handler.onBytes(last, last.length));
    }
    this.#guard(() => this.#handler.onEnd());
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#handler.onFault(error);
      this.destroy();
    }
  }
}

function chunkOf(data: Buffer): Buffer {
  const size = data.length.toString(16);
  const chunk = Buffer.allocUnsafe(size.length + 2 + data.length + 2);
  chunk.write(`${size}\r\n`, 0, 'latin1');
  data.copy(chunk, size.length + 2);
  CRLF.copy(chunk, chunk.length - 2);
  return chunk;
}

/** Trailer lines for the chunk scanner, which judges them. @param fields name, value, name, value, as they came */
function printTrailers(fields: unknown): string {
  if (!Array.isArray(fields)) return '';
  let lines = '';
  for (let i = 0; i + 1 < fields.length; i += 2) lines += trailerLine(`${String(fields[i])}: ${String(fields[i + 1])}`);
  return lines;
}

/** A line end inside would begin a line of its own; it is made one that the scanner refuses. */
function trailerLine(line: string): string {
  return /[\r\n\0]/.test(line) ? '\0\r\n' : `${line}\r\n`;
}
