import { describe, expect, it } from 'vitest';
import { type Result, startProgram } from '../cli/program/start-program.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import { runHere } from '../support/run-here.ts';
import { waitFor } from '../support/wait-for.ts';

const urlOf = ({ mcmpPort }: TestBalancer): string => `http://127.0.0.1:${mcmpPort}`;

function drain(...words: readonly string[]) {
  return startProgram(['drain', ...words, '--interval', '50ms']);
}

/** The same in this process, where nothing of the process itself is looked at. */
function drainHere(...words: readonly string[]) {
  return runHere(['drain', ...words, '--interval', '50ms']);
}

/** Two balancers that both know two nodes; requests to `/app/slow` of the first node wait. */
async function scene(): Promise<{ lbs: [TestBalancer, TestBalancer]; held: (() => void)[]; both: string[] }> {
  const held: (() => void)[] = [];
  const first = await startNode('n1', (incoming, response) => {
    if (incoming.url?.endsWith('/slow') === true) held.push(() => response.end('late'));
    else response.end('n1');
  });
  const second = await startNode('n2');
  const lbs: [TestBalancer, TestBalancer] = [await startTestBalancer(), await startTestBalancer()];
  for (const lb of lbs) {
    await lb.register('n1', first.port, { contexts: '/app,/api' });
    await lb.register('n2', second.port, { contexts: '/api', load: 1 });
  }
  return { lbs, held, both: lbs.flatMap((lb) => ['--balancer', urlOf(lb)]) };
}

async function statuses(lb: TestBalancer): Promise<string> {
  const { body } = await lb.mcmp('INFO');
  return [...body.matchAll(/Context: \[\d+:\d+:\d+\], Context: (\S+), Status: (\w+)/g)]
    .map(([, ...parts]) => parts.join(' '))
    .join(', ');
}

