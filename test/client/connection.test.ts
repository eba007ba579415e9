import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createMcmpConnection, type McmpClientOptions, type McmpConnection } from '../../src/client/connection.ts';
import {
  type BalancerReaction,
  type BalancerRequest,
  type ScriptedBalancer,
  startScriptedBalancer,
} from '../support/scripted-balancer.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function peerThat(
  react: (request: BalancerRequest) => BalancerReaction | Promise<BalancerReaction>,
): Promise<ScriptedBalancer> {
  const peer = await startScriptedBalancer(react);
  cleanups.push(() => peer.close());
  return peer;
}

function connectionTo(url: string, options: McmpClientOptions = {}): McmpConnection {
  const connection = createMcmpConnection(url, options);
  cleanups.push(() => connection.close());
  return connection;
}

describe('an exchange', () => {
  it.each([
    'CONFIG',
    'ENABLE-APP',
    'DISABLE-APP',
    'STOP-APP',
    'REMOVE-APP',
    'STATUS',
    'PING',
    'INFO',
    'DUMP',
    'VERSION',
    'NOSUCH',
  ])('sends the method %s as it is', async (method) => {
    const peer = await peerThat(() => ({}));
    await connectionTo(peer.url).exchange(method, []);
    expect(peer.said()).toEqual([`${method} /`]);
  });

  it('keeps one connection for commands of every kind', async () => {
    const peer = await peerThat(({ method }) => (method === 'STATUS' ? { body: 'Type=STATUS-RSP&State=OK' } : {}));
    const connection = connectionTo(peer.url);
    for (const method of ['CONFIG', 'ENABLE-APP', 'STATUS', 'INFO', 'REMOVE-APP']) {
      await connection.exchange(method, [['JVMRoute', 'a']]);
    }
    expect(peer.requests.map((one) => one.connection)).toEqual([1, 1, 1, 1, 1]);
  });

  it('writes a body that every brand reads alike', async () => {
    const peer = await peerThat(() => ({}));
    await connectionTo(peer.url).exchange('CONFIG', [
      ['JVMRoute', 'a b+c'],
      ['Alias', 'x,y'],
      ['Context', '/a=b&c'],
      ['Host', '[::1]'],
      ['Balancer', `ü*'()!~`],
    ]);
    expect(peer.requests[0]?.body).toBe(
      'JVMRoute=a%20b%2Bc&Alias=x,y&Context=/a%3Db%26c&Host=%5B%3A%3A1%5D&Balancer=%C3%BC*%27%28%29%21~',
    );
  });

  it('sends neither a body nor its length when there is nothing to say', async () => {
    const peer = await peerThat(() => ({}));
    await connectionTo(peer.url).exchange('INFO', [], { accept: 'text/xml' });
    const headers = peer.requests[0]?.headers;
    expect(headers?.get('accept')).toBe('text/xml');
    expect(headers?.has('content-length')).toBe(false);
  });

  it.each([
    ['', {}, '/'],
    ['', { wildcard: true }, '/*'],
    ['/proxy/', { wildcard: true }, '/proxy/*'],
    ['', { target: '/x?y' }, '/x?y'],
  ])('of a URL ending in "%s" with %o asks for %s', async (path, options, target) => {
    const peer = await peerThat(() => ({}));
    await connectionTo(peer.url + path).exchange('REMOVE-APP', [['JVMRoute', 'a']], options);
    expect(peer.requests[0]?.target).toBe(target);
  });

  it('returns the bytes of the body, whatever they mean', async () => {
    const body = '\xc3\xbc\xef\x00\xff';
    const peer = await peerThat(() => ({
      bytes: `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    }));
    expect((await connectionTo(peer.url).exchange('INFO', [])).body).toBe(body);
  });

  it.each([
    ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n', false],
    [
      'chunked, with an extension and a trailer',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n',
      false,
    ],
    ['ended by the end of the connection', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc', true],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nabc', true],
    ['without a reason', 'HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\nabc', false],
  ])('reads an answer that is %s', async (_, bytes, end) => {
    const peer = await peerThat(() => ({ bytes, end }));
    expect(await connectionTo(peer.url).exchange('INFO', [])).toMatchObject({ status: 200, body: 'abc' });
  });

  it('tries once more when a kept connection was closed under its request', async () => {
    const peer = await peerThat(({ connection, method }) => (connection === 1 && method === 'STATUS' ? 'close' : {}));
    const connection = connectionTo(peer.url);
    await connection.exchange('INFO', []);
    expect((await connection.exchange('STATUS', [])).status).toBe(200);
    expect(peer.requests.map((one) => [one.method, one.connection])).toEqual([
      ['INFO', 1],
      ['STATUS', 1],
      ['STATUS', 2],
    ]);
  });

  it('goes on over a new connection after the balancer closed the old one politely', async () => {
    const peer = await peerThat(() => ({ headers: { Connection: 'close' } }));
    const connection = connectionTo(peer.url);
    await connection.exchange('INFO', []);
    await connection.exchange('INFO', []);
    expect(peer.requests.map((one) => one.connection)).toEqual([1, 2]);
  });
});

describe('an exchange that fails', () => {
  it('says that nothing listens', async () => {
    const peer = await peerThat(() => ({}));
    await peer.close();
    await expect(connectionTo(peer.url).exchange('INFO', [])).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'MCMP_UNREACHABLE',
      message: `cannot connect to 127.0.0.1:${peer.port}: nothing listens there (ECONNREFUSED)`,
    });
  });

  it('says that a name does not resolve', async () => {
    // A label of 64 characters is no name (RFC 1035 §2.3.4): the resolver says so without asking a server.
    const url = `http://${'x'.repeat(64)}:1`;
    await expect(connectionTo(url, { timeoutMs: 10_000 }).exchange('INFO', [])).rejects.toMatchObject({
      kind: 'unreachable',
    });
  });

  it.each([
    ['no answer', 'silence'],
    ['half an answer', { bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc' }],
  ] as const)('gives up in time when there is %s', async (_, reaction) => {
    const peer = await peerThat(() => reaction);
    await expect(connectionTo(peer.url, { timeoutMs: 50 }).exchange('INFO', [])).rejects.toMatchObject({
      kind: 'timeout',
      code: 'MCMP_TIMEOUT',
    });
  });

  it.each([
    ['MCMP_NO_ANSWER', 'close'],
    ['MCMP_NO_ANSWER', { bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', end: true }],
    ['MCMP_BROKEN_ANSWER', { bytes: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc' }],
    ['MCMP_BROKEN_ANSWER', { bytes: 'SSH-2.0-OpenSSH_9.2\r\n' }],
    ['MCMP_BROKEN_ANSWER', { bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab' }],
  ] as const)('is %s when the peer does %o', async (code, reaction) => {
    const peer = await peerThat(() => reaction);
    await expect(connectionTo(peer.url).exchange('INFO', [])).rejects.toMatchObject({ kind: 'protocol', code });
  });

  it('sends nothing twice on a connection that never answered', async () => {
    const peer = await peerThat(() => 'close');
    await expect(connectionTo(peer.url).exchange('INFO', [])).rejects.toThrow();
    expect(peer.requests).toHaveLength(1);
  });

  it('gives up in time when a port never shakes hands', async () => {
    const peer = await peerThat(() => ({}));
    const connection = connectionTo(peer.url.replace('http:', 'https:'), { timeoutMs: 50 });
    await expect(connection.exchange('INFO', [])).rejects.toMatchObject({
      code: 'MCMP_TIMEOUT',
      message: `https://127.0.0.1:${peer.port} did not answer INFO / in time`,
    });
  });

  it('says that a port which answers a handshake with plain HTTP has no TLS', async () => {
    const plain = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    await new Promise<void>((resolve) => {
      plain.listen(0, '127.0.0.1', resolve);
    });
    cleanups.push(() => new Promise((resolve) => plain.close(() => resolve())));
    const address = plain.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(connectionTo(`https://127.0.0.1:${port}`).exchange('INFO', [])).rejects.toMatchObject({
      kind: 'refused',
      code: 'MCMP_TLS',
      hint: expect.stringContaining('http://'),
    });
  });

  it('refuses an answer longer than it was told to take', async () => {
    const peer = await peerThat(() => ({ body: 'x'.repeat(2000) }));
    await expect(connectionTo(peer.url, { maxAnswerBytes: 1000 }).exchange('INFO', [])).rejects.toMatchObject({
      code: 'MCMP_ANSWER_TOO_LONG',
    });
  });

  it('ends with the reason of its caller when the caller gives up', async () => {
    const peer = await peerThat(() => 'silence');
    const wish = new AbortController();
    const exchange = connectionTo(peer.url).exchange('INFO', [], { signal: wish.signal });
    await peer.until(() => peer.requests.length === 1);
    wish.abort(new Error('changed my mind'));
    await expect(exchange).rejects.toThrow('changed my mind');
  });
});
