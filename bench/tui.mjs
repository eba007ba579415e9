/**
 * What `mcmp tui` costs with ten thousand contexts: how long a key press takes until the terminal is given the new picture,
 * and whether memory stays flat. A real balancer in a process of its own, the real session here, and a terminal that only
 * counts.
 */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { printJson, printText, readArguments, say, wholeNumber } from './parts/settings.mjs';

const HELP = `node bench/tui.mjs

  --seconds N    how long keys are pressed (30)
  --nodes N      nodes (200)
  --contexts N   contexts of each node (50)
  --columns N    of the terminal (80)
  --rows N       of the terminal (24)
  --json         one JSON document on stdout`;

const { values } = readArguments(
  HELP,
  {
    seconds: { type: 'string', default: '30' },
    nodes: { type: 'string', default: '200' },
    contexts: { type: 'string', default: '50' },
    columns: { type: 'string', default: '80' },
    rows: { type: 'string', default: '24' },
    json: { type: 'boolean', default: false },
  },
  false,
);
const seconds = wholeNumber('seconds', values.seconds, 3600);
const nodes = wholeNumber('nodes', values.nodes, 10_000);
const contexts = wholeNumber('contexts', values.contexts, 1_000);
// Without this Ink draws nothing where it finds a continuous integration.
process.env.CI = 'false';
// As the command does it: React for developers costs twice the time, and keeps measurements of its own.
process.env.NODE_ENV = 'production';
const DIST = new URL('../dist/', import.meta.url);
const { createOperator } = await import(new URL('src/tui/operator.js', DIST));
const { runSession } = await import(new URL('src/tui/session.js', DIST));
const { frameOf } = await import(new URL('src/tui/view/frame.js', DIST));

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc');

/** A terminal that takes pictures and tells when one comes. */
class Screen extends EventEmitter {
  columns = wholeNumber('columns', values.columns, 500);
  rows = wholeNumber('rows', values.rows, 200);
  isTTY = true;
  bytes = 0;
  write(chunk) {
    this.bytes += chunk.length;
    // Ink asks for synchronized output in a write of its own: that is no picture yet.
    if (chunk.length > 100) this.emit('picture', performance.now());
    return true;
  }
}

class Keyboard extends EventEmitter {
  isTTY = true;
  isRaw = false;
  #held = null;
  setEncoding() {}
  setRawMode(isRaw) {
    this.isRaw = isRaw;
  }
  ref() {}
  unref() {}
  read() {
    const held = this.#held;
    this.#held = null;
    return held;
  }
  press(text) {
    this.#held = text;
    this.emit('readable');
  }
}

const PROGRAM = fileURLToPath(new URL('src/cli/main.js', DIST));

