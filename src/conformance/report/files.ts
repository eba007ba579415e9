import { open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isNotThere, makeFolder, neighbourOf, writeWhole } from '../../cli/whole-file.ts';
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

/** Writes a report so that whoever reads it sees the old one or the new one, whole. @throws UsageError */
export async function writeReport(path: string, text: string | Buffer, mode?: number): Promise<void> {
  try {
    await writeWhole(path, text, mode);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): McmpError {
  const why = error instanceof Error ? error.message : String(error);
  return new UsageError(`${path} cannot be written: ${why}`, {
    code: 'MCMP_REPORT_FILE',
    cause: error,
    hint: 'Name a file in a folder that may be written to, on a disk that is not full.',
  });
}
