import { describe, expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import { openRaw, talk } from '../support/raw-http.ts';
import { startScriptedNode } from '../support/scripted-node.ts';

/** All values that a node saw of a header, in order. */
function valuesOf(rawHeaders: readonly string[] | undefined, name: string): string[] {
  return (rawHeaders ?? []).filter((_, i, all) => i % 2 === 1 && all[i - 1]?.toLowerCase() === name.toLowerCase());
}

async function ask(lines: string, options: Parameters<typeof startTestBalancer>[0] = {}, body = '') {
  const lb = await startTestBalancer(options);
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  const answer = await talk(lb.port, `POST /app HTTP/1.1\r\nHost: shop.example\r\n${lines}\r\n${body}`);
  return { answer, seen: node.seen, headers: node.seen[0]?.rawHeaders };
}

describe('CVE-2022-31813: Connection takes away neither our headers nor those that say who is meant', () => {
  it.each(['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'Via', 'Host'])(
    'Connection: %s',
    async (name) => {
      const { answer, headers } = await ask(`Connection: close, ${name}\r\n`);
      expect(answer.status).toBe(200);
      expect(valuesOf(headers, name)).toHaveLength(1);
      expect(valuesOf(headers, 'Connection')).not.toContain(name);
    },
  );

  it.each(['Content-Length', 'content-length', 'CONTENT-LENGTH'])(
    'Connection: %s leaves the body where it is',
    async (name) => {
      const { seen } = await ask(`Connection: close, ${name}\r\nContent-Length: 5\r\n`, {}, 'hello');
      expect(seen.map(({ body }) => body)).toEqual(['hello']);
    },
  );

  it.each(['Transfer-Encoding', 'transfer-encoding'])('Connection: %s leaves the framing where it is', async (name) => {
    const { seen } = await ask(
      `Connection: close, ${name}\r\nTransfer-Encoding: chunked\r\n`,
      {},
      '5\r\nhello\r\n0\r\n\r\n',
    );
    expect(seen.map(({ body }) => body)).toEqual(['hello']);
  });

  it.each(['Authorization', 'Cookie', 'Content-Type', 'Origin'])(
    'Connection: %s does not hide it from the node',
    async (name) => {
      const { headers } = await ask(`Connection: close, ${name}\r\n${name}: value\r\n`);
      expect(valuesOf(headers, name)).toEqual(['value']);
    },
  );
});

describe('hop-by-hop headers', () => {
  it('stay on their hop, with whatever Connection names', async () => {
    const { headers } = await ask(
      'Connection: close, X-Gone\r\nX-Gone: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nTE: gzip\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nProxy: http://evil\r\n',
    );
    const names = (headers ?? []).filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
    for (const name of [
      'x-gone',
      'keep-alive',
      'proxy-connection',
      'proxy-authorization',
      'te',
      'upgrade',
      'http2-settings',
      'proxy',
    ]) {
      expect(names).not.toContain(name);
    }
    expect(valuesOf(headers, 'connection').join()).not.toMatch(/x-gone|close/i);
  });

  it('of a node stay on its hop, too', async () => {
    const lb = await startTestBalancer();
    const node = await startScriptedNode((socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\nConnection: X-Secret, Keep-Alive, Set-Cookie, Content-Length\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok',
      ),
    );
    await lb.register('n1', node.port);
    const answer = await lb.get('/app');
    expect(answer.body).toBe('ok');
    for (const name of ['x-secret', 'keep-alive', 'proxy-authenticate']) expect(answer.headers.has(name)).toBe(false);
    expect(answer.headers.get('set-cookie')).toBe('a=b');
    expect(answer.headers.get('content-length')).toBe('2');
  });
});

describe('what a client claims about itself', () => {
  const claims =
    'Connection: close\r\nX-Forwarded-For: 10.9.8.7\r\nx-forwarded-for: 10.9.8.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Port: 1\r\nForwarded: for=10.9.8.7;host=evil\r\n';

  it('is replaced', async () => {
    const { headers } = await ask(claims);
    expect(valuesOf(headers, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(valuesOf(headers, 'x-forwarded-proto')).toEqual(['http']);
    expect(valuesOf(headers, 'x-forwarded-host')).toEqual(['shop.example']);
    expect(headers?.join()).not.toMatch(/10\.9\.8|evil|X-Forwarded-Port/);
  });

  it('is kept and added to when the peer is a trusted proxy', async () => {
    const { headers } = await ask(claims, { trustProxy: ['127.0.0.1'] });
    expect(valuesOf(headers, 'x-forwarded-for')).toEqual(['10.9.8.7, 10.9.8.6, 127.0.0.1']);
    expect(valuesOf(headers, 'x-forwarded-proto')).toEqual(['https']);
  });

  it('is dropped also where nothing replaces it', async () => {
    const { headers } = await ask(claims, { forwardedHeaders: 'none' });
    expect(headers?.join()).not.toMatch(/10\.9\.8|evil|forwarded/i);
  });
});

describe('CVE-2016-4993: nobody writes lines into the head of another message', () => {
  it.each(['\r', '\n', '\0', '\r\n ', '\x0b'])('with %j in a request header', async (bytes) => {
    const { answer, seen } = await ask(`X: a${bytes}Injected: 1\r\nConnection: close\r\n`);
    expect(answer.status).toBe(400);
    expect(seen).toEqual([]);
  });

  it.each(['%0d%0aInjected:%201', '%0aInjected:1', '%00'])(
    'with %s in the target, which stays encoded',
    async (bytes) => {
      const lb = await startTestBalancer();
      const node = await startScriptedNode((socket, request) => {
        const target = request.split(' ')[1] ?? '';
        socket.write(`HTTP/1.1 302 Found\r\nLocation: ${target}\r\nContent-Length: 0\r\n\r\n`);
      });
      await lb.register('n1', node.port);
      const answer = await lb.get(`/app?next=${bytes}`);
      expect(answer.headers.get('location')).toBe(`/app?next=${bytes}`);
      expect(answer.headers.has('injected')).toBe(false);
    },
  );

  // The Mess header repeats what the peer sent.
  const everyByte = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).padStart(2, '0')}`);
  it('with any byte in a route that an MCMP error repeats', async () => {
    const lb = await startTestBalancer();
    for (const byte of everyByte) {
      const answer = await lb.mcmp('STATUS', `JVMRoute=a${byte}Injected: 1&Load=1`);
      expect(answer.status, byte).toBe(500);
      expect(answer.headers.has('injected'), byte).toBe(false);
      const head = answer.text.slice(0, answer.text.indexOf('\r\n\r\n'));
      for (const line of head.split('\r\n')) expect(line, byte).not.toMatch(/[\0-\x08\x0a-\x1f\x7f]/);
    }
  });

  it.each(['STATUS', 'PING', 'CONFIG', 'ENABLE-APP', 'STOP-APP', 'INFO'])(
    'with any byte in the name of a field of %s',
    async (command) => {
      const lb = await startTestBalancer();
      for (const byte of ['\r\nInjected: 1', '%0d%0aInjected: 1', '%0aInjected: 1', '\0', '%00', '%1b[2J', '%c2%85']) {
        const answer = await lb.mcmp(command, `JVMRoute=x&a${byte}=1&Load=1`);
        expect(answer.headers.has('injected')).toBe(false);
        expect(answer.text.slice(0, answer.text.indexOf('\r\n\r\n'))).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/);
      }
    },
  );

  it('with a StickySessionCookie that could not stand in a header', async () => {
    const lb = await startTestBalancer();
    for (const cookie of ['a%0d%0aInjected:%201', 'a%3b%20b', 'a%20b', 'a%00', '%0a']) {
      const body = `JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http&StickySessionCookie=${cookie}`;
      expect((await lb.mcmp('CONFIG', body)).status).toBe(500);
    }
    expect((await lb.mcmp('INFO')).body).toBe('');
  });

  it('with a Host from CONFIG that could not stand in a header', async () => {
    const lb = await startTestBalancer();
    for (const host of ['a%0d%0aInjected:%201', 'a%20b', 'a/b', 'a%00', '%0a', 'a@b', '[::1', '::1%0a']) {
      expect((await lb.mcmp('CONFIG', `JVMRoute=n1&Host=${host}&Port=9&Type=http`)).status).toBe(500);
    }
    expect((await lb.mcmp('INFO')).body).toBe('');
  });
});

it("repeats nothing of a request in an error of the balancer's own", async () => {
  const lb = await startTestBalancer();
  for (const request of [
    'GET /marker-1 HTTP/1.1\r\nHost: marker-2\r\nX: marker-3\r\nConnection: close\r\n\r\n',
    'MARKER-4 /marker-1 HTTP/1.1\r\nHost: marker-2\r\nConnection: close\r\n\r\n',
    'GET /marker-1 HTTP/1.1\r\nHost: marker-2\r\nmarker-3 : x\r\nConnection: close\r\n\r\n',
    '<script>marker-5\r\n\r\n',
  ]) {
    expect((await talk(lb.port, request)).text.toLowerCase()).not.toContain('marker');
  }
});

it('sends a head of the largest size on whole, with our lines added', async () => {
  const lb = await startTestBalancer();
  const node = await startScriptedNode((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  await lb.register('n1', node.port);
  const start = 'GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ';
  for (const [headBytes, status] of [
    [16 * 1024, 200],
    [16 * 1024 + 1, 431],
  ] as const) {
    const client = await openRaw(lb.port);
    client.write(`${start}${'x'.repeat(headBytes - start.length - 4)}\r\n\r\n`);
    expect((await client.closed()).status).toBe(status);
  }
  expect(node.requests).toHaveLength(1);
});
