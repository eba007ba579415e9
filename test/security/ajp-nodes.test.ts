import { describe, expect, it } from 'vitest';
import { CPONG, END_RESPONSE_REUSE, getBodyChunk, writeSendHeaders } from '../../src/core/ajp/index.ts';
import { attributesOf, headerOf, startAjpNode } from '../support/ajp-node.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { openRaw, type RawAnswer, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

/** Attacks over AJP, by the advisories in which they were described. */

const ATTRIBUTE_NAMES = [
  'javax.servlet.include.request_uri',
  'javax.servlet.include.path_info',
  'javax.servlet.include.servlet_path',
  'AJP_REMOTE_PORT',
  'AJP_LOCAL_ADDR',
  'AJP_uid',
  'secret',
  'req_attribute',
  'ssl_cert',
  'SSL_CLIENT_CERT',
  'REMOTE_USER',
  'remote_user',
];

describe('S-ajp/no-client-attributes (CVE-2020-1938, CVE-2020-1745)', () => {
  it('makes no header, parameter or cookie of a client an attribute', async () => {
    const lb = await startTestBalancer();
    const node = await startAjpNode((call) => call.answer('ok'));
    await lb.register('n1', node.port, { type: 'ajp' });
    const query = ATTRIBUTE_NAMES.map((name) => `${name}=evil`).join('&');
    const headers = ATTRIBUTE_NAMES.map((name) => `${name}: evil\r\n`).join('');
    const client = await openRaw(lb.port);
    client.write(
      `GET /app;${query.replaceAll('&', ';')}?${query} HTTP/1.1\r\nHost: a\r\n${headers}Cookie: secret=evil\r\nConnection: close\r\n\r\n`,
    );
    expect((await client.closed()).status).toBe(200);
    const { request } = node.calls[0] ?? expect.fail();
    expect(attributesOf(request)).toEqual([
      ['query_string', query],
      ['req_attribute:AJP_REMOTE_PORT', String(client.socket.localPort)],
      ['req_attribute:AJP_LOCAL_ADDR', '127.0.0.1'],
    ]);
    for (const name of ATTRIBUTE_NAMES) expect(headerOf(request, name)).toBe('evil');
    expect(request.remoteAddress).toBe('127.0.0.1');
    expect(request.isSsl).toBe(false);
  });

  it('ends every string where it ends: nothing that a client writes opens a field of its own', async () => {
    const lb = await startTestBalancer();
    const node = await startAjpNode((call) => call.answer('ok'));
    await lb.register('n1', node.port, { type: 'ajp' });
    // As a length, an attribute code, or the end of the attributes they would mean something.
    const bytes = Array.from({ length: 127 }, (_, i) => String.fromCharCode(i + 128)).join('');
    const answer = await talk(
      lb.port,
      Buffer.from(`GET /app HTTP/1.1\r\nHost: a\r\nX-Bytes: ${bytes}\r\nConnection: close\r\n\r\n`, 'latin1'),
    );
    expect(answer.status).toBe(200);
    const { request } = node.calls[0] ?? expect.fail();
    expect(headerOf(request, 'X-Bytes')).toBe(bytes);
    expect(attributesOf(request)).toHaveLength(2);
  });
});

describe('S-ajp/te-dropped-and-body-length-exact (CVE-2022-26377, CVE-2022-36760)', () => {
  const INNER = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n';
  const BODY = `${INNER.length.toString(16)}\r\n${INNER}\r\n0\r\n\r\n`;
  const ENCODINGS = [
    'chunked, identity',
    'identity',
    'xchunked',
    ' chunked,',
    'gzip, chunked',
    '\tchunked',
    'chunked\r\n x',
  ];

  it.each(ENCODINGS)('lets no request with the Transfer-Encoding %j reach a node', async (encoding) => {
    const lb = await startTestBalancer();
    const node = await startAjpNode(async (call) => call.answer(await call.body()));
    await lb.register('n1', node.port, { type: 'ajp' });
    const answer = await talk(
      lb.port,
      `POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ${encoding}\r\nConnection: close\r\n\r\n${BODY}`,
    );
    expect([400, 501]).toContain(answer.status);
    expect(node.calls).toHaveLength(0);
  });

  it.each(['Content-Length: 4\r\nTransfer-Encoding: chunked', 'Transfer-Encoding: chunked\r\nContent-Length: 4'])(
    'lets no request with both framings reach a node',
    async (framing) => {
      const lb = await startTestBalancer();
      const node = await startAjpNode(async (call) => call.answer(await call.body()));
      await lb.register('n1', node.port, { type: 'ajp' });
      expect((await talk(lb.port, `POST /app HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n${BODY}`)).status).toBe(400);
      expect(node.calls).toHaveLength(0);
    },
  );

  it('gives a node exactly the announced body, taken out of its chunks, and no more than one word about its length', async () => {
    const lb = await startTestBalancer();
    const node = await startAjpNode(async (call) => call.answer(await call.body()));
    await lb.register('n1', node.port, { type: 'ajp' });
    for (const framed of [
      `Content-Length: ${INNER.length}\r\n\r\n${INNER}`,
      `Transfer-Encoding: chunked\r\n\r\n${BODY}`,
    ]) {
      const answer = await talk(lb.port, `POST /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${framed}`);
      expect(answer.body).toBe(INNER);
    }
    for (const { request } of node.calls) {
      expect(headerOf(request, 'Transfer-Encoding')).toBeUndefined();
      expect(headerOf(request, 'Content-Length')).toBe(String(INNER.length));
    }
    expect(node.calls.map(({ request }) => request.uri)).toEqual(['/app', '/app']);
  });
});

