import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from './http.mjs';
import { isInstalled } from './machine.mjs';
import { freePort, readyLine, start, waitFor } from './processes.mjs';

const OWN_BACKEND = fileURLToPath(new URL('../programs/backend.mjs', import.meta.url));
const AJP_BACKEND = fileURLToPath(new URL('../programs/ajp-backend.mjs', import.meta.url));
const READY_PATIENCE_MS = 10_000;
export const BIG_BYTES = 1024 * 1024;

/** What nginx needs to run as one process that writes nowhere but into our directory. */
export function nginxFrame(directory, name, http) {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${join(directory, `${name}-${kind}`)};`)
    .join('\n');
  return `daemon off;
master_process off;
pid ${join(directory, `${name}.pid`)};
error_log stderr error;
events { worker_connections 15000; }
http {
${paths}
  access_log off;
  keepalive_requests 1000000000;
  client_max_body_size 16m;
  sendfile on;
${http}
}
`;
}

async function answers(port) {
  return request(port, { target: '/small' }).then(
    ({ status }) => status === 200,
    () => false,
  );
}

async function startNginxBackend(directory, core, certificate) {
  const port = await freePort();
  const securePort = await freePort();
  const root = join(directory, 'www');
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'big'), Buffer.alloc(BIG_BYTES, 'a'));
  const file = join(directory, 'backend.conf');
  writeFileSync(
    file,
    nginxFrame(
      directory,
      'backend',
      `  server {
    listen 127.0.0.1:${port} backlog=4096;
${certificate === undefined ? '' : encryptedBy(securePort, certificate)}    root ${root};
    location = /small { return 200 'Hello, World!'; }
    location = /header { return 200 $http_x_bench; }
  }`,
    ),
  );
  const child = start('nginx', ['-c', file], { core });
  await waitFor(child, () => answers(port), READY_PATIENCE_MS);
  return { name: 'nginx', port, securePort, child };
}

/** The same over TLS, at another port. */
function encryptedBy(port, { cert, key }) {
  return `    listen 127.0.0.1:${port} ssl backlog=4096;
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    ssl_protocols TLSv1.3;
    ssl_session_cache shared:bench:1m;
`;
}

/** Starts the backend that is part of this project; it alone reads uploads to their end before it answers. */
export async function startOwnBackend(core) {
  const child = start(process.execPath, [OWN_BACKEND], { core });
  const { port } = await readyLine(child, READY_PATIENCE_MS);
  return { name: 'own backend', port, child };
}

/** The same behind AJP, for GET. */
export async function startAjpBackend(core) {
  const child = start(process.execPath, [AJP_BACKEND], { core });
  const { port } = await readyLine(child, READY_PATIENCE_MS);
  return { name: 'own backend with AJP', port, child };
}

/**
 * The application behind the proxies: nginx where it is installed, since it leaves the load generator most of the core.
 * @param options `certificate`: files by which nginx listens at `securePort`, too
 */
export async function startBackend(directory, core, { forUploads, certificate }) {
  return forUploads || !isInstalled('nginx', '-v')
    ? startOwnBackend(core)
    : startNginxBackend(directory, core, certificate);
}
