import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { BalancerOptions } from '../../src/balancer/index.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { identityOf, testCertificates } from '../support/certificates.ts';
import { startCuttingRelay } from '../support/cutting-relay.ts';
import { startRawNode } from '../support/node-server.ts';
import { openRaw, talk } from '../support/raw-http.ts';
import { startHttpsNode, startRawTlsNode } from '../support/tls-node.ts';
import { waitFor } from '../support/wait-for.ts';

const certificates = testCertificates();
const { ca } = certificates;
const UPSTREAM_TLS: BalancerOptions['upstreamTls'] = { ca, certificate: null, insecure: false };
const WITH_CERTIFICATE: BalancerOptions['upstreamTls'] = {
  ...UPSTREAM_TLS,
  certificate: { ...identityOf(certificates.client), files: 'client.crt,client.key' },
};

describe('S-tls/backend-hostname (CVE-2022-4492): the name in the certificate of an https node is verified', () => {
  const servesSecrets = (told: string[]) => (request: IncomingMessage, response: ServerResponse) => {
    told.push(request.url ?? '');
    response.end('impostor');
  };

  it.each([
    ['of another host that the authority signed', certificates.wrongHost],
    ['of an authority that is not ours', certificates.unknown.server],
    ['that has expired', certificates.expired],
    ['that is for clients', certificates.client],
    ['that the node made itself', certificates.selfSigned],
  ])('nothing of a request reaches an impostor with a certificate %s', async (_, identity) => {
    const told: string[] = [];
    const impostor = await startHttpsNode('impostor', identityOf(identity), servesSecrets(told));
    const lb = await startTestBalancer({ upstreamTls: UPSTREAM_TLS });
    await lb.register('n1', impostor.port, { type: 'https', load: null });
    const answer = await lb.get('/app/secret');
    expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([503, 'node-tls']);
    expect(told).toEqual([]);
  });

  it('a name that is right does not make up for an address, nor the other way round', async () => {
    const byName = certificates.authority.issue({ name: 'localhost', hosts: ['localhost'], use: 'server' });
    const node = await startHttpsNode('n1', identityOf(byName));
    const lb = await startTestBalancer({ upstreamTls: UPSTREAM_TLS });
    await lb.register('n1', node.port, { type: 'https', load: null });
    expect((await lb.get('/app/')).status).toBe(503);
    const other = await startTestBalancer({ upstreamTls: UPSTREAM_TLS });
    await other.register('n1', node.port, { type: 'https', host: 'localhost', load: null });
    expect((await other.get('/app/')).status).toBe(200);
  });

  it('without --upstream-ca an authority that nobody knows is not trusted', async () => {
    const node = await startHttpsNode('n1');
    const lb = await startTestBalancer();
    await lb.register('n1', node.port, { type: 'https', load: null });
    expect((await lb.get('/app/')).headers.get('x-mcmp-reason')).toBe('node-tls');
  });

  it('a plain node is sent no request, although it would answer one', async () => {
    const received: string[] = [];
    const node = await startRawNode((socket) => {
      socket.on('data', (chunk: Buffer) => {
        received.push(chunk.toString('latin1'));
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain');
      });
    });
    const lb = await startTestBalancer({ upstreamTls: UPSTREAM_TLS });
    await lb.register('n1', node.port, { type: 'https', load: null });
    expect((await lb.get('/app/secret')).status).toBe(503);
    expect(received.join('')).not.toContain('secret');
  });
});

