import type { Pair } from '../client/index.ts';
import type { AppCommandName } from '../core/mcmp/types.ts';
import { shellWord } from '../core/text.ts';

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
