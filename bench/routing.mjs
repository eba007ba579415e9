/**
 * What a routing look-up costs as the cluster grows. The traffic is the same in all rows of a table, 1,000 targets over
 * the same ten contexts; what grows is everything around it. Prints nanoseconds, ratios to the first row, and memory.
 *
 *   npm run build && node --expose-gc bench/routing.mjs
 */
import { MCMP_DIALECT } from '../dist/src/core/mcmp/index.js';
import { createDecision, createRoutingIndex } from '../dist/src/core/routing/index.js';

const ROUNDS = 15;
const LOOKUPS = 100_000;

const balancer = {
  slot: 0,
  id: 0,
  name: 'mycluster',
  stickySession: true,
  stickySessionCookie: 'JSESSIONID',
  stickySessionPath: 'jsessionid',
  stickySessionRemove: false,
  stickySessionForce: true,
  waitWorkerSeconds: 0,
  maxAttempts: 1,
};

/** A cluster whose context `c` is served by the nodes that `owners(c)` names. */
function build({ nodes, contexts, owners, aliases = 0 }) {
  const index = createRoutingIndex({ useAlias: aliases > 0, rules: MCMP_DIALECT.routing, sessionCookie: '' });
  const rows = [];
  let aliasSlot = 0;
  let contextSlot = 0;
  for (let slot = 0; slot < nodes; slot++) {
    const node = {
      slot,
      route: `node${slot}`,
      balancer,
      domain: '',
      host: '127.0.0.1',
      port: '8080',
      type: 'http',
      reversed: false,
      flushPackets: 'off',
      flushWaitMs: 10,
      pingMs: 10_000,
      smax: -1,
      ttlMs: 60_000,
      timeoutMs: 0,
      load: 1 + (slot % 100),
      inError: false,
      errorReason: '',
      removedAtMs: 0,
      lastHeardMs: 0,
      failingSinceMs: 0,
      vhosts: [],
      counters: { elected: 0, readBytes: 0, transferredBytes: 0, inFlight: 0 },
    };
    const vhost = { node, number: 1, aliases: [], contexts: new Map() };
    node.vhosts.push(vhost);
    rows.push(vhost);
    index.observe({ type: 'node-added', node }, 0);
    for (let at = 0; at < aliases / nodes; at++) {
      const alias = { slot: aliasSlot, name: `host${aliasSlot}.example.org` };
      aliasSlot++;
      vhost.aliases.push(alias);
      index.observe({ type: 'alias-added', vhost, alias }, 0);
    }
  }
  const records = [];
  for (let number = 0; number < contexts; number++) {
    const path = pathOf(number);
    for (const owner of owners(number)) {
      const vhost = rows[owner];
      const context = { slot: contextSlot++, vhost, path, status: 'ENABLED', inFlight: 0 };
      vhost.contexts.set(path, context);
      records.push(context);
    }
  }
  return { index, rows, records };
}

function pathOf(number) {
  return `/shop${number.toString(36)}/cart`;
}

function tell({ index, records }) {
  for (const context of records) index.observe({ type: 'context-added', context }, 0);
}

function requestsTo(paths, { host = '', cookie = '' } = {}) {
  const requests = [];
  for (let at = 0; at < 1_000; at++) {
    // Built from bytes, as the HTTP reader gives it: a flat string that nobody has hashed yet.
    const target = Buffer.from(`${paths[at % paths.length]}/items/${at}?page=2`, 'latin1').toString('latin1');
    requests.push({ target, host, cookie, excluded: [] });
  }
  return requests;
}

