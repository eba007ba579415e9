import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { readAuthorities, readCertificate } from '../../src/cli/certificate-files.ts';
import { UsageError } from '../../src/core/errors.ts';
import { testCertificates } from '../support/certificates.ts';
import { freeAfter } from '../support/cleanup.ts';

/** Writes files into a directory that is gone when the test is over. */
function files(contents: Readonly<Record<string, string | Buffer>>): (name: string) => string {
  const directory = mkdtempSync(join(tmpdir(), 'mcmp-certificate-files-'));
  freeAfter(() => rmSync(directory, { recursive: true }));
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(directory, name), content);
  return (name) => join(directory, name);
}

function refusalOf(read: () => unknown): { readonly message: string; readonly hint: string } {
  try {
    read();
  } catch (error) {
    if (error instanceof UsageError) return { message: error.message, hint: error.hint ?? '' };
    throw error;
  }
  throw new Error('nothing was refused');
}

function derOf(pem: string): Buffer {
  return new X509Certificate(pem).raw;
}

function encrypted(type: 'pkcs8' | 'pkcs1', pem: string): string {
  return createPrivateKey(pem).export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
}

const { server, client, expired, notYetValid, ca, authority, unknown } = testCertificates();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

describe('a certificate and its key are refused, with the file and what to do,', () => {
  const good = { 'a.pem': server.certPem, 'a.key': server.keyPem };
  const cases: readonly {
    readonly when: string;
    readonly contents: Readonly<Record<string, string | Buffer>>;
    readonly message: RegExp;
    readonly hint: RegExp;
  }[] = [
    {
      when: 'when there is no such certificate',
      contents: { 'a.key': server.keyPem },
      message: /cannot read .*a\.pem: there is no such file/,
      hint: /mcmp certs dev/,
    },
    {
      when: 'when there is no such key',
      contents: { 'a.pem': server.certPem },
      message: /cannot read .*a\.key: there is no such file/,
      hint: /mcmp certs dev/,
    },
    {
      when: 'when the certificate is not PEM',
      contents: { ...good, 'a.pem': 'hello' },
      message: /a\.pem holds no certificate in PEM$/,
      hint: /BEGIN CERTIFICATE/,
    },
    {
      when: 'when the certificate is DER',
      contents: { ...good, 'a.pem': derOf(server.certPem) },
      message: /a\.pem holds no certificate in PEM/,
      hint: /openssl x509 -inform der/,
    },
    {
      when: 'when the key is DER',
      contents: { ...good, 'a.key': createPrivateKey(server.keyPem).export({ type: 'pkcs8', format: 'der' }) },
      message: /a\.key holds no private key in PEM/,
      hint: /BEGIN PRIVATE KEY|openssl pkey -inform der/,
    },
    {
      when: 'when both files are swapped',
      contents: { 'a.pem': server.keyPem, 'a.key': server.certPem },
      message: /a\.pem holds no certificate in PEM, but a private key/,
      hint: /CERT,KEY/,
    },
    {
      when: 'when the key is a certificate',
      contents: { ...good, 'a.key': server.certPem },
      message: /a\.key holds no private key in PEM, but a certificate/,
      hint: /CERT,KEY/,
    },
    {
      when: 'when the key is that of another certificate',
      contents: { ...good, 'a.key': client.keyPem },
      message: /a\.key is not that of the certificate .*a\.pem/,
      hint: /openssl x509 -noout -pubkey/,
    },
    {
      when: 'when the key is encrypted (PKCS#8)',
      contents: { ...good, 'a.key': encrypted('pkcs8', server.keyPem) },
      message: /a\.key is encrypted with a passphrase/,
      hint: /openssl pkey -in/,
    },
    {
      when: 'when the key is encrypted (PKCS#1)',
      contents: { ...good, 'a.key': encrypted('pkcs1', rsa.export({ type: 'pkcs8', format: 'pem' }).toString()) },
      message: /a\.key is encrypted with a passphrase/,
      hint: /openssl pkey -in/,
    },
    {
      when: 'when the certificate is cut off',
      contents: { ...good, 'a.pem': server.certPem.replace(/\n[^\n]+\n-----END/, '\n-----END') },
      message: /a\.pem: the certificate is damaged/,
      hint: /cut off/,
    },
    {
      when: 'when the key is cut off',
      contents: { ...good, 'a.key': server.keyPem.replace(/\n[^\n]+\n-----END/, '\n-----END') },
      message: /a\.key: the key is damaged/,
      hint: /openssl pkey/,
    },
    {
      when: 'when the chain begins with the authority',
      contents: { ...good, 'a.pem': ca + server.certPem },
      message: /begins with another certificate than that of the key, which is number 2/,
      hint: /first/,
    },
  ];

  for (const { when, contents, message, hint } of cases) {
    it(when, () => {
      const at = files(contents);
      const refusal = refusalOf(() => readCertificate(at('a.pem'), at('a.key')));
      expect(refusal.message).toMatch(message);
      expect(refusal.hint).toMatch(hint);
    });
  }

  it.skipIf(process.getuid?.() === 0)('when this user may not read it', () => {
    const at = files(good);
    chmodSync(at('a.key'), 0o000);
    expect(refusalOf(() => readCertificate(at('a.pem'), at('a.key'))).message).toMatch(/this user may not read it/);
  });
});

