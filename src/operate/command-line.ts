import type { Pair } from '../client/index.ts';
import type { AppCommandName } from '../core/mcmp/types.ts';

/** Words that every shell takes as they are. `*`, `~`, `=` at the beginning and all that is not plain is quoted. */
const PLAIN = /^[A-Za-z0-9_/.,:@%+-][A-Za-z0-9_/.,:@%+=-]*$/;

/** A word for a POSIX shell: between single quotes nothing has a meaning but the quote itself. */
export function shellWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command line that sends the same command. @param more further words, such as those of the TLS options */
export function sendLine(
  command: {
    readonly target: string;
    readonly method: AppCommandName;
    readonly path: '/' | '/*';
    readonly pairs: readonly Pair[];
  },
  more: readonly string[] = [],
): string {
  const { target, method, path, pairs } = command;
  const fields = pairs.map(([name, value]) => `${name}=${value}`);
  const words = [method, ...fields, ...(path === '/*' ? [path] : []), '--balancer', target, ...more];
  return `mcmp send ${words.map(shellWord).join(' ')}`;
}