async function startBalancer() {
  const listen = ['--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0', '--log-format', 'json'];
  const child = spawn(process.execPath, [PROGRAM, 'serve', ...listen], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [line] = await once(child.stderr, 'data');
  child.stderr.resume();
  return { child, url: `http://${JSON.parse(String(line)).fields.mcmp}` };
}

/** Nodes that send STATUS as long as the measurement lasts: a balancer forgets those that fall silent. */
function startNodes(url) {
  const paths = Array.from({ length: contexts }, (_, at) => `/context${at}`).join(',');
  const words = ['node-sim', '--balancer', url, '--nodes', String(nodes), '--contexts', paths];
  return spawn(process.execPath, [PROGRAM, ...words], { stdio: 'ignore' });
}

/** Those that change nothing, at the end of a list for example, are not counted. */
const KEYS = [
  '3',
  'j',
  'j',
  'G',
  'k',
  '\u0002',
  'g',
  's',
  's',
  'S',
  '2',
  'j',
  'G',
  '/',
  '1',
  '9',
  '\r',
  '\u001b',
  '1',
  'G',
  'k',
];
const PAUSE_MS = 37;
const PATIENCE_MS = 2_000;
/** Memory is looked at six times at least. */
const SAMPLE_MS = Math.min(60_000, (seconds * 1_000) / 6);

const NOTHING = Symbol('the key changes nothing');
const textOf = (state) => JSON.stringify(frameOf(state));

/** When the next picture comes; `NOTHING` when there is none to come, undefined when it does not come. */
function answerOf(screen, isSame) {
  return new Promise((resolve) => {
    const settle = (value) => {
      clearTimeout(timer);
      screen.off('picture', settle).off('drawn', onDrawn);
      resolve(value);
    };
    const onDrawn = () => {
      if (isSame()) settle(NOTHING);
    };
    const timer = setTimeout(settle, PATIENCE_MS);
    screen.on('picture', settle).on('drawn', onDrawn);
  });
}

const { child, url } = await startBalancer();
const fleet = startNodes(url);
try {
  say(`${nodes} nodes of ${contexts} contexts each, at ${url}`);
  const stdout = new Screen();
  const stdin = new Keyboard();
  const stop = new AbortController();
  let state;
  const session = runSession({
    settings: { readOnly: false, ascii: false, intervalMs: 2_000 },
    color: true,
    stdin,
    stdout,
    stop: stop.signal,
    connect(tell) {
      const operator = createOperator(tell, { survey: {}, intervalMs: 2_000, drainTimeoutMs: 1_000, words: [] });
      operator.watch([url]);
      return operator;
    },
    onState: (now) => {
      state = now;
      stdout.emit('drawn');
    },
  });
  const ready = AbortSignal.timeout(120_000);
  while (state?.tables.contexts !== nodes * contexts) await once(stdout, 'picture', { signal: ready });

  const tookMs = [];
  const heapBytes = [];
  let unanswered = 0;
  let fewest = nodes * contexts;
  const sample = () => {
    collect();
    heapBytes.push(process.memoryUsage().heapUsed);
  };
  sample();
  const startedMs = performance.now();
  const cpuBefore = process.cpuUsage();
  let sampledMs = startedMs;
  for (let at = 0; performance.now() - startedMs < seconds * 1_000; at++) {
    const before = textOf(state);
    const answer = answerOf(stdout, () => textOf(state) === before);
    const pressedMs = performance.now();
    stdin.press(KEYS[at % KEYS.length]);
    const atMs = await answer;
    if (atMs === undefined) unanswered++;
    else if (atMs !== NOTHING) tookMs.push(atMs - pressedMs);
    fewest = Math.min(fewest, state.tables.contexts);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (performance.now() - sampledMs < SAMPLE_MS) continue;
    sampledMs = performance.now();
    sample();
  }
  const cpu = process.cpuUsage(cpuBefore);
  stop.abort();
  await session;
  if (fewest < nodes * contexts) throw new Error(`at times there were only ${fewest} contexts to show`);

  tookMs.sort((left, right) => left - right);
  const at = (part) => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * part))] ?? 0;
  const result = {
    nodes,
    contexts: nodes * contexts,
    columns: stdout.columns,
    rows: stdout.rows,
    keys: tookMs.length,
    unanswered,
    keyMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) },
    // Readings, ticks and collections included; unlike the times above it does not grow with what else the machine does.
    cpuMsPerKey: (cpu.user + cpu.system) / 1_000 / Math.max(1, tookMs.length),
    over50Ms: tookMs.filter((ms) => ms >= 50).length,
    heapBytes,
  };
  if (values.json) printJson({ schemaVersion: 1, ...result });
  else {
    const ms = (value) => `${value.toFixed(1)} ms`;
    const mib = (value) => `${(value / 1024 ** 2).toFixed(1)} MiB`;
    const { p50, p90, p99, max } = result.keyMs;
    printText(
      [
        `${result.keys} keys answered, ${unanswered} not: p50 ${ms(p50)}, p90 ${ms(p90)}, p99 ${ms(p99)}, longest ${ms(max)}`,
        `${result.over50Ms} of them took 50 ms or more; processor time for each, readings included: ${ms(result.cpuMsPerKey)}`,
        `heap after collection, every ${(SAMPLE_MS / 1_000).toFixed(0)} s: ${heapBytes.map(mib).join(', ')}`,
      ].join('\n'),
    );
  }
} finally {
  fleet.kill('SIGKILL');
  child.kill();
}
