import { createServer, type Server } from 'node:http';
import { describe, expect, it } from 'vitest';
import { perform } from '../../../src/conformance/node/control.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { freePort } from '../../support/free-port.ts';

/** Disables a context by HTTP, as `--control 'disable=PUT URL'` says it. */
function disableAt(port: number): Promise<void> {
  const way = { kind: 'http', method: 'PUT', url: `http://127.0.0.1:${port}/{context}`, body: '' } as const;
  const options = { ways: new Map([['disable', way] as const]), ask: undefined, write: undefined, names: new Map() };
  return perform(options, 'disable', { route: 'node', context: '/one', value: '' });
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  freeAfter(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return address.port;
}

describe('what controls a node', () => {
  it('is waited for when it listens later than the node registers', async () => {
    const port = await freePort();
    const done = disableAt(port);
    // Once this one was refused, the first attempt of the other was too.
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    await listen(
      createServer((_, response) => response.end()),
      port,
    );
    await done;
  });

  it('is asked once when it may have heard', async () => {
    let asked = 0;
    const port = await listen(
      createServer((request) => {
        asked += 1;
        request.socket.destroy();
      }),
      0,
    );
    await expect(disableAt(port)).rejects.toThrow(/^disable: PUT http:\/\/127\.0\.0\.1:\d+\/%2Fone: /);
    expect(asked).toBe(1);
  });
});
