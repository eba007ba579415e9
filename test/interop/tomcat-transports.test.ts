import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BalancerOptions } from '../../src/balancer/options.ts';
import { createAuthority } from '../../src/certs/index.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { waitFor } from '../support/wait-for.ts';
import { INTEROP_WANTED, WHY_SKIPPED } from './java-program.ts';
import { buildTomcatNode, startTomcat, type TomcatNode } from './tomcat-node.ts';

if (!INTEROP_WANTED) console.info(`Tests with AJP and HTTPS connectors of a real Tomcat are left out: ${WHY_SKIPPED}`);

const DEADLINE_MS = 20_000;
const SECRET = 'a secret of sixteen and more';
const BODY_BYTES = 10_000_000;
const CLIENTS = 8;

interface Connector {
  readonly name: string;
  readonly node: Readonly<Record<string, string>>;
  readonly balancer: Partial<BalancerOptions>;
  /** What the container says of its connection. */
  readonly scheme: string;
}

/** An authority of the test, and the files of a node that it certified. */
function certified(): { readonly ca: string; readonly certificate: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'mcmp-tomcat-'));
  const authority = createAuthority({ name: 'test', days: 1 });
  const leaf = authority.issue({ name: 'node', hosts: ['127.0.0.1'], use: 'server' });
  const [certificate, key] = [join(folder, 'node.pem'), join(folder, 'node.key')];
  writeFileSync(certificate, leaf.certPem);
  writeFileSync(key, leaf.keyPem, { mode: 0o600 });
  return { ca: authority.certPem, certificate, key };
}

function connectors(): readonly Connector[] {
  const { ca, certificate, key } = certified();
  return [
    { name: 'AJP', node: { type: 'ajp' }, balancer: {}, scheme: 'http' },
    {
      name: 'AJP with a secret',
      node: { type: 'ajp', secret: SECRET },
      balancer: { ajpSecret: SECRET },
      scheme: 'http',
    },
    {
      name: 'HTTPS',
      node: { type: 'https', certificate, key },
      balancer: { upstreamTls: { ca, certificate: null, insecure: false } },
      scheme: 'https',
    },
  ];
}

async function start(connector: Connector, nodes: number): Promise<{ balancer: TestBalancer; tomcats: TomcatNode[] }> {
  const balancer = await startTestBalancer(connector.balancer);
  const tomcats: TomcatNode[] = [];
  for (let n = 1; n <= nodes; n++) {
    const where = { balancer: `127.0.0.1:${balancer.mcmpPort}`, route: `node${n}` };
    tomcats.push(await startTomcat({ ...where, ...connector.node }));
  }
  await waitFor(async () => {
    const { body } = await balancer.mcmp('INFO');
    return (body.match(/Load: 100/g) ?? []).length === nodes && (body.match(/\/one/g) ?? []).length === nodes;
  }, DEADLINE_MS);
  return { balancer, tomcats };
}

const url = (balancer: TestBalancer, path: string): string => `http://127.0.0.1:${balancer.port}${path}`;

describe.runIf(INTEROP_WANTED)('a real Tomcat behind another connector', { timeout: 120_000 }, () => {
  beforeAll(buildTomcatNode, 300_000);

  it.each(INTEROP_WANTED ? connectors() : [])('is served over $name', async (connector) => {
    const { balancer, tomcats } = await start(connector, 1);
    const said = await (await fetch(url(balancer, '/one/here?request&a=b'))).text();
    expect(said.split('\n')).toEqual([
      'remote 127.0.0.1',
      connector.scheme === 'http' ? `server 127.0.0.1:${balancer.port}` : expect.stringMatching(/^server /),
      `scheme ${connector.scheme}`,
      'query request&a=b',
      'via 1.1 mcmp',
      expect.stringMatching(connector.scheme === 'https' ? /^cipher TLS_/ : /^cipher null/),
      'node1 /one/here',
    ]);

    const body = randomBytes(BODY_BYTES);
    const posted = await fetch(url(balancer, '/one/post'), { method: 'POST', body });
    expect(await posted.text()).toBe(`${BODY_BYTES} ${createHash('sha256').update(body).digest('hex')}`);
    // The connection is in order behind it.
    expect(await (await fetch(url(balancer, '/one/behind'))).text()).toBe('node1 /one/behind');

    const streamed = await (await fetch(url(balancer, '/one/stream?parts=1000'))).text();
    expect(streamed.split('\n')).toEqual([
      ...Array.from({ length: 1000 }, (_, at) => `part ${at + 1}`),
      'node1 /one/stream',
    ]);
    expect((await fetch(url(balancer, '/one/nothing'), { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(url(balancer, '/elsewhere'))).status).toBe(404);

    await tomcats[0]?.tell('exit');
    expect((await fetch(url(balancer, '/one'))).status).toBe(404);
  });

  it.each(INTEROP_WANTED ? connectors() : [])(
    'keeps sessions over $name, and no GET is lost when it is killed',
    async (connector) => {
      const { balancer, tomcats } = await start(connector, 2);
      const first = await fetch(url(balancer, '/one?session'));
      const cookie = /JSESSIONID=[^;]*\.(node\d)/.exec(first.headers.get('set-cookie') ?? '');
      expect(cookie).not.toBeNull();
      const [session = '', home = ''] = cookie ?? [];
      for (let n = 0; n < 20; n++) {
        expect(await (await fetch(url(balancer, '/one/stay'), { headers: { cookie: session } })).text()).toBe(
          `${home} /one/stay`,
        );
      }

      let isOver = false;
      const statuses = new Map<number, number>();
      const clients = Array.from({ length: CLIENTS }, async () => {
        while (!isOver) {
          const answer = await fetch(url(balancer, '/one/go'));
          await answer.text();
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        }
      });
      await waitFor(() => (statuses.get(200) ?? 0) > 500, DEADLINE_MS);
      const before = statuses.get(200) ?? 0;
      await tomcats[home === 'node1' ? 0 : 1]?.kill();
      await waitFor(() => (statuses.get(200) ?? 0) > before + 500, DEADLINE_MS);
      isOver = true;
      await Promise.all(clients);
      expect([...statuses.keys()]).toEqual([200]);
    },
  );

  it.each([
    ['another secret', 'not the one of the node'],
    ['none', ''],
  ])('is said to refuse the secret when the balancer has %s', async (_case, ajpSecret) => {
    const { balancer } = await start(
      { name: 'AJP', node: { type: 'ajp', secret: SECRET }, balancer: { ajpSecret }, scheme: 'http' },
      1,
    );
    const answer = await fetch(url(balancer, '/one'));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('x-mcmp-reason')).toBe('ajp-secret-refused');
    expect(await answer.text()).toMatch(/secret/);
    const words = JSON.stringify(balancer.log);
    expect(words).toMatch(/secret/);
    expect(words).not.toContain(SECRET);
    if (ajpSecret !== '') expect(words).not.toContain(ajpSecret);
  });

  it('is not trusted when its certificate is of an unknown authority', async () => {
    const { certificate, key } = certified();
    const balancer = await startTestBalancer();
    await startTomcat({ balancer: `127.0.0.1:${balancer.mcmpPort}`, type: 'https', certificate, key });
    await waitFor(async () => (await balancer.mcmp('INFO')).body.includes('/one'), DEADLINE_MS);
    await waitFor(async () => (await fetch(url(balancer, '/one'))).status === 503, DEADLINE_MS);
    expect(JSON.stringify(balancer.log)).toMatch(/authority/);
  });
});
