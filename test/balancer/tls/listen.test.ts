import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { Agent, request } from 'undici';
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../support/api-schema.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { identityOf, LOOPBACK_HOSTS, testCertificates } from '../../support/certificates.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { listenTls, mcmpTls, pairOf } from '../../support/listen-tls.ts';
import { startNode } from '../../support/node-server.ts';
import { openRaw, talk } from '../../support/raw-http.ts';
import { getOverTls, openTls, readToEnd } from '../../support/tls-client.ts';
import { waitFor } from '../../support/wait-for.ts';

const { server, client, expired, ca, authority, unknown } = testCertificates();
const site = authority.issue({ name: 'site', hosts: ['www.site.example', 'site.example'], use: 'server' });
const wild = authority.issue({ name: 'wild', hosts: ['*.site.example'], use: 'server' });

function certificateName(socket: TLSSocket): string {
  return String(socket.getPeerCertificate().subject.CN);
}

/** How a handshake ends from where the client stands: the code of its error. */
async function refusal(port: number, options: ConnectionOptions): Promise<string> {
  const error: unknown = await openTls(port, options).catch((thrown: unknown) => thrown);
  return error instanceof Error && 'code' in error ? String(error.code) : 'no refusal';
}

function failures(balancer: TestBalancer): string[] {
  return balancer.log
    .filter(({ message }) => message === 'A TLS handshake failed')
    .map(({ fields }) => String(fields['problem']));
}

