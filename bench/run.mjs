/**
 * Measures `mcmp serve` beside the proxies that this machine has, alternating, and prints medians and ratios.
 * See README.md in this folder.
 */
import { idleTable, measureIdle } from './parts/idle.mjs';
import { findMachine, printJson, printText, readArguments, say, wholeNumber } from './parts/settings.mjs';
import { LOADS, measureThroughput, throughputTable } from './parts/throughput.mjs';

const HELP = `node bench/run.mjs [small-get] [big-get] [upload] [ajp-get] [idle] [all]     (default: small-get)

  --rounds N        turns of each proxy (5)
  --seconds N       length of a turn (3)
  --connections N   idle connections to hold (10000)
  --undertow        build the Undertow peer first, if it is not built yet (Maven)
  --json            one JSON document on stdout`;

const { values, positionals } = readArguments(
  HELP,
  {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '10000' },
    undertow: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
  true,
);
const known = [...Object.keys(LOADS), 'idle'];
const asked = positionals.length === 0 ? ['small-get'] : positionals;
const unknown = asked.find((name) => name !== 'all' && !known.includes(name));
if (unknown !== undefined) {
  say(`there is no measurement ${unknown}\n\n${HELP}`);
  process.exit(2);
}
const rounds = wholeNumber('rounds', values.rounds, 100);
const seconds = wholeNumber('seconds', values.seconds, 60);
const connections = wholeNumber('connections', values.connections, 100_000);

const machine = findMachine(values.undertow);
if (machine.found.size === 0) process.exit(1);
const results = [];
for (const name of asked.includes('all') ? known : asked) {
  const result =
    name === 'idle'
      ? await measureIdle({ ...machine, connections, say })
      : await measureThroughput(name, { ...machine, rounds, seconds, say });
  results.push(result);
  if (!values.json) printText(`\n${name === 'idle' ? idleTable(result) : throughputTable(result)}`);
}
const { cores, found, missing, generator } = machine;
if (values.json) {
  const how = { rounds, seconds, cores: cores.count, pinned: cores.pinned, generator: generator.name };
  printJson({ schemaVersion: 1, ...how, versions: Object.fromEntries(found), missing, results });
} else {
  const pinning = cores.pinned ? 'one core for the proxy, one for the rest' : 'not pinned';
  printText(`\n${rounds} rounds of ${seconds} s; ${cores.count} cores, ${pinning}; load: ${generator.name}`);
  for (const [name, version] of found) printText(`  ${name}: ${version}`);
}
