import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nginxFrame } from './backends.mjs';
import { registerNode, request } from './http.mjs';
import { isInstalled, openFilesLimit, versionOf } from './machine.mjs';
import { freePort, readyLine, start, waitFor } from './processes.mjs';

const PROGRAM = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const UNDERTOW = fileURLToPath(new URL('../peers/undertow/', import.meta.url));
const UNDERTOW_CLASSES = join(UNDERTOW, 'target', 'classes');
const UNDERTOW_LIBRARIES = join(UNDERTOW, 'target', 'lib');
const READY_PATIENCE_MS = 20_000;
const BUILD_PATIENCE_MS = 300_000;
const HAPROXY_OTHER_FILES = 100;

async function untilListening(child, port) {
  const answered = () =>
    request(port).then(
      () => true,
      () => false,
    );
  await waitFor(child, answered, READY_PATIENCE_MS);
}

export async function startNginx({ directory, core, backendPort, backendCa }) {
  const port = await freePort();
  const file = join(directory, 'proxy.conf');
  writeFileSync(
    file,
    nginxFrame(
      directory,
      'proxy',
      `  upstream backend {
    server 127.0.0.1:${backendPort};
    keepalive 128;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass ${backendCa === undefined ? 'http' : 'https'}://backend;
${backendCa === undefined ? '' : verifiedBy(backendCa)}      proxy_http_version 1.1;
      proxy_set_header Connection '';
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }`,
    ),
  );
  const child = start('nginx', ['-c', file], { core });
  await untilListening(child, port);
  return { child, port };
}

/** What mcmp serve does by itself: authority and name verified, sessions resumed. */
function verifiedBy(ca) {
  return `      proxy_ssl_trusted_certificate ${ca};
      proxy_ssl_verify on;
      proxy_ssl_name localhost;
      proxy_ssl_server_name on;
      proxy_ssl_protocols TLSv1.2 TLSv1.3;
`;
}

async function startHaproxy({ directory, core, backendPort }) {
  const port = await freePort();
  // It counts two files for each, and does not start with fewer than it might need.
  const connections = Math.min(15_000, Math.floor(openFilesLimit() / 2) - HAPROXY_OTHER_FILES);
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn ${connections}
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend web
  bind 127.0.0.1:${port} backlog 4096
  default_backend nodes
backend nodes
  option forwardfor
  server node1 127.0.0.1:${backendPort}
`,
  );
  const child = start('haproxy', ['-db', '-f', file], { core });
  await untilListening(child, port);
  return { child, port };
}

/**
 * `mcmp serve`, with no node yet.
 * @param program the built command line of a checkout, this one unless told
 */
export async function startMcmp(core, { program = PROGRAM, flags = [] } = {}) {
  const args = ['serve', '--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0', '--json', '--log-level', 'error'];
  const child = start(process.execPath, [program, ...args, ...flags], { core });
  const { listen, mcmp } = await readyLine(child, READY_PATIENCE_MS);
  const portOf = (address) => Number(address.slice(address.lastIndexOf(':') + 1));
  return { child, port: portOf(listen[0]), mcmpPort: portOf(mcmp[0]) };
}

/** Undertow as an MCMP balancer, with no node yet. */
export async function startUndertow(core) {
  const port = await freePort();
  const mcmpPort = await freePort();
  const classPath = [UNDERTOW_CLASSES, join(UNDERTOW_LIBRARIES, '*')].join(delimiter);
  const child = start('java', ['-cp', classPath, 'UndertowPeer', String(port), String(mcmpPort)], { core });
  await readyLine(child, READY_PATIENCE_MS);
  return { child, port, mcmpPort };
}

/**
 * A peer's way to start: a balancer that one node has registered with.
 * @param options the type of the node, and its port when it is another one than the backend's
 */
export function withOneNode(startBalancer, { type = 'http', port } = {}) {
  return async ({ core, backendPort }) => {
    const balancer = await startBalancer(core);
    await registerNode(balancer.mcmpPort, { route: 'node1', port: port ?? backendPort, type });
    return balancer;
  };
}

/** `mcmp serve` with a node that speaks AJP, beside itself with one that speaks HTTP. */
export const PEERS_OF_AJP = [
  { name: 'mcmp, http node', needs: 'mcmp', start: withOneNode((core) => startMcmp(core)), warmUpSeconds: 3 },
  {
    name: 'mcmp, ajp node',
    needs: 'mcmp',
    async start({ core, ajpBackendPort }) {
      const balancer = await startMcmp(core);
      await registerNode(balancer.mcmpPort, { route: 'node1', port: ajpBackendPort, type: 'ajp' });
      return balancer;
    },
    warmUpSeconds: 3,
  },
];

/** The proxies that can be measured, in the order of the tables. The first one that is there is what ratios refer to. */
export const PEERS = [
  { name: 'nginx', start: startNginx, warmUpSeconds: 1 },
  { name: 'haproxy', start: startHaproxy, warmUpSeconds: 1 },
  { name: 'undertow', start: withOneNode(startUndertow), warmUpSeconds: 15 },
  { name: 'mcmp', start: withOneNode((core) => startMcmp(core)), warmUpSeconds: 3 },
];

/** Builds the Undertow peer with Maven; its libraries come from Maven Central. */
export function buildUndertow() {
  const goals = ['-q', '-B', '-f', join(UNDERTOW, 'pom.xml'), 'compile', 'dependency:copy-dependencies'];
  const { status, error } = spawnSync('mvn', goals, { stdio: ['ignore', 2, 2], timeout: BUILD_PATIENCE_MS });
  if (status !== 0)
    throw new Error(`Maven could not build bench/peers/undertow: ${error?.message ?? `exit code ${status}`}`);
}

/**
 * Looks for the peers of this machine.
 * @param wantUndertow build Undertow if it is not built yet
 * @returns a map of name to version, and for each missing one a line that says how to get it
 */
export function findPeers(wantUndertow) {
  const found = new Map();
  const missing = [];
  if (isInstalled('nginx', '-v')) found.set('nginx', versionOf('nginx', '-v'));
  else missing.push('nginx: Debian package nginx-light');
  if (isInstalled('haproxy', '-v')) found.set('haproxy', versionOf('haproxy', '-v'));
  else missing.push('haproxy: Debian package haproxy');
  if (wantUndertow && !existsSync(UNDERTOW_LIBRARIES) && isInstalled('mvn', '-v')) buildUndertow();
  if (existsSync(UNDERTOW_LIBRARIES) && isInstalled('java', '-version')) {
    found.set('undertow', `built in bench/peers/undertow, ${versionOf('java', '-version')}`);
  } else {
    missing.push('undertow: Debian packages maven and openjdk-17-jdk-headless, then --undertow, which builds it once');
  }
  if (existsSync(PROGRAM)) found.set('mcmp', `this checkout, Node ${process.version}`);
  else missing.push('mcmp: npm run build');
  return { found, missing };
}
