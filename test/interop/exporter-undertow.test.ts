import { createServer } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNode } from '../../src/node/index.ts';
import { fetchText, linesOf, startTestExporter } from '../exporter/exporters.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { waitFor } from '../support/wait-for.ts';
import { INTEROP_WANTED, WHY_SKIPPED } from './java-program.ts';
import { buildUndertowBalancer, startUndertow } from './undertow-balancer.ts';

if (!INTEROP_WANTED) console.info(`The exporter does not read a real Undertow: ${WHY_SKIPPED}`);

/** What both can tell of the same nodes, whatever they did before. */
const SHARED = [
  'mcmp_node_info',
  'mcmp_node_load',
  'mcmp_node_up',
  'mcmp_context_state',
  'mcmp_contexts',
  'mcmp_table_rows',
];

async function startNode(route: string, load: number, balancers: readonly string[]): Promise<void> {
  const server = createServer((_, response) => response.end(route));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const node = createNode({
    route,
    balancers,
    contexts: ['/one', '/two'],
    aliases: ['localhost', 'shop.example'],
    config: { Domain: 'blue' },
    connector: server,
    statusIntervalMs: 300,
    load: () => load,
  });
  freeAfter(async () => {
    await node.abandon();
    server.closeAllConnections();
    server.close();
  });
}

describe.runIf(INTEROP_WANTED)('the exporter', { timeout: 60_000 }, () => {
  beforeAll(buildUndertowBalancer, 300_000);

  it('shows of a real Undertow what it shows of mcmp serve, and that they agree', async () => {
    const [undertow, lb] = [await startUndertow(), await startTestBalancer({ pingIntervalMs: 200 })];
    const urls = [undertow.mcmpPort, lb.mcmpPort].map((port) => `http://127.0.0.1:${port}`);
    for (const [route, load] of Object.entries({ n1: 100, n2: 50, n3: 0 })) await startNode(route, load, urls);
    const exporter = await startTestExporter(urls);
    const scraped = async (): Promise<string> => (await exporter.get('/metrics')).body;
    const shownOf = (body: string, url: string | undefined): string[] =>
      SHARED.flatMap((metric) =>
        linesOf(body, metric)
          .filter((line) => line.includes(`target="${url}"`))
          .map((line) => metric + line.replace(`target="${url}",`, '')),
      ).sort();
    const agree = async (): Promise<boolean> => {
      const body = await scraped();
      const [theirs, ours] = urls.map((url) => shownOf(body, url));
      return (
        theirs?.join() === ours?.join() && linesOf(body, 'mcmp_disagreements').every((line) => line.endsWith(' 0'))
      );
    };
    await waitFor(
      async () => linesOf(await scraped(), 'mcmp_node_load').filter((line) => / (?:100|50|0)$/.test(line)).length === 6,
      20_000,
    );
    await waitFor(agree, 20_000);
    const body = await scraped();
    expect(shownOf(body, urls[0])).toEqual(shownOf(body, urls[1]));
    expect(shownOf(body, urls[0])).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^mcmp_node_info\{node="n1",address="http:\/\/127\.0\.0\.1:\d+",balancer="mycluster",domain="blue"\} 1$/,
        ),
        'mcmp_node_load{node="n1"} 100',
        'mcmp_node_load{node="n2"} 50',
        'mcmp_node_load{node="n3"} 0',
        'mcmp_context_state{node="n1",host="localhost",context="/one"} 1',
      ]),
    );
    expect(linesOf(body, 'mcmp_target_info').join()).toContain('brand="undertow",version="2.3.27.Final"');

    // And the same as the balancer says of itself.
    const own = (await fetchText(lb.mcmpPort, '/metrics')).body;
    for (const metric of ['mcmp_node_info', 'mcmp_node_load', 'mcmp_node_up', 'mcmp_context_state']) {
      const told = shownOf(body, urls[1]).filter((line) => line.startsWith(`${metric}{`));
      expect(
        linesOf(own, metric)
          .map((line) => metric + line)
          .sort(),
      ).toEqual(told);
    }

    // One of them is told something that the other does not hear.
    await undertow.mcmp('DISABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=%2Fone');
    const disagreeing = await scraped();
    expect(linesOf(disagreeing, 'mcmp_disagreements')).toContain('{kind="context"} 1');
    await undertow.kill();
    const after = await scraped();
    expect(linesOf(after, 'mcmp_target_up')).toEqual([`{target="${urls[0]}"} 0`, `{target="${urls[1]}"} 1`]);
    expect(shownOf(after, urls[0])).toEqual([]);
    expect(shownOf(after, urls[1])).toEqual(shownOf(body, urls[1]));
  });
});
