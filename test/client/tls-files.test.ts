import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../commands/index.ts';
import { clientTlsOf } from '../../src/client/command-options.ts';
import { testCertificates } from '../support/certificates.ts';
import { freeAfter } from '../support/cleanup.ts';

const { ca, client, unknown } = testCertificates();
const encrypted = createPrivateKey(client.keyPem)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
  .toString();

const FILES = {
  'ca.pem': ca,
  'me.pem': client.certPem,
  'me.key': client.keyPem,
  'other.key': unknown.client.keyPem,
  'encrypted.key': encrypted,
  'both.pem': client.certPem + client.keyPem,
  'notes.txt': 'my notes',
};

function inFolder(): (name: string | undefined) => string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'mcmp-tls-files-'));
  freeAfter(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  return (name) => (name === undefined ? undefined : join(folder, name));
}

describe('the files of TLS options', () => {
  it('are read when they belong together', () => {
    const path = inFolder();
    const files = { ca: path('ca.pem'), cert: path('me.pem'), key: path('me.key'), insecure: false };
    expect(clientTlsOf(files)).toEqual({ insecure: false, ca, cert: client.certPem, key: client.keyPem });
    expect(clientTlsOf({ ...files, cert: path('both.pem'), key: path('both.pem') }).key).toBe(client.keyPem);
    expect(clientTlsOf({ ca: undefined, cert: undefined, key: undefined, insecure: true })).toEqual({ insecure: true });
  });

  it.each<{ ca?: string; cert?: string; key?: string; message: RegExp; hint: RegExp }>([
    { cert: 'me.pem', message: /^--cert and --key are needed together$/, hint: /without its key/ },
    { key: 'me.key', message: /^--cert and --key are needed together$/, hint: /without its key/ },
    { cert: 'none.pem', key: 'me.key', message: /none\.pem: there is no such file$/, hint: /mcmp certs dev/ },
    { cert: 'me.pem', key: 'none.key', message: /none\.key: there is no such file$/, hint: /mcmp certs dev/ },
    { ca: 'none.pem', message: /none\.pem: there is no such file$/, hint: /mcmp certs dev/ },
    { cert: 'notes.txt', key: 'me.key', message: /notes\.txt holds no certificate/, hint: /BEGIN CERTIFICATE/ },
    { cert: 'me.pem', key: 'notes.txt', message: /notes\.txt holds no private key/, hint: /BEGIN PRIVATE KEY/ },
    { ca: 'notes.txt', message: /notes\.txt holds no certificate/, hint: /BEGIN CERTIFICATE/ },
    { cert: 'me.pem', key: 'other.key', message: /other\.key is not that of the certificate/, hint: /openssl pkey/ },
    { cert: 'me.pem', key: 'encrypted.key', message: /encrypted with a passphrase/, hint: /openssl pkey -in/ },
  ])('are refused before any connection: $message', ({ message, hint, ...names }) => {
    const path = inFolder();
    const files = { ca: path(names.ca), cert: path(names.cert), key: path(names.key), insecure: false };
    expect(() => clientTlsOf(files)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    );
  });

  it('are called as the flags of a node are', () => {
    const files = { ca: undefined, cert: 'me.pem', key: undefined, insecure: false };
    expect(() => clientTlsOf(files, 'mcmp-')).toThrow('--mcmp-cert and --mcmp-key are needed together');
  });
});

describe('every command that speaks to a balancer', () => {
  const SPEAKERS = ['send', 'drain', 'explain', 'exporter', 'tui', 'conformance balancer'];

  it.each(SPEAKERS)('can be told whom to trust and who it is: %s', (name) => {
    const options = Object.keys(commands.find((command) => command.name === name)?.options ?? {});
    expect(options).toEqual(expect.arrayContaining(['ca', 'cert', 'key', 'insecure']));
  });
});
