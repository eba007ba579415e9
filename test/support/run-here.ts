import { Writable } from 'node:stream';
import { commands } from '../../commands/index.ts';
import { runLine } from '../../src/cli/run.ts';

/** Runs a command line in this process, as the program does, with its output kept; in an environment of its own. */
export async function runHere(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const text = { stdout: '', stderr: '' };
  const streamTo = (name: keyof typeof text): Writable =>
    new Writable({
      write(chunk, _, done) {
        text[name] += String(chunk);
        done();
      },
    });
  const code = await runLine(words, commands, {
    environment,
    stdout: streamTo('stdout'),
    stderr: streamTo('stderr'),
    signals: { takeOver: () => new AbortController().signal },
    onReaderGone: () => undefined,
  });
  return { code, ...text };
}
