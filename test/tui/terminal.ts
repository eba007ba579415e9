import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { shellWord } from '../../src/core/text.ts';
import { programOf } from '../support/needs-program.ts';

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const DEADLINE_MS = 15_000;
const LOOK_AGAIN_MS = 40;

export const tmux = programOf(['tmux'], 'tmux', 'the terminal manager in a real terminal');

/** The real program in a real terminal, typed into and read back; ended with the test. */
export interface Terminal {
  /** What is on the screen now. */
  screen(): Promise<string>;
  /** Waits until the screen shows all of these, and returns it. */
  shows(...patterns: readonly (RegExp | string)[]): Promise<string>;
  /** Keys as tmux names them: `Enter`, `Escape`, `Down`, or what is typed. */
  press(...keys: readonly string[]): Promise<void>;
  /** As a terminal hands it over that tells pasted text from keys. */
  paste(text: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** Process id of the program. */
  pid(): Promise<number>;
}

/**
 * Opens a terminal with a shell that has said `before`, runs the program, and says with which code it ended.
 *
 * @param options.jobs the shell has job control, and continues the program once when it was stopped
 */
export async function openTerminal(
  words: readonly string[],
  { columns = 80, rows = 24, jobs = false } = {},
): Promise<Terminal> {
  const socket = `mcmp-test-${randomUUID()}`;
  const ask = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run(tmux ?? 'tmux', ['-L', socket, '-f', '/dev/null', ...args]);
    return stdout;
  };
  // Ink draws nothing but its last frame where it finds a continuous integration.
  const unset = Object.keys(process.env).filter((name) => /^(MCMP_|CI$|CI_|CONTINUOUS|npm_)|COLOR/.test(name));
  const command = [process.execPath, PROGRAM, ...words].map(shellWord).join(' ');
  const without = unset.flatMap((name) => ['-u', name]).join(' ');
  const once = `env ${without} ${command}`;
  const whole = jobs ? `set -m; ${once}; echo "stopped with $?"; stty -a; fg` : once;
  const script = `echo before; ${whole}; echo "ended with $?"; exec cat`;
  await ask('new-session', '-d', '-x', String(columns), '-y', String(rows), 'sh', '-c', script);
  onTestFinished(async () => {
    await ask('kill-server');
  });
  const screen = (): Promise<string> => ask('capture-pane', '-p');
  return {
    screen,
    async shows(...patterns) {
      const giveUpAt = performance.now() + DEADLINE_MS;
      for (;;) {
        const text = await screen();
        const missing = patterns.find((one) => (typeof one === 'string' ? !text.includes(one) : !one.test(text)));
        if (missing === undefined) return text;
        if (performance.now() > giveUpAt) throw new Error(`the screen does not show ${missing}:\n${text}`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    },
    async press(...keys) {
      for (const key of keys) await ask('send-keys', key);
    },
    async paste(text) {
      await ask('set-buffer', text);
      await ask('paste-buffer', '-p');
    },
    async resize(width, height) {
      await ask('resize-window', '-x', String(width), '-y', String(height));
    },
    async pid() {
      const shell = (await ask('display-message', '-p', '#{pane_pid}')).trim();
      const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', shell]);
      return Number(stdout.trim());
    },
  };
}
