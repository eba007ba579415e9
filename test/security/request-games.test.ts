import { describe, expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { startLenientNode } from '../support/lenient-node.ts';
import { startNode, startRawNode } from '../support/node-server.ts';
import { openRaw, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const HIDDEN = 'GET /app/hidden HTTP/1.1\r\nHost: a\r\n\r\n';
const LAST = 'GET /app/last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

const statuses = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1] ?? '');

describe('GHSA-ggv3-7p47-pfv8: a body where a reader may expect none', () => {
  const framings = {
    chunked: `Transfer-Encoding: chunked\r\n\r\n${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
    'with a length': `Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  };
  const cases = ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE', 'PROPFIND'].flatMap((method) =>
    Object.entries(framings).map(([framing, lines]) => ({ method, framing, lines })),
  );
  it.each(cases)('$method $framing keeps the kept connections in step', async ({ method, lines }) => {
    const lb = await startTestBalancer();
    const node = await startLenientNode('chunks');
    await lb.register('n1', node.port);
    const request = `${method} /app/x HTTP/1.1\r\nHost: a\r\n${lines}`;
    const { text } = await talk(lb.port, request + request + LAST);
    expect(statuses(text)).toEqual(['200', '200', '200']);
    expect(node.requestLines).toEqual([
      `${method} /app/x HTTP/1.1`,
      `${method} /app/x HTTP/1.1`,
      'GET /app/last HTTP/1.1',
    ]);
  });
});

