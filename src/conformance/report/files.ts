import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { type McmpError, UsageError } from '../../core/errors.ts';

/**
 * Makes sure, before a run of minutes, that a report can be written when it is over: makes its folder.
 * @throws UsageError when it is a folder itself, or its folder cannot be made or written to
 */
export async function prepareFile(path: string): Promise<void> {
  const there = await stat(path).catch((error: unknown) => {
    if (isNotThere(error)) return undefined;
    throw unwritable(path, error);
  });
  if (there?.isDirectory() === true) {
    throw new UsageError(`${path} is a folder, not a file`, {
      code: 'MCMP_REPORT_FILE',
      hint: 'Name the file that the report is to be written to.',
    });
  }
  const trial = neighbourOf(path);
  try {
    await makeFolder(dirname(path));
    await (await open(trial, 'wx', 0o600)).close();
    await rm(trial);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * Makes a folder, and those that it lies in. Step by step: Node's own recursive `mkdir` tries for ever where nothing can be
 * made, as below `/proc`.
 * @throws Error of the system
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  const there = await stat(path).catch((error: unknown) => {
    if (isNotThere(error)) return undefined;
    throw error;
  });
  if (there?.isDirectory() === true) return;
  if (there !== undefined) throw new Error(`${path} is no folder`);
  if (dirname(path) !== path) await makeFolder(dirname(path), mode);
  await mkdir(path, { mode }).catch((error: unknown) => {
    // Somebody else made it in the meantime.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}

/**
 * Writes a file so that whoever reads it sees the old one or the new one, whole.
 * @param mode default: readable by others as the umask has it
 * @throws McmpError
 */
export async function writeWhole(path: string, text: string | Buffer, mode = 0o666): Promise<void> {
  const neighbour = neighbourOf(path);
  try {
    const file = await open(neighbour, 'wx', mode);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await rename(neighbour, path);
  } catch (error) {
    await rm(neighbour, { force: true });
    throw unwritable(path, error);
  }
}

let written = 0;

/** A name of nobody else's in the same folder: a rename from elsewhere may be a copy. */
function neighbourOf(path: string): string {
  written += 1;
  return join(dirname(path), `.${basename(path)}.${process.pid}-${written}`);
}

function unwritable(path: string, error: unknown): McmpError {
  const why = error instanceof Error ? error.message : String(error);
  return new UsageError(`${path} cannot be written: ${why}`, {
    code: 'MCMP_REPORT_FILE',
    cause: error,
    hint: 'Name a file in a folder that may be written to, on a disk that is not full.',
  });
}

/** Whether a path leads to nothing. */
export function isNotThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
