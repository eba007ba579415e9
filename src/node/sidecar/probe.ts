import { Client } from 'undici';
import { createConnector } from '../../client/sockets.ts';
import type { Clock } from '../clock.ts';

/** What one probe met. */
export type ProbeOutcome =
  | { readonly kind: 'answered'; readonly status: number }
  /** By AJP, where nothing is asked but whether it is there. */
  | { readonly kind: 'ponged' }
  /** Nothing readable within the time. */
  | { readonly kind: 'silent' }
  /** Nobody takes connections there. */
  | { readonly kind: 'gone'; readonly why: string }
  /** A connection, but no answer that is HTTP, or AJP where that was asked; or a name that has no address now. */
  | { readonly kind: 'broken'; readonly why: string };

export interface ProbeTarget {
  /** Scheme, host and port. */
  readonly origin: URL;
  /** Request target: path and query. */
  readonly path: string;
  readonly timeoutMs: number;
}

/** Of an answer's head; of its body nothing is kept, and no more is read than this. */
const MOST_HEAD_BYTES = 16 * 1024;
const MOST_BODY_BYTES = 64 * 1024;

/** As much of a failure as a log line should carry. */
const LONGEST_REASON = 200;

const NOBODY_THERE: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Asks an application once: GET, on a connection of its own, so that the name is looked up anew and no kept connection that
 * the application closes counts against it. Redirects are answers like others. Never throws, and is over when the time
 * is, whatever comes back. Certificates are not checked: the question is whether it serves, not who it is.
 */
export async function probe(target: ProbeTarget, clock: Clock, signal: AbortSignal): Promise<ProbeOutcome> {
  const { origin, path, timeoutMs } = target;
  const finished = new AbortController();
  // Not AbortSignal.any: a signal that lives as long as the sidecar would remember every probe.
  const ending = new AbortController();
  const end = (): void => ending.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  void clock.sleep(timeoutMs, finished.signal).then(end);
  const connector = createConnector(origin, { insecure: true });
  const client = new Client(origin.origin, {
    connect: connector.connect,
    maxHeaderSize: MOST_HEAD_BYTES,
    // One deadline for the whole probe instead.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  ending.signal.addEventListener('abort', connector.drop, { once: true });
  try {
    const headers = { 'user-agent': 'mcmp-sidecar', accept: '*/*' };
    const response = await client.request({ method: 'GET', path, headers, signal: ending.signal, reset: true });
    // The status is the answer. The body is read, within bounds, so that the application does not see a client that left;
    // how it ends does not matter.
    await response.body.dump({ limit: MOST_BODY_BYTES, signal: ending.signal }).catch(() => undefined);
    return { kind: 'answered', status: response.statusCode };
  } catch (error) {
    if (ending.signal.aborted) return { kind: 'silent' };
    return failureOf(error);
  } finally {
    finished.abort();
    signal.removeEventListener('abort', end);
    ending.signal.removeEventListener('abort', connector.drop);
    connector.drop();
    await client.destroy();
  }
}

/** What it means that a connection could not be had, or broke. */
export function failureOf(error: unknown): ProbeOutcome {
  return { kind: NOBODY_THERE.has(codeOf(error)) ? 'gone' : 'broken', why: reasonOf(error) };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function reasonOf(error: unknown): string {
  const { message } = error instanceof Error ? error : { message: String(error) };
  return (message === '' ? codeOf(error) : message).slice(0, LONGEST_REASON);
}
