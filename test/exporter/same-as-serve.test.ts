import { expect, it } from 'vitest';
import { METRIC_NAMES, metricRow } from '../../src/observe/metrics/index.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { fetchText, linesOf, startTestExporter } from './exporters.ts';

/** Read at two moments. */
const MOVING = new Set([
  'mcmp_node_status_age_seconds',
  'mcmp_node_failing_seconds',
  'mcmp_node_received_bytes_total',
  'mcmp_node_sent_bytes_total',
]);
const SHARED = METRIC_NAMES.filter(
  (name) => metricRow(name).place === 'both' && metricRow(name).section !== 'The program',
);

it('what the exporter shows of mcmp serve is what mcmp serve shows of itself', async () => {
  const lb = await startTestBalancer({ pingIntervalMs: 100 });
  const [well, gone] = [await startNode('n1'), await startNode('n2')];
  await lb.register('n1', well.port, {
    contexts: '/app,/b%C3%A9c',
    alias: 'localhost,shop.example',
    config: 'Domain=blue&StickySessionForce=No',
    load: 70,
  });
  await lb.register('n2', gone.port, { load: 0 });
  await lb.register('n3', well.port + 1, { config: 'Balancer=other&Maxattempts=3', load: null });
  await lb.mcmp('STOP-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
  await lb.mcmp('STATUS', 'JVMRoute=n3&Load=-1');
  gone.kill();
  await lb.get('/b%C3%A9c');
  const exporter = await startTestExporter([`http://127.0.0.1:${lb.mcmpPort}`]);
  const compared = async (name: string): Promise<readonly [string[], string[]]> => {
    const [own, told] = [await fetchText(lb.mcmpPort, '/metrics'), await exporter.get('/metrics')];
    return [
      linesOf(own.body, name).sort(),
      linesOf(told.body, name)
        .map((line) => line.replace(/target="[^"]*",?/, '').replace(/^\{\}/, ''))
        .sort(),
    ];
  };
  await waitFor(async () => (await exporter.get('/metrics')).body.includes('node="n2",state="error"} 1'));
  for (const name of SHARED) {
    const [own, told] = await compared(name);
    const shown = (lines: readonly string[]): string[] =>
      MOVING.has(name) ? lines.map((line) => line.replace(/ .*/, '')) : [...lines];
    expect([name, ...shown(told)]).toEqual([name, ...shown(own)]);
  }
  expect(SHARED.length).toBeGreaterThan(15);
});
