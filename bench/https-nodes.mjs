/**
 * What TLS towards nodes costs: small requests and large responses through `mcmp serve` and nginx to the same https node, both
 * of which verify it, and through `mcmp serve` to the same node without TLS.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBackend } from './parts/backends.mjs';
import { startMcmp, startNginx, withOneNode } from './parts/peers.mjs';
import { stop, temporaryDirectory } from './parts/processes.mjs';
import { findMachine, printJson, printText, readArguments, say, wholeNumber } from './parts/settings.mjs';
import { measureThroughput, throughputTable } from './parts/throughput.mjs';

const HELP = `node bench/https-nodes.mjs

  --rounds N    turns of each (5)
  --seconds N   length of a turn (3)
  --json        one JSON document on stdout`;
const PROGRAM = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

const { values } = readArguments(
  HELP,
  {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
  false,
);
const rounds = wholeNumber('rounds', values.rounds, 100);
const seconds = wholeNumber('seconds', values.seconds, 60);
const machine = findMachine(false);
if (!machine.found.has('nginx') || !machine.found.has('mcmp')) {
  say('this measurement needs nginx, which is the https node as well, and the built program');
  process.exit(1);
}

const directory = temporaryDirectory();
const certificates = join(directory, 'tls');
const made = spawnSync(process.execPath, [PROGRAM, 'certs', 'dev', certificates], { encoding: 'utf8' });
if (made.status !== 0) throw new Error(`mcmp certs dev did not make certificates: ${made.stderr}`);
const ca = join(certificates, 'ca.pem');
const certificate = { cert: join(certificates, 'node.pem'), key: join(certificates, 'node.key') };
const node = await startBackend(directory, machine.cores.around, { forUploads: false, certificate });

const startVerifying = (core) => startMcmp(core, { flags: ['--upstream-ca', ca] });
const peers = [
  {
    name: 'nginx to https',
    start: (context) => startNginx({ ...context, backendPort: node.securePort, backendCa: ca }),
    warmUpSeconds: 1,
  },
  {
    name: 'mcmp to https',
    start: withOneNode(startVerifying, { type: 'https', port: node.securePort }),
    warmUpSeconds: 3,
  },
  { name: 'mcmp to http', start: withOneNode(startVerifying, { port: node.port }), warmUpSeconds: 3 },
];
const found = new Map(peers.map(({ name }) => [name, '']));
const results = [];
try {
  for (const load of ['small-get', 'big-get']) {
    const result = await measureThroughput(load, { ...machine, found, peers, rounds, seconds, say });
    results.push(result);
    if (!values.json) printText(`\n${throughputTable(result)}`);
  }
} finally {
  await stop(node.child);
}
if (values.json) printJson({ schemaVersion: 1, name: 'https-nodes', results });
