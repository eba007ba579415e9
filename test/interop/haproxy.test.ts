import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { testCertificates } from '../support/certificates.ts';
import { freeAfter } from '../support/cleanup.ts';
import { freePort } from '../support/free-port.ts';
import { listenTls } from '../support/listen-tls.ts';
import { programOf } from '../support/needs-program.ts';
import { startNode, type TestNode } from '../support/node-server.ts';
import { talk } from '../support/raw-http.ts';
import { getOverTls } from '../support/tls-client.ts';
import { waitFor } from '../support/wait-for.ts';

const HAPROXY = programOf(['haproxy'], 'haproxy', 'a real HAProxy in front of mcmp serve (--proxy-protocol)');
const { server } = testCertificates();

/** A real HAProxy that passes TCP on. @param send options of its `server` line */
async function startHaproxy(program: string, to: number, send: string, tls: boolean): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'mcmp-haproxy-'));
  const port = await freePort();
  writeFileSync(join(directory, 'front.pem'), `${server.certPem}${server.keyPem}`);
  writeFileSync(
    join(directory, 'haproxy.cfg'),
    [
      'global',
      '  maxconn 100',
      'defaults',
      '  mode tcp',
      '  timeout connect 2s',
      '  timeout client 5s',
      '  timeout server 5s',
      'listen front',
      `  bind 127.0.0.1:${port}${tls ? ` ssl crt ${join(directory, 'front.pem')}` : ''}`,
      '  option httpchk GET /app/x',
      `  server balancer 127.0.0.1:${to} ${send}`,
      '',
    ].join('\n'),
  );
  const child = spawn(program, ['-db', '-f', join(directory, 'haproxy.cfg')], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  freeAfter(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true });
  });
  await waitFor(async () => await opens(port));
  return port;
}

function opens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function told(node: TestNode, name: string): string | undefined {
  const { rawHeaders = [] } = node.seen.at(-1) ?? {};
  return rawHeaders[rawHeaders.findIndex((header) => header.toLowerCase() === name) + 1];
}

/** From another address than HAProxy's own. */
async function getFrom(localAddress: string, port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  freeAfter(() => {
    socket.destroy();
  });
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  socket.write('GET /app/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await once(socket, 'close');
  return text;
}

describe.skipIf(HAPROXY === undefined)('behind a real HAProxy', () => {
  it.each(['send-proxy', 'send-proxy-v2', 'send-proxy-v2 proxy-v2-options crc32c,unique-id,authority'])(
    'with %s nodes are told the address of the client',
    async (send) => {
      const lb = await startTestBalancer({ proxyProtocolFrom: ['127.0.0.1'] });
      const node = await startNode('n1');
      await lb.register('n1', node.port);
      const front = await startHaproxy(HAPROXY ?? '', lb.port, send, false);
      expect(await getFrom('127.0.0.9', front)).toContain('200 OK');
      expect(told(node, 'x-forwarded-for')).toBe('127.0.0.9');
      expect(told(node, 'x-forwarded-proto')).toBe('http');
    },
  );

  it('that ends TLS, nodes are told that the client came by https', async () => {
    const lb = await startTestBalancer({ proxyProtocolFrom: ['127.0.0.1'] });
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    const front = await startHaproxy(HAPROXY ?? '', lb.port, 'send-proxy-v2-ssl-cn', true);
    const options: ConnectionOptions & { localAddress: string } = { localAddress: '127.0.0.9' };
    expect((await getOverTls(front, '/app/x', options)).status).toBe(200);
    expect([told(node, 'x-forwarded-for'), told(node, 'x-forwarded-proto')]).toEqual(['127.0.0.9', 'https']);
  });

  it('that passes TLS on, the header comes before the handshake', async () => {
    const lb = await startTestBalancer({ proxyProtocolFrom: ['127.0.0.1'], listenTls: listenTls(server) });
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    const front = await startHaproxy(HAPROXY ?? '', lb.port, 'send-proxy-v2', false);
    expect((await getOverTls(front, '/app/x')).status).toBe(200);
    expect([told(node, 'x-forwarded-for'), told(node, 'x-forwarded-proto')]).toEqual(['127.0.0.1', 'https']);
  });

  it('its health checks are no failures', async () => {
    const lb = await startTestBalancer({ proxyProtocolFrom: ['127.0.0.1'] });
    const count = async (result: string): Promise<number> => {
      const { body } = await lb.mcmp('GET', '', '/metrics');
      return Number(new RegExp(`proxy_protocol_connections_total\\{result="${result}"\\} (\\d+)`).exec(body)?.[1]);
    };
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    await startHaproxy(HAPROXY ?? '', lb.port, 'send-proxy-v2 check inter 100ms check-send-proxy', false);
    await waitFor(async () => (await count('local')) >= 2);
    for (const result of ['missing', 'broken', 'timeout']) expect(await count(result)).toBe(0);
    expect(lb.log.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('without send-proxy it is told in HTTP what is missing', async () => {
    const lb = await startTestBalancer({ proxyProtocolFrom: ['127.0.0.1'] });
    const front = await startHaproxy(HAPROXY ?? '', lb.port, '', false);
    const answer = await talk(front, 'GET /app/x HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([400, 'proxy-header']);
  });
});
