import { describe, expect, it } from 'vitest';
import type { BalancerOptions } from '../../src/balancer/index.ts';
import type { StateDocument } from '../../src/balancer/management/state.ts';
import { startTestBalancer, TEST_OPTIONS, type TestBalancer } from '../support/balancer.ts';
import { identityOf, testCertificates } from '../support/certificates.ts';
import { listenTls, pairOf } from '../support/listen-tls.ts';
import { startNode, startRawNode } from '../support/node-server.ts';
import { openRaw } from '../support/raw-http.ts';
import { startHttpsNode, startRawTlsNode, type TlsNode } from '../support/tls-node.ts';
import { waitFor } from '../support/wait-for.ts';
import { read } from './api/ask.ts';

const certificates = testCertificates();
const { ca } = certificates;
const UPSTREAM_TLS: BalancerOptions['upstreamTls'] = { ca, certificate: null, insecure: false };

async function startBalancer(overrides: Partial<BalancerOptions> = {}): Promise<TestBalancer> {
  return await startTestBalancer({ upstreamTls: UPSTREAM_TLS, ...overrides });
}

/** Why the balancer takes a node for one in error; empty: it does not. */
async function errorReasonOf(lb: TestBalancer, route: string): Promise<string> {
  const { nodes } = await read<StateDocument>(lb.mcmpPort, '/api/v1/state', 'state');
  return nodes.find((node) => node.route === route)?.errorReason ?? '';
}

describe('requests to https nodes', () => {
  it('are answered, one after the other over one connection', async () => {
    const node = await startHttpsNode('n1');
    const lb = await startBalancer();
    await lb.register('n1', node.port, { type: 'https', load: null });
    for (const path of ['/app/a', '/app/b']) expect((await lb.get(path)).body).toBe('n1');
    expect(node.handshakes).toEqual([
      { serverName: '', alpn: 'http/1.1', resumed: false, version: 'TLSv1.3', client: '' },
    ]);
  });

  it('ask for the name that the node registered with, and for none when that is an address', async () => {
    const node = await startHttpsNode('n1');
    const lb = await startBalancer();
    await lb.register('n1', node.port, { type: 'https', host: 'localhost', load: null });
    expect((await lb.get('/app/')).status).toBe(200);
    expect(node.handshakes.at(-1)?.serverName).toBe('localhost');
  });

  it('carry a large body there and back', async () => {
    const node = await startHttpsNode('n1', {}, (request, response) => request.pipe(response));
    const lb = await startBalancer();
    await lb.register('n1', node.port, { type: 'https' });
    const body = Buffer.alloc(2_000_000, 'ghijklmnop');
    const client = await openRaw(lb.port);
    client.write(`POST /app/ HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`);
    client.write(body);
    // Sizes of chunks are hexadecimal, in which none of these letters is.
    const { body: echoed } = await client.closed();
    expect(echoed.match(/[g-p]/g)).toHaveLength(body.length);
  });

  it('count bytes before they are encrypted', async () => {
    const node = await startHttpsNode('n1');
    const lb = await startBalancer();
    await lb.register('n1', node.port, { type: 'https', load: null });
    await lb.get('/app/');
    const { body } = await lb.mcmp('GET', '', '/metrics');
    const read = Number(/mcmp_node_received_bytes_total\{[^}]*\} (\d+)/.exec(body)?.[1]);
    // A TLS handshake alone is over a thousand.
    expect(read).toBeGreaterThan(100);
    expect(read).toBeLessThan(400);
  });

  it('resume the TLS session of the last connection', async () => {
    const node = await startHttpsNode('n1', {}, (_, response) => {
      response.setHeader('Connection', 'close');
      response.end('n1');
    });
    const lb = await startBalancer();
    await lb.register('n1', node.port, { type: 'https', load: null });
    for (const path of ['/app/a', '/app/b', '/app/c']) expect((await lb.get(path)).status).toBe(200);
    expect(node.handshakes.map(({ resumed }) => resumed)).toEqual([false, true, true]);
  });

  it('pass a response on that ends with the connection', async () => {
    const node = await startRawTlsNode((socket) => {
      socket.once('data', () => socket.end(`HTTP/1.0 200 OK\r\n\r\n${'x'.repeat(100_000)}`));
    });
    const lb = await startBalancer();
    await lb.register('n1', node.port, { type: 'https', load: null });
    const answer = await lb.get('/app/');
    expect(answer.body.endsWith('\r\n0\r\n\r\n')).toBe(true);
    expect(answer.body.match(/x/g)?.length).toBe(100_000);
  });

  it('go to another node when the handshake fails, and the failed one is in error with the reason', async () => {
    const bad = await startHttpsNode('bad', identityOf(certificates.expired));
    const good = await startHttpsNode('good');
    const lb = await startBalancer();
    await lb.register('bad', bad.port, { type: 'https', load: null });
    await lb.register('good', good.port, { type: 'https', load: null });
    for (let i = 0; i < 4; i++) expect((await lb.get(`/app/${i}`)).body).toBe('good');
    expect(await errorReasonOf(lb, 'bad')).toContain('has expired');
  });
});

