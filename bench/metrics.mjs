/**
 * What a scrape costs: how long it takes, and how long it holds the event loop at a time, so that requests wait. First the
 * text alone, ours beside prom-client's (its counters and histograms told what to say by `get`, the one way to hand it
 * numbers that exist already); then `/metrics` of a balancer with as many nodes and contexts as have rows by default.
 * Times are CPU time of the process, the collector's and the reader's included: other programs on the machine do not count.
 *
 *   npm run build && node bench/metrics.mjs [--nodes N] [--rounds N]
 */
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import prometheus from 'prom-client';
import { DEFAULT_OPTIONS, startBalancer } from '../dist/src/balancer/index.js';
import { createExposition, labelText, wordLabel } from '../dist/src/observe/metrics/index.js';

const { values } = parseArgs({
  options: { nodes: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '15' } },
});
const NODES = Number(values.nodes);
const ROUNDS = Number(values.rounds);
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const RESULTS = ['2xx', '3xx', '4xx', '5xx', 'tunnel', 'none'];

const names = Array.from({ length: NODES }, (_, node) => `node${node}.example.org`);
const counts = names.map((_, node) => ({
  results: RESULTS.map((__, index) => node + index),
  buckets: [...BOUNDS, 0].map(() => node),
}));

const ours = await measured(async () => {
  const exposition = createExposition();
  names.forEach((name, node) => {
    const label = labelText(name);
    const { results, buckets } = counts[node];
    RESULTS.forEach((result, index) => {
      exposition.add('mcmp_node_requests_total', { node: label, result: wordLabel(result) }, results[index]);
    });
    exposition.histogram('mcmp_node_request_duration_seconds', { node: label }, { bounds: BOUNDS, buckets, sum: node });
  });
  let bytes = 0;
  let sliceEndMs = performance.now() + 5;
  for (const piece of exposition.pieces('prometheus')) {
    bytes += Buffer.from(piece).length;
    if (performance.now() < sliceEndMs) continue;
    await nextTurn();
    sliceEndMs = performance.now() + 5;
  }
  return bytes;
});
const register = promClientRegister();
const theirs = await measured(async () => Buffer.from(await register.metrics()).length);
const { scrape, close } = await startScrapes();
const served = await measured(scrape);
close();

console.table({ 'text, ours': ours, 'text, prom-client': theirs, '/metrics of a balancer': served });

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Medians of several rounds; the first ones warm up. */
async function measured(scrape) {
  const rounds = [];
  for (let round = 0; round < ROUNDS + 5; round++) {
    const watch = watchTurns();
    const startedMs = cpuMs();
    const bytes = await scrape();
    const ms = cpuMs() - startedMs;
    await nextTurn();
    const longestMs = watch.stop();
    if (round >= 5) rounds.push({ ms, longestMs, bytes });
  }
  const median = (key) => rounds.map((one) => one[key]).sort((a, b) => a - b)[rounds.length >> 1];
  return {
    'scrape (CPU ms)': Number(median('ms').toFixed(1)),
    'of that at a time (CPU ms)': Number(median('longestMs').toFixed(1)),
    bytes: median('bytes'),
  };
}

function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The most CPU time between two turns of the event loop. */
function watchTurns() {
  let longestMs = 0;
  let lastMs = cpuMs();
  let over = false;
  const turn = () => {
    const nowMs = cpuMs();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    stop() {
      over = true;
      return longestMs;
    },
  };
}

function promClientRegister() {
  const registry = new prometheus.Registry();
  const registers = [registry];
  class ToldCounter extends prometheus.Counter {
    async get() {
      const values = names.flatMap((node, row) =>
        RESULTS.map((result, index) => ({ labels: { node, result }, value: counts[row].results[index] })),
      );
      return { name: 'mcmp_node_requests_total', help: 'Requests.', type: 'counter', aggregator: 'sum', values };
    }
  }
  class ToldHistogram extends prometheus.Histogram {
    async getForPromString() {
      const metric = 'mcmp_node_request_duration_seconds';
      const values = names.flatMap((node, row) => {
        const sharedLabels = { node };
        let count = 0;
        const buckets = counts[row].buckets.map((value, index) => {
          count += value;
          return {
            metricName: `${metric}_bucket`,
            sharedLabels,
            labels: { le: BOUNDS[index] ?? '+Inf' },
            value: count,
          };
        });
        return [
          ...buckets,
          { metricName: `${metric}_sum`, sharedLabels, labels: {}, value: row },
          { metricName: `${metric}_count`, sharedLabels, labels: {}, value: count },
        ];
      });
      return { name: metric, help: 'Durations.', type: 'histogram', aggregator: 'sum', values };
    }
  }
  new ToldCounter({ name: 'mcmp_node_requests_total', help: 'Requests.', labelNames: ['node', 'result'], registers });
  new ToldHistogram({
    name: 'mcmp_node_request_duration_seconds',
    help: 'Durations.',
    labelNames: ['node'],
    buckets: BOUNDS,
    registers,
  });
  return registry;
}

/** A balancer with nodes that have a context each. */
async function startScrapes() {
  const silent = () => {};
  const balancer = await startBalancer(
    {
      ...DEFAULT_OPTIONS,
      listen: [{ host: '127.0.0.1', port: 0 }],
      mcmp: [{ host: '127.0.0.1', port: 0 }],
      // Nobody is there: pings would only be in the way of the measurement.
      pingIntervalMs: 3_600_000,
    },
    { log: { error: console.error, warn: silent, info: silent, debug: silent } },
  );
  const port = Number(balancer.addresses.mcmp[0].split(':').at(-1));
  const message = (command, body) =>
    `${command} / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const messages = names.flatMap((name, node) => [
    message('CONFIG', `JVMRoute=${name}&Host=127.1.${node >> 8}.${node & 255}&Port=9&Type=http`),
    message('ENABLE-APP', `JVMRoute=${name}&Alias=localhost&Context=/application${node}`),
  ]);
  for (let from = 0; from < messages.length; from += 100) {
    const batch = messages.slice(from, from + 100);
    await talk(port, batch.join(''), (parts) => parts.join('').split('HTTP/1.1 200').length > batch.length);
  }
  return {
    scrape: async () => (await talk(port, 'GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n')).length,
    close: () => balancer.closeNow(),
  };
}

/** Sends bytes, and resolves with what came when it is enough or the connection ends. */
function talk(port, bytes, isEnough = () => false) {
  return new Promise((resolve, reject) => {
    const parts = [];
    const socket = connect(port, '127.0.0.1');
    socket.on('error', reject);
    socket.on('data', (data) => {
      parts.push(data.toString('latin1'));
      if (isEnough(parts)) socket.destroy();
    });
    socket.on('close', () => resolve(parts.join('')));
    socket.write(bytes);
  });
}
