/**
 * Measures `mcmp serve` beside nginx where clients are encrypted: HTTP/1.1 over TLS, and HTTP/2. See README.md in this folder.
 */
import { ENCRYPTED_LOADS, encryptedGenerator, encryptedPeers, makeCertificate } from './parts/encrypted.mjs';
import { findMachine, printJson, printText, readArguments, say, wholeNumber } from './parts/settings.mjs';
import { measureThroughput, throughputTable } from './parts/throughput.mjs';

const HELP = `node bench/encrypted.mjs [tls-get] [h2-get]     (default: both)

  --rounds N        turns of each proxy (5)
  --seconds N       length of a turn (3)
  --json            one JSON document on stdout`;

const { values, positionals } = readArguments(
  HELP,
  {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
  true,
);
const names = positionals.length === 0 ? Object.keys(ENCRYPTED_LOADS) : positionals;
const unknown = names.find((name) => !Object.hasOwn(ENCRYPTED_LOADS, name));
if (unknown !== undefined) {
  say(`there is no measurement ${unknown}\n\n${HELP}`);
  process.exit(2);
}
const rounds = wholeNumber('rounds', values.rounds, 100);
const seconds = wholeNumber('seconds', values.seconds, 60);

const machine = findMachine(false);
const { cores, found } = machine;
const peers = encryptedPeers(makeCertificate());
const results = [];
for (const name of names) {
  const generator = encryptedGenerator(name, cores.around);
  if (generator === null) {
    say(`${name} is left out: it needs ${name === 'h2-get' ? 'h2load (Debian package nghttp2-client)' : 'wrk'}`);
    continue;
  }
  const what = ENCRYPTED_LOADS[name];
  const result = await measureThroughput(name, { ...machine, generator, rounds, seconds, say, peers, what });
  results.push(result);
  if (!values.json) printText(`\n${throughputTable(result)}`);
}
if (values.json) printJson({ schemaVersion: 1, rounds, seconds, versions: Object.fromEntries(found), results });
else printText(`\n${rounds} rounds of ${seconds} s; ${found.get('nginx') ?? ''}; mcmp: ${found.get('mcmp') ?? ''}`);
