/**
 * What clients see when a node goes: two nodes behind an MCMP balancer, 32 clients, and after a while one node is killed,
 * is paused with everything open, or takes its leave as a node should. See README.md in this folder.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startClients } from './parts/clients.mjs';
import { fixed, table } from './parts/figures.mjs';
import { mcmp, registerNode } from './parts/http.mjs';
import { findPeers, startMcmp, startUndertow } from './parts/peers.mjs';
import { readyLine, start, stop, temporaryDirectory } from './parts/processes.mjs';
import { printJson, printText, readArguments, say, wholeNumber } from './parts/settings.mjs';

const HELP = `node bench/kill.mjs

  --clients N     clients at once (32)
  --before N      seconds before the node goes (3)
  --ping N        seconds the nodes allow for a ping, their CONFIG's "ping" (2)
  --undertow      build the Undertow peer first, if it is not built yet (Maven)
  --json          one JSON document on stdout`;

const NODE = fileURLToPath(new URL('./programs/node.mjs', import.meta.url));
const ROUTES = ['node1', 'node2'];
const ANSWER_DELAY_MS = 10;
const STATUS_INTERVAL_MS = 1_000;
const READY_PATIENCE_MS = 10_000;
/** A client of a hung node may wait for the ping and a second more; this long on top of it is watched. */
const WATCHED_SECONDS = 5;
const BALANCERS = [
  ['mcmp', startMcmp],
  ['undertow', startUndertow],
];

const WAYS_TO_GO = {
  killed: async (node) => {
    node.child.kill('SIGKILL');
  },
  paused: async (node) => {
    node.child.kill('SIGSTOP');
  },
  'left politely': async (node, mcmpPort) => {
    const context = { JVMRoute: node.route, Alias: 'localhost', Context: '/' };
    for (const command of ['DISABLE-APP', 'STOP-APP', 'REMOVE-APP']) await mcmp(mcmpPort, command, '/', context);
    await mcmp(mcmpPort, 'REMOVE-APP', '/*', { JVMRoute: node.route });
    // Requests that run end on the node before it does.
    await pause(100 * ANSWER_DELAY_MS);
    await stop(node.child);
  },
};

async function startNode(route, directory) {
  const file = join(directory, route);
  const child = start(process.execPath, [NODE, file, String(ANSWER_DELAY_MS)]);
  const { port } = await readyLine(child, READY_PATIENCE_MS);
  return { route, file, child, port };
}

/** Says STATUS for a node until it is stopped. */
function keepStatus(mcmpPort, route) {
  const timer = setInterval(() => {
    mcmp(mcmpPort, 'STATUS', '/', { JVMRoute: route, Load: 100 }).catch((error) => say(`STATUS: ${error.message}`));
  }, STATUS_INTERVAL_MS);
  return () => clearInterval(timer);
}

/** How often a body arrived more than once, on one node or on both. */
function countRepeated(nodes) {
  const bodies = nodes.flatMap(({ file }) => readFileSync(file, 'utf8').split('\n')).filter((line) => line !== '');
  return bodies.length - new Set(bodies).size;
}

async function measure(startBalancer, way, method, { clients, before, ping }) {
  const directory = temporaryDirectory();
  const nodes = [];
  const started = [];
  const ends = [];
  try {
    const balancer = await startBalancer(null);
    started.push(balancer.child);
    for (const route of ROUTES) {
      const node = await startNode(route, directory);
      nodes.push(node);
      started.push(node.child);
      await registerNode(balancer.mcmpPort, { route, port: node.port, pingSeconds: ping });
      ends.push(keepStatus(balancer.mcmpPort, route));
    }
    let sent = 0;
    const running = startClients(balancer.port, clients, () => (method === 'POST' ? `request-${sent++}` : null));
    await pause(before * 1000);
    ends[0]();
    await WAYS_TO_GO[way](nodes[0], balancer.mcmpPort);
    await pause(((way === 'paused' ? ping + 1 : 0) + WATCHED_SECONDS) * 1000);
    return { way, method, ...summary(running.stop()), repeatedPosts: countRepeated(nodes) };
  } finally {
    for (const end of ends) end();
    for (const child of started) await stop(child);
  }
}

function summary(records) {
  const outcomes = new Map();
  for (const { outcome } of records) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  return {
    outcomes: Object.fromEntries(outcomes),
    longestWaitMs: Math.max(...records.map(({ waitMs }) => waitMs)),
    // A request that is in time when the clients are stopped did not fail.
    overdueAtEnd: records.filter(({ outcome, waitMs }) => outcome === 'waiting' && waitMs > 1000).length,
  };
}

function resultTable({ balancer, rows }) {
  const lines = rows.map(({ way, method, outcomes, longestWaitMs, overdueAtEnd, repeatedPosts }) => {
    const { 200: good = 0, reset = 0, waiting, ...others } = outcomes;
    const refused = Object.entries(others).map(([status, count]) => `${count} x ${status}`);
    const failed = refused.length === 0 ? '0' : refused.join(', ');
    const twice = method === 'POST' ? String(repeatedPosts) : '-';
    const wait = `${fixed(longestWaitMs / 1000, 2)} s`;
    return [`${way}, ${method}`, String(good), failed, String(reset), wait, String(overdueAtEnd), twice];
  });
  const heads = [balancer, '200', 'other answers', 'resets', 'longest wait', 'still waiting', 'POSTs seen twice'];
  return table([heads, ...lines]);
}

const { values } = readArguments(
  HELP,
  {
    clients: { type: 'string', default: '32' },
    before: { type: 'string', default: '3' },
    ping: { type: 'string', default: '2' },
    undertow: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
  false,
);
const settings = {
  clients: wholeNumber('clients', values.clients, 1000),
  before: wholeNumber('before', values.before, 60),
  ping: wholeNumber('ping', values.ping, 60),
};
const { found } = findPeers(values.undertow);
const results = [];
for (const [balancer, startBalancer] of BALANCERS) {
  if (!found.has(balancer)) {
    say(`missing: ${balancer}; README.md in this folder says how to get it`);
    continue;
  }
  const rows = [];
  for (const way of Object.keys(WAYS_TO_GO)) {
    for (const method of ['GET', 'POST']) {
      say(`${balancer}: ${way}, ${method}`);
      rows.push(await measure(startBalancer, way, method, settings));
    }
  }
  results.push({ balancer, rows });
  if (!values.json) printText(`${resultTable(results.at(-1))}\n`);
}
const { clients, before, ping } = settings;
if (values.json) printJson({ schemaVersion: 1, ...settings, answerDelayMs: ANSWER_DELAY_MS, results });
else
  printText(
    `${clients} clients, two nodes that take ${ANSWER_DELAY_MS} ms; one goes after ${before} s; ping ${ping} s`,
  );
