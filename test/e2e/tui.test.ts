import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { type Program, runProgram, startProgram } from '../cli/program/start-program.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { statuses } from '../tui/statuses.ts';
import { openTerminal, tmux } from '../tui/terminal.ts';

interface Served {
  readonly program: Program;
  readonly url: string;
  readonly mcmpPort: string;
  readonly web: string;
}

async function serve(mcmpPort = '0'): Promise<Served> {
  const program = startProgram([
    'serve',
    '--listen',
    '127.0.0.1:0',
    '--mcmp',
    `127.0.0.1:${mcmpPort}`,
    '--log-format',
    'json',
  ]);
  const [line] = await program.written('stderr', /^.*"message":"ready".*$/m);
  const { fields } = JSON.parse(line);
  const port = /\d+$/.exec(fields.mcmp)?.[0] ?? '';
  return { program, url: `http://127.0.0.1:${port}`, mcmpPort: port, web: `http://${fields.listen}` };
}

describe.skipIf(tmux === undefined)('mcmp tui in a real terminal', () => {
  it('disables a context, finds it, undoes it, survives resizing and a balancer that comes back, and leaves the screen as it was', async () => {
    const first = await serve();
    const nodes = ['node-sim', '--balancer', first.url, '--nodes', '2', '--contexts', '/shop,/api'];
    startProgram([...nodes, '--status-interval', '300ms']);
    const all = '/api ENABLED on node1, /api ENABLED on node2, /shop ENABLED on node1, /shop ENABLED on node2';
    await waitFor(async () => (await statuses(first.url)) === all);

    const terminal = await openTerminal(['tui', '--balancer', first.url, '--interval', '200ms']);
    await terminal.shows('node1', 'node2', 'Every context is served', 'mcmp 0.');

    await terminal.press('2', 'Enter');
    await terminal.shows('node1 › 2 contexts', '▶ /api', 'd disable');
    await terminal.press('d');
    await terminal.shows('Disable /api on node1', '[ Cancel ]', 'mcmp send DISABLE-APP JVMRoute=node1');
    await terminal.press('y');
    await terminal.shows('DISABLE-APP: done', 'u undo');
    expect(await statuses(first.url)).toContain('/api DISABLED on node1');

    await terminal.press('Escape', '3', '/', 'state:dis', 'Enter');
    const filtered = await terminal.shows('1 of 2 contexts', 'filter: state:dis', 'node1:D node2:E');
    expect(filtered).not.toContain('/shop');

    await terminal.press('u');
    await terminal.shows('Undo');
    await terminal.press('y');
    await terminal.shows('ENABLE-APP: done');
    expect(await statuses(first.url)).toBe(all);

    await terminal.press('Escape', 'Escape', '4');
    await terminal.shows('/api of node1: DISABLED', 'mcmp 127.0.0.1', 'here');

    await terminal.press('1');
    await terminal.resize(40, 12);
    const small = await terminal.shows('2 nodes', '? help');
    expect(small).not.toContain('CONTEXTS');
    await terminal.resize(120, 40);
    await terminal.shows('latest events', 'q quit', 'ELECTED');

    first.program.child.kill('SIGKILL');
    await first.program.ended;
    await terminal.shows(/no answer|silent/, /silent for/);
    const second = await serve(first.mcmpPort);
    await terminal.shows('answers again', 'Every context is served');
    expect(second.url).toBe(first.url);

    await terminal.press('q');
    const left = await terminal.shows('before', 'ended with 0');
    expect(left).not.toContain('mcmp tui');
  }, 40_000);

  it('drains a node under load and loses no request', async () => {
    const lb = await startTestBalancer();
    const held: (() => void)[] = [];
    for (const name of ['n1', 'n2']) {
      const { port } = await startNode(name, (incoming, response) => {
        if (incoming.url?.endsWith('/slow') === true && name === 'n1') held.push(() => response.end(name));
        else setTimeout(() => response.end(name), 5);
      });
      await lb.register(name, port);
    }
    const url = `http://127.0.0.1:${lb.mcmpPort}`;
    const terminal = await openTerminal(['tui', '--balancer', url, '--interval', '100ms']);
    await terminal.shows('n1', 'n2');

    let isOver = false;
    let answered = 0;
    const lost: string[] = [];
    const visit = async (): Promise<void> => {
      while (!isOver) {
        const { status } = await lb.get('/app');
        if (status === 200) answered++;
        else lost.push(`status ${status}`);
      }
    };
    const visitors = Array.from({ length: 6 }, visit);
    // One request that is still on n1 when the drain begins, so that there is something to wait for.
    const slow: Promise<number>[] = [];
    while (held.length === 0) {
      slow.push(lb.get('/app/slow').then(({ status }) => status));
      await new Promise((resolve) => setImmediate(resolve));
    }

    await terminal.press('2', 'g', 'D');
    await terminal.shows('Drain node n1', 'New clients go elsewhere', 'mcmp drain n1 --balancer');
    await terminal.press('y');
    await terminal.shows(/disabled, waiting/, /in flight/);
    expect(await statuses(url)).toBe('/app DISABLED on n1, /app ENABLED on n2');
    const before = answered;
    await waitFor(() => answered > before + 50);
    for (const answer of held) answer();
    await terminal.shows('Drained.');
    isOver = true;
    await Promise.all(visitors);

    expect(await statuses(url)).toBe('/app ENABLED on n2, /app STOPPED on n1');
    expect(new Set(await Promise.all(slow))).toEqual(new Set([200]));
    expect(lost).toEqual([]);
    expect(answered).toBeGreaterThan(100);
  }, 30_000);

  it.each([
    ['SIGTERM', '0'],
    ['SIGHUP', '0'],
  ] as const)('gives the terminal back at %s', async (signal, code) => {
    const terminal = await openTerminal(['tui', '--balancer', 'http://127.0.0.1:9']);
    await terminal.shows('silent for');
    process.kill(await terminal.pid(), signal);
    const left = await terminal.shows('before', `ended with ${code}`);
    expect(left).not.toContain('Overview');
  });
});

describe('mcmp tui without a terminal', () => {
  it('prints one snapshot for people, and one for programs', async () => {
    const lb = await startTestBalancer();
    const { port } = await startNode('node1');
    await lb.register('node1', port, { contexts: '/app,/api' });
    const balancer = ['--balancer', `http://127.0.0.1:${lb.mcmpPort}`];
    const text = await runProgram(['tui', '--once', ...balancer]);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^A active {2}node1 {2}2E +100 /m);
    const json = await runProgram(['tui', '--json', ...balancer]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      schemaVersion: 1,
      balancers: [{ answers: true, brand: 'mcmp', error: null }],
      nodes: [{ route: 'node1', condition: 'active', load: 100, contexts: { enabled: 2, disabled: 0, stopped: 0 } }],
      contexts: [
        { path: '/app', route: 'node1', status: 'ENABLED', aliases: ['localhost'] },
        { path: '/api', route: 'node1', status: 'ENABLED' },
      ],
      disagreements: [],
      attention: [],
    });
  });

  it('ends with 3 when nobody answers, and says so', async () => {
    const { code, stdout } = await runProgram(['tui', '--balancer', 'http://127.0.0.1:9']);
    expect(code).toBe(3);
    expect(stdout).toContain('does not answer');
  });
});