describe('a WebSocket', () => {
  it.each(['https', 'wss'])('is carried to a node of type %s', async (type) => {
    const node = await startRawTlsNode((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
        socket.on('data', (chunk: Buffer) => socket.write(`echo:${chunk.toString('latin1')}`));
      });
    });
    const lb = await startBalancer();
    await lb.register('n1', node.port, { type, load: null });
    const client = await openRaw(lb.port);
    client.write('GET /app/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await client.until((text) => text.includes('101 Switching'));
    client.write('hello');
    expect(await client.until((text) => text.includes('echo:'))).toContain('echo:hello');
  });
});

describe('a node whose TLS fails', () => {
  const HTTP_400 = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n';
  const plain = (bytes: string) => async (): Promise<number> =>
    (await startRawNode((socket) => socket.once('data', () => socket.end(bytes)))).port;
  const https = (options: Parameters<typeof startHttpsNode>[1]) => async (): Promise<number> =>
    (await startHttpsNode('n1', options)).port;
  const demanding = { requestCert: true, rejectUnauthorized: true, ca };

  const FAILURES: readonly [what: string, start: () => Promise<number>, words: string][] = [
    [
      'whose certificate has expired',
      https(identityOf(certificates.expired)),
      'shows a certificate that has expired: renew it',
    ],
    ['whose certificate is not valid yet', https(identityOf(certificates.notYetValid)), 'not valid yet'],
    [
      'whose certificate is for another host',
      https(identityOf(certificates.wrongHost)),
      'shows a certificate for elsewhere.example, not for the Host',
    ],
    [
      'of an unknown authority',
      https(identityOf(certificates.unknown.server)),
      'unknown authority: name the authority in --upstream-ca',
    ],
    ['that does not speak TLS, but HTTP', plain(HTTP_400), 'does not speak TLS: register it with another Type'],
    ['that hangs up', plain(''), 'closed the connection during the TLS handshake'],
    [
      'that speaks another protocol over TLS',
      https({ ALPNProtocols: ['h2'] }),
      'does not speak HTTP/1.1 over TLS (ALPN)',
    ],
    [
      'that speaks old TLS only',
      https({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
      'speaks no version of TLS from 1.2 on',
    ],
    [
      'that wants a certificate',
      https(demanding),
      'wants a certificate of this balancer: name one that it accepts in --upstream-cert',
    ],
    [
      'that wants one, with TLS 1.2',
      https({ ...demanding, maxVersion: 'TLSv1.2' }),
      'refuses the handshake: it wants a certificate',
    ],
  ];

  it.each(FAILURES)('%s is in error by a request, which is told so', async (_, start, words) => {
    const port = await start();
    const lb = await startBalancer();
    await lb.register('n1', port, { type: 'https', load: null });
    const answer = await lb.get('/app/');
    expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([503, 'node-tls']);
    const errorReason = await errorReasonOf(lb, 'n1');
    expect(errorReason).toContain(words);
    expect(errorReason).toContain(`127.0.0.1:${port} `);
    expect(lb.log).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ reason: errorReason }) }),
    );
  });

  it.each(FAILURES)('%s is in error by a ping', async (_, start, words) => {
    const port = await start();
    const lb = await startBalancer();
    await lb.register('n1', port, { type: 'https', load: 100 });
    expect(await errorReasonOf(lb, 'n1')).toContain(words);
    const scheme = await lb.mcmp('PING', `Scheme=https&Host=127.0.0.1&Port=${port}`);
    expect(scheme.body).toContain('State=NOTOK');
  });

  it('serves again when its handshake verifies, and not before', async () => {
    const node = await startHttpsNode('n1', identityOf(certificates.expired));
    const lb = await startBalancer({ pingIntervalMs: 100 });
    await lb.register('n1', node.port, { type: 'https', load: 100 });
    expect((await lb.get('/app/')).status).toBe(503);
    node.setIdentity(identityOf(certificates.server));
    await waitFor(async () => (await lb.get('/app/')).status === 200);
  });

  it('holds nobody when it stalls in the handshake: its ping finds out, and another node serves', async () => {
    const stalled = await startRawNode(() => {});
    const good = await startNode('good');
    const lb = await startBalancer();
    await lb.register('stalled', stalled.port, { type: 'https', config: 'ping=1', load: null });
    await lb.register('good', good.port, { load: null });
    const answers = await Promise.all([lb.get('/app/a'), lb.get('/app/b')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await errorReasonOf(lb, 'stalled')).toContain('no answer within');
  });
});