describe('web traffic over TLS', () => {
  it('goes to nodes, who are told that the client came by https', async () => {
    const balancer = await startTestBalancer({ listenTls: listenTls(server) });
    const node = await startNode('n1');
    await balancer.register('n1', node.port);
    const answer = await getOverTls(balancer.port, '/app/x', { ca, rejectUnauthorized: true });
    expect(answer.status).toBe(200);
    expect(answer.end).toBe('fin');
    const headers = node.seen[0]?.rawHeaders ?? [];
    expect(headers[headers.indexOf('X-Forwarded-Proto') + 1]).toBe('https');
    expect(balancer.balancer.addresses.encrypted).toEqual(balancer.balancer.addresses.listen);
  });

  it('takes bodies of any size in both directions, by whatever pieces they come in', async () => {
    const balancer = await startTestBalancer({ listenTls: listenTls(server) });
    const node = await startNode('n1', (_, response, body) => response.end(body));
    await balancer.register('n1', node.port);
    const body = 'abcdefghij'.repeat(400_000);
    const socket = await openTls(balancer.port);
    socket.write(
      `POST /app HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
    );
    socket.write(body);
    expect((await readToEnd(socket)).body.endsWith(body.slice(-100_000))).toBe(true);
    expect(node.seen[0]?.body).toBe(body);
  });

  it('breaks off without an end of TLS when the node dies in the middle of a body, so that nobody takes it for whole', async () => {
    const balancer = await startTestBalancer({ listenTls: listenTls(server) });
    const node = await startNode('n1', (_, response) => {
      response.writeHead(200, { connection: 'close' });
      response.write('half of ');
    });
    await balancer.register('n1', node.port);
    const socket = await openTls(balancer.port);
    socket.write('GET /app HTTP/1.0\r\nHost: localhost\r\n\r\n');
    // A reset that comes together with data looks like an end to some.
    socket.once('data', () => node.kill());
    const answer = await readToEnd(socket);
    expect(answer.end).toBe('reset');
    expect((await getOverTls(balancer.port, '/x')).status).toBe(404);
  });

  it('may have an address of its own beside those that are not encrypted', async () => {
    const { port, balancer } = await startTestBalancer({
      listenTls: [{ address: { host: '127.0.0.1', port: 0 }, certificate: pairOf(server) }],
    });
    const [plain = '', encrypted = ''] = balancer.addresses.listen;
    expect(balancer.addresses.encrypted).toEqual([encrypted]);
    expect(plain).toBe(`127.0.0.1:${port}`);
    expect((await getOverTls(Number(encrypted.split(':')[1]), '/x')).status).toBe(404);
    expect((await talk(port, 'GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).status).toBe(404);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('resumes sessions of %s', async (version) => {
    const { port, balancer, mcmpPort } = await startTestBalancer({ listenTls: listenTls(server) });
    const first = await openTls(port, { minVersion: version, maxVersion: version });
    const sessions: Buffer[] = [];
    const early = first.getSession();
    if (version === 'TLSv1.2' && early !== undefined) sessions.push(early);
    first.on('session', (ticket) => sessions.push(ticket));
    first.write('GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await readToEnd(first);
    await waitFor(() => sessions.length > 0);
    const [session] = sessions;
    const second = await openTls(port, { maxVersion: version, ...(session === undefined ? {} : { session }) });
    expect(second.isSessionReused()).toBe(true);
    expect(balancer.addresses.listen).toHaveLength(1);
    const metrics = await talk(mcmpPort, 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(metrics.body).toContain('mcmp_tls_handshakes_total{listener="web",result="full"} 1\n');
    expect(metrics.body).toContain('mcmp_tls_handshakes_total{listener="web",result="resumed"} 1\n');
  });
});

describe('the certificate that is shown', () => {
  it.each([
    ['the first one to whom names no host', undefined, 'localhost'],
    ['the one for the very name', 'site.example', 'site'],
    ['the one for the very name before a wildcard', 'www.site.example', 'site'],
    ['the one with a wildcard', 'shop.site.example', 'wild'],
    ['the one for a name in other letters', 'SITE.example', 'site'],
    ['the first one when a wildcard would have to stand for two labels', 'a.shop.site.example', 'localhost'],
    ['the first one for a name that nobody has', 'elsewhere.example', 'localhost'],
  ])('is %s', async (_, servername, expected) => {
    const { port } = await startTestBalancer({ listenTls: listenTls(server, wild, site) });
    const socket = await openTls(port, servername === undefined ? {} : { servername });
    expect(certificateName(socket)).toBe(expected);
  });

  it('comes with its chain', async () => {
    const chained = { certPem: server.certPem + ca, keyPem: server.keyPem };
    const { port } = await startTestBalancer({ listenTls: listenTls(chained) });
    const socket = await openTls(port);
    expect(socket.getPeerCertificate(true).issuerCertificate.subject.CN).toBe('test authority');
  });
});

describe('a handshake fails, and the log says why,', () => {
  it.each([
    [
      'with TLS 1.1',
      { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      /no TLS later than 1\.1/,
    ],
    ['with no cipher in common', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-SHA' }, /none of our ciphers/],
    ['with an obsolete key exchange', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }, /none of our ciphers/],
    ['with no protocol in common (ALPN)', { ALPNProtocols: ['spdy/3'] }, /none of the protocols that are spoken here/],
  ] satisfies [string, ConnectionOptions, RegExp][])('%s', async (_, options, words) => {
    const balancer = await startTestBalancer({ listenTls: listenTls(server) });
    expect(await refusal(balancer.port, options)).not.toBe('no refusal');
    await waitFor(() => failures(balancer).length === 1);
    expect(failures(balancer)[0]).toMatch(words);
  });

  it('when the client goes away in the middle', async () => {
    const balancer = await startTestBalancer({ listenTls: listenTls(server) });
    const raw = await openRaw(balancer.port);
    raw.write('\x16\x03\x01\x02\x00\x01');
    raw.socket.end();
    await waitFor(() => failures(balancer).length === 1);
    expect(failures(balancer)[0]).toMatch(/went away/);
  });

  it('when it takes longer than --header-timeout, be it by silence or byte by byte', async () => {
    const balancer = await startTestBalancer({ listenTls: listenTls(server), headerTimeoutMs: 300 });
    const silent = await openRaw(balancer.port);
    const slow = await openRaw(balancer.port);
    slow.write('\x16\x03');
    await Promise.all([silent.closed(), slow.closed()]);
    expect(failures(balancer)).toEqual([
      'the handshake was not done in time (--header-timeout)',
      'the handshake was not done in time (--header-timeout)',
    ]);
  });

  it('without a word about a probe that just connects and leaves', async () => {
    const balancer = await startTestBalancer({ listenTls: listenTls(server), headerTimeoutMs: 60_000 });
    const probe = connectTcp(balancer.port, '127.0.0.1');
    freeAfter(() => {
      probe.destroy();
    });
    await new Promise<void>((resolve) => probe.once('connect', resolve));
    probe.end();
    await new Promise<void>((resolve) => probe.once('close', () => resolve()));
    expect(failures(balancer)).toEqual([]);
  });
});

describe('ALPN', () => {
  it.each([
    [['http/1.1'], 'http/1.1'],
    [['spdy/3', 'http/1.1'], 'http/1.1'],
  ])('of %j becomes %s', async (offered, chosen) => {
    const { port } = await startTestBalancer({ listenTls: listenTls(server) });
    expect((await openTls(port, { ALPNProtocols: offered })).alpnProtocol).toBe(chosen);
  });
});

describe('who speaks the wrong protocol', () => {
  it('gets an answer in plain HTTP at a port for TLS', async () => {
    const { port } = await startTestBalancer({ listenTls: listenTls(server) });
    const answer = await talk(port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(answer).toMatchObject({ status: 400, end: 'fin' });
    expect(answer.body).toBe('400 this port speaks TLS; use https (tls-port)\n');
  });

  it('gets nothing at a port for TLS when it is no HTTP either', async () => {
    const { port } = await startTestBalancer({ listenTls: listenTls(server) });
    expect((await talk(port, '\x00\x01\x02')).text).toBe('');
  });

  it('gets an alert of TLS at a port without, and one line in the log however often it comes', async () => {
    const balancer = await startTestBalancer();
    const codes = [await refusal(balancer.port, {}), await refusal(balancer.port, {})];
    for (const code of codes) expect(code).toMatch(/ALERT_UNEXPECTED_MESSAGE$/);
    const lines = balancer.log.filter(({ message }) => message === 'A client speaks TLS at a port without TLS');
    expect(lines.map(({ fields }) => fields['hint'])).toEqual([expect.stringContaining('--listen-tls')]);
    const bytewise = await openRaw(balancer.mcmpPort);
    bytewise.write('\x16');
    expect((await bytewise.closed()).text).toMatch(/^\x15\x03/);
    expect(balancer.log.some(({ fields }) => String(fields['hint']).includes('--mcmp-tls'))).toBe(true);
  });
});

describe('MCMP over TLS', () => {
  const nodes = { ca, rejectUnauthorized: true };

  it('takes messages, and shows the page, the API, the metrics and the health', async () => {
    const { balancer, mcmpPort } = await startTestBalancer({ mcmpTls: mcmpTls(server) });
    expect(balancer.addresses.encrypted).toEqual(balancer.addresses.mcmp);
    for (const path of ['/mod_cluster-manager', '/api/v1/state', '/metrics', '/healthz']) {
      expect((await getOverTls(mcmpPort, path, nodes)).status, path).toBe(200);
    }
    // It comes in chunks, whose lengths would stand in the middle of the JSON.
    const agent = new Agent({ connect: { ca, rejectUnauthorized: true } });
    freeAfter(() => agent.destroy());
    const { body: answer } = await request(`https://localhost:${mcmpPort}/api/v1/state`, { dispatcher: agent });
    const state: unknown = await answer.json();
    expect(problemsOf('state', state)).toEqual([]);
    expect(state).toMatchObject({ listen: { encrypted: balancer.addresses.mcmp } });
    const socket = await openTls(mcmpPort, nodes);
    const body = 'JVMRoute=n1&Host=127.0.0.1&Port=8080&Type=http';
    socket.write(`CONFIG / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
    expect((await readToEnd(socket)).status).toBe(200);
  });

  it.each([
    ['https://localhost', 200],
    // Another server of this machine, or somebody between who wrote a page that came without TLS.
    ['http://localhost', 403],
  ])('takes changes from a page of %s: %d', async (origin, status) => {
    const { mcmpPort } = await startTestBalancer({ mcmpTls: mcmpTls(server) });
    const socket = await openTls(mcmpPort, nodes);
    const body = JSON.stringify({ command: 'DISABLE-APP', route: 'n1', wildcard: true, dryRun: true });
    const head = [
      'POST /api/v1/commands HTTP/1.1',
      'Host: localhost',
      `Origin: ${origin}`,
      'Content-Type: application/json',
    ];
    socket.write(`${[...head, `Content-Length: ${body.length}`, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`);
    expect((await readToEnd(socket)).status).toBe(status);
  });

  it('offers no HTTP/2', async () => {
    const { mcmpPort } = await startTestBalancer({ mcmpTls: mcmpTls(server) });
    expect((await openTls(mcmpPort, { ALPNProtocols: ['h2', 'http/1.1'] })).alpnProtocol).toBe('http/1.1');
  });

  it('takes who shows a certificate of the authority, when one is given', async () => {
    const { mcmpPort } = await startTestBalancer({ mcmpTls: mcmpTls(server, ca) });
    expect((await getOverTls(mcmpPort, '/healthz', { ...nodes, ...identityOf(client) })).status).toBe(200);
  });

  const badClients: readonly (readonly [string, ConnectionOptions, RegExp, RegExp])[] = [
    ['shows none', {}, /is required here; none was shown/, /the client showed no certificate/],
    [
      'shows one of an unknown authority',
      identityOf(unknown.client),
      /was refused/,
      /of an authority that we do not know: CN=node1 of CN=unknown authority/,
    ],
    [
      'shows one that has expired',
      identityOf(
        authority.issue({ name: 'old', hosts: [], use: 'client', notBefore: new Date(0), notAfter: new Date(1e12) }),
      ),
      /was refused/,
      /has expired: CN=old of CN=test authority/,
    ],
    ['shows one that is only for servers', identityOf(expired), /was refused/, /has expired|not for clients/],
  ];
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it.each(badClients)(`refuses by ${version}, in words, who %s`, async (_, identity, answered, logged) => {
      const balancer = await startTestBalancer({ mcmpTls: mcmpTls(server, ca) });
      const socket = await openTls(balancer.mcmpPort, { ...identity, maxVersion: version });
      const answer = await readToEnd(socket);
      expect(answer).toMatchObject({ status: 403, end: 'fin' });
      expect(answer.body).toMatch(answered);
      expect(failures(balancer)).toEqual([expect.stringMatching(logged)]);
    });
  }
});

describe('one address for both', () => {
  it('is governed by --listen-tls', async () => {
    const { port } = await startTestBalancer({
      listen: [{ host: '127.0.0.1', port: 18_443 }],
      mcmp: [{ host: '127.0.0.1', port: 18_443 }],
      listenTls: listenTls(server),
    });
    expect((await getOverTls(port, '/healthz')).status).toBe(200);
  });

  it('must not be told to speak TLS twice', async () => {
    const both = [{ host: '127.0.0.1', port: 18_444 }];
    const wish = { listen: both, mcmp: both, mcmpTls: mcmpTls(server) };
    await expect(startTestBalancer(wish)).rejects.toThrow(/--mcmp-tls is for addresses of --mcmp alone/);
  });

  it('must not be told to speak TLS and not to', async () => {
    const address = { host: '127.0.0.1', port: 18_445 };
    const wish = { listen: [address], listenTls: [{ address, certificate: pairOf(server) }] };
    await expect(startTestBalancer(wish)).rejects.toThrow(/which is not encrypted, and one of --listen-tls/);
  });
});

describe('certificates that OpenSSL does not take', () => {
  it('keep the balancer from starting, with the names of their files', async () => {
    const broken = [{ address: null, certificate: { cert: server.certPem, key: client.keyPem, files: 'a.pem,b.key' } }];
    await expect(startTestBalancer({ listenTls: broken })).rejects.toThrow(/^a\.pem,b\.key cannot be used for TLS/);
  });

  it('are as good for any of their hosts', async () => {
    const { port } = await startTestBalancer({ listenTls: listenTls(server) });
    for (const host of LOOPBACK_HOSTS.slice(0, 2)) {
      const socket = connect({ host: '127.0.0.1', port, ca, ...(host === 'localhost' ? { servername: host } : {}) });
      freeAfter(() => {
        socket.destroy();
      });
      await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    }
  });
});
