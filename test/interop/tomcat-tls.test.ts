import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeDevCertificates, planDevCertificates } from '../../src/certs/index.ts';
import { readAuthorities, readCertificate } from '../../src/cli/certificate-files.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { waitFor } from '../support/wait-for.ts';
import { INTEROP_WANTED } from './java-program.ts';
import { buildTomcatNode, startTomcat } from './tomcat-node.ts';

const DEADLINE_MS = 20_000;

/** What `docs/certs.md` writes into the listener of a Tomcat. */
function storesOf(directory: string): Readonly<Record<string, string>> {
  return {
    'listener.ssl': 'true',
    'listener.sslKeyStore': join(directory, 'node.p12'),
    'listener.sslKeyStorePassword': 'changeit',
    'listener.sslKeyStoreType': 'PKCS12',
    'listener.sslTrustStore': join(directory, 'ca.p12'),
    'listener.sslTrustStorePassword': 'changeit',
    'listener.sslTrustStoreType': 'PKCS12',
  };
}

describe.runIf(INTEROP_WANTED)('a real Tomcat with the stores of mcmp certs dev', { timeout: 60_000 }, () => {
  beforeAll(buildTomcatNode, 300_000);

  it.each(['ec', 'rsa'] as const)(
    'speaks MCMP over TLS with a balancer that wants its certificate: %s',
    async (key) => {
      const directory = mkdtempSync(join(tmpdir(), 'mcmp-tomcat-tls-'));
      freeAfter(() => rmSync(directory, { recursive: true }));
      const args = { directory, host: [], node: ['node'], client: [], days: 1, key, force: false };
      await makeDevCertificates(planDevCertificates(args, 'here'));
      const certificate = readCertificate(join(directory, 'balancer.pem'), join(directory, 'balancer.key'));
      const clientCa = readAuthorities(join(directory, 'ca.pem')).ca;
      const balancer = await startTestBalancer({ mcmpTls: { certificate, clientCa } });
      await startTomcat({ balancer: `127.0.0.1:${balancer.mcmpPort}`, route: 'node', ...storesOf(directory) });
      await waitFor(async () => (await balancer.get('/one')).status === 200, DEADLINE_MS);
      expect((await balancer.get('/one/x')).text).toContain('node /one/x');
    },
  );
});
