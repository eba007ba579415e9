import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { Wishes } from './wishes.ts';

/** Answers are written in pieces of at most this size, so that no wish builds one huge buffer. */
const PIECE = Buffer.from('mcmp '.repeat(13_108)).subarray(0, 64 * 1024);

/** Sends a value as one line of JSON; statuses that have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5) go without. */
export function sendJson(response: ServerResponse, status: number, value: object): void {
  if (status === 204 || status === 304) {
    response.writeHead(status).end();
    return;
  }
  const body = status === 205 ? '' : `${JSON.stringify(value)}\n`;
  response.setHeader('Content-Type', 'application/json');
  response.writeHead(status, { 'Content-Length': String(Buffer.byteLength(body)) }).end(body);
}

/** Sends bytes as they were asked for, no faster than the client takes them. Ends early when the client has gone. */
export async function sendBytes(
  response: ServerResponse,
  { status, bytes }: { readonly status: number; readonly bytes: NonNullable<Wishes['bytes']> },
  withBody: boolean,
  clock: Clock,
): Promise<void> {
  const { sizeBytes, parts, pauseMs, lengthKnown } = bytes;
  response.setHeader('Content-Type', 'application/octet-stream');
  if (lengthKnown) response.setHeader('Content-Length', String(sizeBytes));
  response.writeHead(status);
  if (!withBody) {
    response.end();
    return;
  }
  // So that the head is there before the first pause.
  response.flushHeaders();
  let sentBytes = 0;
  for (let part = 1; part <= parts && !response.destroyed; part++) {
    const untilBytes = Math.round((sizeBytes * part) / parts);
    while (sentBytes < untilBytes && !response.destroyed) {
      const piece = PIECE.subarray(0, Math.min(PIECE.length, untilBytes - sentBytes));
      sentBytes += piece.length;
      if (!response.write(piece)) await drainedOrClosed(response);
    }
    if (part < parts) await sleepUnlessGone(response, pauseMs, clock);
  }
  response.end();
}

function drainedOrClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.closed) {
      resolve();
      return;
    }
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

/** Resolves after `ms`, or as soon as the client has gone: nobody waits for that answer any more. */
export async function sleepUnlessGone(response: ServerResponse, ms: number, clock: Clock): Promise<void> {
  if (ms === 0 || response.closed) return;
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  response.on('close', abort);
  await clock.sleep(ms, gone.signal);
  response.off('close', abort);
}
