import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import {
  createAuthority,
  type DevArgs,
  type DevCertificates,
  devDocument,
  devLines,
  makeDevCertificates,
  planDevCertificates,
  trialLines,
} from '../../src/certs/index.ts';
import { shellWord } from '../../src/core/text.ts';
import { freeAfter } from '../support/cleanup.ts';

const DAY_MS = 86_400_000;
/** Purposes, as node:crypto names them. */
const SERVER = '1.3.6.1.5.5.7.3.1';
const CLIENT = '1.3.6.1.5.5.7.3.2';
const DEFAULTS = { host: [], node: ['node'], client: ['operator'], days: 365, key: 'ec', force: false } as const;

function newDirectory(): string {
  const parent = mkdtempSync(join(tmpdir(), 'mcmp-dev-'));
  freeAfter(() => rmSync(parent, { recursive: true }));
  return join(parent, 'tls');
}

async function make(directory: string, args: Partial<DevArgs> = {}): Promise<DevCertificates> {
  return makeDevCertificates(planDevCertificates({ ...DEFAULTS, directory, ...args }, 'here.example'));
}

function certificateIn(directory: string, name: string): X509Certificate {
  return new X509Certificate(readFileSync(join(directory, `${name}.pem`)));
}

function contentsOf(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'base64')]),
  );
}

/** Names of the files that differ between two looks at a directory. */
function changed(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(after).filter((name) => before[name] !== after[name]);
}

