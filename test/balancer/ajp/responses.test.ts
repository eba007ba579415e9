import { expect, it } from 'vitest';
import {
  CPONG,
  END_RESPONSE_REUSE,
  FLUSH_PACKET,
  getBodyChunk,
  writeSendHeaders,
} from '../../../src/core/ajp/index.ts';
import { type AjpCall, type AjpNode, startAjpNode } from '../../support/ajp-node.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { openRaw, talk } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';

async function balanced(
  act: (call: AjpCall) => void | Promise<void>,
): Promise<{ readonly lb: TestBalancer; readonly node: AjpNode }> {
  const lb = await startTestBalancer();
  const node = await startAjpNode(act);
  await lb.register('n1', node.port, { type: 'ajp' });
  return { lb, node };
}

function head(status: number, headers: [string, string][] = [], reason = 'OK'): Buffer {
  return writeSendHeaders(status, reason, headers, 8192) ?? expect.fail('too large');
}

it.each([
  [404, '404', 'HTTP/1.1 404 Not Found'],
  [404, '', 'HTTP/1.1 404 Not Found'],
  [404, 'No Such Thing', 'HTTP/1.1 404 No Such Thing'],
  [299, '299', 'HTTP/1.1 299 '],
])('answers %d with the reason %j as %s', async (status, reason, line) => {
  const { lb } = await balanced((call) => {
    call.head(status, [['Content-Length', '0']], reason);
    call.end();
  });
  expect((await lb.get('/app')).text).toContain(`${line}\r\n`);
});

