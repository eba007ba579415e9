/**
 * How long a fleet of simulated nodes takes to register with `mcmp serve`, and what it and the balancer cost when nothing
 * happens but reports and pings.
 */
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fixed, table } from './parts/figures.mjs';
import { cpuMicroseconds, memoryKib, readyLine, start, stop } from './parts/processes.mjs';
import { printJson, printText, readArguments, say, wholeNumber } from './parts/settings.mjs';

const HELP = `node bench/fleet.mjs

  --nodes N      simulated nodes (1000)
  --contexts N   contexts of each (5)
  --seconds N    how long to watch the idle fleet (20)
  --json         one JSON document on stdout`;

const PROGRAM = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));
const START_PATIENCE_MS = 120_000;
/** The first pings are over then, and the second reports, which come sooner than the others so that nodes do not stay in step. */
const SETTLE_MS = 12_000;

const { values } = readArguments(
  HELP,
  {
    nodes: { type: 'string', default: '1000' },
    contexts: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
  false,
);
const nodes = wholeNumber('nodes', values.nodes, 10_000);
const contexts = wholeNumber('contexts', values.contexts, 100);
const seconds = wholeNumber('seconds', values.seconds, 600);
if (!existsSync(PROGRAM)) throw new Error('nothing is built: npm run build');

/** A process and how much CPU time it had used before. */
function watched(child) {
  const before = cpuMicroseconds(child.pid);
  const startedMs = performance.now();
  return () => ({
    cpuSeconds: (cpuMicroseconds(child.pid) - before) / 1e6,
    shareOfCore: (cpuMicroseconds(child.pid) - before) / 1000 / (performance.now() - startedMs),
  });
}

const balancer = start(process.execPath, [
  ...[PROGRAM, 'serve', '--json', '--log-level', 'warn'],
  ...['--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0'],
]);
const { mcmp } = await readyLine(balancer, START_PATIENCE_MS);
say(`fleet: ${nodes} nodes with ${contexts} contexts`);

const paths = Array.from({ length: contexts }, (_, index) => `/app${index + 1}`).join(',');
const registering = watched(balancer);
const startedMs = performance.now();
const fleet = start(process.execPath, [
  ...[PROGRAM, 'node-sim', '--json', '--balancer', mcmp[0], '--log-level', 'warn'],
  ...['--nodes', String(nodes), '--contexts', paths],
]);
const { registered } = await readyLine(fleet, START_PATIENCE_MS);
const registerMs = performance.now() - startedMs;
const registerCpu = { fleet: cpuMicroseconds(fleet.pid) / 1e6, balancer: registering().cpuSeconds };

await pause(SETTLE_MS);
const idle = [watched(fleet), watched(balancer)];
say(`fleet: watching for ${seconds} s`);
await pause(seconds * 1000);
const [fleetIdle, balancerIdle] = idle.map((read) => read().shareOfCore);
const memory = { fleet: memoryKib(fleet.pid), balancer: memoryKib(balancer.pid) };

const leavingMs = performance.now();
await stop(fleet);
const leaveMs = performance.now() - leavingMs;
await stop(balancer);

const result = {
  ...{ name: 'fleet', nodes, contexts, registered, registerMs, leaveMs, registerCpuSeconds: registerCpu },
  idleShareOfCore: { fleet: fleetIdle, balancer: balancerIdle },
  memoryKib: memory,
};
if (values.json) printJson({ schemaVersion: 1, ...result });
else {
  printText(
    [
      `${registered} of ${nodes} nodes with ${contexts} contexts registered after ${fixed(registerMs / 1000, 2)} s; ` +
        `left in ${fixed(leaveMs / 1000, 2)} s`,
      '',
      table([
        ['', 'CPU s to register', 'idle, % of a core', 'MiB'],
        ...['fleet', 'balancer'].map((who) => [
          who,
          fixed(registerCpu[who], 2),
          fixed(result.idleShareOfCore[who] * 100, 1),
          fixed(memory[who] / 1024, 0),
        ]),
      ]),
    ].join('\n'),
  );
}