describe('certificates for trying out', () => {
  it('are an authority, and one for the balancer, one for a node and one for who operates them', async () => {
    const directory = newDirectory();
    await make(directory);
    expect(readdirSync(directory).sort()).toEqual(
      ['balancer.key', 'balancer.pem', 'ca.key', 'ca.p12', 'ca.pem', 'node.key', 'node.p12', 'node.pem'].concat([
        'operator.key',
        'operator.pem',
      ]),
    );
    const authority = certificateIn(directory, 'ca');
    const leaves = ['balancer', 'node', 'operator'].map((name) => certificateIn(directory, name));
    expect(leaves.map((leaf) => leaf.checkIssued(authority) && leaf.verify(authority.publicKey))).toEqual([
      true,
      true,
      true,
    ]);
    expect(leaves.map(({ subject, subjectAltName, keyUsage }) => [subject, subjectAltName, keyUsage])).toEqual([
      ['CN=balancer', 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:here.example', [SERVER]],
      [
        'CN=node',
        'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:here.example',
        [SERVER, CLIENT],
      ],
      ['CN=operator', undefined, [CLIENT]],
    ]);
  });

  it('lie in a directory and in files that nobody else may look into, as far as they are secret', async () => {
    const directory = newDirectory();
    await make(directory);
    const mode = (name: string): string => (statSync(join(directory, name)).mode & 0o777).toString(8);
    expect(mode('.')).toBe('700');
    const secret = readdirSync(directory).filter((name) => name.endsWith('.key') || name === 'node.p12');
    expect(secret.length).toBe(5);
    expect(secret.map(mode)).toEqual(secret.map(() => '600'));
  });

  it('leave the mode of a directory that is there', async () => {
    const directory = newDirectory();
    mkdirSync(directory);
    chmodSync(directory, 0o755);
    await make(directory);
    expect((statSync(directory).mode & 0o777).toString(8)).toBe('755');
  });

  it('are for the hosts, nodes and clients that were named, for so many days', async () => {
    const directory = newDirectory();
    const { leaves } = await make(directory, {
      host: ['LB.example', '*.example', '[2001:db8::1]'],
      node: ['node1', 'node2'],
      client: [],
      days: 3,
    });
    expect(leaves.map(({ role, name, hosts }) => [role, name, hosts])).toEqual(
      ['balancer', 'node1', 'node2'].map((name) => [
        name === 'balancer' ? 'balancer' : 'node',
        name,
        ['lb.example', '*.example', '2001:db8::1'],
      ]),
    );
    for (const { name, notAfter } of leaves) {
      expect((notAfter.getTime() - Date.now()) / DAY_MS).toBeCloseTo(3, 1);
      expect(certificateIn(directory, name).publicKey.asymmetricKeyType).toBe('ec');
    }
  });

  it('have RSA keys when that is asked for', async () => {
    const directory = newDirectory();
    await make(directory, { node: [], client: [], key: 'rsa' });
    for (const name of ['ca', 'balancer']) {
      const { asymmetricKeyType, asymmetricKeyDetails } = certificateIn(directory, name).publicKey;
      expect([asymmetricKeyType, asymmetricKeyDetails?.modulusLength]).toEqual(['rsa', 2048]);
    }
  });

  it('have stores that hold the same keys', async () => {
    const directory = newDirectory();
    await make(directory);
    const pfx = readFileSync(join(directory, 'node.p12'));
    expect(() => createSecureContext({ pfx, passphrase: 'changeit' })).not.toThrow();
  });
});

describe('certificates that are there', () => {
  it('stay, and the same authority signs what is new', async () => {
    const directory = newDirectory();
    await make(directory);
    const before = contentsOf(directory);
    const again = await make(directory, { node: ['node', 'node2'] });
    expect(changed(before, contentsOf(directory)).sort()).toEqual(['node2.key', 'node2.p12', 'node2.pem']);
    expect(again.leaves.map(({ name, made }) => [name, made])).toEqual([
      ['balancer', false],
      ['node', false],
      ['node2', true],
      ['operator', false],
    ]);
    expect(again.authority.made).toBe(false);
    expect(certificateIn(directory, 'node2').verify(certificateIn(directory, 'ca').publicKey)).toBe(true);
  });

  it('are made anew by --force, the authority excepted', async () => {
    const directory = newDirectory();
    await make(directory);
    const before = contentsOf(directory);
    await make(directory, { force: true });
    expect(changed(before, contentsOf(directory)).sort()).toEqual(
      Object.keys(before).filter((name) => !name.startsWith('ca.')),
    );
    expect(certificateIn(directory, 'node').verify(certificateIn(directory, 'ca').publicKey)).toBe(true);
  });

  it('get back a store that was removed', async () => {
    const directory = newDirectory();
    await make(directory);
    const before = contentsOf(directory);
    rmSync(join(directory, 'node.p12'));
    rmSync(join(directory, 'ca.p12'));
    await make(directory);
    expect(changed(before, contentsOf(directory)).sort()).toEqual(['ca.p12', 'node.p12']);
  });

  const other = createAuthority({ name: 'other' });
  it.each<{ name: string; spoil: (path: (name: string) => string) => void; message: RegExp; code: string }>([
    {
      name: 'an authority without its key',
      spoil: (path) => rmSync(path('ca.key')),
      message: /ca\.pem is there without ca\.key$/,
      code: 'MCMP_CERTS_AUTHORITY',
    },
    {
      name: 'the key of an authority without the certificate',
      spoil: (path) => rmSync(path('ca.pem')),
      message: /ca\.key is there without ca\.pem$/,
      code: 'MCMP_CERTS_AUTHORITY',
    },
    {
      name: 'the store of an authority alone',
      spoil: (path) => {
        for (const end of ['pem', 'key']) rmSync(path(`ca.${end}`));
      },
      message: /ca\.p12 is there without ca\.pem and ca\.key$/,
      code: 'MCMP_CERTS_AUTHORITY',
    },
    {
      name: 'an authority with the key of another one',
      spoil: (path) => writeFileSync(path('ca.key'), other.keyPem),
      message: /ca\.pem cannot be used: the key is that of another certificate$/,
      code: 'MCMP_CERTS_AUTHORITY',
    },
    {
      name: 'an authority that expired',
      spoil: (path) => {
        const expired = createAuthority({ name: 'old', days: -1 });
        writeFileSync(path('ca.pem'), expired.certPem);
        writeFileSync(path('ca.key'), expired.keyPem);
      },
      message: /ca\.pem expired: /,
      code: 'MCMP_CERTS_AUTHORITY',
    },
    {
      name: 'a certificate in the place of the authority',
      spoil: (path) => {
        const leaf = other.issue({ name: 'leaf', hosts: [], use: 'client' });
        writeFileSync(path('ca.pem'), leaf.certPem);
        writeFileSync(path('ca.key'), leaf.keyPem);
      },
      message: /ca\.pem is a certificate that may sign no others$/,
      code: 'MCMP_CERTS_AUTHORITY',
    },
    {
      name: 'certificates of another authority',
      spoil: (path) => {
        writeFileSync(path('ca.pem'), other.certPem);
        writeFileSync(path('ca.key'), other.keyPem);
      },
      message: /balancer\.pem is of another authority, or of another key$/,
      code: 'MCMP_CERTS_THERE',
    },
    {
      name: 'a certificate without its key',
      spoil: (path) => rmSync(path('node.key')),
      message: /node\.pem is there without node\.key$/,
      code: 'MCMP_CERTS_THERE',
    },
    {
      name: 'a key without its certificate',
      spoil: (path) => rmSync(path('operator.pem')),
      message: /operator\.pem is missing, and other files of its name are there$/,
      code: 'MCMP_CERTS_THERE',
    },
    {
      name: 'something else of that name',
      spoil: (path) => writeFileSync(path('operator.pem'), 'my notes'),
      message: /operator\.pem cannot be used: /,
      code: 'MCMP_CERTS_THERE',
    },
  ])('are refused before anything is written: $name', async ({ spoil, message, code }) => {
    const directory = newDirectory();
    await make(directory);
    spoil((name) => join(directory, name));
    const before = contentsOf(directory);
    await expect(make(directory, { node: ['node', 'new'] })).rejects.toMatchObject({
      kind: 'usage',
      code,
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
    expect(contentsOf(directory)).toEqual(before);
  });

  it('are said to have expired', async () => {
    const directory = newDirectory();
    const [authority, hour] = [createAuthority({ name: 'mine' }), 3_600_000];
    await make(directory);
    const [notBefore, notAfter] = [new Date(Date.now() - 48 * hour), new Date(Date.now() - 24 * hour)];
    const leaf = authority.issue({ name: 'operator', hosts: [], use: 'client', notBefore, notAfter });
    await make(directory, { force: true });
    for (const [name, { certPem, keyPem }] of Object.entries({ ca: authority, operator: leaf })) {
      writeFileSync(join(directory, `${name}.pem`), certPem);
      writeFileSync(join(directory, `${name}.key`), keyPem);
    }
    for (const name of ['balancer', 'node'])
      for (const end of ['pem', 'key']) rmSync(join(directory, `${name}.${end}`));
    rmSync(join(directory, 'node.p12'));
    const day = notAfter.toISOString().slice(0, 10);
    expect(devLines(await make(directory)).join('\n')).toContain(
      `client certificate; was there, EXPIRED ${day}: --force makes it anew`,
    );
  });
});

describe('the words for them', () => {
  it.each<{ args: Partial<DevArgs>; message: string }>([
    { args: { host: ['https://lb'] }, message: '--host https://lb: neither a name nor an address' },
    { args: { host: ['lb:8443'] }, message: '--host lb:8443: neither a name nor an address' },
    { args: { host: ['lb..example'] }, message: '--host lb..example: neither a name nor an address' },
    { args: { node: ['../node'] }, message: '--node ../node: the name becomes that of files' },
    { args: { node: ['.node'] }, message: '--node .node: the name becomes that of files' },
    { args: { client: ['a'.repeat(65)] }, message: `--client ${'a'.repeat(65)}: the name becomes that of files` },
    { args: { client: ['Node'] }, message: 'two certificates would have the name Node' },
    { args: { node: ['CA'] }, message: 'two certificates would have the name CA' },
    { args: { client: ['balancer'] }, message: 'two certificates would have the name balancer' },
    { args: { directory: 'a,b' }, message: 'a,b: a path with a comma cannot be given to --listen-tls' },
  ])('are refused: $message', ({ args, message }) => {
    expect(() => planDevCertificates({ ...DEFAULTS, directory: 'tls', ...args }, 'here')).toThrow(message);
  });

  it('leave out a name of this machine that cannot stand in a certificate', () => {
    const { leaves } = planDevCertificates({ ...DEFAULTS, directory: 'tls' }, "anna's laptop");
    expect(leaves[0]?.hosts).toEqual(['localhost', '127.0.0.1', '::1']);
  });

  it.each<{ host: string; opens: string; url: string }>([
    { host: 'localhost', opens: '', url: 'https://localhost:8090' },
    { host: '127.0.0.1', opens: '', url: 'https://127.0.0.1:8090' },
    {
      host: 'lb.example',
      opens: ' --mcmp :8090 --mcmp-allow any --mcmp-host lb.example',
      url: 'https://lb.example:8090',
    },
    {
      host: '*.example',
      opens: ' --mcmp :8090 --mcmp-allow any --mcmp-host www.example',
      url: 'https://www.example:8090',
    },
    { host: '2001:db8::1', opens: ' --mcmp :8090 --mcmp-allow any', url: 'https://[2001:db8::1]:8090' },
  ])('name a balancer that can be reached as $host', async ({ host, opens, url }) => {
    const lines = trialLines(await make(newDirectory(), { host: [host] })).map(({ command }) => command);
    expect(lines[0]?.endsWith(`ca.pem${opens}`)).toBe(true);
    expect(lines[1]).toContain(`--balancer ${shellWord(url)} `);
  });

  it('stand in columns, and in one document with the same commands', async () => {
    const directory = newDirectory();
    const certificates = await make(`${directory}/`);
    const lines = devLines(certificates);
    const columns = lines.slice(0, 10).map((line) => /^ {2}\S+ {2,}(?=\S)/.exec(line)?.[0].length);
    expect(columns).toEqual(Array(10).fill(`  ${join(directory, 'balancer.pem')}  `.length));
    const { commands, ...rest } = devDocument(certificates);
    expect(rest).toMatchObject({ schemaVersion: 1, directory, storePassword: 'changeit', authority: { made: true } });
    for (const { command } of commands) expect(lines).toContain(`  ${command}`);
  });

  it.runIf(process.platform === 'linux')('says at once that nothing can be made below /proc', async () => {
    await expect(make('/proc/certificates/of/today')).rejects.toMatchObject({ code: 'MCMP_CERTS_FILE' });
  });
});