it('adds a Date, as it does for http nodes, and drops what is said about a connection or framing', async () => {
  const { lb } = await balanced((call) => {
    call.head(200, [
      ['Content-Type', 'text/plain'],
      ['Transfer-Encoding', 'chunked'],
      ['Connection', 'X-Hop, close'],
      ['X-Hop', '1'],
      ['Set-Cookie', 'a=b'],
      ['Set-Cookie', 'c=d'],
    ]);
    call.data('hello');
    call.end();
  });
  const { text } = await talk(lb.port, 'GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(text.replace(/Date: [^\r]+/, 'Date: now')).toBe(
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nDate: now\r\n' +
      'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  );
});

it('ends a body without a length by the connection for an HTTP/1.0 client', async () => {
  const { lb } = await balanced((call) => {
    call.head(200);
    call.data('hello');
    call.end();
  });
  const answer = await talk(lb.port, 'GET /app HTTP/1.0\r\n\r\n');
  expect(answer.body).toBe('hello');
  expect(answer.headers.has('transfer-encoding')).toBe(false);
});

it.each(['HEAD', 'GET'])('knows that an answer to %s without a body has none', async (method) => {
  const { lb, node } = await balanced((call) => {
    if (method === 'HEAD') call.head(200, [['Content-Length', '5']]);
    else call.head(304, [['ETag', '"a"']]);
    call.end();
  });
  const client = await openRaw(lb.port);
  client.write(
    `${method} /app HTTP/1.1\r\nHost: a\r\n\r\n${method} /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  );
  const { text } = await client.closed();
  expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(2);
  expect(text.endsWith('\r\n\r\n')).toBe(true);
  expect(node.connections()).toBe(1);
});

it.each([204, 205])(
  'lets a %d with the Content-Length of what the application wrote, as Tomcat sends it, be empty',
  async (status) => {
    const { lb, node } = await balanced((call) => {
      call.head(status, [['Content-Length', '7']], String(status));
      call.end();
    });
    const client = await openRaw(lb.port);
    client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\nGET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const { text } = await client.closed();
    expect(text.match(new RegExp(`^HTTP/1.1 ${status} `, 'gm'))).toHaveLength(2);
    expect(text.match(/^Content-Length: .*$/gm)).toEqual(
      status === 204 ? null : ['Content-Length: 0', 'Content-Length: 0'],
    );
    expect(node.connections()).toBe(1);
  },
);

it('passes every piece on at once', async () => {
  const calls: AjpCall[] = [];
  const { lb } = await balanced((call) => {
    calls.push(call);
    call.head(200);
    call.data('first');
    call.socket.write(FLUSH_PACKET);
  });
  const client = await openRaw(lb.port);
  client.write('GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await client.until((text) => text.endsWith('\r\n\r\n5\r\nfirst\r\n'));
  calls[0]?.data('second');
  await client.until((text) => text.endsWith('5\r\nfirst\r\n6\r\nsecond\r\n'));
  calls[0]?.end();
  expect((await client.closed()).body).toBe('5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n');
});

it.each([true, false])('brings 8 MiB whole, with a Content-Length: %s', async (hasLength) => {
  const body = Buffer.from(Array.from({ length: 8 * 1024 * 1024 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
  const { lb } = await balanced((call) => {
    if (hasLength) {
      call.answer(body);
      return;
    }
    call.head(200);
    call.data(body);
    call.end();
  });
  const answer = await fetch(`http://127.0.0.1:${lb.port}/app`);
  expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
});

it('understands packets that are cut anywhere', async () => {
  const { lb } = await balanced(async (call) => {
    const bytes = Buffer.concat([
      head(200, [['Content-Length', '5']]),
      Buffer.from('41420009030005', 'hex'),
      Buffer.from('hello\0'),
      END_RESPONSE_REUSE,
    ]);
    for (const byte of bytes) {
      call.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  expect((await lb.get('/app')).body).toBe('hello');
});

it('makes a node wait that sends faster than the client reads', async () => {
  const { lb, node } = await balanced((call) => {
    call.head(200);
    call.data(Buffer.alloc(64 * 1024 * 1024));
    call.end();
  });
  const client = await openRaw(lb.port);
  client.socket.pause();
  client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
  await waitFor(() => node.calls.length === 1);
  const unsent = (): number => node.calls[0]?.socket.writableLength ?? 0;
  let before = -1;
  await waitFor(() => {
    const stands = before === unsent();
    before = unsent();
    return stands;
  });
  expect(before).toBeGreaterThan(32 * 1024 * 1024);
});

/** What a node may not say; the connection is closed and the client is told. */
const NO_RESPONSE: [string, Buffer][] = [
  ['data before a head', Buffer.from('414200050300016100', 'hex')],
  ['END_RESPONSE before a head', END_RESPONSE_REUSE],
  ['CPONG', CPONG],
  ['an unknown type', Buffer.from('41420001ff', 'hex')],
  ['HTTP', Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')],
  ['an interim response', head(100)],
  ['a switch of protocols', head(101, [['Upgrade', 'websocket']])],
  [
    'two lengths',
    head(200, [
      ['Content-Length', '1'],
      ['Content-Length', '2'],
    ]),
  ],
  ['a request for a body of no bytes', getBodyChunk(0)],
  ['two heads at once', Buffer.concat([head(200), head(200)])],
];
it.each(NO_RESPONSE)('answers 502 when a node says %s', async (_what, bytes) => {
  const { lb, node } = await balanced((call) => {
    call.socket.write(bytes);
  });
  const answer = await lb.get('/app');
  expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([502, 'bad-response']);
  await waitFor(() => node.calls[0]?.socket.destroyed === true);
});

it('gives a client no more than Content-Length says, and closes the connection of a node that sends more', async () => {
  const { lb, node } = await balanced((call) => {
    call.head(200, [['Content-Length', '4']]);
    call.data('hello');
    call.end();
  });
  for (let i = 0; i < 2; i++) expect((await lb.get('/app')).body).toBe('hell');
  expect(node.connections()).toBe(2);
});

it('lets a client see that a body is shorter than its Content-Length, or answers 502 when it has nothing of it yet', async () => {
  const { lb, node } = await balanced((call) => {
    call.head(200, [['Content-Length', '6']]);
    call.data('hello');
    if (call.request.uri === '/app/at-once') call.end();
  });
  const client = await openRaw(lb.port);
  client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until((received) => received.endsWith('\r\n\r\nhello'));
  node.calls[0]?.end();
  expect((await client.closed()).body).toBe('hello');
  expect((await lb.get('/app/at-once')).status).toBe(502);
  expect(node.connections()).toBe(2);
});

it('lets a client see that a body broke off, also one without a length', async () => {
  const { lb } = await balanced((call) => {
    call.head(200);
    call.data('half');
    call.socket.end();
  });
  const client = await openRaw(lb.port);
  client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
  const answer = await client.closed();
  expect(answer.body).toBe('4\r\nhalf\r\n');
});

it.each([
  ['closes behind its response', (call: AjpCall) => call.end(false)],
  [
    'says more behind the end of its response',
    (call: AjpCall) => call.socket.write(Buffer.concat([END_RESPONSE_REUSE, CPONG])),
  ],
])('uses no connection again whose node %s', async (_what, end) => {
  const { lb, node } = await balanced((call) => {
    call.head(200, [['Content-Length', '5']]);
    call.data('hello');
    end(call);
  });
  for (let i = 0; i < 3; i++) expect((await lb.get('/app')).body).toBe('hello');
  expect(node.connections()).toBe(3);
});

it('says that a node has no words for WebSocket, and ignores other offers', async () => {
  const { lb, node } = await balanced((call) => call.answer('as before'));
  const asked = (upgrade: string): Promise<{ status: number; headers: ReadonlyMap<string, string> }> =>
    talk(lb.port, `GET /app HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: ${upgrade}\r\n\r\n`);
  const answer = await asked('websocket');
  expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([501, 'ajp-no-upgrade']);
  expect(node.calls).toHaveLength(0);
  expect((await asked('h2c')).status).toBe(200);
  expect(node.calls[0]?.request.headers.map(([name]) => name.toLowerCase())).not.toContain('upgrade');
  expect((await lb.get('/app')).status).toBe(200);
});
