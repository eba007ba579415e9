import type { Writable } from 'node:stream';
import type { Log } from '../types.ts';
import { Batches } from './batches.ts';
import { type Destination, openFileDestination, stdoutDestination } from './destination.ts';
import { type AccessEntry, createAccessEntry } from './entry.ts';
import { type AccessLine, combinedLines, jsonLines } from './lines.ts';

export interface AccessLogSettings {
  /** A file that is appended to, or `-` for stdout. */
  readonly file: string;
  readonly format: 'json' | 'combined';
  readonly log: Log;
  readonly stdout: Writable & { readonly fd?: number };
  /** What may wait in memory for a slow disk or reader; 8 MiB unless told. */
  readonly mostWaitingBytes?: number;
}

/** One line for each request. Whoever writes one never waits. */
export interface AccessLog {
  /** To be filled in before each `write`: there is only this one. */
  readonly entry: AccessEntry;
  write(): void;
  /** To be called at each tick of a clock: lines wait no longer than that. */
  flush(): void;
  /** Lines that were left out because too many were waiting, or that could not be written. */
  readonly lostLines: number;
  /** Opens the file anew, after it was renamed. When that fails the old one stays, and the log says so. */
  reopen(): Promise<void>;
  /** Resolves when all lines are written, or after two seconds. */
  close(): Promise<void>;
}

const CLOSE_PATIENCE_MS = 2000;

const LINES: Record<AccessLogSettings['format'], () => AccessLine> = { json: jsonLines, combined: combinedLines };

/** @throws McmpError when the file cannot be opened */
export async function openAccessLog(settings: AccessLogSettings): Promise<AccessLog> {
  const { file, format, log, stdout } = settings;
  const destination = file === '-' ? stdoutDestination(stdout) : await openFileDestination(file);
  const batches = new Batches(destination, log, settings.mostWaitingBytes);
  const line = LINES[format]();
  const entry = createAccessEntry();
  return {
    entry,
    write: () => batches.add(line(entry)),
    flush: () => batches.flush(),
    get lostLines() {
      return batches.lostLines;
    },
    reopen: () => reopen(destination, log),
    close: () => close(batches, destination, log),
  };
}

async function reopen(destination: Destination, log: Log): Promise<void> {
  try {
    await destination.reopen();
  } catch (error) {
    log.error('The access log could not be opened again; lines go where they went before', {
      file: destination.name,
      problem: error instanceof Error ? error.message : String(error),
    });
  }
}

async function close(batches: Batches, destination: Destination, log: Log): Promise<void> {
  const written = await withinPatience(batches.close());
  try {
    // A write that hangs must not hold up the end, and its file cannot be closed under it.
    if (written) await destination.close();
    else log.warn('The last lines of the access log may be lost', { file: destination.name });
  } catch (error) {
    log.warn('The access log could not be closed', {
      file: destination.name,
      problem: error instanceof Error ? error.message : String(error),
    });
  }
}

function withinPatience(done: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), CLOSE_PATIENCE_MS);
    void done.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
