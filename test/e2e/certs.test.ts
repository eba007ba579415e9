import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { commands } from '../../commands/index.ts';
import { parseLine } from '../../src/cli/parse-line.ts';
import { resolveSettings } from '../../src/cli/settings.ts';
import { startProgram, temporaryDirectory } from '../cli/program/start-program.ts';
import { freeAfter } from '../support/cleanup.ts';
import { programOf } from '../support/needs-program.ts';

const CURL = programOf(['curl'], 'curl', 'that curl trusts what mcmp certs dev makes');

async function certsDev(directory: string, ...words: string[]) {
  return startProgram(['certs', 'dev', ...words], { directory }).ended;
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

  it('prints commands that the shell and mcmp understand', async () => {
    const directory = temporaryDirectory();
    const { stdout } = await certsDev(directory, "it's", '--json');
    const { schemaVersion, commands: lines } = JSON.parse(stdout);
    expect(schemaVersion).toBe(1);
    const mcmp = lines.map(({ command }: { command: string }) => command).filter((line: string) => /^mcmp /.test(line));
    expect(mcmp.map((line: string) => line.split(' ', 2)[1])).toEqual(['serve', 'node-sim', 'send']);
    for (const line of mcmp.slice(1)) {
      const words = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' }).split('\0');
      const parsed = await parseLine(words.slice(1, -1), commands, 80);
      if (parsed.kind !== 'run') throw new Error(parsed.kind);
      const { command, flags } = parsed;
      const settings = resolveSettings(command.options, command, { flags, environment: {}, file: undefined });
      expect(settings.size).toBe(Object.keys(command.options).length);
    }
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
