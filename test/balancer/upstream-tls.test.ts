import { expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { testCertificates } from '../support/certificates.ts';
import { startHttpsNode } from '../support/tls-node.ts';

const { ca } = testCertificates();
const UPSTREAM_TLS = { ca, certificate: null, insecure: false };

async function startBalancer(): Promise<TestBalancer> {
  return await startTestBalancer({ upstreamTls: UPSTREAM_TLS });
}

it('carries a request to an https node', async () => {
  const node = await startHttpsNode('n1');
  const balancer = await startBalancer();
  await balancer.register('n1', node.port, { type: 'https' });
  expect(await balancer.get('/app/x')).toMatchObject({ status: 200, body: expect.stringContaining('n1') });
  expect(node.handshakes.at(-1)).toEqual({
    serverName: '',
    alpn: 'http/1.1',
    resumed: false,
    version: 'TLSv1.3',
    client: '',
  });
});
