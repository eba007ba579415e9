import { constants, type ServerHttp2Stream, type ServerStreamResponseOptions } from 'node:http2';
import { headerValue } from '../../core/http/find-header.ts';
import {
  bodyOfResponse,
  type ChunkScanner,
  createChunkScanner,
  createResponseHead,
  findHeadEnd,
  parseResponseHead,
} from '../../core/http/index.ts';
import { emptyFields, type Http2Fields, responseFields, withFirstValues } from './response-fields.ts';

/** What is read here was printed by this balancer, so its limits have been applied. */
const LIMITS = { maxHeadBytes: 16 * 1024 * 1024, maxHeaderLines: 10_000 };
/** Heads are turned into fields as soon as they are read: one is enough for all. */
const head = createResponseHead();
const NOTHING = Buffer.alloc(0);

type State = 'head' | 'length' | 'chunked' | 'raw' | 'over';

/**
 * Reads the bytes of one response as HTTP/1.1 has them, interim responses before it, and sends them on a stream of HTTP/2:
 * head as HEADERS, the body without chunks as DATA, the trailer section as HEADERS again.
 */
export class ResponseWriter {
  readonly #stream: ServerHttp2Stream;
  readonly #method: string;
  /** What a node that opens a WebSocket has to answer; empty: none is asked for. */
  readonly #websocketAccept: string;
  /** Both sides send bytes of another protocol, each until it ends. */
  isTunnel = false;
  #state: State = 'head';
  #partialHead = '';
  #left = 0;
  #chunks: ChunkScanner | null = null;
  #owesTrailers = false;
  #onTrailersSent: (() => void) | null = null;

  /** @param websocketAccept value of Sec-WebSocket-Accept when the client wants a WebSocket, or empty */
  constructor(stream: ServerHttp2Stream, method: string, websocketAccept: string) {
    this.#stream = stream;
    this.#method = method;
    this.#websocketAccept = websocketAccept;
  }

  /** The last byte of the response was given to the stream. */
  get over(): boolean {
    return this.#state === 'over';
  }

