import { describe, expect, it } from 'vitest';
import type { BalancerOptions } from '../../../src/balancer/index.ts';
import { startTestBalancer, TEST_OPTIONS, type TestBalancer } from '../../support/balancer.ts';
import { startNode } from '../../support/node-server.ts';
import { pageClient } from './page-client.ts';

async function oneNode(options: Partial<BalancerOptions> = {}): Promise<TestBalancer> {
  const lb = await startTestBalancer(options);
  const node = await startNode('n1');
  await lb.register('n1', node.port, { contexts: '/app,/shop', config: 'Domain=east' });
  return lb;
}

async function nonceOf(lb: TestBalancer): Promise<string> {
  const text = (await pageClient(lb).get('?format=httpd')).body;
  return /^nonce=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/m.exec(text)?.[1] ?? '';
}

const DISABLE = 'Cmd=DISABLE-APP&Range=CONTEXT&JVMRoute=n1&Alias=localhost&Context=/app';

describe('what tools know of the page of httpd', () => {
  it('MCMP-MGR-01: GET is answered with HTML that names each node, on both paths; other methods are not', async () => {
    const lb = await oneNode({ managerPath: '/manager' });
    for (const path of ['/manager', '/mod_cluster_manager']) {
      const answer = await pageClient(lb, path).get();
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(answer.body).toContain('>n1</h4>');
    }
    expect((await lb.mcmp('PUT', '', '/manager')).status).not.toBe(200);
    expect((await pageClient(lb).get()).status).toBe(404);
  });

  it('MCMP-MGR-02, 03: Cmd=INFO and DUMP give what MCMP gives, as text or XML, with or without a nonce', async () => {
    const lb = await oneNode();
    const page = pageClient(lb);
    for (const command of ['INFO', 'DUMP'] as const) {
      const { body } = await lb.mcmp(command);
      expect(body).toContain('n1');
      for (const query of [`?Cmd=${command}&Range=ALL`, `?nonce=x&cmd=${command}`, `?CMD=${command.toLowerCase()}`]) {
        const answer = await page.get(query);
        expect(answer.headers.get('content-type')).toBe('text/plain');
        expect(answer.body, query).toBe(body);
      }
      const xml = await page.get(`?Cmd=${command}`, 'Accept: text/xml\r\n');
      expect(xml.headers.get('content-type')).toBe('text/xml');
      expect(xml.body).toMatch(/^<\?xml/);
    }
  });

  it.each([
    ['NODE&JVMRoute=n1', ['DISABLED', 'DISABLED']],
    ['DOMAIN&Domain=east', ['DISABLED', 'DISABLED']],
    ['CONTEXT&JVMRoute=n1&Alias=LOCALHOST&Context=/app', ['DISABLED', 'ENABLED']],
  ])('MCMP-MGR-04, 05: with the flag and the nonce, GET disables Range=%s', async (range, expected) => {
    const lb = await oneNode({ legacyManagerGet: true });
    const answer = await pageClient(lb).get(`?nonce=${await nonceOf(lb)}&Cmd=DISABLE-APP&Range=${range}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('class="notice done"');
    expect(await statuses(lb)).toEqual(expected);
  });

  it('removes what REMOVE-APP names, and takes CONTEXT for the range when none is given', async () => {
    const lb = await oneNode({ legacyManagerGet: true });
    const page = pageClient(lb);
    const nonce = await nonceOf(lb);
    await page.get(`?nonce=${nonce}&Cmd=REMOVE-APP&JVMRoute=n1&Alias=localhost&Context=/app`);
    expect(await statuses(lb)).toEqual(['ENABLED']);
    await page.get(`?nonce=${nonce}&Cmd=REMOVE-APP&Range=NODE&JVMRoute=n1`);
    expect(await page.look()).toContain('Being removed');
  });

  it.each([
    ['a range that there is not', 'Cmd=STOP-APP&Range=ALL', 'there is no such command, or no such range'],
    ['a command that there is not', 'Cmd=CONFIG', 'there is no such command, or no such range'],
    ['an unknown node', 'Cmd=STOP-APP&Range=NODE&JVMRoute=n2', 'there is no node n2'],
    ['no node', 'Cmd=STOP-APP&Range=NODE', 'no node was named'],
    ['no domain', 'Cmd=STOP-APP&Range=DOMAIN', 'no domain was named'],
    ['an unknown domain', 'Cmd=STOP-APP&Range=DOMAIN&Domain=west', 'there is no node in domain west'],
  ])('says Command failed to %s, on the page and in its text', async (_, query, why) => {
    const lb = await oneNode({ legacyManagerGet: true });
    const page = pageClient(lb);
    const nonce = await nonceOf(lb);
    expect(await page.look(`?nonce=${nonce}&${query}`)).toContain(`Command failed: ${why}<`);
    expect(await page.look(`?nonce=${nonce}&${query}&format=httpd`)).toContain(`\nCommand failed: ${why}\n`);
    expect(await statuses(lb)).toEqual(['ENABLED', 'ENABLED']);
  });

  it('MCMP-MGR-06: without the flag, or with a wrong nonce, a command changes nothing and the page is shown', async () => {
    const page = async (lb: TestBalancer, nonce: string) => {
      const text = await pageClient(lb).look(`?nonce=${nonce}&${DISABLE}`);
      expect(text).toContain('>n1</h4>');
      expect(text).not.toContain('class="notice');
      expect(await statuses(lb)).toEqual(['ENABLED', 'ENABLED']);
    };
    const plain = await oneNode();
    expect(await nonceOf(plain)).toBe('');
    expect(await pageClient(plain).look()).not.toContain('nonce');
    await page(plain, '');
    const legacy = await oneNode({ legacyManagerGet: true });
    await page(legacy, '');
    await page(legacy, '00000000-0000-4000-8000-000000000000');
    await page(legacy, await pageClient(legacy).formToken());
  });

  it('forgets the nonce of old tools when the flag is taken back while it runs', async () => {
    const lb = await oneNode({ legacyManagerGet: true });
    const nonce = await nonceOf(lb);
    lb.balancer.reload({ ...TEST_OPTIONS, legacyManagerGet: false });
    expect(await pageClient(lb).look(`?nonce=${nonce}&${DISABLE}`)).not.toContain('class="notice');
    expect(await statuses(lb)).toEqual(['ENABLED', 'ENABLED']);
  });

  it.each([
    ['?refresh=30', '30'],
    ['?Cmd=INFO&Range=ALL&refresh=30', '30'],
    ['?Cmd=DUMP&Refresh=0', '10'],
    ['?format=httpd&refresh=30', '30'],
    ['?Cmd=INFO', undefined],
    ['?Refresh=0', '10'],
    ['?REFRESH=-5', '10'],
    ['?refresh=soon', '10'],
    ['?refresh=99999', '3600'],
    ['', undefined],
    [`?refresh=30&done=${'0'.repeat(32)}`, '30; url=?refresh=30'],
  ])('MCMP-MGR-07: %j is answered with Refresh: %s', async (query, expected) => {
    const answer = await pageClient(await oneNode()).get(query);
    expect([answer.status, answer.headers.get('refresh')]).toEqual([200, expected]);
  });

  it('does not repeat a command when the page loads itself anew', async () => {
    const lb = await oneNode({ legacyManagerGet: true });
    const answer = await pageClient(lb).get(`?nonce=${await nonceOf(lb)}&${DISABLE}&refresh=10&filter=n1`);
    expect(answer.headers.get('refresh')).toBe('10; url=?filter=n1&refresh=10');
  });

  it.each(['?x', '?Cmd', '?Cmd=INFO&Range', '?a=1&b&c=2'])(
    'MCMP-MGR-08: %s, without an =, is answered with 400',
    async (query) => {
      expect((await pageClient(await oneNode()).get(query)).status).toBe(400);
    },
  );

  it.each(['?', '?&', '?a=', '?=', '?%='])('%j is read, and shows the page', async (query) => {
    expect((await pageClient(await oneNode()).get(query)).status).toBe(200);
  });

  it('MCMP-MGR-09: MCMP still works on the address of the page, at its path as well', async () => {
    const lb = await oneNode();
    expect((await lb.mcmp('PING', '', '/mod_cluster-manager')).body).toContain('State=OK');
  });

  it('format=httpd has the words that scripts look for', async () => {
    const lb = await oneNode();
    await lb.mcmp('STOP-APP', 'JVMRoute=n1&Alias=localhost&Context=/shop');
    await lb.get('/app');
    const answer = await pageClient(lb).get('?format=httpd');
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.body).toMatch(/^LBGroup east:$/m);
    expect(answer.body).toMatch(/^Node n1 \(http:\/\/127\.0\.0\.1:[0-9]+\):$/m);
    expect(answer.body).toMatch(
      /^Balancer: mycluster,LBGroup: east,Flushpackets: Off,Flushwait: 10000,Ping: 10000000,Smax: -1,Ttl: 60000000,Status: OK,Elected: 1,Read: [1-9][0-9]*,Transferred: [1-9][0-9]*,Connected: 0,Load: 100$/m,
    );
    expect(answer.body).toContain('/app, Status: ENABLED Request: 0\n/shop, Status: STOPPED Request: 0\n');
    expect(answer.body).toContain('Aliases:\nlocalhost\n');
  });
});

async function statuses(lb: TestBalancer): Promise<(string | undefined)[]> {
  return Array.from((await lb.mcmp('INFO')).body.matchAll(/, Status: (\S+)/g), ([, status]) => status);
}
