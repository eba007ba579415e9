import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));
const DEADLINE_MS = 15_000;

export interface ProgramOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Working directory; an empty one when not given. */
  readonly directory?: string;
}

export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `mcmp`, ended at the latest when the test ends. */
export interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Result>;
  /** Resolves with the first match in what was written so far; rejects when the program ends or takes too long. */
  written(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>;
}

/** A directory of its own for a test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'mcmp-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Starts the built program as a user would, with nothing of the surroundings' settings. */
export function startProgram(words: readonly string[], options: ProgramOptions = {}): Program {
  const inherited = Object.entries(process.env).filter(([name]) => !/^MCMP_|COLOR|^npm_/.test(name));
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    cwd: options.directory ?? temporaryDirectory(),
    env: { ...Object.fromEntries(inherited), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(([code, signal]): Result => ({ code, signal, ...text }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    child,
    ended,
    written: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const finish = (act: () => void): void => {
          clearTimeout(timer);
          listeners.delete(look);
          act();
        };
        const fail = (why: string): void =>
          finish(() => reject(new Error(`${why} before ${pattern} on ${stream}\n${text.stdout}\n${text.stderr}`)));
        const look = (): void => {
          const match = pattern.exec(text[stream]);
          if (match !== null) finish(() => resolve(match));
        };
        const timer = setTimeout(() => fail('too long'), DEADLINE_MS);
        listeners.add(look);
        ended.then(() => fail('the end'), reject);
        look();
      }),
  };
}

/** Runs the program to its end. */
export function runProgram(words: readonly string[], options: ProgramOptions = {}): Promise<Result> {
  return startProgram(words, options).ended;
}
