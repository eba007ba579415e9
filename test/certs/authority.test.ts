import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { type Credentials, createAuthority, openAuthority } from '../../src/certs/index.ts';
import { LOOPBACK_HOSTS, testCertificates } from '../support/certificates.ts';
import { freeAfter } from '../support/cleanup.ts';
import { programOf } from '../support/needs-program.ts';

const OPENSSL = programOf(['openssl'], 'openssl', 'what openssl says of our certificates');
const DAY_MS = 86_400_000;

const KINDS = [
  { signer: 'ec', leaf: 'ec' },
  { signer: 'ec', leaf: 'rsa' },
  { signer: 'rsa', leaf: 'ec' },
] as const;

/** A handshake in which both sides show a certificate and look at the other's. */
async function shakeHands(ca: string, server: Credentials, client: Credentials): Promise<string> {
  const listener = createServer({ ca, cert: server.certPem, key: server.keyPem, requestCert: true });
  freeAfter(() => void listener.close());
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const accepted = once(listener, 'secureConnection');
  const socket = connect({ host: '127.0.0.1', port, ca, cert: client.certPem, key: client.keyPem });
  freeAfter(() => void socket.destroy());
  await once(socket, 'secureConnect');
  const [peer] = (await accepted) as [TLSSocket];
  freeAfter(() => void peer.destroy());
  return `${socket.authorized} ${peer.authorized} ${peer.getPeerCertificate().subject.CN}`;
}

describe('an authority for trying out', () => {
  it.each(KINDS)(
    'with a key of $signer signs leaves with a key of $leaf that both sides of TLS take',
    async ({ signer, leaf }) => {
      const authority = createAuthority({ name: 'try', key: signer });
      const server = authority.issue({ name: 'balancer', hosts: LOOPBACK_HOSTS, use: 'server', key: leaf });
      const client = authority.issue({ name: 'node1', hosts: [], use: 'client', key: leaf });
      expect(await shakeHands(authority.certPem, server, client)).toBe('true true node1');
    },
  );

  it('issues what node:crypto finds to be signed by it, for these hosts, for a year from an hour ago', () => {
    const authority = createAuthority({ name: 'try' });
    const root = new X509Certificate(authority.certPem);
    const leaf = new X509Certificate(
      authority.issue({ name: 'balancer', hosts: ['lb.example', '10.1.2.3', '::1'], use: 'server' }).certPem,
    );
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
    expect([root.ca, leaf.ca]).toEqual([true, false]);
    expect(leaf.subjectAltName).toBe('DNS:lb.example, IP Address:10.1.2.3, IP Address:0:0:0:0:0:0:0:1');
    expect(leaf.checkIP('10.1.2.3')).toBe('10.1.2.3');
    expect(leaf.checkHost('other.example')).toBeUndefined();
    expect((Date.parse(leaf.validTo) - Date.now()) / DAY_MS).toBeCloseTo(365, 1);
    expect((Date.now() - Date.parse(leaf.validFrom)) / DAY_MS).toBeCloseTo(1 / 24, 2);
  });

  it('gives no serial number twice, and each with 127 bits', () => {
    const authority = createAuthority({ name: 'try' });
    const serials = Array.from({ length: 20 }, () => {
      const { certPem } = authority.issue({ name: 'x', hosts: [], use: 'client' });
      return new X509Certificate(certPem).serialNumber;
    });
    expect(new Set(serials).size).toBe(20);
    expect(serials.filter((serial) => !/^[4-7][0-9A-F]{31}$/.test(serial))).toEqual([]);
  });

  it('lets no leaf outlive it unless that is asked for', () => {
    const authority = createAuthority({ name: 'short', days: 10 });
    const leaf = new X509Certificate(authority.issue({ name: 'x', hosts: [], use: 'client' }).certPem);
    expect(leaf.validTo).toBe(new X509Certificate(authority.certPem).validTo);
  });

  it('is the same one when it is opened again', async () => {
    const first = createAuthority({ name: 'try' });
    const server = first.issue({ name: 'balancer', hosts: LOOPBACK_HOSTS, use: 'server' });
    const again = openAuthority({ certPem: first.certPem, keyPem: first.keyPem });
    const client = again.issue({ name: 'node2', hosts: [], use: 'client' });
    expect(await shakeHands(first.certPem, server, client)).toBe('true true node2');
  });

  it('is refused when its files hold something else', () => {
    const { certPem, keyPem } = createAuthority({ name: 'try' });
    expect(() => openAuthority({ certPem: 'nothing', keyPem })).toThrow();
    expect(() => openAuthority({ certPem, keyPem: 'nothing' })).toThrow();
    const { keyPem: another } = createAuthority({ name: 'try' });
    expect(() => openAuthority({ certPem, keyPem: another })).toThrow('the key is that of another certificate');
  });

  it.skipIf(OPENSSL === undefined)('issues what openssl verifies for its purpose and for no other', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mcmp-certs-'));
    freeAfter(() => rmSync(folder, { recursive: true }));
    const { authority, ca, server, client, expired, unknown } = testCertificates();
    const rsa = authority.issue({ name: 'r', hosts: ['localhost'], use: 'server', key: 'rsa' });
    const both = authority.issue({ name: 'node1', hosts: ['localhost'], use: 'both' });
    const leaves = new Map(Object.entries({ server, client, expired, rsa, both, unknown: unknown.server }));
    writeFileSync(join(folder, 'ca.pem'), ca);
    for (const [name, { certPem }] of leaves) writeFileSync(join(folder, `${name}.pem`), certPem);
    const verdict = (name: string, purpose: string): boolean => {
      const args = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'ca.pem', `${name}.pem`];
      try {
        return execFileSync(OPENSSL ?? '', args, { cwd: folder, stdio: 'pipe' }).toString() === `${name}.pem: OK\n`;
      } catch (error) {
        if (error instanceof Error && 'status' in error) return false;
        throw error;
      }
    };
    expect([...leaves.keys()].map((name) => [name, verdict(name, 'sslserver'), verdict(name, 'sslclient')])).toEqual([
      ['server', true, false],
      ['client', false, true],
      ['expired', false, false],
      ['rsa', true, false],
      ['both', true, true],
      ['unknown', false, false],
    ]);
  });
});
