import { readFile } from 'node:fs/promises';
import { isNotThere, makeFolder, writeWhole } from '../../cli/whole-file.ts';
import { type McmpError, UsageError } from '../../core/errors.ts';

/** Mode of files that hold a key, and of those that do not. */
export const SECRET = 0o600;
export const PUBLIC = 0o644;

const DIRECTORY = 0o700;

/** Makes a directory for its owner alone, where there is none; one that is there stays as it is. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await makeFolder(path, DIRECTORY);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** @returns undefined when it is not there */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw new UsageError(`cannot read ${path}: ${wordsOf(error)}`, { cause: error });
  }
}

/** Writes a file so that whoever reads it sees the old one or the new one, whole. @throws UsageError */
export async function writeFile(path: string, content: string | Buffer, mode: number): Promise<void> {
  try {
    await writeWhole(path, content, mode);
  } catch (error) {
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
