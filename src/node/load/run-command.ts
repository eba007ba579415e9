import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../clock.ts';

/** How a command ended. */
export interface CommandResult {
  /** What went wrong, as the end of a sentence that begins with the command; empty when it went well. */
  readonly failure: string;
  readonly lastLine: string;
  readonly lastComplaint: string;
}

export interface CommandTask {
  readonly command: string;
  /** Told to the command beside the environment of this process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Ends the command, and all that it has started. */
  readonly signal: AbortSignal;
}

/** The last line stands within so many bytes of the end of what was printed. */
const KEPT_BYTES = 4096;

/** A fleet in which every node has a command of its own starts so many at once; the others wait for their turn. */
const MAX_RUNNING = 32;

let running = 0;
const waiting: (() => void)[] = [];

/** Runs the operator's own shell command when it is its turn. Never rejects. */
export async function runCommand(task: CommandTask): Promise<CommandResult> {
  if (running >= MAX_RUNNING) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await runNow(task);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

function runNow({ command, environment, timeoutMs, clock, signal }: CommandTask): Promise<CommandResult> {
  if (signal.aborted) return Promise.resolve({ failure: 'was not begun', lastLine: '', lastComplaint: '' });
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that its children can be ended with it.
      detached: true,
      env: { ...process.env, ...environment },
    });
    const printed = keepLastLine(child.stdout);
    const complained = keepLastLine(child.stderr);
    const over = new AbortController();
    let timedOut = false;
    const kill = (): void => killGroup(child);
    signal.addEventListener('abort', kill);
    const finish = (failure: string): void => {
      over.abort();
      signal.removeEventListener('abort', kill);
      resolve({ failure, lastLine: printed(), lastComplaint: complained() });
    };
    child.once('error', (error) => finish(`could not be run: ${error.message}`));
    child.once('close', (code, killedBy) => {
      if (timedOut) finish(`took longer than ${timeoutMs} ms`);
      else if (killedBy !== null) finish(`was ended by ${killedBy}`);
      else finish(code === 0 ? '' : `ended with exit code ${code}`);
    });
    void clock.sleep(timeoutMs, over.signal).then(() => {
      if (over.signal.aborted) return;
      timedOut = true;
      kill();
    });
  });
}

/** Keeps the end of what a stream says, as much of it as may matter. */
function keepLastLine(stream: NodeJS.ReadableStream): () => string {
  let end = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    end = Buffer.concat([end, chunk]).subarray(-KEPT_BYTES);
  });
  return () => end.toString('utf8').trimEnd().split('\n').at(-1)?.trim() ?? '';
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: all of the group have ended by themselves.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
