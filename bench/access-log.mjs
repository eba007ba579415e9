/**
 * What the access log costs `mcmp serve`: small requests without it, with it in each format, taking turns. With `--against`
 * also what another build of the program costs, to see what a change did.
 */
import { existsSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startMcmp, withOneNode } from './parts/peers.mjs';
import { temporaryDirectory } from './parts/processes.mjs';
import { findMachine, printJson, printText, readArguments, say, wholeNumber } from './parts/settings.mjs';
import { measureThroughput, throughputTable } from './parts/throughput.mjs';

const HELP = `node bench/access-log.mjs

  --rounds N       turns of each (9)
  --seconds N      length of a turn (2)
  --against DIR    another checkout, built, to measure beside this one
  --only-against   nothing but that, and this checkout without a log
  --json           one JSON document on stdout`;
const WARM_UP_SECONDS = 4;

const { values } = readArguments(
  HELP,
  {
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '2' },
    against: { type: 'string' },
    'only-against': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
  false,
);
const rounds = wholeNumber('rounds', values.rounds, 100);
const seconds = wholeNumber('seconds', values.seconds, 60);
const directory = temporaryDirectory();
const logFile = (format) => join(directory, `${format}.log`);

function variant(name, options) {
  return { name, start: withOneNode((core) => startMcmp(core, options)), warmUpSeconds: WARM_UP_SECONDS };
}

const peers = [variant('no log', {})];
if (values.against !== undefined) {
  const program = resolve(values.against, 'dist/src/cli/main.js');
  if (!existsSync(program)) throw new Error(`${values.against} is not a checkout that was built: npm run build`);
  peers.push(variant('the other build', { program }));
}
if (!values['only-against']) {
  for (const format of ['json', 'combined']) {
    peers.push(variant(format, { flags: ['--access-log', logFile(format), '--access-log-format', format] }));
  }
}
const machine = findMachine(false);
const found = new Map(peers.map(({ name }) => [name, '']));
const result = await measureThroughput('small-get', { ...machine, found, peers, rounds, seconds, say });
const logged = [];
for (const format of ['json', 'combined'].filter((name) => found.has(name))) {
  logged.push({ format, bytes: statSync(logFile(format)).size });
  rmSync(logFile(format));
}
if (values.json) printJson({ schemaVersion: 1, ...result, name: 'access-log', logged });
else {
  printText(throughputTable({ ...result, title: 'Small GET, with and without an access log' }));
  for (const { format, bytes } of logged) printText(`${format}: ${Math.round(bytes / 1024 / 1024)} MiB written`);
}
