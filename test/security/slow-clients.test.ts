import { describe, expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { startNode, startRawNode } from '../support/node-server.ts';
import { openRaw, talk } from '../support/raw-http.ts';
import { startScriptedNode } from '../support/scripted-node.ts';
import { waitFor } from '../support/wait-for.ts';

const KIB = 1024;

describe('slowloris', () => {
  it('a head that arrives byte by byte has to be there within the header time-out all the same', async () => {
    const lb = await startTestBalancer({ headerTimeoutMs: 400 });
    const client = await openRaw(lb.port);
    client.write('GET /app HTTP/1.1\r\nHost: a\r\n');
    const drip = setInterval(() => client.write('X'), 50);
    const answer = await client.closed(2_000);
    clearInterval(drip);
    expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([408, 'HTTP_HEADER_TIMEOUT']);
  });

  it('empty lines keep no connection open', async () => {
    const lb = await startTestBalancer({ headerTimeoutMs: 400 });
    const client = await openRaw(lb.port);
    const drip = setInterval(() => client.write('\r\n'), 50);
    await client.closed(2_000);
    clearInterval(drip);
  });

  it('an idle kept connection is closed after the idle time-out', async () => {
    const lb = await startTestBalancer({ idleTimeoutMs: 300 });
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
    const answer = await client.closed(2_000);
    expect([answer.status, answer.end]).toEqual([200, 'fin']);
  });

  it('a body that stops is answered with 408, and its node is not blamed', async () => {
    const lb = await startTestBalancer({ idleTimeoutMs: 300 });
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    client.write('POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
    expect((await client.closed(2_000)).status).toBe(408);
    expect((await lb.mcmp('INFO')).body).toMatch(/Connected: 0,Load: 100/);
    expect(lb.log.filter(({ message }) => message === 'A node is in error')).toEqual([]);
  });

  it('a reader that stops is let go after the idle time-out, and its node is not blamed', async () => {
    const lb = await startTestBalancer({ idleTimeoutMs: 300 });
    const node = await startNode('n1', (_request, response) => response.end(Buffer.alloc(32 * KIB * KIB)));
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    client.socket.pause();
    client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
    await waitFor(() => node.seen.length === 1);
    await waitFor(async () => (await lb.mcmp('INFO')).body.includes('Connected: 0'), 3_000);
    expect(lb.log.filter(({ message }) => message === 'A node is in error')).toEqual([]);
  });
});

describe('half-open and half-closed connections', () => {
  it('a client that closed its sending side still gets its answer', async () => {
    const lb = await startTestBalancer();
    let answer: () => void = () => {};
    const node = await startNode('n1', (_request, response) => {
      answer = () => response.end('late');
    });
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
    client.socket.end();
    await waitFor(() => node.seen.length === 1);
    answer();
    expect((await client.closed()).body).toBe('late');
  });

  it('a client that was reset together with its request costs the node nothing', async () => {
    const lb = await startTestBalancer();
    const node = await startNode('n1', () => {});
    await lb.register('n1', node.port);
    for (let i = 0; i < 20; i++) {
      const client = await openRaw(lb.port);
      client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
      await new Promise(setImmediate);
      client.socket.resetAndDestroy();
    }
    await waitFor(async () => (await lb.mcmp('INFO')).body.includes('Connected: 0'));
  });

  it('a tunnel whose client closed its side ends when the node says nothing more', async () => {
    const lb = await startTestBalancer({ idleTimeoutMs: 300 });
    const node = await startScriptedNode((socket) => {
      socket.removeAllListeners('end');
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    });
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    client.write('GET /app HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    await client.until((text) => text.includes('101'));
    client.socket.end();
    await client.closed(3_000);
    await waitFor(async () => (await lb.mcmp('INFO')).body.includes('Connected: 0'));
  });

  it('an idle tunnel that is open on both sides stays', async () => {
    const lb = await startTestBalancer({ idleTimeoutMs: 300 });
    let say: (text: string) => void = () => {};
    const node = await startScriptedNode((socket) => {
      say = (text) => socket.write(text);
      say('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    });
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    const other = await openRaw(lb.port);
    client.write('GET /app HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    await client.until((text) => text.includes('101'));
    other.write('GET /none HTTP/1.1\r\nHost: a\r\n\r\n');
    await other.closed(3_000);
    say('still here');
    await client.until((text) => text.includes('still here'));
  });
});

describe('a slow reader', () => {
  it('leaves no connection to the node behind that nobody reads from', async () => {
    const lb = await startTestBalancer();
    const node = await startNode('n1', (request, response) => {
      response.end(Buffer.alloc(Number(/\d+/.exec(request.url ?? '')?.[0] ?? 0) * KIB));
    });
    await lb.register('n1', node.port, { config: 'Timeout=1' });
    // Somewhere among these sizes, the kernel takes all but the last piece: the node is done, the client is not.
    const served: number[] = [];
    for (let sizeKib = 2048; sizeKib <= 8192; sizeKib += 128) {
      const slow = await openRaw(lb.port);
      slow.socket.pause();
      slow.write(`GET /app/${sizeKib} HTTP/1.1\r\nHost: a\r\n\r\n`);
      await waitFor(() => node.seen.at(-1)?.target === `/app/${sizeKib}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      served.push((await lb.get('/app/1')).status);
      slow.socket.destroy();
    }
    expect(new Set(served)).toEqual(new Set([200]));
  });

  it('gets all of a response that ends the connection, however long it takes', async () => {
    const lb = await startTestBalancer();
    const node = await startNode('n1', (request, response) => {
      response.end(Buffer.alloc(Number(/\d+/.exec(request.url ?? '')?.[0] ?? 0), 97));
    });
    await lb.register('n1', node.port);
    const ask = async (size: number) => {
      const client = await openRaw(lb.port);
      client.socket.pause();
      client.write(`GET /app/${size} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      return { client, size };
    };
    // How much the balancer takes from the node for a client that reads nothing.
    const readBytes = async (): Promise<number> => Number(/Read: (\d+)/.exec((await lb.mcmp('INFO')).body)?.[1]);
    await ask(32 * KIB * KIB);
    let taken = -1;
    await waitFor(async () => {
      const before = taken;
      taken = await readBytes();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return before === taken && taken > 0;
    });
    // Sizes of which the last bytes still wait inside the balancer when the node is done.
    const clients = await Promise.all([0, 1, 2, 3, 5, 8].map((step) => ask(taken - step * 50_000 - 1000)));
    await waitFor(() => node.seen.length === 7);
    // Longer than the balancer lingers behind a response.
    await new Promise((resolve) => setTimeout(resolve, 2_600));
    for (const { client, size } of clients) {
      client.socket.resume();
      const answer = await client.closed();
      expect([answer.body.length, answer.end]).toEqual([size, 'fin']);
    }
  });
});

describe('an answer that comes before the body was read', () => {
  it.each([
    ['/nowhere', 404],
    ['/app/early', 413],
  ])('reaches a client that reads nothing until its 16 MiB are sent (%s)', async (path, status) => {
    const lb = await startTestBalancer();
    const node = await startScriptedNode((socket) =>
      socket.write('HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'),
    );
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    client.socket.pause();
    const bytes = 16 * KIB * KIB;
    client.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`);
    await new Promise<void>((resolve) => client.socket.write(Buffer.alloc(bytes), () => resolve()));
    client.socket.resume();
    const answer = await client.closed();
    expect([answer.status, answer.end]).toEqual([status, 'fin']);
  });
});

describe('the connection limit', () => {
  it('for web traffic leaves the management address alone, and the other way round', async () => {
    const [one, two] = [await startTestBalancer({ maxConnections: 5 }), await startTestBalancer({ maxConnections: 5 })];
    for (let i = 0; i < 50; i++) {
      (await openRaw(one.port)).write('GET /x HTTP/1.1\r\n');
      (await openRaw(two.mcmpPort)).write('GET /x HTTP/1.1\r\n');
    }
    expect([(await one.get('/x')).status, (await one.mcmp('INFO')).status]).toEqual([503, 200]);
    expect([(await two.get('/x')).status, (await two.mcmp('INFO')).status]).toEqual([404, 503]);
  });
});

describe('the management address has shorter deadlines', () => {
  it.each([
    ['a length', 'Content-Length: 1000\r\n\r\n', 'X'],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n', '1\r\nX\r\n'],
  ])('a message body with %s that drips in has to be there within the header time-out', async (_, lines, drop) => {
    const lb = await startTestBalancer({ headerTimeoutMs: 400 });
    const client = await openRaw(lb.mcmpPort);
    client.write(`CONFIG / HTTP/1.1\r\nHost: a\r\n${lines}`);
    const drip = setInterval(() => client.write(drop), 50);
    const answer = await client.closed(2_000);
    clearInterval(drip);
    expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([408, 'client-timeout']);
  });

  it('a reader of INFO that does not read is let go', async () => {
    const lb = await startTestBalancer({
      idleTimeoutMs: 300,
      limits: { maxNodes: 10, maxHosts: 100_000, maxContexts: 100_000 },
    });
    await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
    const contexts = Array.from({ length: 40_000 }, (_, i) => `/context-number-${i}`).join();
    expect((await lb.mcmp('ENABLE-APP', `JVMRoute=n1&Alias=a&Context=${contexts}`)).status).toBe(200);
    const client = await openRaw(lb.mcmpPort);
    client.socket.pause();
    client.write('DUMP / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20));
    // Longer than it may be silent.
    await new Promise((resolve) => setTimeout(resolve, 500));
    client.socket.resume();
    const { text } = await client.closed(5_000);
    // A reader that was not let go would have got all twenty, and then been idle for too long.
    expect(text.match(/HTTP\/1\.1 200/g)?.length).toBeLessThan(20);
  });
});

it('serves others while hundreds of clients do nothing at all', async () => {
  const lb = await startTestBalancer();
  const node = await startRawNode((socket) => {
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  });
  await lb.register('n1', node.port);
  for (let i = 0; i < 300; i++) {
    const client = await openRaw(lb.port);
    if (i % 3 === 1) client.write('GET /app HTTP/1.1\r\n');
    if (i % 3 === 2) client.write('POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n');
  }
  const { status, body } = await talk(lb.port, 'GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect([status, body]).toEqual([200, 'ok']);
});
