import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nginxFrame } from './backends.mjs';
import { isInstalled } from './machine.mjs';
import { startMcmp, withOneNode } from './peers.mjs';
import { freePort, start, temporaryDirectory, waitFor } from './processes.mjs';

const PROGRAM = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const READY_PATIENCE_MS = 20_000;
const WAIT_MS = 15_000;

/** A certificate for localhost and 127.0.0.1, and its key, as file names: the same for all proxies. */
export function makeCertificate() {
  const directory = temporaryDirectory();
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'certs', 'dev', directory], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`no certificate could be made: ${stderr}`);
  return { cert: join(directory, 'balancer.pem'), key: join(directory, 'balancer.key') };
}

/** One request over TLS. `isHttp2` says what is spoken. */
async function ask(port, isHttp2) {
  const signal = AbortSignal.timeout(WAIT_MS);
  if (!isHttp2) {
    const sent = request({
      port,
      host: '127.0.0.1',
      path: '/small',
      rejectUnauthorized: false,
      agent: false,
      signal,
    }).end();
    const [response] = await once(sent, 'response');
    let body = '';
    for await (const bytes of response) body += bytes;
    return { status: response.statusCode, body };
  }
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  try {
    session.on('error', () => {});
    const stream = session.request({ ':path': '/small' });
    const [fields] = await once(stream, 'response', { signal });
    let body = '';
    for await (const bytes of stream) body += bytes;
    return { status: fields[':status'], body };
  } finally {
    session.destroy();
  }
}

function checkOf(isHttp2) {
  return async (port) => {
    const { status, body } = await ask(port, isHttp2);
    if (status !== 200 || body !== 'Hello, World!') throw new Error(`GET /small is answered ${status}, ${body}`);
  };
}

export const ENCRYPTED_LOADS = {
  'tls-get': {
    title: 'Small GET over TLS 1.3, HTTP/1.1, keep-alive',
    check: checkOf(false),
    load: { method: 'GET', target: '/small', bodyBytes: 0, connections: 64 },
  },
  'h2-get': {
    title: 'Small GET over TLS 1.3, HTTP/2, 64 streams a connection',
    check: checkOf(true),
    load: { method: 'GET', target: '/small', bodyBytes: 0, connections: 8 },
  },
};

function nginxWith({ cert, key }) {
  return async ({ directory, core, backendPort }) => {
    const port = await freePort();
    const file = join(directory, 'encrypted.conf');
    writeFileSync(
      file,
      nginxFrame(
        directory,
        'encrypted',
        `  upstream backend {
    server 127.0.0.1:${backendPort};
    keepalive 1024;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} ssl http2 backlog=4096;
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    ssl_protocols TLSv1.3;
    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection '';
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }`,
      ),
    );
    const child = start('nginx', ['-c', file], { core });
    const answered = () =>
      ask(port, false).then(
        () => true,
        () => false,
      );
    await waitFor(child, answered, READY_PATIENCE_MS);
    return { child, port };
  };
}

/** Who can speak TLS here, with one certificate and TLS_AES_128_GCM_SHA256. */
export function encryptedPeers(certificate) {
  const flags = ['--listen-tls', `${certificate.cert},${certificate.key}`];
  return [
    { name: 'nginx', start: nginxWith(certificate), warmUpSeconds: 1 },
    { name: 'mcmp', start: withOneNode((core) => startMcmp(core, { flags })), warmUpSeconds: 3 },
  ];
}

async function output(program, args, core, seconds) {
  const child = start(program, args, { core });
  let printed = '';
  child.stdout.on('data', (bytes) => {
    printed += bytes;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000 + WAIT_MS);
  await once(child, 'close');
  clearTimeout(timer);
  return printed;
}

/** wrk for HTTP/1.1, h2load for HTTP/2; null when one of them is not there. */
export function encryptedGenerator(name, core) {
  if (name === 'tls-get') {
    if (!isInstalled('wrk', '-v')) return null;
    return {
      name: 'wrk',
      async run({ port, target, connections, seconds }) {
        const url = `https://127.0.0.1:${port}${target}`;
        const printed = await output('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, url], core, seconds);
        const [, requests, elapsed] = /(\d+) requests in ([\d.]+)s/.exec(printed);
        const wrong = /Non-2xx or 3xx responses: (\d+)/.exec(printed)?.[1] ?? 0;
        return { requests: Number(requests), seconds: Number(elapsed), failures: Number(wrong) };
      },
    };
  }
  if (!isInstalled('h2load', '--version')) return null;
  return {
    name: 'h2load',
    async run({ port, target, connections, seconds }) {
      const url = `https://127.0.0.1:${port}${target}`;
      const args = [`-c${connections}`, '-m64', '-t1', `--duration=${seconds}`, '--warm-up-time=0', url];
      const printed = await output('h2load', args, core, seconds);
      const [, succeeded, failed, errored] = /(\d+) succeeded, (\d+) failed, (\d+) errored/.exec(printed);
      return { requests: Number(succeeded), seconds, failures: Number(failed) + Number(errored) };
    },
  };
}
