/**
 * What the listener for advertisements bears, whether it counts exactly what it had to drop, and what listener and sender
 * cost while nothing happens. All on loopback.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findInterface } from '../dist/src/advertise/interfaces.js';
import { listen } from '../dist/src/advertise/listen/session.js';
import { listenToGroups } from '../dist/src/advertise/listener.js';
import { printJson, printText, readArguments, say, wholeNumber } from './parts/settings.mjs';

const HELP = `node bench/advertise.mjs

  --rate N      datagrams a second (50000)
  --seconds N   how long they come (2)
  --idle N      seconds to look at an idle listener and sender (20)
  --json        one JSON document on stdout`;

const { values } = readArguments(
  HELP,
  {
    rate: { type: 'string', default: '50000' },
    seconds: { type: 'string', default: '2' },
    idle: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
  false,
);
const rate = wholeNumber('rate', values.rate, 1_000_000);
const seconds = wholeNumber('seconds', values.seconds, 60);
const idleSeconds = wholeNumber('idle', values.idle, 600);

const SENDER = fileURLToPath(new URL('programs/flood-sender.mjs', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));
const loopback = findInterface('127.0.0.1', 'IPv4');
/** Ticks of a process' CPU time in a second, on Linux. */
const TICKS_PER_SECOND = 100;
const SETTLE_MS = 3000;

function freshGroup() {
  const byte = () => 1 + Math.floor(Math.random() * 250);
  return { host: `239.${byte()}.${byte()}.${byte()}`, port: 24_000 + Math.floor(Math.random() * 5000), family: 'IPv4' };
}

async function flood({ host, port }) {
  const words = [SENDER, host, String(port), String(rate), String(rate * seconds)];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return JSON.parse(stdout);
}

/** @param counts asks the listener */
async function report(name, counts, { sent, tookMs }) {
  let last;
  do {
    last = counts();
    await pause(300);
  } while (JSON.stringify(counts()) !== JSON.stringify(last));
  const { received, handled, droppedHere, droppedByKernel } = last;
  const exact = received + droppedByKernel === sent && handled + droppedHere === received;
  return {
    name,
    sent,
    perSecond: Math.round((sent / tookMs) * 1000),
    received,
    handled,
    droppedHere,
    droppedByKernel,
    exact,
  };
}

function fail(failure) {
  throw failure;
}

async function floodListener() {
  const group = freshGroup();
  const listener = await listenToGroups({
    groups: [group],
    interfaces: [loopback],
    onDatagram: () => {},
    onFailure: fail,
  });
  const result = await report('received only', listener.counts, await flood(group));
  await listener.close();
  return result;
}

async function floodSession() {
  const group = freshGroup();
  const stop = new AbortController();
  let state;
  const plan = { groups: [group], interfaces: [loopback], once: false, silenceMs: 600_000, probe: false };
  const ended = listen({
    plan,
    stop: stop.signal,
    toldPerSecond: 20,
    onEvent: () => {},
    onFailure: fail,
    onStart: (started) => {
      state = started;
    },
  });
  while (state === undefined) await pause(10);
  const result = await report('judged', state.counts, await flood(group));
  stop.abort();
  await ended;
  return result;
}

/** CPU time of a process so far, in seconds. */
function cpuSeconds(pid) {
  const columns = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(columns[11]) + Number(columns[12])) / TICKS_PER_SECOND;
}

async function idleCost() {
  const { host, port } = freshGroup();
  const where = ['--group', `${host}:${port}`, '--interface', '127.0.0.1'];
  const start = (...words) =>
    spawn(process.execPath, [PROGRAM, 'advertise', ...words, ...where], { stdio: ['ignore', 'ignore', 'inherit'] });
  const programs = [
    ['advertise listen', start('listen')],
    ['advertise send', start('send', '--log-level', 'error')],
  ];
  // Starting up is no idle cost.
  await pause(SETTLE_MS);
  const before = programs.map(([, { pid }]) => cpuSeconds(pid));
  await pause(idleSeconds * 1000);
  const costs = programs.map(([name, { pid }], index) => ({
    name,
    percentOfCore: Number((((cpuSeconds(pid) - before[index]) / idleSeconds) * 100).toFixed(2)),
  }));
  for (const [, child] of programs) {
    child.kill('SIGINT');
    await once(child, 'close');
  }
  return costs;
}

say(`${rate} datagrams a second for ${seconds} s ...`);
const floods = [await floodListener(), await floodSession()];
say(`idle for ${idleSeconds} s ...`);
const idle = await idleCost();
if (values.json) printJson({ schemaVersion: 1, floods, idle });
else {
  for (const { name, sent, perSecond, received, handled, droppedHere, droppedByKernel, exact } of floods) {
    printText(
      `${name}: sent ${sent} at ${perSecond}/s; received ${received}, dropped by the kernel ${droppedByKernel}; handled ${handled}, dropped from the queue ${droppedHere}; ${exact ? 'exact' : 'NOT EXACT'}`,
    );
  }
  for (const { name, percentOfCore } of idle) printText(`${name}, idle: ${percentOfCore} % of a core`);
}
if (!floods.every(({ exact }) => exact)) process.exitCode = 1;
