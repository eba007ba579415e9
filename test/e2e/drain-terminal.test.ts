import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { shellWord } from '../../src/core/text.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { programOf } from '../support/needs-program.ts';
import { startNode } from '../support/node-server.ts';
import { waitFor } from '../support/wait-for.ts';

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const tmux = programOf(['tmux'], 'tmux', 'mcmp drain in a real terminal');

/** Runs `mcmp drain` in a terminal. The shell outlives Ctrl-C, and says with which code the program ended. */
async function drainInTerminal(lb: TestBalancer, words: readonly string[]) {
  const socket = `mcmp-test-${randomUUID()}`;
  const ask = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run(tmux ?? 'tmux', ['-L', socket, '-f', '/dev/null', ...args]);
    return stdout;
  };
  const url = `http://127.0.0.1:${lb.mcmpPort}`;
  const line = [process.execPath, PROGRAM, 'drain', ...words, '--balancer', url].map(shellWord).join(' ');
  const script = `trap : INT; ${line}; echo "ended with $?"; exec cat`;
  await ask('new-session', '-d', '-x', '100', '-y', '24', 'sh', '-c', script);
  freeAfter(async () => {
    await ask('kill-server');
  });
  let screen = '';
  return {
    press: (...keys: readonly string[]) => ask('send-keys', ...keys),
    async shows(...texts: readonly string[]): Promise<string> {
      await waitFor(async () => {
        screen = await ask('capture-pane', '-p');
        return texts.every((text) => screen.includes(text));
      }, 15_000).catch((error: unknown) => {
        throw new Error(`${String(error)}: ${texts.join(', ')}\n${screen}`);
      });
      return screen;
    },
  };
}

async function scene(): Promise<TestBalancer> {
  const lb = await startTestBalancer();
  for (const route of ['n1', 'n2']) await lb.register(route, route === 'n1' ? 9 : 10);
  return lb;
}

async function statusOf(lb: TestBalancer): Promise<string | undefined> {
  return /Context: \[\d+:1:\d+\].*Status: (\w+)/.exec((await lb.mcmp('INFO')).body)?.[1];
}

const LONG = ['n1', '--wait', '1m', '--interval', '100ms'];

describe.skipIf(tmux === undefined)('mcmp drain in a terminal', () => {
  it('shows one line that moves, asks at Ctrl-C, and undoes', async () => {
    const lb = await scene();
    const terminal = await drainInTerminal(lb, LONG);
    await terminal.shows('disabled, waiting: 59 s more by the clock; gives up in');
    await terminal.press('C-c');
    const asked = await terminal.shows('End it and [u]ndo');
    expect(asked).not.toContain('59 s more');
    // A slip of the finger is asked about again.
    await terminal.press('x', 'Enter');
    await terminal.shows('Type u, l or g:');
    await terminal.press('u', 'Enter');
    await terminal.shows('Undone (given up), after', 'ended with 130');
    expect(await statusOf(lb)).toBe('ENABLED');
  });

  it('goes on when that is wished, and ends at once at the second Ctrl-C', async () => {
    const lb = await scene();
    const terminal = await drainInTerminal(lb, LONG);
    await terminal.shows('s more by the clock');
    await terminal.press('C-c');
    await terminal.shows('End it and [u]ndo');
    await terminal.press('g', 'Enter');
    await terminal.shows('It goes on. Ctrl-C now ends it at once', 's more by the clock');
    await terminal.press('C-c');
    await terminal.shows('ended with 130');
    expect(await statusOf(lb)).toBe('DISABLED');
  });

  it('takes the question away when it has drained meanwhile', async () => {
    const held: (() => void)[] = [];
    const lb = await startTestBalancer();
    await lb.register('n1', (await startNode('n1', (_, response) => held.push(() => response.end('late')))).port);
    const slow = lb.get('/app');
    await waitFor(() => held.length === 1);
    const terminal = await drainInTerminal(lb, ['n1', '--yes', '--interval', '100ms']);
    await terminal.shows('1 request in flight');
    await terminal.press('C-c');
    await terminal.shows('End it and [u]ndo');
    for (const answer of held) answer();
    expect((await slow).body).toBe('late');
    await terminal.shows('Drained, after', 'ended with 0');
    expect(await statusOf(lb)).toBe('STOPPED');
  });

  it.each([
    ['no', 'Nothing was done.', 'ended with 1', 'ENABLED'],
    ['/app', 'Drained, after', 'ended with 0', 'STOPPED'],
  ])('wants the name typed of what is enabled nowhere else: %s', async (typed, words, end, status) => {
    const lb = await startTestBalancer();
    // One that answers its ping: nobody loses anything by a node that is in error.
    await lb.register('n1', (await startNode('n1')).port);
    const terminal = await drainInTerminal(lb, ['n1']);
    await terminal.shows('danger: /app: its last enabled place', 'Type /app to go on:');
    await terminal.press(typed, 'Enter');
    await terminal.shows(words, end);
    expect(await statusOf(lb)).toBe(status);
  });
});
