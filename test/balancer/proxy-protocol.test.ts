import { connect, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { roleBehind } from '../../src/balancer/front/proxy-header.ts';
import type { BalancerOptions } from '../../src/balancer/index.ts';
import { type ProxiedPeer, writeProxyHeader, writeProxyLine } from '../../src/core/proxy-protocol/index.ts';
import { startTestBalancer, TEST_OPTIONS, type TestBalancer } from '../support/balancer.ts';
import { testCertificates } from '../support/certificates.ts';
import { freeAfter } from '../support/cleanup.ts';
import { freePort } from '../support/free-port.ts';
import { listenTls } from '../support/listen-tls.ts';
import { startNode, type TestNode } from '../support/node-server.ts';
import { openRaw, type RawAnswer, talk } from '../support/raw-http.ts';
import { readToEnd } from '../support/tls-client.ts';
import { waitFor } from '../support/wait-for.ts';

const CLIENT: ProxiedPeer = {
  command: 'proxy',
  sourceAddress: '203.0.113.7',
  sourcePort: 56_324,
  destinationAddress: '198.51.100.1',
  destinationPort: 443,
  tls: false,
};
const UNKNOWN: ProxiedPeer = {
  ...CLIENT,
  sourceAddress: '',
  sourcePort: 0,
  destinationAddress: '',
  destinationPort: 0,
};
const LOCAL: ProxiedPeer = { ...UNKNOWN, command: 'local' };
const GET = 'GET /app/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

async function scene(overrides: Partial<BalancerOptions> = {}): Promise<{ lb: TestBalancer; node: TestNode }> {
  const lb = await startTestBalancer({ proxyProtocolFrom: ['127.0.0.1'], ...overrides });
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  return { lb, node };
}

function behind(header: Buffer | string, request: Buffer | string): Buffer {
  return Buffer.concat([Buffer.from(header as string, 'latin1'), Buffer.from(request as string, 'latin1')]);
}

function told(node: TestNode, name: string): string | undefined {
  const { rawHeaders = [] } = node.seen.at(-1) ?? {};
  const at = rawHeaders.findIndex((header) => header.toLowerCase() === name);
  return at === -1 ? undefined : rawHeaders[at + 1];
}

async function counted(lb: TestBalancer, result: string): Promise<number> {
  const { body } = await lb.mcmp('GET', '', '/metrics');
  return Number(new RegExp(`mcmp_proxy_protocol_connections_total\\{result="${result}"\\} (\\d+)`).exec(body)?.[1]);
}

describe('a proxy of --proxy-protocol tells who its client is', () => {
  it.each([
    ['version 1', writeProxyLine(CLIENT)],
    ['version 2', writeProxyHeader(CLIENT)],
  ])('with %s', async (_, header) => {
    const { lb, node } = await scene();
    const answer = await talk(lb.port, behind(header, GET));
    expect(answer.status).toBe(200);
    expect(told(node, 'x-forwarded-for')).toBe('203.0.113.7');
    expect(told(node, 'x-forwarded-proto')).toBe('http');
    expect(await counted(lb, 'told')).toBe(1);
  });

  it('byte by byte', async () => {
    const { lb, node } = await scene();
    for (const header of [writeProxyLine(CLIENT), writeProxyHeader(CLIENT)]) {
      const client = await openRaw(lb.port);
      for (const byte of behind(header, GET)) {
        await new Promise<void>((resolve) => client.socket.write(Buffer.of(byte), () => resolve()));
      }
      expect((await client.closed()).status).toBe(200);
      expect(told(node, 'x-forwarded-for')).toBe('203.0.113.7');
    }
  });

  it('for each request of the connection', async () => {
    const { lb, node } = await scene();
    const client = await openRaw(lb.port);
    client.write(behind(writeProxyHeader(CLIENT), 'GET /app/1 HTTP/1.1\r\nHost: a\r\n\r\n'));
    await client.until((text) => text.includes('/app/1'));
    client.write(GET);
    await client.closed();
    expect(node.seen.length).toBe(2);
    expect(told(node, 'x-forwarded-for')).toBe('203.0.113.7');
  });

  it('with IPv6', async () => {
    const { lb, node } = await scene();
    const peer = { ...CLIENT, sourceAddress: '2001:db8::7', destinationAddress: '2001:db8::1' };
    await talk(lb.port, behind(writeProxyHeader(peer), GET));
    expect(told(node, 'x-forwarded-for')).toBe('2001:db8::7');
  });

  it('and that it came by TLS, where the proxy ended that', async () => {
    const { lb, node } = await scene();
    const peer: ProxiedPeer = { ...CLIENT, tls: true, tlsSession: { clientCertificate: 'none', verified: false } };
    await talk(lb.port, behind(writeProxyHeader(peer), GET));
    expect(told(node, 'x-forwarded-proto')).toBe('https');
  });

  it('behind which a body comes, whatever its pieces', async () => {
    const { lb, node } = await scene();
    const body = 'b'.repeat(200_000);
    const post = `POST /app/ HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
    expect((await talk(lb.port, behind(writeProxyHeader(CLIENT), post))).status).toBe(200);
    expect(node.seen.at(-1)?.body).toBe(body);
  });

  it('before TLS', async () => {
    const { lb, node } = await scene({ listenTls: listenTls(testCertificates().server) });
    for (const together of [true, false]) {
      const raw = await openRaw(lb.port);
      raw.socket.removeAllListeners('data');
      raw.write(writeProxyHeader(CLIENT));
      if (!together) await waitFor(async () => (await counted(lb, 'told')) === 2);
      const secure: TLSSocket = connect({ socket: raw.socket, rejectUnauthorized: false });
      freeAfter(() => {
        secure.destroy();
      });
      secure.write(GET);
      expect((await readToEnd(secure)).status).toBe(200);
      expect([told(node, 'x-forwarded-for'), told(node, 'x-forwarded-proto')]).toEqual(['203.0.113.7', 'https']);
    }
  });

  it('before HTTP/2 without TLS (--h2c)', async () => {
    const { lb } = await scene({ h2c: true });
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0';
    const tls: ProxiedPeer = { ...CLIENT, tls: true, alpn: 'h2' };
    for (const peer of [CLIENT, tls]) {
      const client = await openRaw(lb.port);
      client.write(behind(writeProxyHeader(peer), preface));
      // SETTINGS, which is frame type 4, comes first (RFC 9113 §3.4).
      expect((await client.until((text) => text.length >= 9)).charCodeAt(3)).toBe(4);
      client.close();
    }
  });

  it('until it is taken out of the list by a reload', async () => {
    const { lb, node } = await scene();
    expect(lb.balancer.reload({ ...TEST_OPTIONS, proxyProtocolFrom: [] })).not.toContain('proxyProtocolFrom');
    expect((await talk(lb.port, GET)).status).toBe(200);
    expect(told(node, 'x-forwarded-for')).toBe('127.0.0.1');
  });
});

describe('the real address counts', () => {
  it.each([
    ['when the proxy asks for itself (LOCAL), as health checks do', writeProxyHeader(LOCAL)],
    ['when the proxy does not know its client (UNKNOWN, version 1)', writeProxyLine(UNKNOWN)],
    ['when the proxy does not know its client (UNSPEC, version 2)', writeProxyHeader(UNKNOWN)],
  ])('%s', async (_, header) => {
    const { lb, node } = await scene();
    expect((await talk(lb.port, behind(header, GET))).status).toBe(200);
    expect(told(node, 'x-forwarded-for')).toBe('127.0.0.1');
    expect(await counted(lb, 'local')).toBe(1);
  });

  it('of those who are not in the list, whose header is no request', async () => {
    const { lb, node } = await scene({ proxyProtocolFrom: ['10.0.0.0/8'] });
    for (const header of [writeProxyLine(CLIENT), writeProxyHeader(CLIENT)]) {
      expect((await talk(lb.port, behind(header, GET))).status).toBe(400);
    }
    expect((await talk(lb.port, GET)).status).toBe(200);
    expect([node.seen.length, told(node, 'x-forwarded-for')]).toEqual([1, '127.0.0.1']);
  });

  it.each([
    ['version 1', writeProxyLine(CLIENT), {}],
    ['version 2', writeProxyHeader(CLIENT), {}],
    ['version 1, before TLS', writeProxyLine(CLIENT), { listenTls: listenTls(testCertificates().server) }],
    ['version 2, before TLS', writeProxyHeader(CLIENT), { listenTls: listenTls(testCertificates().server) }],
  ])(
    'of those who are not in the list, of which the log says once what to do: %s',
    async (_version, header, options) => {
      const lb = await startTestBalancer({ proxyProtocolFrom: [], ...options });
      const hints = (): unknown[] =>
        lb.log.filter(({ message }) => message.includes('where none is awaited')).map(({ fields }) => fields['hint']);
      await talk(lb.port, 'PROXY / HTTP/9\r\n\r\n');
      expect(hints()).toEqual([]);
      for (let round = 0; round < 2; round++) await talk(lb.port, behind(header, GET));
      expect(hints()).toEqual([expect.stringContaining('--proxy-protocol')]);
    },
  );

  it('at addresses for MCMP alone, where no header is read', async () => {
    const { lb } = await scene();
    expect((await lb.mcmp('INFO')).status).toBe(200);
    expect(
      (await talk(lb.mcmpPort, behind(writeProxyHeader(CLIENT), 'INFO / HTTP/1.1\r\nHost: a\r\n\r\n'))).status,
    ).toBe(400);
  });
});

describe('a proxy of the list that does not begin with a header', () => {
  it('is told so in HTTP when it speaks that, and no node hears of it', async () => {
    const { lb, node } = await scene();
    const answer = await talk(lb.port, GET);
    expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([400, 'proxy-header']);
    expect(node.seen).toEqual([]);
    expect(await counted(lb, 'missing')).toBe(1);
    expect(lb.log.filter(({ message }) => message.includes('PROXY protocol'))).toHaveLength(1);
  });

  it.each([
    ['a line that never ends', `PROXY TCP4 ${'1'.repeat(200)}`],
    ['a line with a wrong address', `PROXY TCP4 999.0.0.1 198.51.100.1 1 2\r\n${GET}`],
    ['a binary header of another version', `\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0${GET}`],
  ])('or with %s is cut off, and no node hears of it', async (_, bytes) => {
    const { lb, node } = await scene();
    const answer = await talk(lb.port, bytes);
    expect(answer.text).toBe('');
    expect(node.seen).toEqual([]);
    expect(await counted(lb, 'broken')).toBe(1);
  });

  it('in --header-timeout is cut off', async () => {
    const { lb } = await scene({ headerTimeoutMs: 100 });
    const client = await openRaw(lb.port);
    client.write('PROXY TCP4 203');
    expect((await client.closed()).text).toBe('');
    expect(await counted(lb, 'timeout')).toBe(1);
  });

  it('and says nothing at all looked whether the port is open: that is no failure', async () => {
    const { lb } = await scene();
    const client = await openRaw(lb.port);
    client.socket.end();
    await client.closed();
    for (const result of ['missing', 'broken', 'timeout']) expect(await counted(lb, result)).toBe(0);
    expect(lb.log.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('counts towards --max-connections while it waits', async () => {
    const lb = await startTestBalancer({ proxyProtocolFrom: ['127.0.0.1'], maxConnections: 1 });
    const waiting = await openRaw(lb.port);
    const next = await openRaw(lb.port);
    expect((await next.closed()).status).toBe(503);
    waiting.close();
  });
});

describe('at an address that takes MCMP as well, nobody gains rights by a header', () => {
  const INFO = 'INFO / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

  async function ask(allow: readonly string[], header: Buffer | string): Promise<RawAnswer> {
    const port = await freePort();
    const address = { host: '127.0.0.1', port };
    await startTestBalancer({
      listen: [address],
      mcmp: [address],
      mcmpAllow: allow,
      proxyProtocolFrom: ['127.0.0.1'],
    });
    return await talk(port, behind(header, INFO));
  }

  it.each([
    [
      'a client that is allowed, of a proxy that is allowed, is served',
      ['127.0.0.1', '203.0.113.0/24'],
      writeProxyHeader(CLIENT),
      200,
    ],
    ['a client that is not allowed is refused, although its proxy is', ['127.0.0.1'], writeProxyHeader(CLIENT), 403],
    [
      'a client that is allowed is refused behind a proxy that is not',
      ['203.0.113.0/24'],
      writeProxyHeader(CLIENT),
      501,
    ],
    ['a client without an address is refused', ['127.0.0.1'], writeProxyLine(UNKNOWN), 501],
    ['the proxy itself is served', ['127.0.0.1'], writeProxyHeader(LOCAL), 200],
  ])('%s', async (_, allow, header, status) => {
    expect((await ask(allow, header)).status).toBe(status);
  });

  it.each([
    ['elsewhere', '10.0.0.2', '10.0.0.9', true],
    ['here, and so is the proxy', '127.0.0.1', '127.0.0.1', true],
    ['here, and the proxy is not: programs on this machine need no token', '10.0.0.2', '127.0.0.1', false],
    ['here by IPv6, and the proxy is not', '10.0.0.2', '::1', false],
  ])('a client that is told to be %s', (_, proxy, sourceAddress, mcmp) => {
    const role = roleBehind({ traffic: true, mcmp: true }, () => true, proxy, { command: 'proxy', sourceAddress });
    expect(role).toEqual({ traffic: true, mcmp });
  });
});
