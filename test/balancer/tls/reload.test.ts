import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { BalancerOptions } from '../../../src/balancer/options.ts';
import { startTestBalancer, TEST_OPTIONS, type TestBalancer } from '../../support/balancer.ts';
import { identityOf, testCertificates } from '../../support/certificates.ts';
import { listenTls, mcmpTls, pairOf } from '../../support/listen-tls.ts';
import { getOverTls, openTls, readToEnd } from '../../support/tls-client.ts';

const { server, client, ca, authority, unknown } = testCertificates();
const renewed = authority.issue({ name: 'renewed', hosts: ['localhost', '127.0.0.1'], use: 'server' });

function reload({ balancer }: TestBalancer, options: Partial<BalancerOptions>): readonly string[] {
  return balancer.reload({ ...TEST_OPTIONS, ...options });
}

async function shown(port: number): Promise<string> {
  const socket = await openTls(port);
  return String(socket.getPeerCertificate().subject.CN);
}

/** One more request over a connection that stays open. */
async function ask(socket: TLSSocket): Promise<string> {
  socket.write('GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return await new Promise((resolve, reject) => {
    socket.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
    socket.once('close', () => reject(new Error('closed')));
  });
}

describe('certificates that are read again', () => {
  it('are shown to new connections, while those that stand go on', async () => {
    const balancer = await startTestBalancer({ listenTls: listenTls(server) });
    const old = await openTls(balancer.port);
    expect(await ask(old)).toMatch(/^HTTP\/1\.1 404 /);
    expect(reload(balancer, { listenTls: listenTls(renewed) })).toEqual([]);
    expect(await shown(balancer.port)).toBe('renewed');
    expect(await ask(old)).toMatch(/^HTTP\/1\.1 404 /);
    expect(old.getPeerCertificate().subject.CN).toBe('localhost');
  });

  it('let a handshake that is under way end as it began', async () => {
    const balancer = await startTestBalancer({ listenTls: listenTls(server) });
    const opening = openTls(balancer.port);
    reload(balancer, { listenTls: listenTls(renewed) });
    expect(await ask(await opening)).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('may become more or fewer', async () => {
    const balancer = await startTestBalancer({ listenTls: listenTls(server) });
    const site = authority.issue({ name: 'site', hosts: ['site.example'], use: 'server' });
    expect(reload(balancer, { listenTls: listenTls(server, site) })).toEqual([]);
    expect((await openTls(balancer.port, { servername: 'site.example' })).getPeerCertificate().subject.CN).toBe('site');
    expect(reload(balancer, { listenTls: listenTls(server) })).toEqual([]);
    expect((await openTls(balancer.port, { servername: 'site.example' })).getPeerCertificate().subject.CN).toBe(
      'localhost',
    );
  });

  it('are refused as a whole when one of them will not do, and the old ones stay', async () => {
    const balancer = await startTestBalancer({ listenTls: listenTls(server), mcmpTls: mcmpTls(server) });
    const broken = { ...pairOf(renewed, 'new.pem,new.key'), key: client.keyPem };
    const next = { listenTls: listenTls(renewed), mcmpTls: { certificate: broken, clientCa: '' }, via: 'changed' };
    expect(() => reload(balancer, next)).toThrow(/^new\.pem,new\.key cannot be used for TLS/);
    expect(await shown(balancer.port)).toBe('localhost');
    expect(await shown(balancer.mcmpPort)).toBe('localhost');
    expect(reload(balancer, { listenTls: listenTls(server), mcmpTls: mcmpTls(server) })).toEqual([]);
  });

  it('take an authority of clients away from new connections, and from sessions that would be resumed', async () => {
    const balancer = await startTestBalancer({ mcmpTls: mcmpTls(server, ca) });
    const first = await openTls(balancer.mcmpPort, identityOf(client));
    const ticket = new Promise<Buffer>((resolve) => first.once('session', resolve));
    first.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect((await readToEnd(first)).status).toBe(200);
    expect(reload(balancer, { mcmpTls: mcmpTls(server, unknown.ca) })).toEqual([]);
    const again = { ...identityOf(client), session: await ticket };
    expect((await getOverTls(balancer.mcmpPort, '/healthz', again)).status).toBe(403);
    expect((await getOverTls(balancer.mcmpPort, '/healthz', identityOf(unknown.client))).status).toBe(200);
  });

  it('cannot make an address speak TLS that did not, or the other way round', async () => {
    const plain = await startTestBalancer();
    expect(reload(plain, { listenTls: listenTls(server), mcmpTls: mcmpTls(server) })).toEqual(['listenTls', 'mcmpTls']);
    expect((await plain.get('/nothing')).status).toBe(404);
    const encrypted = await startTestBalancer({ listenTls: listenTls(server) });
    expect(reload(encrypted, {})).toEqual(['listenTls']);
    expect(await shown(encrypted.port)).toBe('localhost');
  });
});
