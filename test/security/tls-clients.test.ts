import { createConnection } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { identityOf, testCertificates } from '../support/certificates.ts';
import { freeAfter } from '../support/cleanup.ts';
import { listenTls, mcmpTls } from '../support/listen-tls.ts';
import { openRaw, talk } from '../support/raw-http.ts';
import { getOverTls, openTls, readToEnd } from '../support/tls-client.ts';
import { waitFor } from '../support/wait-for.ts';

const { server, client, ca } = testCertificates();

async function sessionOf(socket: TLSSocket): Promise<Buffer | undefined> {
  const tickets: Buffer[] = [];
  socket.on('session', (ticket) => tickets.push(ticket));
  const early = socket.getProtocol() === 'TLSv1.2' ? socket.getSession() : undefined;
  await readToEnd(socket);
  return tickets.at(-1) ?? early;
}

describe('S-tls/client-certificate', () => {
  // OpenSSL verifies nothing again when a session is resumed, and tickets go out before the refusal does.
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('a session of %s that began without one is of no use', async (version) => {
    const { mcmpPort } = await startTestBalancer({ mcmpTls: mcmpTls(server, ca) });
    const session = await sessionOf(await openTls(mcmpPort, { maxVersion: version }));
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = await getOverTls(mcmpPort, '/healthz', {
        maxVersion: version,
        ...(session === undefined ? {} : { session }),
      });
      expect(answer.status).toBe(403);
    }
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('a session of %s that began with one is', async (version) => {
    const { mcmpPort } = await startTestBalancer({ mcmpTls: mcmpTls(server, ca) });
    const first = await openTls(mcmpPort, { ...identityOf(client), maxVersion: version });
    first.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const session = await sessionOf(first);
    const second = await openTls(mcmpPort, { maxVersion: version, ...(session === undefined ? {} : { session }) });
    expect(second.isSessionReused()).toBe(true);
    second.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect((await readToEnd(second)).status).toBe(200);
  });

  it('a session of web traffic opens nothing at the address for MCMP', async () => {
    const { port, mcmpPort } = await startTestBalancer({ listenTls: listenTls(server), mcmpTls: mcmpTls(server, ca) });
    const web = await openTls(port);
    web.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const session = await sessionOf(web);
    expect(session).toBeDefined();
    expect((await getOverTls(mcmpPort, '/healthz', session === undefined ? {} : { session })).status).toBe(403);
  });

  it('nothing of a request is read before it is believed', async () => {
    const balancer = await startTestBalancer({ mcmpTls: mcmpTls(server, ca) });
    const socket = await openTls(balancer.mcmpPort);
    const body = 'JVMRoute=evil&Host=127.0.0.1&Port=8080&Type=http';
    socket.write(`CONFIG / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    expect((await readToEnd(socket)).status).toBe(403);
    const info = await openTls(balancer.mcmpPort, identityOf(client));
    info.write('INFO / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect((await readToEnd(info)).text).not.toContain('evil');
  });
});

describe('S-tls/handshakes-count', () => {
  it('handshakes under way count towards --max-connections, and leave their place when they are over', async () => {
    const { port } = await startTestBalancer({
      listenTls: listenTls(server),
      maxConnections: 2,
      headerTimeoutMs: 60_000,
    });
    const one = await openRaw(port);
    const two = await openRaw(port);
    one.write('\x16');
    await waitFor(async () => (await talk(port, 'GET / HTTP/1.1\r\n\r\n')).text === '');
    one.close();
    two.close();
    await waitFor(async () => {
      const answer = await getOverTls(port, '/x').catch(() => undefined);
      return answer?.status === 404;
    });
  });

  it('those at the address for MCMP are counted apart', async () => {
    const options = {
      listenTls: listenTls(server),
      mcmpTls: mcmpTls(server),
      maxConnections: 1,
      headerTimeoutMs: 60_000,
    };
    const { port, mcmpPort } = await startTestBalancer(options);
    const silent = await openRaw(port);
    silent.write('\x16');
    expect((await getOverTls(mcmpPort, '/healthz')).status).toBe(200);
  });

  it('the balancer ends although some are under way', async () => {
    const { port, balancer } = await startTestBalancer({ listenTls: listenTls(server), headerTimeoutMs: 60_000 });
    const silent = await openRaw(port);
    silent.write('\x16\x03\x01');
    const started = performance.now();
    await balancer.close();
    await silent.closed();
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});

describe('S-tls/renegotiation', () => {
  it('is refused to a client of TLS 1.2', async () => {
    const { port } = await startTestBalancer({ listenTls: listenTls(server) });
    const socket = await openTls(port, { maxVersion: 'TLSv1.2' });
    const renegotiated = await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(false));
      socket.renegotiate({}, (error) => resolve(error === null));
    });
    expect(renegotiated).toBe(false);
  });
});

describe('S-tls/garbage', () => {
  it.each([
    ['a record of another type', '\x17\x03\x03\x00\x05hello'],
    ['a hello of nothing', '\x16\x03\x01\x00\x00'],
    ['a record that is too long', `\x16\x03\x01\xff\xff${'x'.repeat(70_000)}`],
    ['a hello whose lengths lie', '\x16\x03\x01\x00\x2f\x01\x00\xff\xff\x03\x03'.padEnd(200, 'A')],
    ['SSL 2', '\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10'],
  ])('%s closes that connection and no other', async (_, bytes) => {
    const { port } = await startTestBalancer({ listenTls: listenTls(server), headerTimeoutMs: 1_000 });
    const other = await openTls(port);
    other.write('GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((resolve) => other.once('data', resolve));
    const socket = createConnection(port, '127.0.0.1');
    freeAfter(() => {
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(bytes, 'latin1');
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    other.write('GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect((await readToEnd(other)).status).toBe(404);
  });
});
