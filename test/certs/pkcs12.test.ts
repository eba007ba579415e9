import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { writeKeyStore, writeTrustStore } from '../../src/certs/pkcs12.ts';
import { testCertificates } from '../support/certificates.ts';
import { freeAfter } from '../support/cleanup.ts';
import { programOf } from '../support/needs-program.ts';

const OPENSSL = programOf(['openssl'], 'openssl', 'what openssl reads from our PKCS#12 stores');
const KEYTOOL = programOf(['keytool'], 'default-jre-headless', 'what Java reads from our PKCS#12 stores');
const PASSWORD = 'changeit';

const { authority, ca, client } = testCertificates();
const rsa = authority.issue({ name: 'node2', hosts: [], use: 'both', key: 'rsa' });

const KEY_STORES = [
  { kind: 'EC', ...client, store: storeOf(client) },
  { kind: 'RSA', ...rsa, store: storeOf(rsa) },
];

function storeOf({ keyPem, certPem }: { keyPem: string; certPem: string }): Buffer {
  return writeKeyStore({ alias: 'node', keyPem, chainPem: [certPem, ca] }, PASSWORD);
}

function fileOf(store: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcmp-stores-'));
  freeAfter(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'store.p12');
  writeFileSync(path, store);
  return path;
}

function run(program: string | undefined, ...words: string[]): string {
  return execFileSync(program ?? '', words, { encoding: 'utf8', stdio: 'pipe' });
}

describe('a PKCS#12 store', () => {
  it.each(KEY_STORES)('with a key of $kind is an identity for node:tls, with its password only', ({ store }) => {
    expect(() => createSecureContext({ pfx: store, passphrase: PASSWORD })).not.toThrow();
    expect(() => createSecureContext({ pfx: store, passphrase: 'something else' })).toThrow(/mac verify failure/);
  });

  it.each(KEY_STORES)('with a key of $kind does not hold it openly', ({ store, keyPem }) => {
    const secret = Buffer.from(createPrivateKey(keyPem).export({ format: 'jwk' }).d ?? '', 'base64url');
    expect(secret.length).toBeGreaterThanOrEqual(32);
    expect(store.includes(secret)).toBe(false);
  });

  it('is sealed: no byte of it can be changed', () => {
    const store = storeOf(client);
    const changed = Buffer.from(store);
    changed[200] = (changed[200] ?? 0) ^ 1;
    expect(() => createSecureContext({ pfx: changed, passphrase: PASSWORD })).toThrow();
  });

  it.skipIf(OPENSSL === undefined).each(KEY_STORES)('with a key of $kind is what openssl reads', (entry) => {
    const path = fileOf(entry.store);
    const certificates = run(OPENSSL, 'pkcs12', '-in', path, '-passin', `pass:${PASSWORD}`, '-nokeys');
    expect(certificates).toContain(entry.certPem.trim());
    expect(certificates).toContain(ca.trim());
    expect(certificates).toContain('friendlyName: node');
    const keys = run(OPENSSL, 'pkcs12', '-in', path, '-passin', `pass:${PASSWORD}`, '-nocerts', '-nodes');
    expect(keys).toContain(entry.keyPem.trim());
  });

  it.skipIf(KEYTOOL === undefined)('is what Java reads: a key with its chain, and a trusted authority', () => {
    const keys = run(KEYTOOL, '-list', '-v', '-keystore', fileOf(storeOf(client)), '-storepass', PASSWORD);
    expect(keys).toMatch(/Alias name: node\n(.*\n)*Entry type: PrivateKeyEntry\nCertificate chain length: 2\n/);
    const trust = fileOf(writeTrustStore('mcmp', ca, PASSWORD));
    expect(readFileSync(trust).length).toBeLessThan(2000);
    expect(run(KEYTOOL, '-list', '-keystore', trust, '-storepass', PASSWORD)).toMatch(/\nmcmp, .*trustedCertEntry/);
  });
});
