import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freeAfter } from '../../support/cleanup.ts';
import { waitFor } from '../../support/wait-for.ts';

const page = readFileSync(new URL('../../../docs/sidecar.md', import.meta.url), 'utf8');
const SCRIPTS = [...page.matchAll(/```sh\n(#!.*?)```/gs)].map(([, script = '']) => script);

/** Says who it is, and each SIGTERM, after which it ends a little later, so that an order can be seen; SIGUSR2 is its death. */
const program = (name: string): string => `
process.on('SIGTERM', () => {
  console.log('${name}: SIGTERM');
  setTimeout(() => { console.log('${name}: end'); process.exit(0); }, 200);
});
process.on('SIGUSR2', () => process.exit(7));
setInterval(() => {}, 1000);
console.log('${name} ' + process.pid + ': ' + process.argv.slice(2).join(' '));
`;

interface Entrypoint {
  readonly process: ChildProcess;
  said(): string[];
  /** Exit code of the shell. */
  readonly ended: Promise<number | null>;
}

/** Runs a script of the page where `mcmp` and `server.js` only say what happens to them. */
function run(script: string, args: readonly string[]): Entrypoint {
  const folder = mkdtempSync(join(tmpdir(), 'entrypoint-'));
  writeFileSync(join(folder, 'entrypoint.sh'), script);
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, 'server.js'), program('application'));
  writeFileSync(join(folder, 'sidecar.js'), program('sidecar'));
  writeFileSync(join(folder, 'mcmp'), `#!/bin/sh\nexec node '${join(folder, 'sidecar.js')}' "$@"\n`);
  chmodSync(join(folder, 'mcmp'), 0o755);
  const path = [folder, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  const child = spawn('/bin/sh', ['entrypoint.sh', ...args], {
    cwd: folder,
    detached: true,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  freeAfter(() => {
    // Of its own group: what the shell left behind, as the end of a container would end it.
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
    rmSync(folder, { recursive: true, force: true });
  });
  return { process: child, said: () => text.split('\n').filter((line) => line !== ''), ended };
}

describe.skipIf(process.platform === 'win32')('the entrypoints of docs/sidecar.md', () => {
  test('the page has two', () => {
    expect(SCRIPTS.length).toBe(2);
  });

  test('the short one: the sidecar has the place of the shell, hears SIGTERM, and ends the container with 0', async () => {
    const { process: shell, said, ended } = run(SCRIPTS[0] ?? '', []);
    await waitFor(() => said().length === 2);
    expect(said().find((line) => line.startsWith('sidecar'))).toMatch(/^sidecar \d+: node-sim --upstream http:/);
    shell.kill('SIGTERM');
    expect(await ended).toBe(0);
    await waitFor(() => said().includes('sidecar: end'));
    expect(said()).not.toContain('application: SIGTERM');
  });

  test('the long one: the sidecar has gone before the application hears of it, and the code is that of the application', async () => {
    const { process: shell, said, ended } = run(SCRIPTS[1] ?? '', ['node', 'server.js', 'words']);
    await waitFor(() => said().length === 2);
    expect(said().find((line) => line.startsWith('application'))).toMatch(/: words$/);
    shell.kill('SIGTERM');
    expect(await ended).toBe(0);
    const after = ['sidecar: SIGTERM', 'sidecar: end', 'application: SIGTERM', 'application: end'];
    await waitFor(() => said().length === 6);
    expect(said().slice(2)).toEqual(after);
  });

  test('the long one: when the application dies, the sidecar leaves, and the code is that of the application', async () => {
    const { said, ended } = run(SCRIPTS[1] ?? '', ['node', 'server.js']);
    await waitFor(() => said().length === 2);
    const [, pid] = /^application (\d+):/m.exec(said().join('\n')) ?? [];
    process.kill(Number(pid), 'SIGUSR2');
    expect(await ended).toBe(7);
    await waitFor(() => said().includes('sidecar: end'));
    expect(said()).not.toContain('application: SIGTERM');
  });
});