  /** @returns false when the writer should wait for 'drain' of the stream */
  write(data: string | Buffer): boolean {
    if (this.#state === 'over' || this.#stream.destroyed || this.#stream.closed) return true;
    if (this.#state === 'head') return this.#takeHead(typeof data === 'string' ? data : data.toString('latin1'));
    return this.#takeBody(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  /** Nothing more will be written. @returns whether the response is whole */
  end(): boolean {
    if (this.#state === 'raw') this.#endWith(NOTHING);
    return this.#state === 'over';
  }

  /** Resets the stream without an error, once the response is out: the client need not send the rest of its request. */
  stopRequest(): void {
    const close = (): void => this.#stream.close(constants.NGHTTP2_NO_ERROR);
    // Node.js sends no trailers on a stream that is to be closed.
    if (this.#owesTrailers) this.#onTrailersSent = close;
    else close();
  }

  #takeHead(data: string): boolean {
    let text = this.#partialHead + data;
    for (;;) {
      const headEnd = findHeadEnd(text, 0);
      if (headEnd < 0) {
        this.#partialHead = text;
        return true;
      }
      this.#partialHead = '';
      const violation = parseResponseHead(text, headEnd, head, this.#method, LIMITS);
      if (violation !== null) throw new Error(`A response head of our own cannot be read: ${violation.message}`);
      const rest = text.slice(headEnd);
      if (head.status >= 200 || head.status === 101) return this.#begin(rest);
      const fields = responseFields(head, head.status);
      sendFields(fields, (those) => this.#stream.additionalHeaders(those));
      if (rest === '') return true;
      text = rest;
    }
  }

  #begin(rest: string): boolean {
    const kind = bodyOfResponse(head, this.#method);
    const asksForTunnel = this.#websocketAccept !== '';
    if (kind === 'tunnel' || (asksForTunnel && head.status < 300)) return this.#beginTunnel(rest);
    if (kind === 'none' || (kind === 'length' && head.contentLength === 0) || head.status === 205) {
      const fields = responseFields(head, head.status);
      // Node.js ends the stream of a 205 whatever is announced (RFC 9110 §15.3.6: it has no body).
      if (head.status === 205) delete fields['content-length'];
      this.#state = 'over';
      this.#respond(fields, { endStream: true });
      return true;
    }
    const fields = responseFields(head, head.status);
    if (kind === 'chunked') return this.#beginChunked(fields, rest);
    this.#state = kind === 'length' ? 'length' : 'raw';
    this.#left = head.contentLength;
    this.#respond(fields, undefined);
    return rest === '' || this.#takeBody(Buffer.from(rest, 'latin1'));
  }

  /** Trailers have to be announced to Node.js with the head; a body that is there as a whole is known to have none. */
  #beginChunked(fields: Http2Fields, rest: string): boolean {
    const chunks = createChunkScanner();
    this.#chunks = chunks;
    this.#state = 'chunked';
    const bytes = Buffer.from(rest, 'latin1');
    const data: Buffer[] = [];
    chunks.scan(bytes, 0, bytes.length, (from, to) => data.push(bytes.subarray(from, to)));
    if (chunks.done && chunks.trailerText === '') {
      const [only = NOTHING] = data;
      this.#respond(fields, data.length === 0 ? { endStream: true } : undefined);
      this.#endWith(data.length < 2 ? only : Buffer.concat(data));
      return true;
    }
    this.#respond(fields, { waitForTrailers: true });
    this.#owesTrailers = true;
    this.#stream.once('wantTrailers', () => this.#sendTrailers(chunks.trailerText));
    let more = true;
    for (const piece of data) more = this.#stream.write(piece);
    return this.#endChunked(chunks) || more;
  }

  #takeBody(bytes: Buffer): boolean {
    const stream = this.#stream;
    if (this.#state === 'length') {
      const piece = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left);
      this.#left -= piece.length;
      if (this.#left > 0) return stream.write(piece);
      this.#endWith(piece);
      return true;
    }
    const chunks = this.#chunks;
    if (this.#state === 'raw' || chunks === null) return stream.write(bytes);
    let more = true;
    chunks.scan(bytes, 0, bytes.length, (from, to) => {
      more = stream.write(bytes.subarray(from, to));
    });
    return this.#endChunked(chunks) || more;
  }

  #endChunked(chunks: ChunkScanner): boolean {
    if (chunks.violation !== null) throw new Error(`A body of our own cannot be read: ${chunks.violation.message}`);
    if (!chunks.done) return false;
    this.#endWith(NOTHING);
    return true;
  }

  #sendTrailers(text: string): void {
    if (this.#stream.closed || this.#stream.destroyed) return;
    this.#stream.sendTrailers(trailerFields(text));
    this.#owesTrailers = false;
    // Node.js sends them in its own `setImmediate`.
    if (this.#onTrailersSent !== null) setImmediate(this.#onTrailersSent);
  }

  #endWith(piece: Buffer): void {
    this.#state = 'over';
    if (this.#stream.writableEnded) return;
    if (piece.length === 0) this.#stream.end();
    else this.#stream.end(piece);
  }

  /** The client has asked for a WebSocket, and the node says that it stands, or something that the client would take so. */
  #beginTunnel(rest: string): boolean {
    if (head.status !== 101 || headerValue(head, 'sec-websocket-accept') !== this.#websocketAccept) {
      this.#respond({ ':status': 502, 'content-type': 'text/plain; charset=utf-8' }, undefined);
      this.#endWith(Buffer.from('502 the node did not open the WebSocket properly (bad-response)\n'));
      this.stopRequest();
      return true;
    }
    this.#state = 'raw';
    this.isTunnel = true;
    this.#respond(responseFields(head, 200), undefined);
    return rest === '' || this.#stream.write(Buffer.from(rest, 'latin1'));
  }

  #respond(fields: Http2Fields, options: ServerStreamResponseOptions | undefined): void {
    sendFields(fields, (those) => this.#stream.respond(those, options));
  }
}

/** @param send throws before it sent anything when a field that it knows to be single stands twice */
function sendFields(fields: Http2Fields, send: (fields: Http2Fields) => void): void {
  try {
    send(fields);
  } catch (error) {
    if (!(error instanceof TypeError && Reflect.get(error, 'code') === 'ERR_HTTP2_HEADER_SINGLE_VALUE')) throw error;
    send(withFirstValues(fields));
  }
}

/** @param text lines that the chunk scanner has checked, each with its line end */
function trailerFields(text: string): Http2Fields {
  const fields = emptyFields();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else fields[name] = [String(before), value];
  }
  return withFirstValues(fields);
}
