import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { createNode, type NodeEvent } from '../../src/node/index.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { startNode as startWebServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait-for.ts';

/** A port of a web server that says "200, web" to any method, as `return 200 "web"` of nginx does. */
async function webPort(): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nweb\n'),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  freeAfter(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

it('is not registered with a web server that answers 200 to everything, and says why', async () => {
  const node = createNode({
    route: 'n1',
    balancers: [`http://127.0.0.1:${await webPort()}`],
    connector: { host: '127.0.0.1', port: 1 },
  });
  freeAfter(() => node.abandon());
  await waitFor(() => node.registrations()[0]?.lastFailure.includes('does not speak MCMP here') === true);
  expect(node.registrations()[0]?.state).not.toBe('registered');
});

it('takes what is left of a node that said goodbye for nobody else', async () => {
  const balancer = await startTestBalancer();
  const warnings: NodeEvent[] = [];
  const live = async (): Promise<void> => {
    const { port } = await startWebServer('web');
    const node = createNode({
      route: 'n1',
      balancers: [`http://127.0.0.1:${balancer.mcmpPort}`],
      connector: { host: '127.0.0.1', port },
      onEvent: (event) => {
        if (event.kind === 'warning') warnings.push(event);
      },
    });
    freeAfter(() => node.abandon());
    await node.registered();
    await node.leave();
  };
  await live();
  expect((await balancer.mcmp('INFO')).body).toContain('Name: n1,');
  await live();
  expect(warnings).toEqual([]);
});
