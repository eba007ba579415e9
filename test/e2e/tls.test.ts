import { execFile } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Credentials } from '../../src/certs/index.ts';
import { type Program, startProgram, temporaryDirectory } from '../cli/program/start-program.ts';
import { testCertificates } from '../support/certificates.ts';
import { programOf } from '../support/needs-program.ts';
import { openTls } from '../support/tls-client.ts';
import { waitFor } from '../support/wait-for.ts';

const openssl = programOf(['openssl'], 'openssl', 'TLS of mcmp serve, seen by openssl s_client');
const curl = programOf(['curl'], 'curl', 'TLS of mcmp serve, seen by curl');
const { server, client, ca, authority, unknown, expired } = testCertificates();
const site = authority.issue({ name: 'site', hosts: ['site.example'], use: 'server' });
const renewed = authority.issue({ name: 'renewed', hosts: ['localhost', '127.0.0.1'], use: 'server' });

/** As `mcmp certs dev` and every other tool write them. */
function write(directory: string, name: string, { certPem, keyPem }: Credentials): void {
  for (const [file, text] of [
    [`${name}.pem`, certPem],
    [`${name}.key`, keyPem],
  ] as const) {
    writeFileSync(join(directory, `${file}.new`), text, { mode: 0o600 });
    renameSync(join(directory, `${file}.new`), join(directory, file));
  }
}

function directoryWith(certificates: Readonly<Record<string, Credentials>>): string {
  const directory = temporaryDirectory();
  for (const [name, credentials] of Object.entries(certificates)) write(directory, name, credentials);
  writeFileSync(join(directory, 'ca.pem'), ca);
  return directory;
}

const ADDRESSES = ['--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0', '--json', '--log-level', 'debug'];

interface Running {
  readonly program: Program;
  readonly directory: string;
  readonly port: number;
  readonly mcmpPort: number;
  readonly ready: Readonly<Record<string, readonly string[]>>;
}

async function serve(certificates: Readonly<Record<string, Credentials>>, ...words: string[]): Promise<Running> {
  const directory = directoryWith(certificates);
  const program = startProgram(['serve', ...ADDRESSES, ...words], { directory });
  const [line] = await program.written('stdout', /\{.*"event":"ready".*\}/);
  const ready = JSON.parse(line);
  const portOf = (address: string): number => Number(address.split(':')[1]);
  return { program, directory, ready, port: portOf(ready.listen[0]), mcmpPort: portOf(ready.mcmp[0]) };
}

