import { parseArgs } from 'node:util';
import { findLoadGenerator } from './load.mjs';
import { findCores } from './machine.mjs';
import { findPeers } from './peers.mjs';
import { temporaryDirectory } from './processes.mjs';

const WRONG_USAGE = 2;

export function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * Reads the command line of a bench program. Wrong usage ends the process with code 2, `--help` with 0.
 * @param options as for `parseArgs`; numbers are strings with a `default`
 */
export function readArguments(help, options, allowPositionals) {
  let parsed;
  try {
    parsed = parseArgs({ options: { ...options, help: { type: 'boolean', default: false } }, allowPositionals });
  } catch (error) {
    say(`${error.message}\n\n${help}`);
    process.exit(WRONG_USAGE);
  }
  if (parsed.values.help) {
    process.stdout.write(`${help}\n`);
    process.exit(0);
  }
  return parsed;
}

/** A number from the command line, whole and at least 1; anything else ends the process with code 2. */
export function wholeNumber(name, text, most) {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  say(`--${name} takes a whole number from 1 to ${most}, not ${text}`);
  return process.exit(WRONG_USAGE);
}

/** What this machine has to offer; says on stderr what is missing and how to get it. */
export function findMachine(wantUndertow) {
  const cores = findCores();
  const { found, missing } = findPeers(wantUndertow);
  const generator = findLoadGenerator(temporaryDirectory(), cores.around);
  if (!cores.pinned)
    say('not pinned: taskset is missing or there is one core only. Rates then say little; trust CPU time.');
  for (const line of missing) say(`missing: ${line}`);
  if (generator.name !== 'wrk') say('missing: wrk: Debian package wrk. The own load generator is slower.');
  return { cores, found, missing, generator };
}

export function printText(text) {
  process.stdout.write(`${text}\n`);
}

export function printJson(document) {
  printText(JSON.stringify(document, null, 2));
}
