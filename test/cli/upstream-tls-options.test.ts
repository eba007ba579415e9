import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readUpstreamTls, type UpstreamTlsArgs } from '../../src/cli/upstream-tls-options.ts';
import { testCertificates } from '../support/certificates.ts';
import { freeAfter } from '../support/cleanup.ts';

const { ca, client, server, expired } = testCertificates();
const NOTHING: UpstreamTlsArgs = { upstreamCa: undefined, upstreamCert: undefined, upstreamInsecure: false };

function files(): (name: string) => string {
  const directory = mkdtempSync(join(tmpdir(), 'mcmp-upstream-tls-'));
  freeAfter(() => rmSync(directory, { recursive: true }));
  const contents = {
    'ca.pem': ca,
    'client.pem': client.certPem,
    'client.key': client.keyPem,
    'server.key': server.keyPem,
    'expired.pem': expired.certPem,
    'expired.key': expired.keyPem,
  };
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(directory, name), text);
  return (name) => join(directory, name);
}

function read(args: Partial<UpstreamTlsArgs>): { settings: ReturnType<typeof readUpstreamTls>; warnings: string[] } {
  const warnings: string[] = [];
  const settings = readUpstreamTls({ ...NOTHING, ...args }, ({ message }) => warnings.push(message));
  return { settings, warnings };
}

describe('the flags for connections to https nodes', () => {
  it('verify by the authorities of Node.js when they say nothing', () => {
    expect(read({})).toEqual({ settings: { ca: '', certificate: null, insecure: false }, warnings: [] });
  });

  it('name an authority and a certificate', () => {
    const at = files();
    const { settings, warnings } = read({
      upstreamCa: at('ca.pem'),
      upstreamCert: `${at('client.pem')},${at('client.key')}`,
    });
    expect(settings.ca).toContain('BEGIN CERTIFICATE');
    expect(settings.certificate).toMatchObject({
      key: expect.stringContaining('PRIVATE KEY'),
      files: expect.stringContaining('client.pem'),
    });
    expect(warnings).toEqual([]);
  });

  it('warn loudly when nothing is verified', () => {
    const { settings, warnings } = read({ upstreamInsecure: true });
    expect(settings.insecure).toBe(true);
    expect(warnings).toEqual(['certificates of https nodes are not verified (--upstream-insecure)']);
  });

  it('warn about a certificate that nodes will refuse', () => {
    const at = files();
    const { warnings } = read({ upstreamCert: `${at('expired.pem')},${at('expired.key')}` });
    expect(warnings).toEqual([expect.stringContaining('expired at')]);
  });

  it.each([
    [
      'one file alone',
      (at: (name: string) => string) => ({ upstreamCert: at('client.pem') }),
      'does not name two files',
    ],
    [
      'three files',
      (at: (name: string) => string) => ({ upstreamCert: 'a,b,c', upstreamCa: at('ca.pem') }),
      'does not name two files',
    ],
    [
      'the key of another certificate',
      (at: (name: string) => string) => ({ upstreamCert: `${at('client.pem')},${at('server.key')}` }),
      'is not that of the certificate',
    ],
    [
      'a key for an authority',
      (at: (name: string) => string) => ({ upstreamCa: at('client.key') }),
      'holds no certificate in PEM',
    ],
    [
      'a file that is not there',
      (at: (name: string) => string) => ({ upstreamCa: at('nothing.pem') }),
      'there is no such file',
    ],
  ])('refuse %s', (_, args, words) => {
    expect(() => read(args(files()))).toThrow(words);
  });
});
