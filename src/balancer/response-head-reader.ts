import { createResponseHead, findHeadEnd, type HeadLimits, parseResponseHead } from '../core/http/index.ts';

/** Collects a node's bytes until a response head is whole, and reads it. */
export class ResponseHeadReader {
  readonly head = createResponseHead();
  /** The text that the last head stands in; behind it, the beginning of what came after it. */
  text = '';
  /** Where the last head ends in `text`. */
  textEnd = 0;
  /** Where it ends in the buffer. */
  bodyStart = 0;
  /** For the log: why there is no head. */
  problem = '';
  #partial = '';

  reset(): void {
    this.#partial = '';
  }

  /** @param method of the request: it decides what a body may be */
  read(buffer: Buffer, from: number, end: number, method: string, limits: HeadLimits): 'more' | 'head' | 'broken' {
    const before = this.#partial.length;
    const pieceEnd = Math.min(end, from + limits.maxHeadBytes + 4);
    const text = this.#partial + buffer.toString('latin1', from, pieceEnd);
    const headEnd = findHeadEnd(text, Math.max(0, before - 3));
    if (headEnd < 0) {
      this.#partial = text;
      if (text.length <= limits.maxHeadBytes) return 'more';
      this.problem = 'its response head is larger than this balancer takes';
      return 'broken';
    }
    this.#partial = '';
    const violation = parseResponseHead(text, headEnd, this.head, method, limits);
    if (violation !== null) {
      this.problem = violation.message;
      return 'broken';
    }
    this.text = text;
    this.textEnd = headEnd;
    this.bodyStart = from + headEnd - before;
    return 'head';
  }
}