describe('PING Scheme=https', () => {
  it('is answered well when the handshake verifies and HTTP answers', async () => {
    const node = await startHttpsNode('n1');
    const lb = await startBalancer();
    expect((await lb.mcmp('PING', `Scheme=https&Host=127.0.0.1&Port=${node.port}`)).body).toContain('State=OK');
  });
});

describe('--upstream-cert', () => {
  const withCertificate = (): BalancerOptions['upstreamTls'] => ({
    ...UPSTREAM_TLS,
    certificate: { ...identityOf(certificates.client), files: 'client.crt,client.key' },
  });

  it('is shown to nodes that ask for a certificate', async () => {
    const node = await startHttpsNode('n1', { requestCert: true, rejectUnauthorized: true, ca });
    const lb = await startBalancer({ upstreamTls: withCertificate() });
    await lb.register('n1', node.port, { type: 'https' });
    expect((await lb.get('/app/')).status).toBe(200);
    expect(node.handshakes.map(({ client }) => client)).toEqual(['node1', 'node1']);
  });

  it('is taken from the files as they are after a reload, for new connections', async () => {
    const node = await startHttpsNode('n1', { requestCert: true, rejectUnauthorized: true, ca });
    const lb = await startBalancer();
    await lb.register('n1', node.port, { type: 'https', load: null });
    expect((await lb.get('/app/')).status).toBe(503);
    expect(lb.balancer.reload({ ...TEST_OPTIONS, upstreamTls: withCertificate() })).not.toContain('upstreamTls');
    await lb.mcmp('STATUS', 'JVMRoute=n1&Load=100');
    expect((await lb.get('/app/')).status).toBe(200);
  });
});

describe('a changed --upstream-ca', () => {
  it('forgets sessions that go back to the authorities before', async () => {
    const node = await startHttpsNode('n1', {}, (_, response) => {
      response.setHeader('Connection', 'close');
      response.end('n1');
    });
    const lb = await startBalancer();
    await lb.register('n1', node.port, { type: 'https', load: null });
    expect((await lb.get('/app/')).status).toBe(200);
    lb.balancer.reload({ ...TEST_OPTIONS, upstreamTls: { ...UPSTREAM_TLS, ca: certificates.unknown.ca } });
    expect((await lb.get('/app/')).status).toBe(503);
    expect(await errorReasonOf(lb, 'n1')).toContain('unknown authority');
  });

  it('leaves everything as it was when it is no certificate', async () => {
    const lb = await startBalancer();
    const broken = { ...UPSTREAM_TLS, certificate: { cert: ca, key: 'nonsense', files: 'a.crt,a.key' } };
    expect(() => lb.balancer.reload({ ...TEST_OPTIONS, upstreamTls: broken })).toThrow('a.crt,a.key');
  });

  it('stays as it was when another certificate of the same reload will not do', async () => {
    const node = await startHttpsNode('n1', identityOf(certificates.unknown.server));
    const lb = await startBalancer({ listenTls: listenTls(certificates.server) });
    await lb.register('n1', node.port, { type: 'https', load: null });
    const broken = { ...pairOf(certificates.server, 'new.pem,new.key'), key: certificates.client.keyPem };
    const next = { ...TEST_OPTIONS, upstreamTls: { ...UPSTREAM_TLS, insecure: true } };
    expect(() => lb.balancer.reload({ ...next, listenTls: [{ address: null, certificate: broken }] })).toThrow(
      'new.pem',
    );
    expect((await lb.mcmp('STATUS', 'JVMRoute=n1&Load=100')).body).toContain('State=NOTOK');
  });
});

describe('--upstream-insecure', () => {
  it.each([
    ['expired', identityOf(certificates.expired)],
    ['for another host', identityOf(certificates.wrongHost)],
    ['of an unknown authority', identityOf(certificates.unknown.server)],
  ])('takes a certificate that is %s', async (_, identity) => {
    const node: TlsNode = await startHttpsNode('n1', identity);
    const lb = await startBalancer({ upstreamTls: { ...UPSTREAM_TLS, insecure: true } });
    await lb.register('n1', node.port, { type: 'https' });
    expect((await lb.get('/app/')).status).toBe(200);
  });
});
