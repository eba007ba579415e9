import { describe, expect, it } from 'vitest';
import type { CertificateAndKey } from '../../../src/balancer/options.ts';
import type { Credentials } from '../../../src/certs/index.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { testCertificates } from '../../support/certificates.ts';
import { getOverTls } from '../../support/tls-client.ts';

function pair({ certPem, keyPem }: Credentials, files = 'a.pem,a.key'): CertificateAndKey {
  return { cert: certPem, key: keyPem, files };
}

describe('TLS for web traffic', () => {
  it('works', async () => {
    const { server, ca } = testCertificates();
    const { port } = await startTestBalancer({ listenTls: [{ address: null, certificate: pair(server) }] });
    const answer = await getOverTls(port, '/x', { ca, rejectUnauthorized: true });
    expect(answer.status).toBe(404);
  });
});
