import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { TestBalancer } from '../../support/balancer.ts';
import { startNode, startRawNode } from '../../support/node-server.ts';
import { talk } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { checkSituations, command, nameIn, startHttpd2 } from './situation.ts';

const POST = 'POST /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello';

async function status(balancer: TestBalancer, route: string, load = 100): Promise<string> {
  const body = await command(balancer, 'STATUS', `JVMRoute=${route}&Load=${load}`);
  return /State=([A-Z]+)/.exec(body)?.[1] ?? '';
}

async function whoAnswers(balancer: TestBalancer, times = 6): Promise<string[]> {
  const names = new Set<string>();
  for (let i = 0; i < times; i++) {
    const answer = await balancer.get('/app');
    names.add(answer.status === 200 ? nameIn(answer.body) : String(answer.status));
  }
  return [...names].sort();
}

/** A node that is pinged well, and does to each other request what it is told. */
async function startFaultyNode(onRequest: (socket: Socket) => void): Promise<{ port: number; requests(): number }> {
  let requests = 0;
  const { port } = await startRawNode((socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.startsWith('OPTIONS * ')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      else if (text.includes('\r\n\r\n')) {
        text = '';
        requests++;
        onRequest(socket);
      }
    });
  });
  return { port, requests: () => requests };
}

describe('nodes that fail', () => {
  checkSituations([
    {
      id: 'MCMP-FAIL-03 the only node is dead',
      nodes: [{ route: 'n1', dead: true }],
      path: '/app',
      answers: 503,
    },
    {
      id: 'MCMP-FAIL-04 Force, and the node of the session is dead',
      nodes: [{ route: 'n1', dead: true }, { route: 'n2' }],
      path: '/app',
      headers: 'Cookie: JSESSIONID=abc.n1\r\n',
      answers: 503,
    },
  ]);

  test('MCMP-FAIL-01, MCMP-FAIL-02, MCMP-FAIL-08, MCMP-STATUS-20: a killed node costs no GET, and is back with a good STATUS only', async () => {
    const balancer = await startHttpd2({ pingIntervalMs: 20 });
    const [first, second] = [await startNode('n1'), await startNode('n2')];
    await balancer.register('n1', first.port);
    await balancer.register('n2', second.port);
    first.kill();
    expect(await whoAnswers(balancer, 10)).toEqual(['n2']);
    const again = await startNode('n1 again', undefined, first.port);
    await waitFor(() => again.pings() > 1);
    const elected = async (): Promise<string[]> =>
      [...(await command(balancer, 'INFO')).matchAll(/Elected: (\d+)/g)].map(([, count]) => count ?? '');
    const [before] = await elected();
    expect(await whoAnswers(balancer), 'its good pings do not count').toEqual(['n2']);
    expect((await elected())[0]).toBe(before);
    expect(await status(balancer, 'n1')).toBe('OK');
    expect(await whoAnswers(balancer, 40)).toEqual(['n1 again', 'n2']);
  });

  test('MCMP-FAIL-03 the only node dies unnoticed', async () => {
    const balancer = await startHttpd2();
    const node = await startNode('n1');
    await balancer.register('n1', node.port);
    node.kill();
    expect(await whoAnswers(balancer)).toEqual(['503']);
  });

  test('MCMP-FAIL-05 a POST goes elsewhere when nothing of it was sent', async () => {
    const balancer = await startHttpd2();
    const [dead, alive] = [await startNode('n1'), await startNode('n2')];
    await balancer.register('n1', dead.port);
    await balancer.register('n2', alive.port);
    dead.kill();
    expect((await talk(balancer.port, POST)).status).toBe(200);
    expect(alive.seen.map(({ body }) => body)).toEqual(['hello']);
  });

  test('MCMP-FAIL-06 a POST that was read is not repeated', async () => {
    const balancer = await startHttpd2();
    const breaking = await startFaultyNode((socket) => socket.destroy());
    const alive = await startNode('n2');
    await balancer.register('n1', breaking.port);
    await balancer.register('n2', alive.port, { load: 1 });
    expect((await talk(balancer.port, POST)).status).toBe(502);
    expect([breaking.requests(), alive.seen.length]).toEqual([1, 0]);
  });

  test('MCMP-FAIL-07 a GET is, in all dialects: that a client sees no error is worth more than httpd says', async () => {
    const balancer = await startHttpd2();
    const breaking = await startFaultyNode((socket) => socket.destroy());
    await balancer.register('n1', breaking.port);
    await balancer.register('n2', (await startNode('n2')).port, { load: 1 });
    expect(await whoAnswers(balancer, 1)).toEqual(['n2']);
    expect(breaking.requests()).toBe(1);
  });

  test('MCMP-FAIL-09 each STATUS of a dead node is answered NOTOK', async () => {
    const balancer = await startHttpd2();
    const node = await startNode('n1');
    await balancer.register('n1', node.port);
    node.kill();
    for (let i = 0; i < 3; i++) expect(await status(balancer, 'n1')).toBe('NOTOK');
  });

  test('MCMP-FAIL-10 Maxattempts=1 means two nodes at most', async () => {
    const balancer = await startHttpd2();
    const nodes = [];
    for (const route of ['n1', 'n2', 'n3']) {
      const node = await startFaultyNode((socket) => socket.destroy());
      nodes.push(node);
      await balancer.register(route, node.port, { config: 'Maxattempts=1' });
    }
    expect(await whoAnswers(balancer, 1)).toEqual(['503']);
    expect(nodes.map((node) => node.requests()).reduce((sum, count) => sum + count)).toBe(2);
  });

  test.for([404, 500, 503])('MCMP-FAIL-11 a %d of its own leaves a node usable', async (code) => {
    const balancer = await startHttpd2();
    const node = await startNode('n1', (_, response) => {
      response.statusCode = code;
      response.end('its own');
    });
    await balancer.register('n1', node.port);
    for (let i = 0; i < 3; i++) expect(await balancer.get('/app')).toMatchObject({ status: code, body: 'its own' });
    expect(node.seen).toHaveLength(3);
  });

  test('MCMP-FAIL-12 Timeout of CONFIG is what a client waits', async () => {
    const balancer = await startHttpd2();
    const node = await startNode('n1', () => {});
    await balancer.register('n1', node.port, { config: 'Timeout=1' });
    const startedMs = performance.now();
    expect([502, 504]).toContain((await balancer.get('/app')).status);
    expect(performance.now() - startedMs).toBeLessThan(4_000);
  });
});

