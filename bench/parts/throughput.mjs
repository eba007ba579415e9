import { BIG_BYTES, startAjpBackend, startBackend, startOwnBackend } from './backends.mjs';
import { CHECKS } from './checks.mjs';
import { fixed, median, table } from './figures.mjs';
import { PEERS, PEERS_OF_AJP } from './peers.mjs';
import { cpuMicroseconds, stop, temporaryDirectory } from './processes.mjs';

/** What is sent through each proxy. */
export const LOADS = {
  'small-get': {
    title: 'Small GET: 13-byte answer, keep-alive, no access log',
    check: CHECKS.small,
    load: { method: 'GET', target: '/small', bodyBytes: 0, connections: 64 },
  },
  'big-get': {
    title: '1 MiB response',
    check: CHECKS.big,
    load: { method: 'GET', target: '/big', bodyBytes: 0, connections: 32 },
  },
  'ajp-get': {
    title: 'Small GET over HTTP and over AJP to the node; 13-byte answer, keep-alive, no access log',
    check: CHECKS.small,
    load: { method: 'GET', target: '/small', bodyBytes: 0, connections: 64 },
    peers: PEERS_OF_AJP,
  },
  upload: {
    title: '1 MiB upload',
    check: CHECKS.upload,
    load: { method: 'POST', target: '/upload', bodyBytes: BIG_BYTES, connections: 32 },
  },
};

/** Starts the peer and has it prove that it does its work; null, and the reason on stderr, when it does not. */
async function startChecked(peer, context, check) {
  let running = null;
  try {
    running = await peer.start(context);
    await check(running.port);
    return { ...running, peer, rates: [], cpu: [], failures: 0 };
  } catch (error) {
    context.say(`${peer.name} is left out: ${error.message}`);
    if (running !== null) await stop(running.child);
    return null;
  }
}

/**
 * Measures all peers that are there under one load: a warm-up each, then rounds in which each has its turn, beginning with
 * another one each time, so that what disturbs the machine disturbs all of them.
 */
export async function measureThroughput(name, settings) {
  const { found, cores, generator, rounds, seconds, say, peers: wanted, what = LOADS[name] } = settings;
  const { title, check, load, peers = wanted ?? PEERS } = what;
  const directory = temporaryDirectory();
  // Both nodes of that comparison are ours: they cost about the same.
  const isAjp = peers === PEERS_OF_AJP;
  const backend = isAjp
    ? await startOwnBackend(cores.around)
    : await startBackend(directory, cores.around, { forUploads: name === 'upload' });
  const ajpBackend = isAjp ? await startAjpBackend(cores.around) : null;
  const ajpBackendPort = ajpBackend?.port;
  const context = { directory, core: cores.proxy, backendPort: backend.port, ajpBackendPort, say };
  const proxies = [];
  try {
    for (const peer of peers.filter((candidate) => found.has(candidate.needs ?? candidate.name))) {
      const proxy = await startChecked(peer, context, check);
      if (proxy !== null) proxies.push(proxy);
    }
    for (const { peer, port } of proxies) {
      say(`${name}: warming ${peer.name} up for ${peer.warmUpSeconds} s`);
      await generator.run({ ...load, port, seconds: peer.warmUpSeconds });
    }
    for (let round = 0; round < rounds; round++) {
      say(`${name}: round ${round + 1} of ${rounds}`);
      for (let turn = 0; turn < proxies.length; turn++) {
        const proxy = proxies[(round + turn) % proxies.length];
        const before = cpuMicroseconds(proxy.child.pid);
        const { requests, seconds: elapsed, failures } = await generator.run({ ...load, port: proxy.port, seconds });
        proxy.rates.push(requests / elapsed);
        proxy.cpu.push((cpuMicroseconds(proxy.child.pid) - before) / requests);
        proxy.failures += failures;
      }
    }
  } finally {
    for (const { child } of [...proxies, backend, ...(ajpBackend === null ? [] : [ajpBackend])]) await stop(child);
  }
  return {
    name,
    title,
    connections: load.connections,
    backend: backend.name,
    proxies: proxies.map((p) => summary(p, proxies[0])),
  };
}

/** Medians; ratios are formed round by round, with the first proxy of the same round. */
function summary(proxy, first) {
  return {
    proxy: proxy.peer.name,
    requestsPerSecond: median(proxy.rates),
    rateRatio: median(proxy.rates.map((rate, round) => rate / first.rates[round])),
    cpuMicrosecondsPerRequest: median(proxy.cpu),
    cpuRatio: median(proxy.cpu.map((cost, round) => first.cpu[round] / cost)),
    failures: proxy.failures,
  };
}

/** The figures of one load as text. */
export function throughputTable({ title, connections, backend, proxies }) {
  if (proxies.length === 0) return `${title}: nothing to measure`;
  const first = proxies[0].proxy;
  const rows = proxies.map((p) => [
    p.proxy,
    fixed(p.requestsPerSecond, 0),
    fixed(p.rateRatio, 2),
    fixed(p.cpuMicrosecondsPerRequest, 1),
    fixed(p.cpuRatio, 2),
    String(p.failures),
  ]);
  const heads = ['', 'requests/s', `x ${first}`, 'CPU µs a request', `${first}'s CPU / its CPU`, 'failures'];
  return `${title}; ${connections} connections, backend: ${backend}\n${table([heads, ...rows])}`;
}
