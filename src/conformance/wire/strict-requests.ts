import {
  checkPartialHead,
  createChunkScanner,
  createRequestHead,
  findHeadEnd,
  type HeadLimits,
  parseRequestHead,
} from '../../core/http/index.ts';

/** Larger than what a case sends. */
const LIMITS: HeadLimits = { maxHeadBytes: 128 * 1024, maxHeaderLines: 1000 };

export interface StrictRequest {
  readonly method: string;
  readonly target: string;
  /** Request line and header lines as they came. */
  readonly head: string;
  /** Decoded. */
  readonly body: string;
}

/** What a reader makes of a connection that takes nothing that could be read in two ways (RFC 9112). */
export interface StrictReading {
  /** Complete ones. */
  readonly requests: readonly StrictRequest[];
  /** Code of the violation at which it gave up; undefined: all is well, or more has to come. */
  readonly violation: string | undefined;
}

/** Reads all requests of a byte string, from its first byte. */
export function readStrictly(bytes: string): StrictReading {
  const requests: StrictRequest[] = [];
  let at = 0;
  for (;;) {
    const rest = bytes.slice(at);
    if (rest === '') return { requests, violation: undefined };
    const headEnd = findHeadEnd(rest, 0);
    if (headEnd === -1) return { requests, violation: checkPartialHead(rest, LIMITS)?.code };
    const head = createRequestHead();
    const violation = parseRequestHead(rest, headEnd, head, LIMITS);
    if (violation !== null) return { requests, violation: violation.code };
    const body = readBody(rest.slice(headEnd), head.chunked, head.contentLength);
    if (body === undefined || typeof body === 'string') return { requests, violation: body };
    requests.push({ method: head.method, target: head.target, head: rest.slice(0, headEnd), body: body.text });
    at += headEnd + body.length;
  }
}

/** @returns undefined while it is not all there, or the code of a violation */
function readBody(
  text: string,
  chunked: boolean,
  contentLength: number,
): { readonly text: string; readonly length: number } | string | undefined {
  if (!chunked) {
    const length = Math.max(0, contentLength);
    return text.length < length ? undefined : { text: text.slice(0, length), length };
  }
  const scanner = createChunkScanner();
  const buffer = Buffer.from(text, 'latin1');
  let body = '';
  let at = 0;
  while (at < buffer.length && !scanner.done && scanner.violation === null) {
    at += scanner.scan(buffer, at, buffer.length, (from, to) => {
      body += buffer.toString('latin1', from, to);
    });
  }
  if (scanner.violation !== null) return scanner.violation.code;
  return scanner.done ? { text: body, length: at } : undefined;
}
