import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const STOP_PATIENCE_MS = 8_000;
const CLOCK_TICK_MICROSECONDS = 10_000;
const KEPT_OUTPUT = 4_000;

/** Every process that runs because of us; whatever happens, they end with us. */
const running = new Set();
const directories = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, () => process.exit(code));
}

/** A directory for the configuration files and logs of one run; it goes when the program ends. */
export function temporaryDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'mcmp-bench-'));
  directories.add(directory);
  return directory;
}

/** A port that was free a moment ago, for programs that cannot pick one themselves. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/**
 * Starts a program, on one core when `core` is a number. What it prints is kept to explain a failure.
 * @returns the child process with `printed`, a function that returns its latest output
 */
export function start(program, args, { core = null, env = {}, stdio = ['ignore', 'pipe', 'pipe'] } = {}) {
  const command = core === null ? [program, ...args] : ['taskset', '-c', String(core), program, ...args];
  const child = spawn(command[0], command.slice(1), { stdio, env: { ...process.env, ...env } });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes) => {
      output = (output + bytes).slice(-KEPT_OUTPUT);
    });
  }
  child.on('error', (error) => {
    output += error.message;
    running.delete(child);
  });
  child.once('exit', () => running.delete(child));
  child.printed = () => output.trim();
  return child;
}

/** Ends a process that `start` started: politely first, SIGKILL when that does not help. */
export async function stop(child) {
  if (!running.has(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const patience = AbortSignal.timeout(STOP_PATIENCE_MS);
  patience.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  await ended;
}

/** Resolves with the first line of a started program's stdout that is a JSON object. */
export function readyLine(child, patienceMs) {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => fail('says nothing'), patienceMs);
    const fail = (what) => {
      clearTimeout(timer);
      reject(new Error(`the program ${what}: ${child.printed()}`));
    };
    child.once('exit', (code) => fail(`ended with code ${code}`));
    child.stdout.on('data', (bytes) => {
      text += bytes;
      const line = text.split('\n').find((candidate, i, lines) => i < lines.length - 1 && candidate.startsWith('{'));
      if (line === undefined) return;
      clearTimeout(timer);
      resolve(JSON.parse(line));
    });
  });
}

/** Asks until the answer is true; throws with what the program printed when it ends or takes too long. */
export async function waitFor(child, condition, patienceMs) {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (!running.has(child)) throw new Error(`the program ended: ${child.printed()}`);
    if (Date.now() > deadline) throw new Error(`not ready after ${patienceMs} ms: ${child.printed()}`);
    await pause(50);
  }
}

/** CPU time that all threads of a process have used so far, in microseconds; NaN where the system does not tell. */
export function cpuMicroseconds(pid) {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(`${tasks}/${pid}/schedstat`)) return cpuMicrosecondsByTicks(pid);
  // Nanoseconds, where the ticks of `stat` are 10 ms each.
  const used = (id) => Number(readFileSync(`${tasks}/${id}/schedstat`, 'utf8').split(' ', 1)[0]);
  return readdirSync(tasks).reduce((sum, id) => sum + used(id) / 1000, 0);
}

function cpuMicrosecondsByTicks(pid) {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  const text = readFileSync(file, 'utf8');
  // The name in parentheses may hold spaces: count the fields from its end on. 11 and 12 are utime and stime.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MICROSECONDS;
}

/** Memory of a process in KiB, shared pages in proportion; NaN where the system does not tell. */
export function memoryKib(pid) {
  const file = `/proc/${pid}/smaps_rollup`;
  if (!existsSync(file)) return Number.NaN;
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(file, 'utf8'))[1]);
}
