import { createHash, randomBytes } from 'node:crypto';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import type { BalancerOptions } from '../../../src/balancer/index.ts';
import { startFleet } from '../../../src/node/simulator/fleet.ts';
import type { SimulatedNodeOptions } from '../../../src/node/simulator/types.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { identityOf, testCertificates } from '../../support/certificates.ts';
import { freeAfter } from '../../support/cleanup.ts';

const { ca, authority, client } = testCertificates();
const nodeTls = { authority: { cert: authority.certPem, key: authority.keyPem } };
const believing = { ca, certificate: null, insecure: false };
const known = { ...believing, certificate: { ...identityOf(client), files: 'client' } };
const ENCRYPTED = { tls: { version: 'TLSv1.3', clientSubject: null } };

describe('nodes of each type and a real balancer', () => {
  it.each<[string, string, Partial<SimulatedNodeOptions>, Partial<BalancerOptions>, object]>([
    ['http', 'in clear', { type: 'http' }, {}, {}],
    ['ajp', 'without a secret', { type: 'ajp' }, {}, { ajp: { secret: 'none' } }],
    ['ajp', 'with a secret', { type: 'ajp', ajp: { secret: 's' } }, { ajpSecret: 's' }, { ajp: { secret: 'right' } }],
    ['https', 'of an authority that is known', { type: 'https', nodeTls }, { upstreamTls: believing }, ENCRYPTED],
    ['wss', 'of the same', { type: 'wss', nodeTls }, { upstreamTls: believing }, ENCRYPTED],
    ['https', 'of their own making', { type: 'https' }, { upstreamTls: { ...believing, insecure: true } }, ENCRYPTED],
    [
      'https',
      'that want to see who calls',
      { type: 'https', nodeTls: { ...nodeTls, ca } },
      { upstreamTls: known },
      { tls: { clientSubject: 'CN=node1' } },
    ],
  ])(
    '%s, %s: they are registered as what they are, pinged, and reached',
    async (type, _words, nodes, options, said) => {
      const lb = await startTestBalancer(options);
      const fleet = await startFleet({
        ...nodes,
        route: 'n',
        nodes: 3,
        balancers: [`http://127.0.0.1:${lb.mcmpPort}`],
        statusIntervalMs: 100,
      });
      freeAfter(() => fleet.kill());
      await fleet.registered(10_000);
      const info = await lb.mcmp('INFO');
      for (const { route, port } of fleet.nodes.values()) {
        expect(info.text).toMatch(new RegExp(`Name: ${route},[^\\n]*Port: ${port},Type: ${type}`));
      }
      const url = `http://127.0.0.1:${lb.port}/app?a=1`;
      const body = randomBytes(100_000);
      const sha256 = createHash('sha256').update(body).digest('hex');
      await expect.poll(async () => (await lb.get('/app')).status).toBe(200);
      for (let i = 0; i < 5; i++) {
        const answer = await request(url, { method: 'POST', body });
        expect(await answer.body.json()).toMatchObject({
          method: 'POST',
          body: { sha256 },
          target: '/app?a=1',
          ...said,
        });
      }
      await fleet.leave(1000);
      expect((await lb.get('/app')).status).toBe(404);
    },
  );
});
