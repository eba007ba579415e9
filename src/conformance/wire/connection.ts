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
/** A peer that sends more on one connection is cut off: dozens of connections are open at a time, and none may fill the memory. */
export const MOST_RECEIVED_BYTES = 16 * 1024 * 1024;
/** Who waits for words looks at all that came each time that more comes; no case waits for words so far behind. */
const MOST_SEARCHED_BYTES = 4 * 1024 * 1024;
/** What all connections that are open may hold together; then those that hold the most are cut off. */
const MOST_HELD_BYTES = 64 * 1024 * 1024;
const FAIR_SHARE_BYTES = 256 * 1024;
/** Enough to see how a connection ends on which an answer could not be read. */
const MOST_BEHIND_BROKEN_BYTES = 64 * 1024;

/** By all connections that are open. */
let heldBytes = 0;

/**
 * Connects.
 * @throws Error as the system says it, when nobody listens
 */
export async function openWire(url: URL, options: WireOptions): Promise<WireConnection> {
  const startedMs = options.nowMs();
  const socket = await connected(url, options);
  const intake = createIntake();
  let sent = '';
  let end: ConnectionEnd = 'open';
  let mostBytes = MOST_RECEIVED_BYTES;
  let isCutOff = false;
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
      received: kept(intake.all()),
      end,
    });
  };
  socket.on('data', (chunk: Buffer) => {
    if (isCutOff) return;
    intake.push(chunk);
    heldBytes += chunk.length;
    const isCrowded = heldBytes > MOST_HELD_BYTES && intake.length() > FAIR_SHARE_BYTES;
    if (intake.length() > mostBytes || isCrowded) {
      isCutOff = true;
      close();
    }
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
    heldBytes -= intake.length();
    if (end === 'open' && !isCutOff) end = 'closed';
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
        else if (end !== 'open' || isCutOff || options.signal.aborted) settle(false);
      };
      const timer = setTimeout(() => settle(look()), timeoutMs);
      wakes.add(check);
      check();
    });

  const came = (from: number, timeoutMs?: number): string =>
    cameWords(intake.all().slice(from), isCutOff ? 'cut off' : end, timeoutMs);
  let readTo = 0;
  return {
    received: () => intake.all(),
    end: () => end,
    write(bytes) {
      sent += typeof bytes === 'string' ? bytes : bytes.toString('latin1');
      if (!socket.destroyed) socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    },
    async until(what, condition, timeoutMs = ANSWER_TIMEOUT_MS) {
      mostBytes = Math.min(mostBytes, MOST_SEARCHED_BYTES);
      if (!(await watch(() => condition(intake.all()), timeoutMs))) {
        throw new Deviation('fail', what, came(0, timeoutMs));
      }
      return intake.all();
    },
    async answer(method, timeoutMs = ANSWER_TIMEOUT_MS) {
      const from = readTo;
      const reader = createAnswerReader({ manners: 'mcmp', method, maxBytes: MOST_RECEIVED_BYTES });
      let fed = from;
      let verdict: ReturnType<typeof reader.push>;
      const feed = (): boolean => {
        for (const piece of intake.from(fed)) {
          verdict = reader.push(piece);
          fed += piece.length;
          if (verdict !== undefined) break;
        }
        return verdict !== undefined;
      };
      const complete = await watch(feed, timeoutMs);
      if (!complete && end !== 'open') verdict = reader.end(end === 'reset' ? 'reset' : 'closed');
      if (verdict === undefined || verdict.kind === 'broken') {
        const actual = verdict === undefined ? came(from, timeoutMs) : `${came(from)} (${verdict.why})`;
        // Nothing behind it can be read any more, however long it goes on.
        mostBytes = Math.min(mostBytes, intake.length() + MOST_BEHIND_BROKEN_BYTES);
        throw new Deviation('fail', `an answer to ${method}`, actual);
      }
      readTo = fed - verdict.leftover.length;
      const { status, reason, headers, body, keepAlive } = verdict;
      return { status, reason, headers, body, keepAlive, raw: intake.all().slice(from, readTo) };
    },
    async ended(timeoutMs = ANSWER_TIMEOUT_MS) {
      await watch(() => end !== 'open' || isCutOff, timeoutMs);
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

/** What came, in pieces: a string that grows would be copied whole whenever somebody looks at it. */
function createIntake(): {
  push(chunk: Buffer): void;
  length(): number;
  /** Byte string. */
  all(): string;
  /** The pieces from a byte on. */
  from(at: number): readonly Buffer[];
} {
  const pieces: { readonly at: number; readonly chunk: Buffer }[] = [];
  let length = 0;
  let text = '';
  return {
    push(chunk) {
      pieces.push({ at: length, chunk });
      length += chunk.length;
    },
    length: () => length,
    all() {
      if (text.length < length) text += Buffer.concat(this.from(text.length)).toString('latin1');
      return text;
    },
    from(at) {
      const first = pieces.findLastIndex((piece) => piece.at <= at);
      return pieces
        .slice(Math.max(0, first))
        .map((piece) => (piece.at < at ? piece.chunk.subarray(at - piece.at) : piece.chunk))
        .filter((chunk) => chunk.length > 0);
    },
  };
}

/** @param timeoutMs left out: it was not for want of time */
function cameWords(received: string, end: ConnectionEnd | 'cut off', timeoutMs: number | undefined): string {
  const came = received === '' ? 'nothing' : JSON.stringify(received.slice(0, 400));
  if (end === 'cut off') return `${came}, and so on for ${received.length} bytes: more is not read`;
  if (end === 'open') return timeoutMs === undefined ? came : `${came} within ${timeoutMs} ms`;
  return `${came}, then the connection was ${end === 'reset' ? 'reset' : 'closed'}`;
}
