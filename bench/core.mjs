/**
 * How many MCMP commands the core carries out in a second, and what a context weighs. 10,000 nodes with 100 contexts
 * each; no sockets, one core. Times are CPU time of the process, the collector's included: other programs on the machine
 * do not count.
 *
 *   npm run build && node --expose-gc bench/core.mjs [--nodes N] [--contexts N]
 */
import { parseArgs } from 'node:util';
import { apply, createCluster, MCMP_DIALECT, parseCommand, printCommand } from '../dist/src/core/index.js';

const { values } = parseArgs({
  options: { nodes: { type: 'string', default: '10000' }, contexts: { type: 'string', default: '100' } },
});
const NODES = Number(values.nodes);
const CONTEXTS = Number(values.contexts);
const OPTIONS = { defaultBalancer: 'mycluster', maxMessageBytes: 1_048_576 };

const state = createCluster({
  dialect: MCMP_DIALECT,
  defaultBalancer: 'mycluster',
  limits: { maxNodes: NODES, maxContexts: NODES * CONTEXTS, maxHosts: NODES * 2 },
  waitBeforeRemoveMs: 10_000,
  brokenNodeTimeoutMs: 60_000,
  incarnationId: '1',
});

const route = (node) => `node${node}`;
const app = (kind, node, context) => ({
  kind,
  route: route(node),
  wildcard: false,
  aliases: ['default-host', 'localhost'],
  contexts: [`/application-${context}`],
});
const config = (node) =>
  read(
    'CONFIG',
    `JVMRoute=${route(node)}&Host=10.${node >> 16}.${(node >> 8) & 255}.${node & 255}&Port=8080&Type=http`,
  );
const status = (node, load) => ({ kind: 'STATUS', route: route(node), load, reachable: true });

function read(method, body) {
  const command = parseCommand(method, '/', body, '', MCMP_DIALECT, OPTIONS);
  if (command instanceof Error) throw command;
  return command;
}

function cpuNanoseconds() {
  const { user, system } = process.cpuUsage();
  return BigInt(user + system) * 1000n;
}

function heapBytes() {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Carries out commands that are made as they go, in parts, and counts only the time of `apply`. */
function run(words, total, make) {
  const part = [];
  let nanoseconds = 0n;
  let done = 0;
  while (done < total) {
    part.length = 0;
    while (part.length < 50_000 && done + part.length < total) part.push(make(done + part.length));
    const started = cpuNanoseconds();
    for (const command of part) {
      const { reply } = apply(state, command, done);
      if (!reply.ok) throw new Error(`refused: ${reply.mess}`);
    }
    nanoseconds += cpuNanoseconds() - started;
    done += part.length;
  }
  report(words, total, nanoseconds);
}

function report(words, total, nanoseconds) {
  const perSecond = Math.round((total * 1e9) / Number(nanoseconds));
  console.log(`${words.padEnd(44)} ${String(total).padStart(9)} commands ${String(perSecond).padStart(9)} a second`);
}

const empty = heapBytes();
run('CONFIG of new nodes', NODES, config);
const bare = heapBytes();
run('ENABLE-APP of new contexts, all nodes in turn', NODES * CONTEXTS, (at) =>
  app('ENABLE-APP', at % NODES, Math.floor(at / NODES)),
);
const full = heapBytes();

// What nodes say in their lives: mostly STATUS, contexts that come and go, now and then a CONFIG.
run('a mixture, with all contexts there', 1_000_000, (at) => {
  const node = (at * 7_919) % NODES;
  const context = (at * 31) % CONTEXTS;
  switch (at % 10) {
    case 0:
      return app('DISABLE-APP', node, context);
    case 1:
      return app('STOP-APP', ((at - 1) * 7_919) % NODES, ((at - 1) * 31) % CONTEXTS);
    case 2:
      return app('REMOVE-APP', ((at - 2) * 7_919) % NODES, ((at - 2) * 31) % CONTEXTS);
    case 3:
      return app('ENABLE-APP', ((at - 3) * 7_919) % NODES, ((at - 3) * 31) % CONTEXTS);
    case 4:
      return { kind: 'TICK' };
    default:
      return status(node, 1 + (at % 100));
  }
});

const bodies = Array.from(
  { length: 50_000 },
  (_, at) => printCommand(app('ENABLE-APP', at % NODES, at % CONTEXTS)).body,
);
const started = cpuNanoseconds();
for (let round = 0; round < 4; round++) for (const body of bodies) read('ENABLE-APP', body);
report('reading ENABLE-APP bodies (no apply)', 4 * bodies.length, cpuNanoseconds() - started);

const infoStarted = cpuNanoseconds();
const { reply } = apply(state, { kind: 'INFO', format: 'text' }, 0);
const infoMs = Number(cpuNanoseconds() - infoStarted) / 1e6;
console.log(`INFO of all: ${(reply.body.length / 1_048_576).toFixed(0)} MiB in ${infoMs.toFixed(0)} ms`);

if (globalThis.gc === undefined) console.log('memory: start with --expose-gc');
else {
  console.log(`memory of a node:    ${Math.round((bare - empty) / NODES)} bytes`);
  console.log(`memory of a context: ${Math.round((full - bare) / (NODES * CONTEXTS))} bytes`);
}