/** Runs to its end, with nothing to read. @returns all that it wrote */
async function run(path: string, words: readonly string[], directory?: string): Promise<string> {
  return await new Promise((resolve) => {
    const child = execFile(path, words, { timeout: 15_000, cwd: directory }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    child.stdin?.end();
  });
}

async function shown(port: number): Promise<string> {
  const socket = await openTls(port);
  const name = String(socket.getPeerCertificate().subject.CN);
  socket.destroy();
  return name;
}

describe('mcmp serve with --listen-tls and --mcmp-tls', () => {
  const both = ['--listen-tls', 'server.pem,server.key', '--mcmp-tls', 'server.pem,server.key,ca.pem'];

  it('says when it is ready which addresses are encrypted', async () => {
    const { ready, program } = await serve({ server }, ...both);
    expect(ready['encrypted']).toEqual([...(ready['listen'] ?? []), ...(ready['mcmp'] ?? [])]);
    await program.written('stderr', /"message":"ready","fields":\{.*"encrypted":"127\.0\.0\.1:\d+,127\.0\.0\.1:\d+"/);
  });

  it('shows a new certificate after SIGHUP, while a connection that stands goes on', async () => {
    const { program, directory, port } = await serve({ server }, ...both);
    const old = connect({ port, host: '127.0.0.1', ca });
    await new Promise((resolve) => old.once('secureConnect', resolve));
    write(directory, 'server', renewed);
    program.child.kill('SIGHUP');
    await program.written('stderr', /the configuration has been read again","fields":\{"needRestart":"none"/);
    expect(await shown(port)).toBe('renewed');
    old.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(String(await new Promise((resolve) => old.once('data', resolve)))).toMatch(/^HTTP\/1\.1 404 /);
    old.destroy();
  });

  it('keeps the old certificate when the new file is broken, and says so', async () => {
    const { program, directory, port } = await serve({ server }, ...both);
    writeFileSync(join(directory, 'server.pem'), 'not finished yet');
    program.child.kill('SIGHUP');
    await program.written(
      'stderr',
      /was not reloaded; what runs stays as it is.*server\.pem holds no certificate in PEM.*hint.*BEGIN CERTIFICATE/,
    );
    expect(await shown(port)).toBe('localhost');
    write(directory, 'server', renewed);
    program.child.kill('SIGHUP');
    await program.written('stderr', /has been read again/);
    expect(await shown(port)).toBe('renewed');
  });

  it.each([
    [
      'a key of another certificate',
      ['--listen-tls', 'server.pem,client.key'],
      /client\.key is not that of the certificate server\.pem/,
    ],
    [
      'a file that is missing',
      ['--mcmp-tls', 'nothing.pem,server.key'],
      /cannot read nothing\.pem: there is no such file/,
    ],
    ['too few files', ['--listen-tls', 'server.pem'], /--listen-tls server\.pem does not name two files/],
    ['what is no address', ['--listen-tls', 'server.pem,server.key,ca.pem'], /server\.pem is no address/],
    ['owners by certificate without certificates', ['--mcmp-route-owner', 'cert'], /nobody asks for them/],
    [
      'an address that is plain and encrypted',
      ['--listen-tls', '127.0.0.1:18446,server.pem,server.key', '--listen', '127.0.0.1:18446'],
      /is not encrypted, and one of --listen-tls/,
    ],
  ] satisfies [string, string[], RegExp][])('does not start with %s', async (_, words, message) => {
    const directory = directoryWith({ server, client });
    const { code, stderr } = await startProgram(['serve', ...ADDRESSES, ...words], { directory }).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('tells a client of ours that it has to show a certificate, or another one', async () => {
    const { mcmpPort, directory } = await serve({ server, stranger: unknown.client }, ...both);
    const send = (...words: string[]): Promise<{ readonly code: number | null; readonly stderr: string }> =>
      startProgram(['send', 'INFO', '--balancer', `https://127.0.0.1:${mcmpPort}`, '--ca', 'ca.pem', ...words], {
        directory,
      }).ended;
    const without = await send();
    expect(without.code).toBe(4);
    expect(without.stderr).toMatch(/wants a certificate of its clients, and this client shows none[\s\S]*--cert FILE/);
    const stranger = await send('--cert', 'stranger.pem', '--key', 'stranger.key');
    expect(stranger.code).toBe(4);
    expect(stranger.stderr).toMatch(/does not take the one that is shown/);
  });

  it('starts with an expired certificate, and says loudly since when', async () => {
    const { program } = await serve({ old: expired }, '--listen-tls', 'old.pem,old.key');
    await program.written('stderr', /"level":"warn".*old\.pem: the certificate CN=localhost expired at \d{4}-/);
  });
});

describe.skipIf(openssl === undefined)('openssl s_client', () => {
  const at = (port: number, ...words: string[]): Promise<string> =>
    run(openssl ?? '', ['s_client', '-connect', `127.0.0.1:${port}`, ...words]);

  it('is refused with TLS 1.1, and let in with 1.2 and 1.3', async () => {
    const { port, program } = await serve({ server }, '--listen-tls', 'server.pem,server.key');
    const old = await at(port, '-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0');
    expect(old).toMatch(/alert protocol version|no protocols available/);
    expect(await at(port, '-tls1_2')).toMatch(/New, TLSv1\.2, Cipher is ECDHE-ECDSA-AES128-GCM-SHA256/);
    expect(await at(port, '-tls1_3')).toMatch(/New, TLSv1\.3, Cipher is TLS_AES_/);
    await program.written('stderr', /"A TLS handshake failed".*no TLS later than 1\.1/);
  });

  it('renegotiates nothing, and compresses nothing', async () => {
    const { port } = await serve({ server }, '--listen-tls', 'server.pem,server.key');
    const text = await at(port, '-tls1_2');
    expect(text).toContain('Secure Renegotiation IS supported');
    expect(text).toContain('Compression: NONE');
  });

  it('gets the certificate for the name that it asks for', async () => {
    const words = ['--listen-tls', 'server.pem,server.key', '--listen-tls', 'site.pem,site.key'];
    const { port } = await serve({ server, site }, ...words);
    expect(await at(port, '-servername', 'site.example')).toMatch(/subject=CN ?= ?site/);
    expect(await at(port, '-servername', 'other.example')).toMatch(/subject=CN ?= ?localhost/);
    expect(await at(port, '-noservername')).toMatch(/subject=CN ?= ?localhost/);
  });

  it('agrees on a protocol, or is refused', async () => {
    const { port } = await serve({ server }, '--listen-tls', 'server.pem,server.key');
    expect(await at(port, '-alpn', 'http/1.1')).toContain('ALPN protocol: http/1.1');
    expect(await at(port, '-alpn', 'spdy/3')).toMatch(/no application protocol/);
  });

  it('is told why it has to show a certificate, and let in with one', async () => {
    const { mcmpPort, directory, program } = await serve(
      { server, client, stranger: unknown.client },
      '--mcmp-tls',
      'server.pem,server.key,ca.pem',
    );
    const ask = (...words: string[]): Promise<string> =>
      run(openssl ?? '', ['s_client', '-connect', `127.0.0.1:${mcmpPort}`, '-ign_eof', ...words], directory);
    expect(await ask()).toMatch(/HTTP\/1\.1 403 [\s\S]*a client certificate is required here/);
    expect(await ask('-cert', 'stranger.pem', '-key', 'stranger.key')).toMatch(/HTTP\/1\.1 403 [\s\S]*was refused/);
    await program.written('stderr', /of an authority that we do not know: CN=node1 of CN=unknown authority/);
  });

  it('is heard when it does not trust us', async () => {
    const { port, directory, program } = await serve({ server }, '--listen-tls', 'server.pem,server.key');
    await run(openssl ?? '', ['s_client', '-connect', `127.0.0.1:${port}`, '-verify_return_error'], directory);
    await program.written('stderr', /"A TLS handshake failed".*does not know the authority of our certificate/);
  });
});

describe.skipIf(curl === undefined)('curl', () => {
  it('is let in with --cacert, and with a client certificate where one is asked for', async () => {
    const words = ['--listen-tls', 'server.pem,server.key', '--mcmp-tls', 'server.pem,server.key,ca.pem'];
    const { port, mcmpPort, directory } = await serve({ server, client }, ...words);
    const ask = (...more: string[]): Promise<string> =>
      run(curl ?? '', ['-sS', '--http1.1', '--cacert', 'ca.pem', ...more], directory);
    expect(await ask(`https://127.0.0.1:${port}/`)).toMatch(/^404 /);
    expect(
      await ask('--cert', 'client.pem', '--key', 'client.key', `https://127.0.0.1:${mcmpPort}/healthz`),
    ).not.toMatch(/403|curl:/);
    expect(await ask(`http://127.0.0.1:${port}/`)).toBe('400 this port speaks TLS; use https (tls-port)\n');
  });

  it('is told by an alert that a port does not speak TLS', async () => {
    const { port, program } = await serve({ server });
    expect(await run(curl ?? '', ['-sS', '-k', `https://127.0.0.1:${port}/`])).toMatch(/alert unexpected message/);
    await program.written('stderr', /A client speaks TLS at a port without TLS/);
    await waitFor(() => program.child.exitCode === null);
  });
});
