import { constants, fstatSync, write } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { McmpError } from '../../core/errors.ts';

/** Where batches of lines go, one at a time. */
export interface Destination {
  /** For the log. */
  readonly name: string;
  /** @param done told once, when the next batch may come */
  write(batch: Buffer, done: (error: Error | null) => void): void;
  /** Opens the file anew, which may be another one by now; batches go there from the next one on. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** A pipe that nobody reads at the moment is asked again after this time. */
const PIPE_PATIENCE_MS = 20;
/** Who may read it besides its owner: it tells of people. */
const FILE_MODE = 0o640;
/** Without O_NONBLOCK, opening a named pipe would wait for its reader for ever. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const LINE_END = Buffer.from('\n');

/**
 * Appends to a file through the thread pool: who writes never waits for the disk.
 *
 * @throws McmpError when it cannot be opened
 */
export async function openFileDestination(file: string): Promise<Destination> {
  let handle = await openFile(file);
  /** Takes the place of `handle` before the next batch. */
  let next: FileHandle | null = null;
  let busy = false;
  /** The last batch was written in part: the next one begins a new line. */
  let torn = false;

  const replace = async (): Promise<void> => {
    if (next === null || busy) return;
    const old = handle;
    handle = next;
    next = null;
    await old.close();
  };
  return {
    name: file,
    write(batch, done) {
      busy = true;
      const bytes = torn ? Buffer.concat([LINE_END, batch]) : batch;
      writeAll(handle.fd, bytes, 0, (error, written) => {
        busy = false;
        torn = error !== null && (torn || written > 0);
        void replace().then(
          () => done(error),
          (problem: Error) => done(problem),
        );
      });
    },
    async reopen() {
      const opened = await openFile(file);
      await next?.close();
      next = opened;
      torn = false;
      await replace();
    },
    async close() {
      await next?.close();
      await handle.close();
    },
  };
}

/** Standard output: a pipe is never waited for, and a file is written to as any other. */
export function stdoutDestination(stdout: Writable & { readonly fd?: number }): Destination {
  const toFile = stdout.fd !== undefined && fstatSync(stdout.fd).isFile() ? stdout.fd : null;
  return {
    name: 'stdout',
    write(batch, done) {
      if (toFile !== null) writeAll(toFile, batch, 0, done);
      else stdout.write(batch, (error) => done(error ?? null));
    },
    // There is nothing to open: who gave it to us may have rotated it behind our back, which it is appended to all the same.
    reopen: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function writeAll(fd: number, bytes: Buffer, from: number, done: (error: Error | null, written: number) => void): void {
  write(fd, bytes, from, bytes.length - from, null, (error, written) => {
    if (error?.code === 'EAGAIN') setTimeout(() => writeAll(fd, bytes, from, done), PIPE_PATIENCE_MS).unref();
    else if (error !== null) done(error, from);
    else if (from + written < bytes.length) writeAll(fd, bytes, from + written, done);
    else done(null, bytes.length);
  });
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, FLAGS, FILE_MODE);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    const words = error instanceof Error ? error.message : String(error);
    throw new McmpError('usage', 'MCMP_ACCESS_LOG', `cannot open the access log ${file}: ${words}`, {
      hint: HINTS.get(String(code)) ?? 'Name a file that this user may write, or - for stdout',
      cause: error,
    });
  }
}

const HINTS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'Its directory is not there: make it first, with mkdir -p'],
  ['EISDIR', 'It is a directory: name a file in it'],
  ['ENXIO', 'It is a named pipe that nobody reads: start its reader first'],
]);
