import {
  type AjpHeader,
  FLUSH_PACKET,
  mostChunkBytes,
  SEND_BODY_CHUNK_TAIL,
  sendBodyChunkHead,
  writeSendHeaders,
} from '../../../core/ajp/index.ts';
import {
  bodyOfResponse,
  createChunkScanner,
  createResponseHead,
  findHeadEnd,
  HEADER,
  parseResponseHead,
  type ResponseBody,
} from '../../../core/http/index.ts';

/** The program's own HTTP server wrote them: the limits are only there because the parser has some. */
const LIMITS = { maxHeadBytes: 256 * 1024, maxHeaderLines: 1000 };

/** What AJP has other words for; and Date, which Tomcat leaves to whoever speaks HTTP to the client. */
const LEFT_OUT: ReadonlySet<number> = new Set([
  HEADER.connection,
  HEADER.keepAlive,
  HEADER.transferEncoding,
  HEADER.date,
]);

/** Turns the answers that an HTTP server writes, one after the other, into packets of AJP without their END_RESPONSE. */
export class AnswerPackets {
  /** The answer is complete. */
  isOver = true;
  /** The HTTP server would use the connection again. */
  keepsAlive = true;
  /** It ends with the connection. */
  endsWithConnection = false;

  readonly #packetBytes: number;
  readonly #head = createResponseHead();
  readonly #scanner = createChunkScanner();
  #method = '';
  #headText = '';
  #body: ResponseBody | undefined;
  #left = 0;

  constructor(packetBytes: number) {
    this.#packetBytes = packetBytes;
  }

  /** @param method of the request that is answered next */
  begin(method: string): void {
    this.isOver = false;
    this.keepsAlive = true;
    this.endsWithConnection = false;
    this.#method = method;
    this.#headText = '';
    this.#body = undefined;
  }

  /** Whether a part of the answer has been turned into packets. */
  get hasBegun(): boolean {
    return this.#body !== undefined;
  }

  /**
   * @param bytes what the HTTP server wrote
   * @returns whole packets; null when the answer cannot be said by AJP: its head is longer than a packet, or it is no HTTP
   */
  take(bytes: Buffer): Buffer | null {
    const packets: Buffer[] = [];
    let at = 0;
    while (this.#body === undefined) {
      const before = this.#headText.length;
      this.#headText += bytes.toString('latin1', at);
      const headEnd = findHeadEnd(this.#headText, Math.max(0, before - 3));
      if (headEnd === -1) return Buffer.concat(packets);
      at += headEnd - before;
      const head = this.#takeHead(headEnd);
      if (head === null) return null;
      packets.push(head);
    }
    if (!this.#takeBody(bytes, at, packets)) return null;
    // The client of the balancer shall see what has come so far, as it would by HTTP.
    if (!this.isOver) packets.push(FLUSH_PACKET);
    return Buffer.concat(packets);
  }

  #takeHead(headEnd: number): Buffer | null {
    const head = this.#head;
    if (parseResponseHead(this.#headText, headEnd, head, this.#method, LIMITS) !== null) return null;
    this.#headText = '';
    // AJP has no interim responses.
    if (head.status < 200) return Buffer.alloc(0);
    this.#body = bodyOfResponse(head, this.#method);
    this.#left = this.#body === 'length' ? head.contentLength : 0;
    this.isOver = this.#body === 'none' || (this.#body === 'length' && this.#left === 0);
    this.keepsAlive = head.keepAlive;
    this.endsWithConnection = this.#body === 'close';
    this.#scanner.reset();
    return this.#writeHead();
  }

  #writeHead(): Buffer | null {
    const { text, offsets, kinds, count, status, reasonStart, reasonEnd } = this.#head;
    const headers: AjpHeader[] = [];
    for (let line = 0; line < count; line++) {
      if (LEFT_OUT.has(kinds[line] ?? HEADER.other)) continue;
      const [nameStart = 0, nameEnd = 0, valueStart = 0, valueEnd = 0] = offsets.subarray(line * 4, line * 4 + 4);
      headers.push([text.slice(nameStart, nameEnd), text.slice(valueStart, valueEnd)]);
    }
    return writeSendHeaders(status, text.slice(reasonStart, reasonEnd), headers, this.#packetBytes);
  }

  /** @returns whether it could be read */
  #takeBody(bytes: Buffer, from: number, packets: Buffer[]): boolean {
    if (this.isOver) return true;
    switch (this.#body) {
      case 'length': {
        const to = Math.min(bytes.length, from + this.#left);
        this.#left -= to - from;
        this.#pushChunks(bytes, from, to, packets);
        this.isOver = this.#left === 0;
        return true;
      }
      case 'chunked':
        this.#scanner.scan(bytes, from, bytes.length, (start, end) => this.#pushChunks(bytes, start, end, packets));
        this.isOver = this.#scanner.done;
        return this.#scanner.violation === null;
      default:
        this.#pushChunks(bytes, from, bytes.length, packets);
        return true;
    }
  }

  #pushChunks(bytes: Buffer, from: number, end: number, packets: Buffer[]): void {
    const most = mostChunkBytes(this.#packetBytes);
    for (let at = from; at < end; at += most) {
      const data = bytes.subarray(at, Math.min(end, at + most));
      packets.push(sendBodyChunkHead(data.length), data, SEND_BODY_CHUNK_TAIL);
    }
  }
}
