import type { Socket } from 'node:net';
import type { McmpClientTls } from '../../client/sockets.ts';
import { openSocket } from '../../client/sockets.ts';
import { addressOfUrl } from '../../core/address.ts';
import { createAnswerReader } from '../../core/mcmp/answer-reader.ts';
import { Deviation } from '../verdict.ts';
import { type ConnectionEnd, kept, type RecordedExchange } from './recorded.ts';

/** An answer as the bytes say it; all texts are byte strings. */
export interface WireAnswer {
  readonly status: number;
  readonly reason: string;
  /** Names in lower case; repeated ones are joined with `, `. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Head and body as they came, framing included. */
  readonly raw: string;
  /** Whether the peer means to take another request on the connection. */
  readonly keepAlive: boolean;
}

/** A connection that remembers all that goes over it. */
export interface WireConnection {
  /** All that came so far. */
  received(): string;
  end(): ConnectionEnd;
  write(bytes: string | Buffer): void;
  /**
   * Waits until what came satisfies the condition.
   * @param what for the failure: what is waited for
   * @throws Deviation `fail` when it does not come in time, or the connection ends before
   */
  until(what: string, condition: (received: string) => boolean, timeoutMs?: number): Promise<string>;
  /**
   * Reads the next answer (1xx before it are passed over; they are in `received`).
   * @throws Deviation `fail` when none comes that can be read
   */
  answer(method: string, timeoutMs?: number): Promise<WireAnswer>;
  /** Waits for the end; `open` when it did not come in time. */
  ended(timeoutMs?: number): Promise<ConnectionEnd>;
  /** Half-closes: nothing more is sent. */
  finish(): void;
  close(): void;
}

export interface WireOptions {
  readonly with: RecordedExchange['with'];
  readonly tls?: McmpClientTls;
  /** Address of this machine to come from. */
  readonly localAddress?: string;
  /** Of the case, for the record. */
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  readonly record: (exchange: RecordedExchange) => void;
}

export const ANSWER_TIMEOUT_MS = 5_000;
const MOST_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Connects.
 * @throws Error as the system says it, when nobody listens
 */
export async function openWire(url: URL, options: WireOptions): Promise<WireConnection> {
  const startedMs = options.nowMs();
  const socket = await connected(url, options);
  let received = '';
  let sent = '';
  let end: ConnectionEnd = 'open';
  let recorded = false;
  const wakes = new Set<() => void>();
  const wake = (): void => {
    for (const one of wakes) one();
  };
  const note = (): void => {
    if (recorded) return;
    recorded = true;
    const tookMs = options.nowMs() - startedMs;
    const address = addressOfUrl(url);
    options.record({
      with: options.with,
      address,
      atMs: startedMs,
      tookMs,
      sent: kept(sent),
      received: kept(received),
      end,
    });
  };
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    wake();
  });
  socket.on('end', () => {
    if (end === 'open') end = 'closed';
    wake();
  });
  socket.on('error', () => {
    end = 'reset';
    wake();
  });
  socket.on('close', () => {
    if (end === 'open') end = 'closed';
    note();
    wake();
  });
  const close = (): void => {
    note();
    socket.destroy();
  };
  options.signal.addEventListener('abort', close, { once: true });
  socket.once('close', () => options.signal.removeEventListener('abort', close));

  /** Resolves with true as soon as the look says so; false at the end of the connection or of the time. */
  const watch = (look: () => boolean, timeoutMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      const settle = (result: boolean): void => {
        clearTimeout(timer);
        wakes.delete(check);
        resolve(result);
      };
      const check = (): void => {
        if (look()) settle(true);
        else if (end !== 'open' || options.signal.aborted) settle(false);
      };
      const timer = setTimeout(() => settle(look()), timeoutMs);
      wakes.add(check);
      check();
    });

  let readTo = 0;
  return {
    received: () => received,
    end: () => end,
    write(bytes) {
      sent += typeof bytes === 'string' ? bytes : bytes.toString('latin1');
      if (!socket.destroyed) socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    },
    async until(what, condition, timeoutMs = ANSWER_TIMEOUT_MS) {
      if (!(await watch(() => condition(received), timeoutMs))) {
        throw new Deviation('fail', what, cameWords(received, end, timeoutMs));
      }
      return received;
    },
    async answer(method, timeoutMs = ANSWER_TIMEOUT_MS) {
      const from = readTo;
      const reader = createAnswerReader({ manners: 'mcmp', method, maxBytes: MOST_BODY_BYTES });
      let fed = from;
      let verdict: ReturnType<typeof reader.push>;
      const feed = (): boolean => {
        if (fed < received.length) {
          verdict = reader.push(Buffer.from(received.slice(fed), 'latin1'));
          fed = received.length;
        }
        return verdict !== undefined;
      };
      const complete = await watch(feed, timeoutMs);
      if (!complete && end !== 'open') verdict = reader.end(end === 'reset' ? 'reset' : 'closed');
      if (verdict === undefined || verdict.kind === 'broken') {
        const why = verdict === undefined ? '' : ` (${verdict.why})`;
        throw new Deviation(
          'fail',
          `an answer to ${method}`,
          `${cameWords(received.slice(from), end, timeoutMs)}${why}`,
        );
      }
      readTo = received.length - verdict.leftover.length;
      const { status, reason, headers, body, keepAlive } = verdict;
      return { status, reason, headers, body, keepAlive, raw: received.slice(from, readTo) };
    },
    async ended(timeoutMs = ANSWER_TIMEOUT_MS) {
      await watch(() => end !== 'open', timeoutMs);
      return end;
    },
    finish: () => socket.end(),
    close,
  };
}

function connected(url: URL, { tls = {}, localAddress, signal }: WireOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    const opened = (error: Error | null, ready: Socket): void => {
      signal.removeEventListener('abort', stop);
      if (error === null) resolve(ready);
      else reject(error);
    };
    const socket = openSocket(url, tls, opened, localAddress);
    signal.addEventListener('abort', stop, { once: true });
  });
}

function cameWords(received: string, end: ConnectionEnd, timeoutMs: number): string {
  const came = received === '' ? 'nothing' : JSON.stringify(received.slice(0, 400));
  if (end === 'open') return `${came} within ${timeoutMs} ms`;
  return `${came}, then the connection was ${end === 'reset' ? 'reset' : 'closed'}`;
}
