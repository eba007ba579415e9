import {
  type AjpForwardRequest,
  type AjpRequestHandler,
  AjpRequestReader,
  type AjpResponseHandler,
  AjpResponseReader,
  type AjpViolation,
} from '../../../src/core/ajp/index.ts';

/** What a reader reported; runs of data that follow each other are one. */

export type ResponseEvent =
  | { readonly kind: 'head'; readonly status: number; readonly reason: string; readonly headers: readonly string[] }
  | { readonly kind: 'data'; bytes: string }
  | { readonly kind: 'flush' | 'pong' }
  | { readonly kind: 'end'; readonly reuse: boolean }
  | { readonly kind: 'wanted'; readonly most: number };

export type RequestEvent =
  | { readonly kind: 'request'; readonly request: AjpForwardRequest; readonly contentLength: number }
  | { readonly kind: 'body'; bytes: string }
  | { readonly kind: 'packet-end' | 'body-end' | 'cping' | 'shutdown' };

export function collectResponse(events: ResponseEvent[]): AjpResponseHandler {
  return {
    onHead: (status, reason, headers) => events.push({ kind: 'head', status, reason, headers }),
    onData(buffer, from, to) {
      const last = events.at(-1);
      const bytes = buffer.toString('latin1', from, to);
      if (last?.kind === 'data') last.bytes += bytes;
      else events.push({ kind: 'data', bytes });
    },
    onFlush: () => events.push({ kind: 'flush' }),
    onEnd: (reuse) => events.push({ kind: 'end', reuse }),
    onBodyWanted: (most) => events.push({ kind: 'wanted', most }),
    onPong: () => events.push({ kind: 'pong' }),
  };
}

export function collectRequest(events: RequestEvent[]): AjpRequestHandler {
  return {
    onForwardRequest: (request, contentLength) => events.push({ kind: 'request', request, contentLength }),
    onBody(buffer, from, to) {
      const last = events.at(-1);
      const bytes = buffer.toString('latin1', from, to);
      if (last?.kind === 'body') last.bytes += bytes;
      else events.push({ kind: 'body', bytes });
    },
    onBodyPacketEnd: () => events.push({ kind: 'packet-end' }),
    onBodyEnd: () => events.push({ kind: 'body-end' }),
    onCping: () => events.push({ kind: 'cping' }),
    onShutdown: () => events.push({ kind: 'shutdown' }),
  };
}

export interface Outcome<Event> {
  readonly events: Event[];
  readonly violation: AjpViolation | null;
  /** Bytes that were read. */
  readonly read: number;
}

/** Reads an answer, in pieces of so many bytes. */
export function readResponse(
  bytes: Buffer,
  pieceBytes: number = bytes.length,
  reader = new AjpResponseReader({ packetBytes: 8192 }),
): Outcome<ResponseEvent> {
  const events: ResponseEvent[] = [];
  const handler = collectResponse(events);
  let at = 0;
  while (at < bytes.length) {
    const piece = bytes.subarray(at, at + pieceBytes);
    const read = reader.read(piece, 0, piece.length, handler);
    at += read;
    if (read < piece.length) break;
  }
  return { events, violation: reader.violation, read: at };
}

/** Reads requests, in pieces of so many bytes; `expectBody` is called so often before. */
export function readRequests(
  bytes: Buffer,
  pieceBytes: number = bytes.length,
  reader = new AjpRequestReader({ packetBytes: 8192 }),
): Outcome<RequestEvent> {
  const events: RequestEvent[] = [];
  const handler = collectRequest(events);
  let at = 0;
  while (at < bytes.length) {
    const piece = bytes.subarray(at, at + pieceBytes);
    const read = reader.read(piece, 0, piece.length, handler);
    at += read;
    if (read < piece.length) break;
  }
  return { events, violation: reader.violation, read: at };
}