describe('health checks', () => {
  test('MCMP-HEALTH-01 and MCMP-HEALTH-06: an idle node is pinged as httpd does it', async () => {
    const heads: string[] = [];
    const { port } = await startRawNode((socket) => {
      socket.on('data', (chunk: Buffer) => {
        heads.push(chunk.toString('latin1'));
        socket.end('HTTP/1.0 200 OK\r\n\r\n');
      });
    });
    const balancer = await startHttpd2({ pingIntervalMs: 20 });
    await balancer.register('n1', port);
    await waitFor(() => heads.length > 2);
    for (const head of heads) {
      expect(head).toMatch(/^OPTIONS \* HTTP\/1\.0\r\n/);
      expect(head).toMatch(/\r\nUser-Agent: .*\(internal mod_cluster connection\)\r\n/);
      expect(head).not.toMatch(/\r\nHost:/i);
    }
  });

  test('MCMP-STATUS-21 and MCMP-HEALTH-08: STATUS pings, and any answer is a good one', async () => {
    const { port } = await startRawNode((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'));
    });
    const balancer = await startHttpd2();
    await balancer.register('n1', port, { load: null });
    expect(await status(balancer, 'n1')).toBe('OK');
    const node = await startNode('n2');
    await balancer.register('n2', node.port, { load: null });
    expect(node.pings()).toBe(0);
    expect(await status(balancer, 'n2')).toBe('OK');
    expect(node.pings()).toBe(1);
  });

  test('MCMP-HEALTH-03 a node that stays silent is removed in the end, and listed until then', async () => {
    const balancer = await startHttpd2({ pingIntervalMs: 20, brokenNodeTimeoutMs: 400, waitBeforeRemoveMs: 20 });
    const node = await startNode('n1');
    await balancer.register('n1', node.port);
    node.kill();
    expect(await status(balancer, 'n1')).toBe('NOTOK');
    expect(await command(balancer, 'INFO')).toContain('Name: n1');
    await waitFor(async () => (await command(balancer, 'INFO')) === '');
  });
});
