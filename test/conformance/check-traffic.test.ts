import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { checkTraffic } from '../../src/conformance/balancer/check-traffic.ts';
import { identityOf, testCertificates } from '../support/certificates.ts';
import { freeAfter } from '../support/cleanup.ts';
import { freePort } from '../support/free-port.ts';

const TIMEOUT_MS = 10_000;

async function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  freeAfter(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const plain = (): Promise<number> => portOf(createServer((socket) => socket.once('data', () => socket.destroy())));
const encrypted = (): Promise<number> => portOf(createTlsServer(identityOf(testCertificates().server)));

describe('the address of the web traffic, before any case', () => {
  it.each([
    ['http', plain, {}],
    ['https with the authority of its certificate', encrypted, { ca: testCertificates().ca }],
    ['https, with whatever certificate', encrypted, { insecure: true }],
  ] as const)('is fine: %s', async (name, start, tls) => {
    const url = new URL(`${name.split(' ')[0]?.replace(',', '')}://127.0.0.1:${await start()}`);
    await expect(checkTraffic(url, { tls, timeoutMs: TIMEOUT_MS })).resolves.toBeUndefined();
  });

  it.each([
    ['nothing listens there', freePort, 'http', 'unreachable', '(--traffic)'],
    ['its certificate is of an unknown authority', encrypted, 'https', 'refused', '--ca'],
    ['it does not speak TLS', plain, 'https', 'protocol', 'http://127.0.0.1'],
  ] as const)('is named when %s', async (_, start, scheme, kind, hint) => {
    const url = new URL(`${scheme}://127.0.0.1:${await start()}`);
    await expect(checkTraffic(url, { tls: {}, timeoutMs: TIMEOUT_MS })).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(`web traffic: ${scheme === 'http' ? 'cannot connect' : url.origin}`),
      hint: expect.stringContaining(hint),
    });
  });
});
