import { describe, expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { startRawNode } from '../support/node-server.ts';
import { openRaw, talk } from '../support/raw-http.ts';
import { startScriptedNode } from '../support/scripted-node.ts';
import { waitFor } from '../support/wait-for.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright';
const POISON = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';

const statuses = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1] ?? '');

describe('response-queue poisoning: what a node sends behind a response reaches nobody', () => {
  it.each([
    ['a second response in the same write', OK + POISON],
    [
      'a second response behind a chunked one',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nright\r\n0\r\n\r\n${POISON}`,
    ],
    ['a body behind 204', `HTTP/1.1 204 No Content\r\n\r\n${POISON}`],
    ['a body behind 304', `HTTP/1.1 304 Not Modified\r\nContent-Length: ${POISON.length}\r\n\r\n${POISON}`],
    ['a response behind Content-Length: 0', `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n${POISON}`],
    ['garbage', `${OK}garbage`],
    ['a lone CRLF', `${OK}\r\n`],
  ])('%s', async (_, bytes) => {
    const lb = await startTestBalancer();
    const node = await startScriptedNode((socket, _request, number) => socket.write(number === 0 ? bytes : POISON));
    await lb.register('n1', node.port);
    for (let i = 0; i < 3; i++) {
      const answer = await lb.get(`/app/${i}`);
      expect(answer.text).not.toContain('poison');
      expect(statuses(answer.text)).toHaveLength(1);
    }
    // Each was asked on a connection of its own.
    expect(node.connections()).toBe(3);
  });

  it('a body behind the response to HEAD', async () => {
    const lb = await startTestBalancer();
    const node = await startScriptedNode((socket, request) =>
      socket.write(request.startsWith('HEAD') ? `HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n${POISON}` : OK),
    );
    await lb.register('n1', node.port);
    const { text } = await talk(
      lb.port,
      'HEAD /app/a HTTP/1.1\r\nHost: a\r\n\r\nGET /app/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(statuses(text)).toEqual(['200', '200']);
    expect(text).not.toContain('poison');
    expect(node.connections()).toBe(2);
  });

  it('a response that comes later, when the connection is idle', async () => {
    const lb = await startTestBalancer();
    let poison: () => void = () => {};
    let ended = 0;
    const node = await startScriptedNode((socket) => {
      socket.write(OK);
      poison = () => socket.write(POISON);
      socket.on('close', () => ended++);
    });
    await lb.register('n1', node.port);
    expect((await lb.get('/app/1')).body).toBe('right');
    poison();
    await waitFor(() => ended === 1);
    expect((await lb.get('/app/2')).body).toBe('right');
    expect(node.connections()).toBe(2);
  });

  it('a response before the request: a node that talks first is used once at most', async () => {
    const lb = await startTestBalancer();
    let requests = 0;
    const node = await startRawNode((socket) => {
      socket.write(POISON);
      socket.on('data', (chunk: Buffer) => {
        if (chunk.toString('latin1').startsWith('OPTIONS')) socket.end();
        else {
          requests++;
          socket.write(OK);
        }
      });
      socket.on('end', () => socket.end());
    });
    await lb.register('n1', node.port);
    // Whoever asks gets one answer to one request; what is left over on a connection is not the next one's.
    for (let i = 0; i < 3; i++) expect(statuses((await lb.get('/app')).text)).toHaveLength(1);
    await waitFor(() => requests === 3);
  });
});

describe('a response whose framing is uncertain becomes 502 and its connection is not used again', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  it.each([
    ['length and encoding', `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nright\r\n0\r\n\r\n`],
    ['two lengths', `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nright`],
    ['a length that is a list', `${head}Content-Length: 5, 5\r\n\r\nright`],
    ['a signed length', `${head}Content-Length: +5\r\n\r\nright`],
    ['a length beyond 2^53', `${head}Content-Length: 99999999999999999999\r\n\r\nright`],
    ['an unknown coding', `${head}Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nright\r\n0\r\n\r\n`],
    ['chunked in HTTP/1.0', `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nright\r\n0\r\n\r\n`],
    ['a space before the colon', `${head}Content-Length : 5\r\n\r\nright`],
    ['a folded line', `${head}X: a\r\n b\r\nContent-Length: 5\r\n\r\nright`],
    ['a bare LF', `${head}X: a\nSet-Cookie: stolen=1\r\nContent-Length: 5\r\n\r\nright`],
    ['a bare CR (CVE-2016-4993)', `${head}X: a\rSet-Cookie: stolen=1\r\nContent-Length: 5\r\n\r\nright`],
    ['a NUL', `${head}X: a\0b\r\nContent-Length: 5\r\n\r\nright`],
    ['an escape sequence', `${head}X: \x1b[2J\r\nContent-Length: 5\r\n\r\nright`],
    ['a CR in the reason', `HTTP/1.1 200 O\rK\r\nContent-Length: 5\r\n\r\nright`],
    ['a status of four digits', `HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nright`],
    ['a status below 100', `HTTP/1.1 099 OK\r\nContent-Length: 5\r\n\r\nright`],
    ['HTTP/2.0', `HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nright`],
    ['a body with 204', `HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nright`],
    ['an endless head', `${head}${`X: ${'x'.repeat(8000)}\r\n`.repeat(3)}`],
    ['too many lines', `${head}${'X: x\r\n'.repeat(300)}\r\n`],
    [
      '101 that nobody asked for',
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    ],
    ['another final status below 200', `HTTP/1.1 101 Switching Protocols\r\n\r\n${POISON}`],
  ])('%s', async (_, bytes) => {
    const lb = await startTestBalancer();
    const node = await startScriptedNode((socket) => socket.write(bytes, 'latin1'));
    await lb.register('n1', node.port);
    for (let i = 0; i < 2; i++) {
      const answer = await lb.get('/app');
      expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([502, 'bad-response']);
      expect(answer.text).not.toMatch(/right|poison|stolen/);
    }
    expect(node.connections()).toBe(2);
    expect(lb.log.filter(({ message }) => message === 'A node is in error')).toEqual([]);
  });

  it('101 for another protocol than the one that was asked for', async () => {
    const lb = await startTestBalancer();
    const node = await startScriptedNode((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n'),
    );
    await lb.register('n1', node.port);
    const answer = await talk(
      lb.port,
      'GET /app HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(answer.status).toBe(502);
  });

  it('chunks that are broken from the start are answered 502, as nothing was passed on yet', async () => {
    const lb = await startTestBalancer();
    const node = await startScriptedNode((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nright\r\nzz\r\n'),
    );
    await lb.register('n1', node.port);
    const answer = await lb.get('/app');
    expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([502, 'bad-response']);
    const old = await talk(lb.port, 'GET /app HTTP/1.0\r\n\r\n');
    expect([old.status, old.body.includes('right')]).toEqual([502, false]);
  });

  it('a body that breaks off later does so for an HTTP/1.0 client, too', async () => {
    const lb = await startTestBalancer();
    let breakOff: () => void = () => {};
    const node = await startScriptedNode((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nright\r\n');
      breakOff = () => socket.destroy();
    });
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    client.write('GET /app HTTP/1.0\r\n\r\n');
    await client.until((text) => text.endsWith('right'));
    breakOff();
    const { end } = await client.closed();
    expect(end, 'an orderly end would look like a whole body to an HTTP/1.0 client').toBe('reset');
  });
});

describe('1xx', () => {
  it('passes a burst on, larger than a read buffer, and stays in step', async () => {
    const lb = await startTestBalancer();
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n';
    const node = await startScriptedNode((socket) => socket.write(hint.repeat(20) + OK));
    await lb.register('n1', node.port);
    const { text } = await lb.get('/app');
    expect(statuses(text)).toEqual([...Array(20).fill('103'), '200']);
    expect(text.endsWith('right')).toBe(true);
  });

  it.each([2_000, 20_000])('gives up a node that sends %i interim responses to one request', async (count) => {
    const lb = await startTestBalancer();
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n';
    const node = await startScriptedNode((socket) => socket.write(hint.repeat(count) + OK));
    await lb.register('n1', node.port);
    const answer = await lb.get('/app');
    expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([502, 'bad-response']);
    expect(statuses(answer.text).length).toBeLessThan(200);
  });

  it('sends none to an HTTP/1.0 client', async () => {
    const lb = await startTestBalancer();
    const node = await startScriptedNode((socket) => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${OK}`));
    await lb.register('n1', node.port);
    expect(statuses((await talk(lb.port, 'GET /app HTTP/1.0\r\n\r\n')).text)).toEqual(['200']);
  });

  it.each([1, 7, 1000])('reads a burst that comes in pieces of %i bytes', async (pieceBytes) => {
    const lb = await startTestBalancer();
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    const node = await startScriptedNode((socket) => {
      const bytes = hint.repeat(3) + OK;
      const send = (from: number): void => {
        if (from >= bytes.length) return;
        socket.write(bytes.slice(from, from + pieceBytes));
        setImmediate(send, from + pieceBytes);
      };
      socket.setNoDelay(true);
      send(0);
    });
    await lb.register('n1', node.port);
    expect(statuses((await lb.get('/app')).text)).toEqual(['103', '103', '103', '200']);
  });
});

it('never gives a client the answer to a request that another one gave up', async () => {
  const lb = await startTestBalancer();
  const answers: (() => void)[] = [];
  const node = await startScriptedNode((socket, request) => {
    const name = /\/app\/(\w+)/.exec(request)?.[1] ?? '';
    answers.push(() => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`));
  });
  await lb.register('n1', node.port);
  const leaving = await openRaw(lb.port);
  leaving.write('GET /app/first HTTP/1.1\r\nHost: a\r\n\r\n');
  await waitFor(() => node.requests.length === 1);
  leaving.socket.resetAndDestroy();
  const staying = lb.get('/app/second');
  await waitFor(() => node.requests.length === 2);
  for (const answer of answers) answer();
  expect((await staying).body).toBe('second');
});
