import type { AddressInfo } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { createWire, type WireOptions } from '../../../src/node/wire/wire.ts';
import { identityOf, testCertificates } from '../../support/certificates.ts';
import { freeAfter } from '../../support/cleanup.ts';

const NEVER = new AbortController().signal;
const { ca, server, client, unknown } = testCertificates();
const balancer = identityOf(server);
const node = identityOf(client);

/** A TLS server that answers what arrives in one piece with the name of its peer. */
async function tlsBalancer(options: TlsOptions): Promise<number> {
  const server = createServer({ ...balancer, ...options }, (socket) => {
    const { subject } = socket.getPeerCertificate();
    const body = subject?.CN ?? 'nobody';
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  freeAfter(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function ask(port: number, tls: NonNullable<WireOptions['tls']>, manners: 'mcmp' | 'java' = 'mcmp') {
  const wire = createWire(`https://127.0.0.1:${port}`, { tls, manners });
  freeAfter(() => wire.close());
  return { wire, answer: wire.exchange({ method: 'INFO', target: '/', pairs: [] }, NEVER) };
}

describe('MCMP over TLS', () => {
  it.each(['mcmp', 'java'] as const)(
    'shows its certificate and keeps its connection, with the manners %s',
    async (manners) => {
      const port = await tlsBalancer({ ca, requestCert: true, rejectUnauthorized: true });
      const { wire, answer } = ask(port, { ca, ...node }, manners);
      expect((await answer).body).toBe('node1');
      const again = await wire.exchange({ method: 'STATUS', target: '/', pairs: [] }, NEVER);
      expect(again.body).toBe('node1');
      expect(wire.address).toBe(`https://127.0.0.1:${port}`);
      expect(wire.localAddress()).toBe('127.0.0.1');
    },
  );

  it('needs no certificate of its own where none is asked for', async () => {
    const port = await tlsBalancer({});
    expect((await ask(port, { ca }).answer).body).toBe('nobody');
  });

  it('refuses a balancer whose certificate another authority signed', async () => {
    const port = await tlsBalancer({});
    await expect(ask(port, { ca: unknown.ca }).answer).rejects.toMatchObject({ kind: 'refused', code: 'MCMP_TLS' });
    expect((await ask(port, { insecure: true }).answer).status).toBe(200);
  });

  it('fails where a certificate is wanted and none is shown', async () => {
    const port = await tlsBalancer({ ca, requestCert: true, rejectUnauthorized: true });
    // The alert may be lost when the server closes at once.
    await expect(ask(port, { ca }).answer).rejects.toMatchObject({
      code: expect.stringMatching(/^MCMP_(TLS|NO_ANSWER)$/),
    });
  });
});
