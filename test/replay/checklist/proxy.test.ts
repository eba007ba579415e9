import { describe, expect, test } from 'vitest';
import { startNode, startRawNode, type TestNode } from '../../support/node-server.ts';
import { openRaw, talk } from '../../support/raw-http.ts';
import { startHttpd2 } from './situation.ts';

async function startOne(
  answer?: Parameters<typeof startNode>[1],
  overrides?: Parameters<typeof startHttpd2>[0],
): Promise<{ port: number; node: TestNode }> {
  const balancer = await startHttpd2(overrides);
  const node = await startNode('n1', answer);
  await balancer.register('n1', node.port);
  return { port: balancer.port, node };
}

function headersOf(node: TestNode): Map<string, string> {
  const raw = node.seen.at(-1)?.rawHeaders ?? [];
  return new Map(raw.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? '']] : [])));
}

const GET = 'GET /app HTTP/1.1\r\nHost: shop.example:8000\r\nConnection: close\r\n';

describe('what a node and a client see of each other', () => {
  test("MCMP-PROXY-01 the node sees the client's Host", async () => {
    const { port, node } = await startOne();
    await talk(port, `${GET}\r\n`);
    expect(headersOf(node).get('host')).toBe('shop.example:8000');
  });

  test('MCMP-PROXY-03 and who asked for what', async () => {
    const { port, node } = await startOne();
    await talk(port, `${GET}\r\n`);
    const headers = headersOf(node);
    expect(headers.get('x-forwarded-for')).toBe('127.0.0.1');
    expect(headers.get('x-forwarded-host')).toBe('shop.example:8000');
    expect(headers.get('x-forwarded-proto')).toBe('http');
  });

  test.for([
    [['127.0.0.1'], '192.0.2.7, 127.0.0.1'],
    [[], '127.0.0.1'],
  ] as const)('MCMP-PROXY-05 X-Forwarded-For is added to, if it came from one of %j', async ([trustProxy, value]) => {
    const { port, node } = await startOne(undefined, { trustProxy });
    await talk(port, `${GET}X-Forwarded-For: 192.0.2.7\r\n\r\n`);
    expect(headersOf(node).get('x-forwarded-for')).toBe(value);
  });

  test('MCMP-PROXY-06 headers of the node reach the client', async () => {
    const { port } = await startOne((_, response) => {
      response.writeHead(200, [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['X-Own', 'yes'],
      ]);
      response.end();
    });
    const { text } = await talk(port, `${GET}\r\n`);
    expect(text).toMatch(/\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Own: yes\r\n/);
  });

  test('MCMP-PROXY-07 a chunked POST of 1 MB', async () => {
    const { port, node } = await startOne();
    const piece = 'x'.repeat(8192);
    const chunks = `${piece.length.toString(16)}\r\n${piece}\r\n`.repeat(128);
    const head = 'POST /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect((await talk(port, `${head}${chunks}0\r\n\r\n`)).status).toBe(200);
    expect(node.seen[0]?.body.length).toBe(1024 * 1024);
  });

  test('MCMP-PROXY-09 a client that waits for 100 gets it before its body', async () => {
    const { port, node } = await startOne();
    const client = await openRaw(port);
    client.write(
      'POST /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
    );
    await client.until((text) => text.startsWith('HTTP/1.1 100 '));
    client.write('ok');
    expect((await client.closed()).status).toBe(200);
    expect(node.seen[0]?.body).toBe('ok');
  });

  test('MCMP-PROXY-10 what the node has sent goes on while it thinks about the rest', async () => {
    let finish: () => void = () => {};
    const { port } = await startOne((_, response) => {
      response.write('first');
      finish = () => response.end('second');
    });
    const client = await openRaw(port);
    client.write(`${GET}\r\n`);
    await client.until((text) => text.includes('first'));
    finish();
    expect((await client.closed()).text).toContain('second');
  });

  test('MCMP-PROXY-12 a WebSocket is tunnelled both ways', async () => {
    const { port: nodePort } = await startRawNode((socket) => {
      socket.on('data', (chunk: Buffer) => {
        const text = chunk.toString('latin1');
        if (text.startsWith('OPTIONS')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        else if (text.startsWith('GET'))
          socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
        else socket.write(`echo ${text}`);
      });
    });
    const balancer = await startHttpd2();
    await balancer.register('n1', nodePort);
    const client = await openRaw(balancer.port);
    client.write('GET /app/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await client.until((text) => text.includes('101 Switching Protocols') && text.endsWith('\r\n\r\n'));
    client.write('frame');
    await client.until((text) => text.endsWith('echo frame'));
  });

  test.for(['/app/%7Ea%20b', '/app/x%3By', '/app/%E2%82%AC?q=%2F'])(
    'MCMP-PROXY-14 the node sees %s as the client wrote it',
    async (target) => {
      const { port, node } = await startOne();
      await talk(port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      expect(node.seen[0]?.target).toBe(target);
    },
  );

  test('MCMP-PROXY-15 requests of a kept connection share one to the node', async () => {
    const sockets = new Set<unknown>();
    const { port } = await startOne((request, response) => {
      sockets.add(request.socket);
      response.end('.');
    });
    const client = await openRaw(port);
    for (let i = 1; i <= 5; i++) {
      client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
      await client.until((text) => text.split('HTTP/1.1 200').length - 1 === i && text.endsWith('.'));
    }
    expect(sockets.size).toBe(1);
  });
});
