import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { type McmpError, UsageError } from '../../core/errors.ts';

/** Mode of files that hold a key, and of those that do not. */
export const SECRET = 0o600;
export const PUBLIC = 0o644;

const DIRECTORY = 0o700;

/** Makes a directory for its owner alone, where there is none; one that is there stays as it is. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: DIRECTORY });
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** @returns undefined when it is not there */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new UsageError(`cannot read ${path}: ${wordsOf(error)}`, { cause: error });
  }
}

/** Writes a file so that whoever reads it sees the old one or the new one, whole. */
export async function writeWhole(path: string, content: string | Buffer, mode: number): Promise<void> {
  // A rename from another folder may be a copy.
  const neighbour = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    const file = await open(neighbour, 'wx', mode);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    await rename(neighbour, path);
  } catch (error) {
    await rm(neighbour, { force: true });
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): McmpError {
  return new UsageError(`${path} cannot be written: ${wordsOf(error)}`, {
    code: 'MCMP_CERTS_FILE',
    cause: error,
    hint: 'Name a directory that may be written to, on a disk that is not full.',
  });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
