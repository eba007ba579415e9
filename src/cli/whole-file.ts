import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';

/** How commands write files and folders. All of it fails with the error of the system; in which words, the command knows. */

/**
 * Makes a folder, and those that it lies in; one that is there stays as it is. Step by step: Node's own recursive `mkdir` tries
 * for ever where nothing can be made, as below `/proc`.
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
 * @throws Error of the system; nothing is left behind then
 */
export async function writeWhole(path: string, content: string | Buffer, mode = 0o666): Promise<void> {
  const neighbour = neighbourOf(path);
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
    throw error;
  }
}

let written = 0;

/** A name of nobody else's in the same folder: a rename from elsewhere may be a copy. */
export function neighbourOf(path: string): string {
  written += 1;
  return join(dirname(path), `.${basename(path)}.${process.pid}-${written}`);
}

/** Whether a path leads to nothing. */
export function isNotThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
