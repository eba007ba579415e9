import { createServer } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNode } from '../../src/node/index.ts';
import { setup as buildProgram } from '../cli/program/build-program.ts';
import { runProgram } from '../cli/program/start-program.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { waitFor } from '../support/wait-for.ts';
import { statuses } from '../tui/statuses.ts';
import { openTerminal, tmux } from '../tui/terminal.ts';
import { INTEROP_WANTED, WHY_SKIPPED } from './java-program.ts';
import { buildUndertowBalancer, startUndertow } from './undertow-balancer.ts';

if (!INTEROP_WANTED) console.info(`The terminal manager is not shown a real Undertow: ${WHY_SKIPPED}`);

const urlOf = ({ mcmpPort }: { readonly mcmpPort: number }): string => `http://127.0.0.1:${mcmpPort}`;

/** A node with `/api` and `/shop`; `/shop/slow` waits until somebody says `release`. */
async function startRealNode(
  route: string,
  balancers: readonly string[],
): Promise<{ release(): void; held(): number }> {
  let held: (() => void)[] = [];
  const server = createServer(({ url }, response) => {
    if (url === '/shop/slow') held.push(() => response.end(route));
    else response.end(route);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const node = createNode({
    route,
    balancers,
    contexts: ['/api', '/shop'],
    aliases: ['localhost', 'shop.example'],
    connector: server,
    statusIntervalMs: 300,
    load: () => 50,
  });
  freeAfter(async () => {
    await node.abandon();
    server.closeAllConnections();
    server.close();
  });
  return {
    held: () => held.length,
    release() {
      for (const answer of held) answer();
      held = [];
    },
  };
}

const ALL = '/api ENABLED on n1, /api ENABLED on n2, /shop ENABLED on n1, /shop ENABLED on n2';

describe.runIf(INTEROP_WANTED && tmux !== undefined)('mcmp tui and a real Undertow', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    buildProgram();
    await buildUndertowBalancer();
  }, 300_000);

  it('disables, undoes, and drains a node by what Undertow answers to STOP-APP', async () => {
    const undertow = await startUndertow();
    const url = urlOf(undertow);
    const n1 = await startRealNode('n1', [url]);
    await startRealNode('n2', [url]);
    await waitFor(async () => (await statuses(url)) === ALL, 20_000);
    const terminal = await openTerminal(['tui', '--balancer', url, '--interval', '200ms']);
    await terminal.shows('Undertow 2.3', 'n1', 'n2', '2 nodes · 4E', 'Every context is served');

    await terminal.press('2', 'g', 'Enter');
    await terminal.shows('n1 › 2 contexts', '▶ /api');
    await terminal.press('d');
    await terminal.shows('Disable /api on n1', '[ Cancel ]', 'mcmp send DISABLE-APP JVMRoute=n1');
    await terminal.press('y');
    await terminal.shows('DISABLE-APP: done');
    expect(await statuses(url)).toBe(
      '/api DISABLED on n1, /api ENABLED on n2, /shop ENABLED on n1, /shop ENABLED on n2',
    );
    expect(await undertow.info()).toContain('Context: /api, Status: DISABLED');
    await terminal.press('u');
    await terminal.shows('Undo');
    await terminal.press('y');
    await terminal.shows('ENABLE-APP: done');
    expect(await statuses(url)).toBe(ALL);

    // Requests of n1's sessions, one of them unanswered when the drain begins.
    const ofN1 = 'Cookie: JSESSIONID=abc.n1\r\n';
    await waitFor(async () => (await undertow.get('/shop/', ofN1)).body === 'n1', 20_000);
    const slow = undertow.get('/shop/slow', ofN1);
    await waitFor(() => n1.held() === 1);
    await terminal.press('Escape', 'Escape', 'g', 'D');
    await terminal.shows('Drain node n1', 'mcmp drain n1 --balancer');
    await terminal.press('y');
    await terminal.shows(/stopped.*1 request|1 in flight|1 request/);
    expect(await statuses(url)).toBe(
      '/api ENABLED on n2, /api STOPPED on n1, /shop ENABLED on n2, /shop STOPPED on n1',
    );
    n1.release();
    expect((await slow).body).toBe('n1');
    await terminal.shows('Drained.');
  });

  it('shows where Undertow and mcmp serve disagree, and acts upon both at once', async () => {
    const undertow = await startUndertow();
    const ours = await startTestBalancer();
    const [theirUrl, ourUrl] = [urlOf(undertow), urlOf(ours)];
    for (const route of ['n1', 'n2']) await startRealNode(route, [theirUrl, ourUrl]);
    const both = async (): Promise<string[]> => [await statuses(theirUrl), await statuses(ourUrl)];
    await waitFor(async () => (await both()).every((said) => said === ALL), 20_000);
    const balancers = [theirUrl, ourUrl].flatMap((url) => ['--balancer', url]);
    const terminal = await openTerminal(['tui', ...balancers, '--interval', '200ms']);
    await terminal.shows('Undertow 2.3', 'mcmp 0.', '2 balancers · 2 nodes', 'Every context is served');
    await terminal.press('5');
    await terminal.shows('0 disagreements');

    const asked = ['JVMRoute=n1', 'Alias=localhost,shop.example', 'Context=/shop', '--balancer', theirUrl];
    expect((await runProgram(['send', 'DISABLE-APP', ...asked])).code).toBe(0);
    await terminal.shows('5 Disagreements 1', '/shop of n1', '1 DISABLED, 2 ENABLED');
    await terminal.press('Enter');
    await terminal.shows('/shop › 2 nodes', '1D 2E');
    await terminal.press('Escape', '2', 'g', 'Enter', 'G');
    await terminal.shows('▶ /shop', '1D 2E');
    await terminal.press('e');
    await terminal.shows('Enable /shop on n1', 'Changes 1 context of 1 node at 1 balancer');
    await terminal.press('y');
    await terminal.shows('ENABLE-APP: done', 'Done.');
    expect(await both()).toEqual([ALL, ALL]);

    await terminal.press('Escape', 'd');
    await terminal.shows('Disable /shop on n1', 'Changes 1 context of 1 node at 2 balancers');
    await terminal.press('y');
    await terminal.shows(
      'Done.',
      ...[undertow, ours].map(({ mcmpPort }) => `127.0.0.1:${mcmpPort}  DISABLE-APP: done`),
    );
    const one = '/api ENABLED on n1, /api ENABLED on n2, /shop DISABLED on n1, /shop ENABLED on n2';
    expect(await both()).toEqual([one, one]);
    for (const info of [await undertow.info(), (await ours.mcmp('INFO')).body]) {
      expect(info).toContain('Context: /shop, Status: DISABLED');
    }
    await terminal.press('Escape', '5');
    await terminal.shows('0 disagreements');

    await undertow.kill();
    await terminal.shows('1 of 2 silent');
    await terminal.press('1');
    await terminal.shows('silent for', '2 nodes');
  });
});