describe('a response that somebody on the way cuts off is not passed on as a whole one', () => {
  const BODY = 'x'.repeat(50_000);

  /** A node whose response ends with its connection, which stays open behind what was sent so far. */
  async function unfinished(
    head: string,
    maxVersion: 'TLSv1.2' | 'TLSv1.3',
  ): Promise<{ port: number; cut(): void; ready(): boolean }> {
    const node = await startRawTlsNode((socket) => socket.once('data', () => socket.write(head + BODY)), {
      maxVersion,
    });
    const relay = await startCuttingRelay(node.port);
    return { port: relay.port, cut: relay.cut, ready: () => relay.relayed() > BODY.length };
  }

  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('with %s', (version) => {
    it('until it closes: the chunks for the client have no end', async () => {
      const node = await unfinished('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n', version);
      const lb = await startTestBalancer({ upstreamTls: UPSTREAM_TLS });
      await lb.register('n1', node.port, { type: 'https', load: null });
      const client = await openRaw(lb.port);
      client.write('GET /app/ HTTP/1.1\r\nHost: a\r\n\r\n');
      await client.until((text) => text.includes('x'.repeat(100)));
      await waitFor(node.ready);
      node.cut();
      const { text } = await client.closed();
      expect(text).not.toContain('\r\n0\r\n\r\n');
      expect(lb.log.map(({ message }) => message)).toContain('A node broke off its response');
    });

    it('until it closes: a client of HTTP/1.0 sees a reset', async () => {
      const node = await unfinished('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n', version);
      const lb = await startTestBalancer({ upstreamTls: UPSTREAM_TLS });
      await lb.register('n1', node.port, { type: 'https', load: null });
      const client = await openRaw(lb.port);
      client.write('GET /app/ HTTP/1.0\r\nHost: a\r\n\r\n');
      await client.until((text) => text.includes(BODY));
      node.cut();
      expect((await client.closed()).end).toBe('reset');
    });

    it('with a length: the client gets less than it was promised, and an end', async () => {
      const node = await unfinished(`HTTP/1.1 200 OK\r\nContent-Length: ${2 * BODY.length}\r\n\r\n`, version);
      const lb = await startTestBalancer({ upstreamTls: UPSTREAM_TLS });
      await lb.register('n1', node.port, { type: 'https', load: null });
      const client = await openRaw(lb.port);
      client.write('GET /app/ HTTP/1.1\r\nHost: a\r\n\r\n');
      await client.until((text) => text.includes(BODY));
      node.cut();
      expect((await client.closed()).body.length).toBeLessThan(2 * BODY.length);
    });
  });

  it('whereas one whose node says that it ends is whole, for slow readers too', async () => {
    const size = 3_000_000;
    const node = await startRawTlsNode((socket) =>
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${'x'.repeat(size)}`)),
    );
    const lb = await startTestBalancer({ upstreamTls: UPSTREAM_TLS });
    await lb.register('n1', node.port, { type: 'https', load: null });
    const client = await openRaw(lb.port);
    client.write('GET /app/ HTTP/1.0\r\nHost: a\r\n\r\n');
    await client.until((text) => text.includes('x'));
    client.socket.pause();
    // So long that everything between node and client is full.
    await waitFor(async () => (await lb.mcmp('GET', '', '/metrics')).status === 200);
    client.socket.resume();
    const answer = await client.closed();
    expect([answer.end, answer.body.length]).toEqual(['fin', size]);
  });
});

describe('the certificate of --upstream-cert', () => {
  it('is shown to nodes alone, not to any address that a peer wants to have pinged', async () => {
    const asking = { requestCert: true, rejectUnauthorized: false };
    const node = await startHttpsNode('n1', asking);
    const lb = await startTestBalancer({ upstreamTls: WITH_CERTIFICATE });
    const ping = async (): Promise<void> => {
      await lb.mcmp('PING', `Scheme=https&Host=127.0.0.1&Port=${node.port}`);
    };
    await ping();
    await lb.register('n1', node.port, { type: 'https', load: null });
    await ping();
    expect(node.handshakes.map(({ client }) => client)).toEqual(['', 'node1']);
  });

  it('stands with its key in no log, page or answer', async () => {
    const bad = await startHttpsNode('n1', identityOf(certificates.expired));
    const lb = await startTestBalancer({ upstreamTls: WITH_CERTIFICATE });
    await lb.register('n1', bad.port, { type: 'https' });
    const said = [
      (await lb.get('/app/')).text,
      (await lb.mcmp('INFO')).text,
      (await lb.mcmp('DUMP')).text,
      (await lb.mcmp('GET', '', '/metrics')).text,
      (await lb.mcmp('GET', '', '/api/v1/state')).text,
      (await lb.mcmp('GET', '', '/mod_cluster-manager')).text,
      JSON.stringify(lb.log),
    ].join('\n');
    const secret = certificates.client.keyPem.split('\n')[1] ?? '';
    expect(secret.length).toBeGreaterThan(20);
    expect(said).not.toContain(secret);
    expect(said).not.toContain('PRIVATE KEY');
  });
});

it('what a certificate says about itself changes no line of the log', async () => {
  const hosts = ['a.example', 'b.example', 'c.example', `${'d'.repeat(60)}.example`];
  const node = await startHttpsNode(
    'n1',
    identityOf(certificates.authority.issue({ name: 'many', hosts, use: 'server' })),
  );
  const lb = await startTestBalancer({ upstreamTls: UPSTREAM_TLS });
  await lb.register('n1', node.port, { type: 'https', load: null });
  await lb.get('/app/');
  const reason = lb.log.map(({ fields }) => fields['reason']).find((text) => typeof text === 'string');
  expect(reason).toBe(
    `127.0.0.1:${node.port} shows a certificate for a.example, b.example, c.example and 1 more, not for the Host it is registered with`,
  );
});

it('a node that stalls in its handshake holds a request as long as a silent node does, and no longer', async () => {
  const node = await startRawNode(() => {});
  const lb = await startTestBalancer({ upstreamTls: UPSTREAM_TLS });
  await lb.register('n1', node.port, { type: 'https', config: 'ping=1', load: null });
  const answer = await talk(lb.port, 'GET /app/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect([503, 504]).toContain(answer.status);
});

it('a node of TLS 1.2 that wants to negotiate once more, which costs us as much as the first time, is refused', async () => {
  const outcomes: string[] = [];
  const node = await startRawTlsNode(
    (socket) => {
      socket.on('data', (request: Buffer) => {
        if (request.toString('latin1').startsWith('OPTIONS ')) {
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
          return;
        }
        socket.on('error', () => outcomes.push('refused'));
        socket.once('secure', () => outcomes.push('negotiated'));
        socket.renegotiate({}, () => {});
      });
    },
    { maxVersion: 'TLSv1.2' },
  );
  const lb = await startTestBalancer({ upstreamTls: UPSTREAM_TLS });
  await lb.register('n1', node.port, { type: 'https' });
  await Promise.all([lb.get('/app/'), waitFor(() => outcomes.length > 0)]);
  expect(outcomes[0]).toBe('refused');
});