/** Nanoseconds of one look-up for each case: the median over rounds in which the cases take turns. */
function measure(cases) {
  const decision = createDecision();
  const samples = cases.map(() => []);
  for (let round = -2; round < ROUNDS; round++) {
    for (const [at, { index, requests }] of cases.entries()) {
      index.recalculate(0);
      index.route(requests[0], decision, 0);
      const began = process.hrtime.bigint();
      for (let done = 0; done < LOOKUPS; done++) {
        if (!index.route(requests[done % requests.length], decision, 0)) throw new Error(`nobody: ${decision.reason}`);
      }
      const tookNs = Number(process.hrtime.bigint() - began);
      if (round >= 0) samples[at].push(tookNs / LOOKUPS);
    }
  }
  return samples.map((sample) => sample.toSorted((a, b) => a - b)[ROUNDS >> 1]);
}

function report(title, cases) {
  console.log(`\n${title}`);
  const costs = measure(cases);
  for (const [at, { label }] of cases.entries()) {
    const ratio = costs[at] / costs[0];
    console.log(`  ${label.padEnd(44)} ${costs[at].toFixed(0).padStart(6)} ns  ${ratio.toFixed(2).padStart(6)} x`);
  }
}

function heapUsed() {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

const tenPaths = Array.from({ length: 10 }, (_, number) => pathOf(number));

function byContexts() {
  const cases = [];
  for (const contexts of [10, 1_000, 100_000, 1_000_000]) {
    const nodes = Math.min(contexts, 10_000);
    const cluster = build({ nodes, contexts, owners: (number) => [number % nodes] });
    const before = heapUsed();
    const began = performance.now();
    tell(cluster);
    const tookMs = performance.now() - began;
    const bytes = (heapUsed() - before) / contexts;
    const label = `${contexts.toLocaleString('en')} contexts on ${nodes.toLocaleString('en')} nodes`;
    cases.push({ label, index: cluster.index, requests: requestsTo(tenPaths), bytes, tookMs, contexts });
  }
  report('Contexts, each on one node; traffic for ten of them', cases);
  const spread = cases.map(({ label, index, contexts }) => {
    const paths = Array.from({ length: 1_000 }, (_, at) => pathOf(Math.floor((at * contexts) / 1_000)));
    return { label, index, requests: requestsTo(paths) };
  });
  report('The same clusters; traffic for 1,000 contexts (all of them where there are fewer)', spread);
  console.log('\nMemory of the index, and the time to build it');
  for (const { label, bytes, tookMs, contexts } of cases) {
    const perSecond = (contexts / tookMs) * 1_000;
    const memory = globalThis.gc === undefined ? 'run with --expose-gc' : `${bytes.toFixed(0)} bytes a context`;
    console.log(`  ${label.padEnd(44)} ${memory.padStart(22)}  ${perSecond.toFixed(0).padStart(9)} a second`);
  }
}

function byNodes() {
  const cases = [];
  for (const nodes of [1, 8, 10, 100, 1_000, 10_000]) {
    const everyone = Array.from({ length: nodes }, (_, slot) => slot);
    const cluster = build({ nodes, contexts: 10, owners: () => everyone });
    tell(cluster);
    const label = `ten contexts, each on ${nodes.toLocaleString('en')} nodes`;
    cases.push({ label, index: cluster.index, requests: requestsTo(tenPaths) });
  }
  report('Nodes that serve the context: elections', cases);
  const sticky = cases.map(({ label, index }) => ({
    label,
    index,
    requests: requestsTo(tenPaths, { cookie: 'theme=dark; JSESSIONID=QUFBQUFBQUE.node0; lang=en' }),
  }));
  report('The same, every request with a session', sticky);
}

function byAliases() {
  const cases = [];
  for (const aliases of [10, 1_000, 100_000]) {
    const cluster = build({ nodes: 10, contexts: 10, owners: (number) => [number], aliases });
    tell(cluster);
    const label = `${aliases.toLocaleString('en')} aliases on 10 nodes`;
    cases.push({ label, index: cluster.index, requests: requestsTo([pathOf(0)], { host: 'host0.example.org' }) });
  }
  report('Aliases, with --use-alias', cases);
}

byContexts();
byNodes();
byAliases();
