import { type ChunkScanner, createChunkScanner, type HttpViolation, type ResponseBody } from '../core/http/index.ts';

/** What becomes of a node's framing: kept, taken off (HTTP/1.0 client), or put on (the node ends by closing). */
export type Reframing = 'keep' | 'unpack' | 'pack';

/** Only HTTP/1.1 clients can read chunks, and only they can tell a whole body from a broken connection by them. */
export function reframingOf(body: ResponseBody, clientMinorVersion: 0 | 1): Reframing {
  if (body === 'close') return clientMinorVersion === 1 ? 'pack' : 'keep';
  return body === 'chunked' && clientMinorVersion === 0 ? 'unpack' : 'keep';
}

/** Follows the body of one response after the other through the bytes of a node, to know where each ends. */
export class ResponseBodyReader {
  kind: ResponseBody = 'none';
  reframing: Reframing = 'keep';
  /** Its last byte was seen. */
  complete = false;
  /** Its chunks are broken. */
  violation: HttpViolation | null = null;
  #left = 0;
  #chunks: ChunkScanner | null = null;

  /** @param contentLength counts for bodies of that kind only */
  begin(kind: ResponseBody, contentLength: number, clientMinorVersion: 0 | 1): void {
    this.kind = kind;
    this.reframing = reframingOf(kind, clientMinorVersion);
    this.#left = kind === 'length' ? contentLength : 0;
    this.complete = kind === 'none' || (kind === 'length' && this.#left === 0);
    this.violation = null;
    if (kind === 'chunked') {
      this.#chunks ??= createChunkScanner();
      this.#chunks.reset();
    }
  }

  /**
   * Finds out how far the body goes in these bytes.
   * @param onData told where data without chunk framing stands
   * @returns where it ends in the buffer, or where it was found broken (`violation`)
   */
  follow(buffer: Buffer, from: number, end: number, onData?: (from: number, to: number) => void): number {
    if (this.kind === 'length') {
      const to = Math.min(end, from + this.#left);
      this.#left -= to - from;
      this.complete = this.#left === 0;
      return to;
    }
    const chunks = this.#chunks;
    if (this.kind === 'close' || chunks === null) return end;
    const to = from + chunks.scan(buffer, from, end, onData);
    this.complete = chunks.done;
    this.violation = chunks.violation;
    return to;
  }
}