describe('a certificate and its key are taken', () => {
  it('with the chain, and whatever words stand between', () => {
    const at = files({ 'a.pem': `subject: localhost\n${server.certPem}issuer\r\n${ca}`, 'a.key': server.keyPem });
    const read = readCertificate(at('a.pem'), at('a.key'));
    expect(read.cert.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(read).toMatchObject({ files: `${at('a.pem')},${at('a.key')}`, warnings: [] });
  });

  it('from one file with both', () => {
    const at = files({ 'a.pem': server.keyPem + server.certPem });
    const read = readCertificate(at('a.pem'), at('a.pem'));
    expect(read.cert).not.toContain('PRIVATE');
    expect(read.key).not.toContain('CERTIFICATE');
  });

  it.each([
    ['expired', expired, /expired at \d{4}-\d\d-\d\dT[\d:]+Z/],
    ['not valid yet', notYetValid, /is not valid before \d{4}-/],
    [
      'about to expire',
      authority.issue({
        name: 'short',
        hosts: ['localhost'],
        use: 'server',
        notAfter: new Date(Date.now() + 86_400_000),
      }),
      /CN=short expires soon, at \d{4}-/,
    ],
  ])('with a loud word when it is %s', (_, { certPem, keyPem }, message) => {
    const at = files({ 'a.pem': certPem, 'a.key': keyPem });
    const { warnings } = readCertificate(at('a.pem'), at('a.key'));
    expect(warnings).toEqual([{ message: expect.stringMatching(message), hint: expect.any(String) }]);
  });

  it('with a word when the rest of the chain is in disorder', () => {
    const at = files({ 'a.pem': server.certPem + unknown.ca + ca, 'a.key': server.keyPem });
    const { warnings } = readCertificate(at('a.pem'), at('a.key'));
    expect(warnings[0]?.message).toMatch(
      /number 2 \(CN=unknown authority\) did not sign the one before it \(CN=localhost\)/,
    );
  });
});

describe('authorities', () => {
  it('may be several', () => {
    const at = files({ 'ca.pem': ca + unknown.ca });
    expect(readAuthorities(at('ca.pem')).ca.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  it('are taken with a word when one is no authority', () => {
    const at = files({ 'ca.pem': server.certPem });
    expect(readAuthorities(at('ca.pem')).warnings[0]?.message).toMatch(
      /CN=localhost is the certificate of no authority/,
    );
  });

  it('are refused when there is none', () => {
    const at = files({ 'ca.pem': '' });
    expect(refusalOf(() => readAuthorities(at('ca.pem'))).message).toMatch(/ca\.pem holds no certificate/);
  });

  it('are refused when the key of the authority is named, without words about a key that nobody asked for', () => {
    const at = files({ 'ca.key': server.keyPem });
    const refusal = refusalOf(() => readAuthorities(at('ca.key')));
    expect(refusal.message).toMatch(/ca\.key holds no certificate in PEM, but a private key/);
    expect(refusal.hint).toMatch(/certificate of the authority/);
    expect(refusal.hint).not.toMatch(/CERT,KEY/);
  });
});
