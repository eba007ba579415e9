import { describe, expect, it } from 'vitest';
import { createControlClient } from '../../../src/node/control/client.ts';
import { runCtl } from '../../../src/node/control/ctl.ts';
import { ROUTE_NAMES, routeRow } from '../../../src/node/control/routes.ts';
import { controlPage } from './page.ts';
import { standInFleet } from './stand-in-fleet.ts';
import { startTestControl } from './test-control.ts';

/** Splits what stands behind the address in an example into what curl makes of it. */
function requestOf(curl: string): {
  readonly target: string;
  readonly method: string;
  readonly body: string | undefined;
} {
  const [target = ''] = curl.split(' ');
  const body = / --json '([^']*)'/.exec(curl)?.[1];
  const method = / -X (\w+)/.exec(curl)?.[1] ?? (body === undefined ? 'GET' : 'POST');
  return { target, method, body };
}

describe('docs/node-sim-control.md', () => {
  it('is what the table says (npx vitest run test/node/control/page.test.ts --update)', async () => {
    const { ask } = await startTestControl(standInFleet());
    const { document } = await ask('GET', '/v1/nodes/node1');
    await expect(controlPage(Object(document))).toMatchFileSnapshot('../../../docs/node-sim-control.md');
  });

  it('has examples for curl that work, one after the other', async () => {
    const { ask } = await startTestControl(standInFleet());
    for (const name of ROUTE_NAMES.filter((route) => route !== 'watch')) {
      const row = routeRow(name);
      const { target, method, body } = requestOf(row.curl);
      expect({ name, method }).toEqual({ name, method: row.method });
      const { status, document } = await ask(method, target, body);
      expect({ name, status, problem: JSON.stringify(document).match(/"error":\{.*?\}/)?.[0] }, name).toMatchObject({
        status: expect.toSatisfy((code: number) => code === 200 || code === 201),
      });
    }
  });

  it('has examples for ctl that work, one after the other', async () => {
    const fleet = standInFleet();
    const { url } = await startTestControl(fleet);
    const client = createControlClient(url, { timeoutMs: 5_000 });
    const ignore = (): void => {};
    const log = { error: ignore, warn: ignore, info: ignore, debug: ignore };
    const screen = { json: false, line: ignore, document: ignore };
    const stop = (): AbortSignal => AbortSignal.abort();
    for (const name of ROUTE_NAMES) {
      const line = routeRow(name).ctl;
      if (line === undefined) continue;
      const [action = '', ...words] = line.split(' ');
      const outcome = await runCtl(action, words, { client, screen, log, waitMs: 5_000, force: false, stop });
      // One of the two balancers of a stand-in is never there.
      expect({ line, outcome }).toEqual({ line, outcome: name === 'say' ? 'check-failed' : 'done' });
    }
    await client.close();
    expect(fleet.nodes.get('node2')?.told).toEqual(['kill', 'restart', 'leave']);
  });
});
