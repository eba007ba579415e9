import { describe, expect, test } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import { openRaw, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';
import { asJavaNode, createPeer } from './mcmp-peer.ts';

describe('a node may call the balancer by whatever name it was told', () => {
  test.for([
    'localhost:8090',
    '127.0.0.1',
    'balancer',
    'balancer.example.com.:8090',
    'my_balancer:8090',
    'BALANCER-1:8090',
    '[0:0:0:0:0:0:0:1]:8090',
    '[::1]:8090',
    '[fe80:0:0:0:1:2:3:4]:8090',
  ])('Host: %s', async (host) => {
    const peer = createPeer((await startTestBalancer()).mcmpPort);
    expect((await peer.ask(asJavaNode('INFO /', host))).status).toBe(200);
    expect((await peer.ask(asJavaNode('CONFIG /', host, 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http'))).status).toBe(
      200,
    );
  });
});

describe('clients that are no Java nodes are understood', () => {
  const CONFIG = 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http';

  test.for([
    ['curl', 'User-Agent: curl/8.5.0\r\nAccept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\n'],
    [
      'a Perl client',
      'TE: deflate,gzip;q=0.3\r\nKeep-Alive: 300\r\nConnection: Keep-Alive, TE\r\nUser-Agent: libwww-perl/6.76\r\n',
    ],
    ['a Python client', 'Accept-Encoding: identity\r\nContent-type: application/x-www-form-urlencoded\r\n'],
  ] as const)('%s', async ([, headers]) => {
    const { mcmpPort } = await startTestBalancer();
    const bytes = `CONFIG / HTTP/1.1\r\nHost: 127.0.0.1:${mcmpPort}\r\n${headers}Content-Length: ${CONFIG.length}\r\n\r\n${CONFIG}`;
    expect((await createPeer(mcmpPort).ask(bytes)).status).toBe(200);
  });

  test('HTTP/1.0 without Host', async () => {
    const balancer = await startTestBalancer();
    const answer = await talk(
      balancer.mcmpPort,
      `CONFIG / HTTP/1.0\r\nContent-Length: ${CONFIG.length}\r\n\r\n${CONFIG}`,
    );
    expect([answer.status, answer.end]).toEqual([200, 'fin']);
    expect((await balancer.mcmp('INFO')).body).toContain('Name: n1');
  });

  test('a target in absolute form', async () => {
    const { mcmpPort } = await startTestBalancer();
    const bytes = `DISABLE-APP http://127.0.0.1:${mcmpPort}/* HTTP/1.1\r\nHost: 127.0.0.1:${mcmpPort}\r\nContent-Length: 11\r\n\r\nJVMRoute=n1`;
    const { status, headers } = await createPeer(mcmpPort).ask(bytes);
    expect([status, headers.get('mess')]).toEqual([500, 'MEM: Can\'t read node with "n1" JVMRoute']);
  });
});

describe('a node drains', () => {
  test('by the number of requests in flight, which STOP-APP is told truthfully', async () => {
    const balancer = await startTestBalancer();
    const waiting: (() => void)[] = [];
    const node = await startNode('n1', (_, response) => {
      waiting.push(() => response.end('late'));
    });
    await balancer.register('n1', node.port);
    const clients = [await openRaw(balancer.port), await openRaw(balancer.port)];
    for (const client of clients) client.write('GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await waitFor(() => waiting.length === 2);
    const stop = async (): Promise<string | undefined> => {
      const { body } = await balancer.mcmp('STOP-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
      return /&Requests=(\d+)\n$/.exec(body)?.[1];
    };
    expect(await stop()).toBe('2');
    waiting.shift()?.();
    await waitFor(async () => (await stop()) === '1');
    await balancer.mcmp('REMOVE-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
    await balancer.mcmp('REMOVE-APP', 'JVMRoute=n1', '/*');
    waiting.shift()?.();
    for (const client of clients) expect((await client.closed()).body).toBe('late');
  });
});
