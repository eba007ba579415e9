import type { Writable } from 'node:stream';
import { McmpError } from '../core/errors.ts';
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
  const fail = (error: unknown): void => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw unwritable(error);
    if (gone) return;
    gone = true;
    onReaderGone();
  };
  stream.on('error', fail);
  const write = (chunk: string | Uint8Array): void => {
    if (gone) return;
    try {
      stream.write(chunk);
    } catch (error) {
      // A file that stdout was sent to is written at once, and Node 20 throws here and now.
      fail(error);
    }
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

function unwritable(error: unknown): McmpError {
  const why = error instanceof Error ? error.message : String(error);
  return new McmpError('unreachable', 'MCMP_OUTPUT', `the result cannot be written to stdout: ${why}`, {
    cause: error,
    hint: 'Is the disk full, or the file that stdout was sent to no longer there?',
  });
}
