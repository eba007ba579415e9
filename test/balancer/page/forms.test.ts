import { describe, expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { startNode } from '../../support/node-server.ts';
import { openRaw } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { order, ordersIn, pageClient } from './page-client.ts';

const DISABLE = order('DISABLE-APP', 'CONTEXT', 'JVMRoute=n1&Alias=localhost&Context=/app');
const STOP = order('STOP-APP', 'CONTEXT', 'JVMRoute=n1&Alias=localhost&Context=/app');

/** Two nodes of a domain with the same two contexts. */
async function twoNodes(): Promise<TestBalancer> {
  const lb = await startTestBalancer();
  for (const route of ['n1', 'n2']) {
    const node = await startNode(route);
    await lb.register(route, node.port, { contexts: '/app,/shop', config: 'Domain=east' });
  }
  return lb;
}

async function statuses(lb: TestBalancer): Promise<string[]> {
  const { body } = await lb.mcmp('INFO');
  return Array.from(
    body.matchAll(/^Context: \[(\d+):\d+:\d+\], Context: (\S+), Status: (\S+)$/gm),
    ([, id, path, status]) => [`n${id}`, path, status].join(' '),
  ).sort();
}

describe('the buttons of the page', () => {
  it('disable one context of one node at once, say so once, and do nothing else', async () => {
    const lb = await twoNodes();
    const page = pageClient(lb);
    const answer = await page.post({ order: DISABLE });
    expect(answer.status).toBe(303);
    expect(answer.body).toBe('');
    const location = answer.headers.get('location') ?? '';
    expect(location).toMatch(/^\?done=[0-9a-f]{32}#node-\d+$/);
    const query = location.replace(/#.*/, '');
    expect(await page.look(query)).toContain('<p role="status">Disabled /app on n1.</p>');
    expect(await page.look(query)).not.toContain('class="notice');
    expect(await statuses(lb)).toEqual(['n0 /app DISABLED', 'n0 /shop ENABLED', 'n1 /app ENABLED', 'n1 /shop ENABLED']);
    const line = lb.log.find(({ fields }) => fields['by'] === 'page');
    expect(line?.fields).toMatchObject({ peer: '127.0.0.1', command: 'DISABLE-APP', answer: 'ok' });
  });

  it('offer what makes sense for a status, and nothing else', async () => {
    const lb = await twoNodes();
    const page = pageClient(lb);
    await lb.mcmp('STOP-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
    await lb.mcmp('DISABLE-APP', 'JVMRoute=n2&Alias=localhost&Context=/app,/shop');
    const offered = ordersIn(await page.look()).map((text) => text.replace(/^Cmd=(\S+?)-APP&Range=/, '$1 '));
    const of = (rest: string) => offered.filter((text) => text.endsWith(rest)).map((text) => text.split(' ')[0]);
    expect(of('CONTEXT&JVMRoute=n1&Alias=localhost&Context=/app')).toEqual(['ENABLE', 'DISABLE']);
    expect(of('CONTEXT&JVMRoute=n1&Alias=localhost&Context=/shop')).toEqual(['DISABLE', 'STOP']);
    expect(of('CONTEXT&JVMRoute=n2&Alias=localhost&Context=/app')).toEqual(['ENABLE', 'STOP']);
    expect(of('NODE&JVMRoute=n1')).toEqual(['ENABLE', 'DISABLE', 'STOP']);
    expect(of('NODE&JVMRoute=n2')).toEqual(['ENABLE', 'STOP']);
    expect(of('DOMAIN&Domain=east')).toEqual(['ENABLE', 'DISABLE', 'STOP']);
    expect(offered.join()).not.toContain('REMOVE');
  });

  it.each([
    ['NODE&JVMRoute=n1', 'Stopped 2 contexts of node n1.', 2],
    ['DOMAIN&Domain=east', 'Stopped 4 contexts of 2 nodes of domain east.', 4],
  ])('stop a whole %s after a second click, and not before', async (rest, said, stopped) => {
    const lb = await twoNodes();
    const page = pageClient(lb);
    const text = `Cmd=STOP-APP&Range=${rest}`;
    const question = await page.click(text);
    expect(question).toContain(`${stopped} contexts change.`);
    expect(await statuses(lb)).not.toContainEqual(expect.stringContaining('STOPPED'));
    expect(await page.click(text, true)).toContain(said);
    expect((await statuses(lb)).filter((row) => row.endsWith('STOPPED'))).toHaveLength(stopped);
  });

  it('ask before the last place of a context is disabled, and say which', async () => {
    const lb = await twoNodes();
    const page = pageClient(lb);
    expect(await page.click(DISABLE)).toContain('Disabled /app on n1.');
    const question = await page.click(DISABLE.replace('n1', 'n2'));
    expect(question).toContain('<h1>Disable /app on n2?</h1>');
    expect(question).toContain('No other node takes new requests for /app.');
    expect(await statuses(lb)).toContain('n1 /app ENABLED');
  });

  it('count the requests in flight in the question', async () => {
    const lb = await startTestBalancer();
    let finish: () => void = () => {};
    const node = await startNode('n1', (_request, response) => {
      finish = () => response.end();
    });
    await lb.register('n1', node.port);
    const client = await openRaw(lb.port);
    client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
    await waitFor(() => node.seen.length === 1);
    expect(await pageClient(lb).click(STOP)).toContain('1 request in flight will be finished.');
    finish();
  });

  it('do nothing to what is as wanted already, and say so', async () => {
    const lb = await twoNodes();
    const page = pageClient(lb);
    await page.click(DISABLE);
    const events = lb.log.length;
    expect(await page.click(DISABLE)).toContain('Nothing to do: /app on n1 is already disabled.');
    expect(lb.log.slice(events).filter(({ level }) => level === 'info')).toEqual([]);
  });

  it.each([
    ['a node that is gone', 'JVMRoute=n9&Alias=localhost&Context=/app', 'there is no node n9'],
    [
      'a context that is gone',
      'JVMRoute=n1&Alias=localhost&Context=/gone',
      'node n1 has no context /gone on host localhost',
    ],
  ])('make nothing of %s, though MCMP would', async (_, rest, why) => {
    const lb = await twoNodes();
    const before = await statuses(lb);
    const page = await pageClient(lb).click(order('ENABLE-APP', 'CONTEXT', rest));
    expect(page).toContain(`<p role="alert">Nothing was changed: ${why}.</p>`);
    expect(await statuses(lb)).toEqual(before);
  });

  it('lead back to the part of the page that was looked at', async () => {
    const lb = await twoNodes();
    const answer = await pageClient(lb).post({ order: DISABLE }, { query: '?filter=n1&refresh=30&page=1' });
    expect(answer.headers.get('location')).toMatch(/^\?filter=n1&refresh=30&done=[0-9a-f]{32}#node-0$/);
  });

  it('work on names that are no UTF-8, or full of what URLs and forms use', async () => {
    const lb = await startTestBalancer();
    await lb.mcmp('CONFIG', 'JVMRoute=n%FC%26%3D%25+1&Host=127.0.0.1&Port=9&Type=http');
    await lb.mcmp('ENABLE-APP', 'JVMRoute=n%FC%26%3D%25+1&Alias=localhost&Context=/%C3%A4%2B%FF');
    const page = pageClient(lb);
    const [disable = ''] = ordersIn(await page.look()).filter((text) =>
      text.startsWith('Cmd=DISABLE-APP&Range=CONTEXT'),
    );
    await page.click(disable, true);
    expect((await lb.mcmp('INFO')).body).toContain('/\u00c3\u00a4+\u00ff, Status: DISABLED');
  });
});
