import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runProgram, startProgram, temporaryDirectory } from '../cli/program/start-program.ts';

interface Served {
  readonly mcmp: string;
  readonly traffic: string;
}

async function serve(...flags: readonly string[]): Promise<Served> {
  const words = ['serve', '--json', '--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0', ...flags];
  const program = startProgram(words);
  const [line] = await program.written('stdout', /\{.*"event":"ready".*\}/);
  const { listen, mcmp } = JSON.parse(line) as { listen: string[]; mcmp: string[] };
  return { mcmp: `http://${mcmp[0]}`, traffic: `http://${listen[0]}` };
}

const judge = (...words: readonly string[]) => runProgram(['conformance', 'balancer', ...words]);

describe('mcmp conformance balancer', () => {
  it('judges a balancer of ours, finds nothing, and ends with 0', async () => {
    const { mcmp, traffic } = await serve();
    const { code, stdout } = await judge(mcmp, '--traffic', traffic, 'status/*', 'routing/*');
    expect(stdout).toMatch(/✔ status/);
    expect(stdout).toMatch(/\d+ passed/);
    expect(code).toBe(0);
  });

  it('recognises the dialect, and fails a balancer that is judged by another one', async () => {
    const { mcmp } = await serve('--dialect', 'undertow');
    const right = await judge(mcmp, 'status/*', '--json');
    expect(right.stdout).toContain('"dialect":"undertow"');
    expect(right.code).toBe(0);
    const wrong = await judge(mcmp, 'status/load-out-of-range', '--dialect', 'httpd-2');
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain('status/load-out-of-range');
    expect(wrong.stdout).toContain('STATUS / HTTP/1.1');
  });

  it('puts several balancers on one page', async () => {
    const [one, two] = await Promise.all([serve(), serve('--dialect', 'httpd-2')]);
    const html = join(temporaryDirectory(), 'report.html');
    const { code } = await judge(one.mcmp, two.mcmp, 'status/*', '--html', html);
    expect(code).toBe(0);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain(new URL(one.mcmp).host);
    expect(page).toContain(new URL(two.mcmp).host);
  });

  it('knows deviations from a baseline, and tells only news', async () => {
    const { mcmp } = await serve();
    const baseline = join(temporaryDirectory(), 'known.json');
    const words = [mcmp, 'status/*', '--dialect', 'undertow', '--baseline', baseline];
    expect((await judge(...words)).code).not.toBe(0);
    expect((await judge(...words, '--update-baseline')).code).toBe(0);
    expect(existsSync(baseline)).toBe(true);
    expect((await judge(...words)).code).toBe(0);
    expect((await judge(...words.slice(0, 1), 'wire/*', ...words.slice(1))).code).toBe(1);
  });

  it('says once that a balancer cannot be reached, and ends with 3', async () => {
    const { code, stderr } = await judge('http://127.0.0.1:1', 'status/*');
    expect(code).toBe(3);
    expect(stderr.match(/cannot connect/g)).toHaveLength(1);
  });

  it('ends with 2 when nothing is selected, and suggests what was meant', async () => {
    const { code, stderr } = await judge('http://127.0.0.1:1', 'status/unknown-rout');
    expect(code).toBe(2);
    expect(stderr).toContain('status/unknown-route');
  });

  it('lists cases without a balancer, and plans with one', async () => {
    const list = await judge('--list', 'status/*');
    expect(list.stdout).toMatch(/^status\/unknown-route +must +\S/m);
    const { mcmp } = await serve();
    const plan = await judge(mcmp, 'status/*', 'routing/*', '--dry-run');
    expect(plan.stdout).toMatch(/is mcmp .*judged as mcmp/);
    expect(plan.stdout).toMatch(/\d+ +needs the address of its web traffic: --traffic URL/);
  });

  it('removes its nodes when it is interrupted', async () => {
    const { mcmp, traffic } = await serve();
    const file = join(temporaryDirectory(), 'slow.mjs');
    writeFileSync(
      file,
      `export const cases = ({ balancerCase, inAll, said }) => [balancerCase({
        id: 'slow/waits', requirement: 'It waits.', level: 'may', lines: [], spec: 'test', expected: inAll(said('nothing')),
        deadlineMs: 60000,
        async run(trial) { await trial.node(); await trial.until('never', async () => false); },
      })];`,
    );
    const program = startProgram([
      'conformance',
      'balancer',
      mcmp,
      '--traffic',
      traffic,
      '--cases',
      file,
      'slow/waits',
    ]);
    const nodes = async (): Promise<string> => (await runProgram(['send', 'INFO', '--balancer', mcmp])).stdout;
    await expect.poll(nodes, { timeout: 10_000 }).toContain('cfr-');
    program.child.kill('SIGINT');
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect(stdout).toContain('interrupted');
    expect((await runProgram(['send', 'DUMP', '--balancer', mcmp])).stdout).toContain('no contexts');
  });

  it("runs users' own cases, those of the documentation too", async () => {
    const { mcmp, traffic } = await serve();
    const file = fileURLToPath(new URL('../../examples/my-cases.mjs', import.meta.url));
    const { code, stdout } = await judge(mcmp, '--traffic', traffic, '--cases', file, 'shop/*', '--verbose');
    expect(stdout).toContain('shop/checkout-keeps-its-node');
    expect(stdout).toContain('2 passed');
    expect(code).toBe(0);
  });
});

describe('what makes no sense is said before anything runs', () => {
  it.each([
    [
      'a feature that no case asks for',
      ['balancer', 'http://127.0.0.1:1', '--with', 'use-alais'],
      /Did you mean use-alias/,
    ],
    ['an address of a node', ['node', 'http://127.0.0.1:1'], /a node has no address to be judged at/],
  ])('%s', async (_, words, message) => {
    const { code, stderr } = await runProgram(['conformance', ...words]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('an address to listen on that is taken', async () => {
    const { mcmp } = await serve();
    for (const start of [[], ['--start', 'true']]) {
      const words = ['conformance', 'node', '--listen', new URL(mcmp).host, ...start];
      const { code, stderr } = await runProgram(words);
      expect(stderr).toContain(`the judge cannot listen on ${new URL(mcmp).host}: the port is taken (MCMP_LISTEN)`);
      expect(code).toBe(3);
    }
  });
});