const documents = ({ stdout }: Pick<Result, 'stdout'>): Record<string, unknown>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('mcmp drain', () => {
  it('drains at two balancers, waits for what runs, and ends with 0', async () => {
    const { lbs, held, both } = await scene();
    const slow = lbs[1].get('/app/slow');
    await waitFor(() => held.length === 1);
    const program = drain('n1', ...both, '--yes');
    await program.written('stdout', /disabled, waiting \(1 request in flight\)/);
    for (const answer of held) answer();
    const { code, stdout } = await program.ended;
    expect((await slow).body).toContain('late');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Drain node n1: 2 contexts of 1 node \(2 balancers\)$/m);
    expect(stdout).toMatch(new RegExp(`^${urlOf(lbs[0])} {2}drained \\(seen by requests per context\\)$`, 'm'));
    expect(stdout).toMatch(/^Drained, after \S+$/m);
    for (const lb of lbs) expect(await statuses(lb)).toBe('/app STOPPED, /api STOPPED, /api ENABLED');
  });

  it('tells it in JSON lines that stay the same', async () => {
    const { both } = await scene();
    const result = await drainHere('n1:/api', ...both, '--json');
    expect(result.code).toBe(0);
    const [plan, ...rest] = documents(result);
    expect(plan).toMatchObject({
      schemaVersion: 1,
      event: 'plan',
      title: 'Drain /api on n1 (2 balancers)',
      counts: { contexts: 1, nodes: 1, targets: 2, unchanged: 0 },
      danger: { level: 'ask' },
      targets: [{ brand: 'mcmp', how: 'requests per context' }, {}],
    });
    expect(new Set(rest.slice(0, -1).map(({ event }) => event))).toEqual(new Set(['progress']));
    expect(rest.at(-1)).toMatchObject({
      schemaVersion: 1,
      event: 'outcome',
      end: 'drained',
      targets: [{ state: 'drained', requests: 0 }, { state: 'drained' }],
      toUndo: [],
    });
  });

  it('times out with 6 and says how to undo it, or with 1 when it has undone it', async () => {
    const { lbs, both } = await scene();
    const briefly = ['--wait', '1m', '--timeout', '1500ms'];
    const left = await drainHere('n1:/app', ...both, '--yes', ...briefly);
    expect([left.code, left.stdout]).toEqual([6, expect.stringMatching(/Timed out/)]);
    expect(left.stdout).toContain(
      `mcmp send ENABLE-APP JVMRoute=n1 Alias=localhost Context=/app --balancer ${urlOf(lbs[0])}`,
    );
    expect(await statuses(lbs[0])).toContain('/app DISABLED');
    for (const lb of lbs) await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
    const undone = await drainHere('n1:/app', ...both, '--yes', ...briefly, '--undo-on-timeout');
    expect([undone.code, undone.stdout]).toEqual([1, expect.stringMatching(/^Undone \(timed out\), after/m)]);
    for (const lb of lbs) expect(await statuses(lb)).toBe('/app ENABLED, /api ENABLED, /api ENABLED');
  });

  it('asks nobody when nobody is there: a last enabled place needs --yes', async () => {
    const { lbs, both } = await scene();
    const { code, stderr } = await drain('n1', ...both).ended;
    expect([code, stderr]).toEqual([2, expect.stringMatching(/\/app: its last enabled place.*\n.*--yes/)]);
    expect(await statuses(lbs[0])).toBe('/app ENABLED, /api ENABLED, /api ENABLED');
  });

  it('sends nothing with --dry-run', async () => {
    const { lbs, both } = await scene();
    const { code, stdout } = await drainHere('n1', ...both, '--dry-run', '--remove');
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith('mcmp send'))).toEqual(
      [
        ...lbs.map((lb) => `DISABLE-APP JVMRoute=n1 Alias=localhost Context=/app,/api --balancer ${urlOf(lb)}`),
        ...lbs.map((lb) => `STOP-APP JVMRoute=n1 Alias=localhost Context=/app,/api --balancer ${urlOf(lb)}`),
        ...lbs.map((lb) => `REMOVE-APP JVMRoute=n1 '/*' --balancer ${urlOf(lb)}`),
      ].map((words) => `mcmp send ${words}`),
    );
    expect(await statuses(lbs[0])).toBe('/app ENABLED, /api ENABLED, /api ENABLED');
  });

  it.each([
    ['there is no such node', ['n3'], 2, /none of 2 balancers knows a node n3/],
    ['the node has no such context', ['n1:/nope'], 2, /n1 has no context \/nope/],
    ['no time is left', ['n1', '--timeout', '0s'], 2, /expected a time longer than 0/],
  ])('refuses when %s', async (_, words, expected, message) => {
    const { both } = await scene();
    const { code, stderr } = await drainHere(...words, ...both);
    expect([code, stderr]).toEqual([expected, expect.stringMatching(message)]);
  });

  it('ends with 3 when a balancer cannot be reached, drained elsewhere or not', async () => {
    const { lbs } = await scene();
    const nobody = ['--balancer', 'http://127.0.0.1:9'];
    const some = await drainHere('n1:/api', '--balancer', urlOf(lbs[0]), ...nobody);
    expect([some.code, some.stdout]).toEqual([3, expect.stringMatching(/127\.0\.0\.1:9 {2}not reachable/)]);
    expect(await statuses(lbs[0])).toBe('/app ENABLED, /api STOPPED, /api ENABLED');
    const all = await drain('n1:/api', ...nobody).ended;
    expect([all.code, all.stderr]).toEqual([3, expect.stringMatching(/nothing listens there/)]);
  });

  it('ends with 1 when somebody enables it again', async () => {
    const { lbs, both } = await scene();
    const program = drain('n1:/api', ...both, '--wait', '1m');
    await program.written('stdout', /disabled, waiting/);
    await lbs[0].mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/api');
    const { code, stdout } = await program.ended;
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/somebody enabled it again \(1 context of it: ENABLE-APP from 127\.0\.0\.1\)/),
    ]);
  });

  it.each([
    ['SIGINT', 130, [], '/api DISABLED'],
    ['SIGTERM', 143, ['--undo-on-timeout'], '/api ENABLED'],
  ] as const)('ends at %s with %i %o: %s', async (signal, expected, words, status) => {
    const { lbs, both } = await scene();
    const program = drain('n1:/api', ...both, '--wait', '1m', ...words);
    await program.written('stdout', /disabled, waiting[\s\S]*disabled, waiting/);
    program.child.kill(signal);
    expect((await program.ended).code).toBe(expected);
    for (const lb of lbs) expect(await statuses(lb)).toBe(`/app ENABLED, ${status}, /api ENABLED`);
  });
});
