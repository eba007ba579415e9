import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startBackend } from './backends.mjs';
import { fixed, table } from './figures.mjs';
import { openFilesLimit } from './machine.mjs';
import { PEERS } from './peers.mjs';
import { memoryKib, readyLine, start, stop, temporaryDirectory } from './processes.mjs';

const CLIENTS = fileURLToPath(new URL('../programs/idle-clients.mjs', import.meta.url));
const OPEN_PATIENCE_MS = 120_000;
const MOST_REHEARSAL_CONNECTIONS = 500;
/** For the memory of connections that are gone to be given back. */
const SETTLE_MS = 2_000;
/** Files of a process that are not client connections. */
const OTHER_FILES = 200;

async function hold(port, count) {
  const clients = start(process.execPath, [CLIENTS, String(port), String(count)]);
  const { held } = await readyLine(clients, OPEN_PATIENCE_MS);
  return { clients, held };
}

/**
 * Memory of each proxy with no client, and with many that made one request and keep their connection. Memory is the
 * proportional set size, all of the process: heap, buffers and code.
 */
export async function measureIdle({ found, cores, connections, say }) {
  const count = Math.min(connections, openFilesLimit() - OTHER_FILES);
  if (count < connections)
    say(`idle: ${count} connections instead of ${connections}: the limit of open files (ulimit -n)`);
  const directory = temporaryDirectory();
  const backend = await startBackend(directory, cores.around, { forUploads: false });
  const proxies = [];
  try {
    for (const peer of PEERS.filter((candidate) => found.has(candidate.name))) {
      say(`idle: ${peer.name}`);
      const row = await measureOne(peer, { directory, core: cores.proxy, backendPort: backend.port }, count);
      proxies.push({ proxy: peer.name, ...row });
    }
  } finally {
    await stop(backend.child);
  }
  return { name: 'idle', title: 'Idle keep-alive connections', connections: count, proxies };
}

async function measureOne(peer, context, count) {
  const { child, port } = await peer.start(context);
  try {
    const rehearsal = await hold(port, Math.min(MOST_REHEARSAL_CONNECTIONS, Math.ceil(count / 20)));
    await stop(rehearsal.clients);
    await pause(SETTLE_MS);
    const beforeKib = memoryKib(child.pid);
    const { clients, held } = await hold(port, count);
    await pause(SETTLE_MS);
    const afterKib = memoryKib(child.pid);
    await stop(clients);
    return { held, beforeKib, afterKib, kibPerConnection: (afterKib - beforeKib) / held };
  } finally {
    await stop(child);
  }
}

/** The figures as text. */
export function idleTable({ title, connections, proxies }) {
  const rows = proxies.map((p) => [
    p.proxy,
    String(p.held),
    fixed(p.beforeKib / 1024, 1),
    fixed(p.afterKib / 1024, 1),
    fixed(p.kibPerConnection, 2),
  ]);
  const heads = ['', 'held', 'MiB without', 'MiB with', 'KiB a connection'];
  return `${title}: ${connections}, one request made over each\n${table([heads, ...rows])}`;
}
