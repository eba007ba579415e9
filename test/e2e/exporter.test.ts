import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Program, startProgram } from '../cli/program/start-program.ts';
import { fetchText, linesOf } from '../exporter/exporters.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { openRaw } from '../support/raw-http.ts';
import { startScriptedBalancer } from '../support/scripted-balancer.ts';
import { waitFor } from '../support/wait-for.ts';

const FREE_PORT = ['--listen', '127.0.0.1:0'] as const;

async function portOf(program: Program): Promise<number> {
  const [line] = await program.written('stdout', /^.*\n/);
  const { schemaVersion, event, listen } = JSON.parse(line);
  expect({ schemaVersion, event }).toEqual({ schemaVersion: 1, event: 'ready' });
  return Number(String(listen[0]).split(':')[1]);
}

describe('mcmp exporter', () => {
  it('shows a balancer of another process, and ends when it is told to', async () => {
    const balancer = startProgram(['serve', '--json', '--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0']);
    const [ready] = await balancer.written('stdout', /^.*\n/);
    const url = `http://${JSON.parse(ready).mcmp[0]}`;
    const node = startProgram(['node-sim', '--json', '--balancer', url, '--contexts', '/shop', '--load', '42']);
    const exporter = startProgram(['exporter', '--json', '--target', url, ...FREE_PORT, '--cache', '0s']);
    const port = await portOf(exporter);
    const load = `{target="${url}",node="node"} 42`;
    await waitFor(async () => linesOf((await fetchText(port, '/metrics')).body, 'mcmp_node_load').includes(load));
    const { body } = await fetchText(port, '/metrics');
    expect(linesOf(body, 'mcmp_context_state')).toEqual([
      `{target="${url}",node="node",host="localhost",context="/shop"} 1`,
    ]);
    exporter.child.kill('SIGTERM');
    expect(await exporter.ended).toMatchObject({ code: 0, signal: null });
    expect(node.child.exitCode).toBeNull();
  });

  it('lets a scrape that runs finish before it ends', async () => {
    let answer: () => void = () => {};
    const told = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const peer = await startScriptedBalancer(async () => {
      await told;
      return { headers: { 'Content-Type': 'text/plain', Server: 'mod_proxy_cluster/2.0.0', Connection: 'close' } };
    });
    freeAfter(() => peer.close());
    const exporter = startProgram(['exporter', '--json', '--target', peer.url, ...FREE_PORT]);
    const scraper = await openRaw(await portOf(exporter));
    scraper.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await waitFor(() => peer.requests.length > 0);
    exporter.child.kill('SIGTERM');
    await exporter.written('stderr', /stopping/);
    answer();
    expect((await scraper.closed()).text).toContain(`mcmp_target_up{target="${peer.url}"} 1`);
    expect(await exporter.ended).toMatchObject({ code: 0 });
  });

  it('ends at once at a second signal', async () => {
    const peer = await startScriptedBalancer(() => 'silence');
    freeAfter(() => peer.close());
    const exporter = startProgram(['exporter', '--json', '--target', peer.url, ...FREE_PORT, '--timeout', '60s']);
    const scraper = await openRaw(await portOf(exporter));
    scraper.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await waitFor(() => peer.requests.length > 0);
    exporter.child.kill('SIGTERM');
    await exporter.written('stderr', /stopping/);
    exporter.child.kill('SIGINT');
    expect(await exporter.ended).toMatchObject({ code: 130 });
  });

  it.each([
    ['an address for others without --allow', ['--listen', ':0'], 2, /--allow/],
    ['a target that is no URL', ['--target', 'ftp://x'], 2, /http:\/\/ or https:\/\//],
    ['a CA that is not there', ['--ca', 'none.pem'], 2, /cannot read none\.pem/],
    ['an address that is not ours', ['--listen', '192.0.2.1:1', '--allow', 'any'], 3, /cannot listen/],
  ])('refuses %s', async (_, words, code, stderr) => {
    const result = await startProgram(['exporter', ...words]).ended;
    expect(result.stderr).toMatch(stderr);
    expect(result.code).toBe(code);
  });

  it('says what it would do', async () => {
    const words = [
      'exporter',
      '--print-config',
      '--json',
      '--target',
      'lb1:6666',
      '--target',
      'https://lb2',
      '--cache',
      '2',
    ];
    const { stdout, code } = await startProgram(words).ended;
    expect(code).toBe(0);
    const { settings } = JSON.parse(stdout);
    expect(settings).toContainEqual(
      expect.objectContaining({ name: 'target', value: ['http://lb1:6666', 'https://lb2'], origin: 'flag' }),
    );
  });
});

describe('examples/survey.mjs', () => {
  const file = fileURLToPath(new URL('../../examples/survey.mjs', import.meta.url));

  it('stands in docs/client.md as it is', () => {
    const page = readFileSync(new URL('../../docs/client.md', import.meta.url), 'utf8');
    expect(page).toContain(`\`\`\`js\n${readFileSync(file, 'utf8')}\`\`\`\n`);
  });

  it('runs as written', async () => {
    const [a, b] = [await startTestBalancer(), await startTestBalancer()];
    await a.register('n1', 9, { load: null });
    const urls = [a, b].map(({ mcmpPort }) => `http://127.0.0.1:${mcmpPort}`);
    const child = spawn(process.execPath, [file, ...urls, 'http://127.0.0.1:1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    freeAfter(() => {
      child.kill('SIGKILL');
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(output).toMatch(new RegExp(`^${urls[0]}: mcmp \\S+, 1 nodes, \\d+ ms$`, 'm'));
    expect(output).toMatch(/^http:\/\/127\.0\.0\.1:1: cannot connect .*\n {2}Is the balancer running/m);
    expect(output).toContain(`node n1: known at ${urls[0]}, not known at ${urls[1]}\n`);
  });
});
