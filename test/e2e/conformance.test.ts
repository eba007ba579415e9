import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { DialectName } from '../../src/core/mcmp/dialect.ts';
import { runProgram, startProgram, temporaryDirectory } from '../cli/program/start-program.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { waitFor } from '../support/wait-for.ts';

interface Served {
  readonly mcmp: string;
  readonly traffic: string;
  readonly say: TestBalancer['mcmp'];
}

/** A balancer of ours in this process: the program that is looked at here is the judge. */
async function serve(dialect: DialectName = 'mcmp'): Promise<Served> {
  const { port, mcmpPort, mcmp } = await startTestBalancer({ dialect });
  return { mcmp: `http://127.0.0.1:${mcmpPort}`, traffic: `http://127.0.0.1:${port}`, say: mcmp };
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
    const { mcmp } = await serve('undertow');
    const right = await judge(mcmp, 'status/*', '--json');
    expect(right.stdout).toContain('"dialect":"undertow"');
    expect(right.code).toBe(0);
    const wrong = await judge(mcmp, 'status/load-out-of-range', '--dialect', 'httpd-2');
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain('status/load-out-of-range');
    expect(wrong.stdout).toContain('STATUS / HTTP/1.1');
  });

  it('puts several balancers on one page', async () => {
    const [one, two] = await Promise.all([serve(), serve('httpd-2')]);
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
    const { mcmp, traffic, say } = await serve();
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
    await waitFor(async () => /^context: /m.test((await say('DUMP')).body));
    program.child.kill('SIGINT');
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect(stdout).toContain('interrupted');
    expect((await say('DUMP')).body).not.toMatch(/^context: /m);
  });

  it("runs users' own cases, those of the documentation too", async () => {
    const { mcmp, traffic } = await serve();
    const file = fileURLToPath(new URL('../../examples/my-cases.mjs', import.meta.url));
    const { code, stdout } = await judge(mcmp, '--traffic', traffic, '--cases', file, 'shop/*', '--verbose');
    expect(stdout).toContain('shop/checkout-keeps-its-node');
    expect(stdout).toContain('2 passed');
    expect(code).toBe(0);
  });

  it('takes what a case of a user throws where nobody awaits it for the verdict of that case', async () => {
    const { mcmp } = await serve();
    const file = join(temporaryDirectory(), 'careless.mjs');
    writeFileSync(
      file,
      `const one = (id, run) => ({ id: 'careless/' + id, requirement: 'It is not.', level: 'may', lines: [], spec: 'test', run });
      const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      export const cases = ({ balancerCase, inAll, said }) => [
        one('timer', async () => { setTimeout(() => { throw new Error('from a timer'); }, 10); await rest(60000); }),
        one('promise', async () => { Promise.reject(new Error('from a promise')); await rest(60000); }),
        one('late', async () => { setTimeout(() => { throw new Error('when all was over'); }, 10); }),
        one('good', (trial) => trial.until('INFO twice', async () => { await trial.must('INFO'); await rest(100); return true; })),
      ].map((spec) => balancerCase({ ...spec, expected: inAll(said('nothing')) }));`,
    );
    const { code, stdout, stderr } = await judge(mcmp, '--cases', file, 'careless/*', '--format', 'tap');
    expect(stdout).toMatch(/not ok \d - careless\/timer.*?verdict: error.*?actual: "from a timer"/s);
    expect(stdout).toMatch(/not ok \d - careless\/promise.*?verdict: error.*?actual: "from a promise"/s);
    expect(stdout).toMatch(/^ok \d - careless\/late/m);
    expect(stdout).toMatch(/^ok \d - careless\/good/m);
    expect(stderr).toContain('careless/late threw after its end: when all was over');
    expect(code).toBe(1);
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