describe('S-ajp/limit-replies-431 (CVE-2023-5379) and S-eject/client-fault-is-not-node-fault (CVE-2022-2053)', () => {
  const tooLarge = [
    ['a header', (n: number) => ({ line: 'GET /app', headers: `X-Long: ${'x'.repeat(n)}\r\n` })],
    ['many headers', (n: number) => ({ line: 'GET /app', headers: `X: ${'x'.repeat(90)}\r\n`.repeat(n / 90) })],
    ['a path', (n: number) => ({ line: `GET /app/${'x'.repeat(n)}`, headers: '' })],
    ['a query', (n: number) => ({ line: `GET /app?${'x'.repeat(n)}`, headers: '' })],
    ['a cookie', (n: number) => ({ line: 'GET /app', headers: `Cookie: a=${'x'.repeat(n)}\r\n` })],
    [
      'a header beside a method without a code',
      (n: number) => ({ line: 'BREW /app', headers: `X: ${'x'.repeat(n)}\r\n` }),
    ],
  ] as const;

  it.each(tooLarge)('answers 431 to %s that does not fit into a packet, and asks no node', async (_what, make) => {
    const lb = await startTestBalancer();
    const node = await startAjpNode((call) => call.answer('ok'));
    await lb.register('n1', node.port, { type: 'ajp' });
    const { line, headers } = make(9000);
    const asked = (): Promise<RawAnswer> =>
      talk(lb.port, `${line} HTTP/1.1\r\nHost: a\r\n${headers}Connection: close\r\n\r\n`);
    for (let i = 0; i < 3; i++) {
      const answer = await asked();
      expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([431, 'ajp-head-too-large']);
      expect(answer.body).toContain('--ajp-packet-size');
    }
    expect(node.calls).toHaveLength(0);
    expect((await lb.get('/app')).body).toBe('ok');
    expect((await lb.mcmp('INFO')).body).toContain('Load: 100');
  });

  it('answers 431 as well when the body is there already, and when the head is larger than any packet', async () => {
    const lb = await startTestBalancer({ maxHeadBytes: 256 * 1024 });
    const node = await startAjpNode((call) => call.answer('ok'));
    await lb.register('n1', node.port, { type: 'ajp' });
    for (const length of [9000, 70_000, 200_000]) {
      const answer = await talk(
        lb.port,
        `POST /app HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(length)}\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello`,
      );
      expect(answer.status).toBe(431);
    }
    expect(
      (await talk(lb.port, `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)).status,
    ).toBe(404);
    expect(node.calls).toHaveLength(0);
  });

  it('takes what fits into a packet of the configured size', async () => {
    const lb = await startTestBalancer({ ajpPacketBytes: 65_536, maxHeadBytes: 64 * 1024 });
    const node = await startAjpNode((call) => call.answer(headerOf(call.request, 'X-Long') ?? ''));
    await lb.register('n1', node.port, { type: 'ajp' });
    expect((await lb.get('/app', `X-Long: ${'x'.repeat(60_000)}\r\n`)).body).toHaveLength(60_000);
  });
});

describe('S-ajp/unexpected-packet-closes (CVE-2022-1319)', () => {
  const head = (headers: [string, string][]): Buffer => writeSendHeaders(200, 'OK', headers, 8192) ?? expect.fail();
  const STRAY: [string, Buffer][] = [
    ['a second head', head([['X-Stray', '1']])],
    ['a second end', END_RESPONSE_REUSE],
    ['CPONG', CPONG],
    ['data', Buffer.from('41420005030001780000', 'hex').subarray(0, 9)],
    ['an unknown packet', Buffer.from('41420001ff', 'hex')],
    ['HTTP', Buffer.from('HTTP/1.1 200 OK\r\nX-Stray: 1\r\n\r\n')],
    ['half a packet', Buffer.from('4142', 'hex')],
  ];

  it.each(STRAY)('gives no other client %s that a node sends behind its answer', async (_what, stray) => {
    for (const later of [false, true]) {
      const lb = await startTestBalancer();
      const node = await startAjpNode((call) => {
        if (call.connection > 0) {
          call.answer('its own');
          return;
        }
        call.head(200, [['Content-Length', '5']]);
        call.data('first');
        if (later) {
          call.end();
          call.socket.write(stray);
        } else {
          call.socket.write(Buffer.concat([END_RESPONSE_REUSE, stray]));
        }
      });
      await lb.register('n1', node.port, { type: 'ajp' });
      expect((await lb.get('/app')).body).toBe('first');
      await waitFor(() => node.calls[0]?.socket.destroyed === true);
      const answer = await lb.get('/app');
      expect(answer.body).toBe('its own');
      expect(answer.headers.has('x-stray')).toBe(false);
    }
  });
});

describe('a node that asks for the body and does not read it', () => {
  it('is given up before all of a large body lies in the memory of the balancer', async () => {
    const bodyBytes = 32 * 1024 * 1024;
    const lb = await startTestBalancer({ ajpPacketBytes: 65_536 });
    const node = await startAjpNode((call) => {
      call.socket.pause();
    });
    await lb.register('n1', node.port, { type: 'ajp' });
    const client = await openRaw(lb.port);
    client.write(`POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: ${bodyBytes}\r\n\r\n`);
    const piece = Buffer.alloc(64 * 1024);
    let sentBytes = 0;
    const send = (): void => {
      while (sentBytes < bodyBytes && client.socket.writableLength === 0) {
        sentBytes += piece.length;
        client.socket.write(piece);
      }
    };
    client.socket.on('drain', send);
    send();
    await waitFor(() => node.calls.length === 1);
    const socket = node.calls[0]?.socket ?? expect.fail();
    let answer = '';
    client.socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    await waitFor(() => {
      if (!socket.destroyed) socket.write(getBodyChunk(65_000));
      return answer !== '' || sentBytes === bodyBytes;
    }, 20_000);
    expect(sentBytes).toBeLessThan(bodyBytes);
    expect(answer).toMatch(/^HTTP\/1.1 502 /);
    client.close();
  });
});

describe('S-ajp/parallel-paths (CVE-2024-6162)', () => {
  it('gives 1,000 concurrent requests for different paths each its own answer', async () => {
    const lb = await startTestBalancer();
    const waiting: (() => void)[] = [];
    const node = await startAjpNode((call) => {
      const { request } = call;
      waiting.push(() => call.answer(`${request.uri}?${attributesOf(request)[0]?.[1] ?? ''}`));
      // All in one go, and not in their order.
      if (waiting.length % 100 === 0) for (const answer of waiting.splice(0).reverse()) answer();
    });
    await lb.register('n1', node.port, { type: 'ajp' });
    const paths = Array.from({ length: 1000 }, (_, i) => `/app/${i}-${'x'.repeat(i % 50)}?q=${i}`);
    const asked = paths.map(async (path) => {
      const client = await openRaw(lb.port);
      client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const text = await client.until((received) => received.includes('\r\n\r\n/app'), 20_000);
      client.close();
      return text.slice(text.indexOf('\r\n\r\n') + 4);
    });
    expect(await Promise.all(asked)).toEqual(paths);
  });
});

describe('the AJP secret', () => {
  it('is in no log, answer, table or metric, also when nodes refuse it', async () => {
    const secret = 'unspeakable-7d1f';
    const lb = await startTestBalancer({ ajpSecret: secret });
    const node = await startAjpNode((call) => {
      call.head(403);
      call.end(false);
    });
    const broken = await startAjpNode((call) => {
      call.socket.write(CPONG);
    });
    await lb.register('n1', node.port, { type: 'ajp' });
    await lb.register('n2', broken.port, { type: 'ajp' });
    const ask = async (target: string): Promise<string> =>
      (await talk(lb.mcmpPort, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).text;
    const seen = [
      ...(await Promise.all([lb.get('/app'), lb.get('/app'), lb.get('/app')])).map(({ text }) => text),
      (await lb.mcmp('DUMP')).text,
      (await lb.mcmp('INFO')).text,
      ...(await Promise.all(['/', '/metrics', '/api/v1/state', '/mod_cluster-manager'].map(ask))),
      JSON.stringify(lb.log),
    ];
    expect(attributesOf(node.calls[0]?.request ?? expect.fail())[0]).toEqual(['secret', secret]);
    for (const text of seen) expect(text).not.toContain(secret);
  });
});
