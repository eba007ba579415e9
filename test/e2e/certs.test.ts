import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startProgram, temporaryDirectory } from '../cli/program/start-program.ts';
import { freeAfter } from '../support/cleanup.ts';
import { programOf } from '../support/needs-program.ts';

const CURL = programOf(['curl'], 'curl', 'that curl trusts what mcmp certs dev makes');

async function certsDev(directory: string, ...words: string[]) {
  return startProgram(['certs', 'dev', ...words], { directory }).ended;
}

/** What a shell makes of a line. */
function shellWords(line: string): string[] {
  return execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

/** The words behind the name of the program, with another port. */
function wordsOf(words: readonly string[] | undefined, usual: string, port: string): string[] {
  return (words ?? []).slice(1).map((word) => word.replace(usual, port));
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':'));
}

/** Tells over TLS everybody who has a certificate of the authority who they are. */
async function startServer(directory: string): Promise<number> {
  const read = (name: string): Buffer => readFileSync(join(directory, name));
  const identity = { cert: read('balancer.pem'), key: read('balancer.key') };
  const server = createServer({ ...identity, ca: read('ca.pem'), requestCert: true }, (socket) => {
    const body = `you are ${socket.getPeerCertificate().subject.CN}`;
    socket.on('error', () => socket.destroy());
    socket.once('data', () =>
      socket.end(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    );
  });
  freeAfter(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('mcmp certs dev', () => {
  it('makes what a balancer and its clients trust each other with', async () => {
    const directory = temporaryDirectory();
    const { code, stdout, stderr } = await certsDev(directory, 'my tls');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ {2}my tls\/ca\.pem {8}certificate of the authority/);
    expect((statSync(join(directory, 'my tls', 'ca.key')).mode & 0o777).toString(8)).toBe('600');
    const tls = join(directory, 'my tls');
    const url = `https://localhost:${await startServer(tls)}`;
    const files = ['--ca', 'my tls/ca.pem', '--cert', 'my tls/operator.pem', '--key', 'my tls/operator.key'];
    const sent = await startProgram(['send', 'INFO', '--raw', '--balancer', url, ...files], { directory }).ended;
    expect(sent.stdout).toContain('you are operator');
    if (CURL === undefined) return;
    const curl = ['-sS', '--cacert', 'ca.pem', '--cert', 'node.pem', '--key', 'node.key', url];
    expect((await promisify(execFile)(CURL, curl, { cwd: tls })).stdout).toBe('you are node');
  });

  it('prints commands that a shell and mcmp understand, and that work together', async () => {
    const directory = temporaryDirectory();
    const { stdout } = await certsDev(directory, "anna's tls", '--json');
    const document = JSON.parse(stdout);
    expect(document.schemaVersion).toBe(1);
    const lines: string[] = document.commands.map(({ command }: { command: string }) => command);
    const [serve, nodeSim, send, curl] = lines.map(shellWords);
    // The usual ports may be taken, so free ones stand in for them.
    const anyPort = [...wordsOf(serve, ':8443', '127.0.0.1:0'), '--mcmp', '127.0.0.1:0', '--json'];
    const balancer = startProgram(anyPort, { directory });
    const [ready] = await balancer.written('stdout', /^.*\n/);
    const { listen, mcmp } = JSON.parse(ready);
    const node = startProgram(wordsOf(nodeSim, ':8090', portOf(mcmp[0])), { directory });
    await node.written('stderr', /"registered":1/);
    const info = await startProgram(wordsOf(send, ':8090', portOf(mcmp[0])), { directory }).ended;
    expect(info.stdout).toMatch(/node .*\/app/s);
    if (CURL === undefined) return;
    const words = ['-sS', '-H', 'Accept: text/plain', ...wordsOf(curl, ':8443', portOf(listen[0]))];
    expect((await promisify(execFile)(CURL, words, { cwd: directory })).stdout).toContain('node');
  });

  it('leaves everything as it was when it is run again, and says so', async () => {
    const directory = temporaryDirectory();
    await certsDev(directory, 'tls');
    const before = readFileSync(join(directory, 'tls', 'balancer.pem'), 'utf8');
    const { code, stdout } = await certsDev(directory, 'tls');
    expect(code).toBe(0);
    expect(stdout.match(/; was there, until/g)?.length).toBe(4);
    expect(readFileSync(join(directory, 'tls', 'balancer.pem'), 'utf8')).toBe(before);
  });

  it.each([
    { words: ['tls', '--days', '398'], message: '--days' },
    { words: ['tls', '--key', 'dsa'], message: '--key' },
    { words: ['tls', '--host', 'a b'], message: '--host a b' },
    { words: ['/dev/null/tls'], message: '/dev/null/tls' },
    { words: [], message: 'directory' },
  ])('refuses $words with exit code 2', async ({ words, message }) => {
    const { code, stdout, stderr } = await certsDev(temporaryDirectory(), ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
