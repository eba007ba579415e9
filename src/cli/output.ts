import type { Writable } from 'node:stream';
import { escapeJsonForTerminal } from '../core/text.ts';

/** Results, on stdout. With `--json` nothing but `json` is called, so that a reader of stdout gets JSON alone. */
export interface Output {
  readonly isTerminal: boolean;
  /** Width to fold lines at: that of the terminal, else 80. */
  readonly columns: number;
  line(text?: string): void;
  write(chunk: string | Uint8Array): void;
  /** One JSON document in one line. Every document has a `schemaVersion`. */
  json<Document extends { readonly schemaVersion: number }>(document: Document): void;
  /** Settled when everything written so far has been handed over. */
  flushed(): Promise<void>;
}

/** stdout or stderr. */
export interface TerminalStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * Wraps stdout. A reader that goes away (`mcmp ... | head`) is not a failure: what is written afterwards is dropped and
 * `onReaderGone` is told once.
 */
export function createOutput(stream: TerminalStream, onReaderGone: () => void): Output {
  let gone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (gone) return;
    gone = true;
    onReaderGone();
  });
  const write = (chunk: string | Uint8Array): void => {
    if (!gone) stream.write(chunk);
  };
  return {
    isTerminal: stream.isTTY === true,
    columns: stream.columns ?? 80,
    line: (text = '') => write(`${text}\n`),
    write,
    json: (document) => write(`${escapeJsonForTerminal(JSON.stringify(document))}\n`),
    flushed: () =>
      gone || stream.writableLength === 0
        ? Promise.resolve()
        : new Promise((resolve) => stream.write('', () => resolve())),
  };
}
