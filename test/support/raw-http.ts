import { connect, type Socket } from 'node:net';
import { freeAfter } from './cleanup.ts';

/** What came back on a socket, bytes as latin1. */
export interface RawAnswer {
  readonly text: string;
  /** Of the last response head that is not 1xx; 0 when nothing readable came. */
  readonly status: number;
  /** Lower-cased names; the last one of a name wins. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** How the connection ended. */
  readonly end: 'fin' | 'reset' | 'open';
}

export function hostPort(port: number): string {
  return `127.0.0.1:${port}`;
}

/** A client socket that remembers all it received. */
export interface RawClient {
  readonly socket: Socket;
  received(): string;
  write(bytes: string | Buffer): void;
  /** Resolves when the text received satisfies the condition; fails with what came when it does not in time. */
  until(condition: (text: string) => boolean, deadlineMs?: number): Promise<string>;
  /** Resolves when the connection is over. */
  closed(deadlineMs?: number): Promise<RawAnswer>;
  close(): void;
}

const DEADLINE_MS = 8_000;

export async function openRaw(port: number, host = '127.0.0.1'): Promise<RawClient> {
  const socket = connect({ port, host, allowHalfOpen: true });
  let text = '';
  let end: RawAnswer['end'] = 'open';
  let wake: () => void = () => {};
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    wake();
  });
  socket.on('end', () => {
    end = 'fin';
    socket.end();
    wake();
  });
  socket.on('error', () => {
    end = 'reset';
    wake();
  });
  socket.on('close', () => wake());
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  freeAfter(() => {
    socket.destroy();
  });
  const received = (): string => text;
  const until = async (condition: (text: string) => boolean, deadlineMs = DEADLINE_MS): Promise<string> => {
    const giveUpAt = performance.now() + deadlineMs;
    while (!condition(received())) {
      const leftMs = giveUpAt - performance.now();
      if (leftMs <= 0) throw new Error(`waited ${deadlineMs} ms in vain; received: ${JSON.stringify(received())}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return received();
  };
  return {
    socket,
    received,
    write: (bytes) => {
      socket.write(bytes, 'latin1');
    },
    until,
    async closed(deadlineMs) {
      await until(() => end !== 'open', deadlineMs);
      return readAnswer(received(), end);
    },
    close: () => socket.destroy(),
  };
}

/** Sends bytes and waits for the end of the connection. */
export async function talk(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  const client = await openRaw(port);
  client.write(bytes);
  return await client.closed();
}

/** Reads the last response of a text (1xx before it are skipped); chunked bodies stay as they came. */
export function readAnswer(text: string, end: RawAnswer['end']): RawAnswer {
  let rest = text;
  for (;;) {
    const headEnd = rest.indexOf('\r\n\r\n');
    const [statusLine = '', ...lines] = rest.slice(0, Math.max(0, headEnd)).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(statusLine)?.[1] ?? 0);
    if (status === 0) return { text, status, headers: new Map(), body: '', end };
    rest = rest.slice(headEnd + 4);
    if (status < 200 && status !== 101) continue;
    const headers = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    return { text, status, headers, body: rest, end };
  }
}