describe('a body that comes after the final answer is never taken for a request', () => {
  it('CL.0: the answer comes from the balancer (404) while the body is still expected', async () => {
    const lb = await startTestBalancer();
    const node = await startLenientNode('length');
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    client.write(`POST /elsewhere HTTP/1.1\r\nHost: a\r\nContent-Length: ${HIDDEN.length}\r\n\r\n`);
    await client.until((text) => text.includes('404'));
    client.write(HIDDEN);
    const { text } = await client.closed();
    expect(statuses(text)).toEqual(['404']);
    expect(node.requestLines).toEqual([]);
  });

  it.each([
    ['413', 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n'],
    ['417', 'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n'],
    ['200', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['200', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ])('the node answers %s before the body', async (status, answer) => {
    const lb = await startTestBalancer();
    const seen: string[] = [];
    const node = await startRawNode((socket) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        if (text.startsWith('OPTIONS')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        else if (text.endsWith('\r\n\r\n')) {
          seen.push(text);
          text = '';
          socket.write(answer);
        }
      });
    });
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    client.write(`POST /app/x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ${HIDDEN.length}\r\n\r\n`);
    await client.until((text) => text.includes(`HTTP/1.1 ${status}`));
    client.write(HIDDEN);
    const { text } = await client.closed();
    expect(statuses(text)).toEqual([status]);
    expect(text).toContain('Connection: close');
    // The node's connection is not used again either: the node still waits for that body on it.
    expect((await lb.get('/app/next')).status).toBe(Number(status));
    expect(seen).toHaveLength(2);
    expect(seen[1]?.startsWith('GET /app/next ')).toBe(true);
  });

  it('refuses any other expectation with 417 and closes', async () => {
    const lb = await startTestBalancer();
    const node = await startLenientNode('length');
    await lb.register('n1', node.port);
    const { text } = await talk(
      lb.port,
      `POST /app/x HTTP/1.1\r\nHost: a\r\nExpect: the-unexpected\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
    );
    expect(statuses(text)).toEqual(['417']);
    expect(node.requestLines).toEqual([]);
  });

  it('the body comes at once although 100 Continue was asked for', async () => {
    const lb = await startTestBalancer();
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    const { text } = await talk(
      lb.port,
      `POST /app/x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}${LAST}`,
    );
    expect(statuses(text)).toEqual(['100', '200', '200']);
    expect(node.seen.map(({ target, body }) => [target, body])).toEqual([
      ['/app/x', HIDDEN],
      ['/app/last', ''],
    ]);
  });

  it('an HTTP/1.0 client with Expect gets no 100', async () => {
    const lb = await startTestBalancer();
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    const { text } = await talk(lb.port, 'POST /app/x HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab');
    expect(statuses(text)).toEqual(['200']);
    expect(node.seen[0]?.body).toBe('ab');
  });
});

describe('pipelining', () => {
  it('answers what stands before a broken request, refuses that, and reads nothing behind it', async () => {
    const lb = await startTestBalancer();
    const node = await startLenientNode('chunks');
    await lb.register('n1', node.port);
    const good = (i: number): string => `GET /app/${i} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const { text } = await talk(lb.port, `${good(1)}${good(2)}GET /app/3 HTTP/1.1\r\nHost : a\r\n\r\n${HIDDEN}`);
    expect(statuses(text)).toEqual(['200', '200', '400']);
    expect(node.requestLines).toEqual(['GET /app/1 HTTP/1.1', 'GET /app/2 HTTP/1.1']);
  });

  it('reads nothing behind a request that says Connection: close', async () => {
    const lb = await startTestBalancer();
    const node = await startLenientNode('chunks');
    await lb.register('n1', node.port);
    const { text } = await talk(lb.port, LAST + HIDDEN);
    expect(statuses(text)).toEqual(['200']);
    expect(node.requestLines).toEqual(['GET /app/last HTTP/1.1']);
  });

  it('keeps an HTTP/1.0 connection only when it was asked to', async () => {
    const lb = await startTestBalancer();
    const node = await startLenientNode('chunks');
    await lb.register('n1', node.port);
    const kept = 'POST /app/x HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nab';
    const { text } = await talk(lb.port, `${kept}${kept}GET /app/last HTTP/1.0\r\n\r\n${HIDDEN}`);
    expect(statuses(text)).toEqual(['200', '200', '200']);
    expect(node.requestLines).toEqual(['POST /app/x HTTP/1.1', 'POST /app/x HTTP/1.1', 'GET /app/last HTTP/1.1']);
  });

  it('serves what a client pipelined before it closed its sending side', async () => {
    const lb = await startTestBalancer();
    const node = await startLenientNode('chunks');
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    client.write('GET /app/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /app/2 HTTP/1.1\r\nHost: a\r\n\r\n');
    client.socket.end();
    expect(statuses((await client.closed()).text)).toEqual(['200', '200']);
  });
});

describe('MCMP and web traffic on one port', () => {
  const command = 'REMOVE-APP /* HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nJVMRoute=n1';

  async function startShared() {
    const free = await startRawNode(() => {});
    free.kill();
    const address = { host: '127.0.0.1', port: free.port };
    const lb = await startTestBalancer({ listen: [address], mcmp: [address] });
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    return { lb, node };
  }

  it.each([
    ['with a length', `Content-Length: ${command.length}\r\n\r\n${command}`],
    ['in chunks', `Transfer-Encoding: chunked\r\n\r\n${command.length.toString(16)}\r\n${command}\r\n0\r\n\r\n`],
  ])('an MCMP command inside a web request body %s is only a body', async (_, lines) => {
    const { lb, node } = await startShared();
    const { text } = await talk(lb.port, `POST /app/x HTTP/1.1\r\nHost: a\r\n${lines}${LAST}`);
    expect(statuses(text)).toEqual(['200', '200']);
    expect(node.seen[0]?.body).toBe(command);
    expect((await lb.mcmp('INFO')).body).toContain('Context: /app, Status: ENABLED');
  });

  it('a command in the body of a refused or unmatched request is not carried out', async () => {
    const { lb } = await startShared();
    for (const head of [
      `POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `POST /unmatched HTTP/1.1\r\nHost: a\r\nContent-Length: ${command.length}\r\n\r\n`,
      `POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n`,
    ]) {
      const client = await openRaw(lb.port);
      client.write(head);
      await client.until((text) => text !== '');
      client.write(command);
      expect(statuses((await client.closed()).text)).toHaveLength(1);
    }
    expect((await lb.mcmp('INFO')).body).toContain('Context: /app, Status: ENABLED');
  });

  it('a web request inside the body of an MCMP message reaches no node', async () => {
    const { lb, node } = await startShared();
    for (const head of ['CONFIG / HTTP/1.1', 'STATUS / HTTP/1.1', 'PING / HTTP/1.1']) {
      const { text } = await talk(
        lb.port,
        `${head}\r\nHost: a\r\nConnection: close\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
      );
      expect(statuses(text)).toEqual(['500']);
    }
    expect(node.seen).toEqual([]);
  });
});

it('never sends a retried request twice as two: a GET with a body on a connection the node just closed', async () => {
  const lb = await startTestBalancer();
  let connections = 0;
  const bodies: string[] = [];
  const node = await startRawNode((socket) => {
    const first = ++connections <= 2;
    let text = '';
    let answered = 0;
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.startsWith('OPTIONS')) {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      } else if (text.endsWith('ab')) {
        bodies.push(text);
        text = '';
        if (first && answered++ > 0) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      }
    });
  });
  await lb.register('n1', node.port);
  const client = await openRaw(lb.port);
  const request = 'GET /app/x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab';
  client.write(request);
  await client.until((text) => text.endsWith('ok'));
  client.write(request);
  await waitFor(() => statuses(client.received()).length === 2);
  expect(statuses(client.received())[0]).toBe('200');
  expect(bodies.length).toBeLessThanOrEqual(3);
  for (const body of bodies) expect(body.match(/HTTP\/1\.1/g)).toHaveLength(1);
});
