import process from 'node:process';
import { createInterface } from 'node:readline';

/**
 * Asks at the terminal. The line is read as the terminal gives it, not key by key: Ctrl-C stays a signal.
 *
 * @returns what was typed, without spaces around it; undefined when the question was withdrawn or the input has ended
 */
export function askAtTerminal(question: string, withdrawn: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
    let answer: string | undefined;
    const withdraw = (): void => {
      process.stderr.write('\n');
      reader.close();
    };
    reader.on('close', () => {
      withdrawn.removeEventListener('abort', withdraw);
      resolve(answer);
    });
    if (withdrawn.aborted) {
      reader.close();
      return;
    }
    withdrawn.addEventListener('abort', withdraw, { once: true });
    reader.question(question, (typed) => {
      answer = typed.trim();
      reader.close();
    });
  });
}
