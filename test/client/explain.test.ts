import { describe, expect, it } from 'vitest';
import { explainFromBalancer, explainFromText, explainRequest } from '../../src/client/explain.ts';
import { explanationLines } from '../../src/client/explain-lines.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { startScriptedBalancer } from '../support/scripted-balancer.ts';
import { type RecordedBrand, recordingsOf, startRecordedBalancer } from './recordings.ts';

const get = (url: string, cookies: string[] = [], headers: string[] = []) =>
  explainRequest('get', url, headers, cookies);

/** Two nodes, one of them with half the strength; /shop on both, /old only on n2 and stopped. */
const INFO = [
  'Node: [0],Name: n1,Balancer: lb,LBGroup: ,Host: 127.0.0.1,Port: 1,Type: http,Flushpackets: Off,Flushwait: 10,Ping: 10,Smax: -1,Ttl: 60,Elected: 9,Read: 0,Transfered: 0,Connected: 0,Load: 100',
  'Node: [1],Name: n2,Balancer: lb,LBGroup: ,Host: 127.0.0.1,Port: 2,Type: http,Flushpackets: Off,Flushwait: 10,Ping: 10,Smax: -1,Ttl: 60,Elected: 3,Read: 0,Transfered: 0,Connected: 0,Load: -1',
  'Vhost: [0:1:0], Alias: shop.example',
  'Vhost: [1:1:1], Alias: shop.example',
  'Context: [0:1:0], Context: /shop, Status: ENABLED',
  'Context: [1:1:1], Context: /shop, Status: ENABLED',
  'Context: [1:1:2], Context: /old, Status: STOPPED',
  '',
].join('\n');

const DUMP = [
  'balancer: [0] Name: lb Sticky: 1 [SID]/[sid] remove: 0 force: 1 Timeout: 0 maxAttempts: 1',
  'node: [0:0],Balancer: lb,JVMRoute: n1,LBGroup: [],Host: 127.0.0.1,Port: 1,Type: http,flushpackets: 0,flushwait: 10,ping: 10,smax: -1,ttl: 60,timeout: 0',
  'host: 0 [shop.example] vhost: 1 node: 0',
  'context: 0 [/shop] vhost: 1 node: 0 status: 1',
  '',
].join('\n');

describe('explaining from saved answers', () => {
  const explain = (url: string, cookies: string[] = [], useAlias = false) =>
    explainFromText(INFO + DUMP, get(url, cookies), { useAlias });

  it.each([
    ['/shop/cart', [], 'n1', 'elected'],
    ['/shop/cart', ['SID=x.n1'], 'n1', 'sticky'],
    ['/shop/cart', ['SID=x.n2'], null, 'sticky-forced'],
    ['/shop;sid=x.n1', [], 'n1', 'sticky'],
    ['/shop', ['JSESSIONID=x.n2'], 'n1', 'elected'],
    ['/old', [], null, 'all-stopped'],
    ['/shopping', [], null, 'no-context'],
  ])('says of %s with %o: %s, %s', (url, cookies, winner, reason) => {
    expect(explain(url, cookies).explanation).toMatchObject({ winner, reason });
  });

  it('matches the host only when told that the balancer does', () => {
    expect(explain('http://shop.example/shop', [], true).explanation.winner).toBe('n1');
    expect(explain('http://other.example/shop', [], true).explanation.reason).toBe('no-host');
    expect(explain('http://other.example/shop').explanation.winner).toBe('n1');
  });

  it('takes the Host header before the host of the URL', () => {
    const request = get('http://other.example/shop', [], ['host: shop.example']);
    expect(explainFromText(INFO, request, { useAlias: true }).explanation.winner).toBe('n1');
  });

  it('gives no score, for it cannot know it', () => {
    expect(explain('/shop').explanation.candidates.map(({ value }) => value)).toEqual([null, null]);
  });

  it('says what it had to assume', () => {
    expect(explainFromText(INFO, get('/shop'), { useAlias: false }).caveats).toContainEqual(
      expect.stringContaining('no DUMP'),
    );
    const fromDump = explainFromText(DUMP, get('/shop', ['SID=x.n1']), { useAlias: false });
    expect(fromDump.caveats).toContainEqual(expect.stringContaining('no INFO'));
    expect(fromDump.explanation.reason).toBe('sticky');
  });

  it('recognises the brand from a saved head', () => {
    const saved = `HTTP/1.1 200 OK\r\nServer: Apache/2.4 mod_proxy_cluster/2.0.0.Dev\r\n\r\n${INFO}`;
    expect(explainFromText(saved, get('/shop'), { useAlias: false })).toMatchObject({
      brand: 'httpd-2',
      version: '2.0.0.Dev',
    });
  });

  it.each(['', '<html>', 'hello'])('does not take "%s" for a table of nodes', (text) => {
    const explain = () => explainFromText(text, get('/shop'), { useAlias: false });
    if (text === '') expect(explain().explanation.reason).toBe('no-context');
    else expect(explain).toThrow(expect.objectContaining({ kind: 'usage', code: 'MCMP_NO_TABLES' }));
  });

  it('reads INFO and DUMP in XML', () => {
    const [info, dump] = ['INFO', 'DUMP'].map((method) =>
      recordingsOf('httpd-2').findLast(
        (one) => one.method === method && one.accept === 'text/xml' && one.file === '05-two-nodes-many-contexts.json',
      ),
    );
    const text = `${info?.answer?.body ?? ''}\n${dump?.answer?.body ?? ''}`;
    const report = explainFromText(text, get('/nothing'), { useAlias: false });
    expect(report.explanation.reason).toBe('no-context');
    expect(report.caveats.join()).not.toMatch(/no INFO|no DUMP|could not be read/);
  });
});

describe('explaining a balancer of another brand', () => {
  it.each(['httpd-2', 'undertow', 'nginx'] as const)(
    'works with %s, from its INFO and DUMP',
    async (brand: RecordedBrand) => {
      const file = '02-one-node-life.json';
      const enabled = (one: { method: string; answer: { body: string } | undefined }) =>
        !['INFO', 'DUMP'].includes(one.method) || /ENABLED|status: 1/.test(one.answer?.body ?? '');
      const peer = await startRecordedBalancer(brand, file, enabled);
      freeAfter(() => peer.close());
      const report = await explainFromBalancer(peer.url, get('/app/x'), { useAlias: false });
      expect(report).toMatchObject({ source: 'tables', brand });
      expect(report.explanation.context).toBe('/app');
      expect(report.explanation.candidates.map(({ node }) => node)).toEqual(['node1']);
      expect(peer.requests.map(({ method }) => method)).toEqual(['GET', 'INFO', 'DUMP']);
      const lines = explanationLines(get('/app/x'), report).join('\n');
      expect(lines).toContain('worked out from its INFO and DUMP');
    },
  );

  it('turns to INFO and DUMP where the answer only looks like JSON', async () => {
    const peer = await startScriptedBalancer(({ method }) =>
      method === 'GET'
        ? { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"a":' }
        : { status: 200, body: method === 'INFO' ? INFO : DUMP },
    );
    freeAfter(() => peer.close());
    const report = await explainFromBalancer(peer.url, get('/shop'), { useAlias: false });
    expect(report).toMatchObject({ source: 'tables', explanation: { winner: 'n1' } });
  });

  it('passes on why the balancer cannot be asked', async () => {
    const peer = await startScriptedBalancer(() => ({
      status: 501,
      headers: { 'Content-Type': 'text/html' },
      body: '<html></html>',
    }));
    freeAfter(() => peer.close());
    await expect(explainFromBalancer(peer.url, get('/'), { useAlias: false })).rejects.toMatchObject({
      code: 'MCMP_NOT_RECEIVED',
    });
  });
});

describe('explaining a running serve', () => {
  it('passes on its own word', async () => {
    const lb = await startTestBalancer();
    await lb.register('n1', 9, { contexts: '/app', load: null });
    const request = get('http://a.example/app/x?y=z', ['JSESSIONID=secret-session.n1'], ['X-Other: 1']);
    const report = await explainFromBalancer(`http://127.0.0.1:${lb.mcmpPort}`, request, { useAlias: false });
    expect(report).toMatchObject({ source: 'balancer', brand: 'mcmp', version: '0.1.0', caveats: [] });
    expect(report.explanation).toMatchObject({ context: '/app', winner: 'n1', reason: 'sticky' });
    const lines = explanationLines(request, report);
    expect(lines.join('\n')).toContain('its own word');
    expect(lines.join('\n')).not.toContain('secret-session');
    expect(lines.at(-1)).toBe('=> n1: sticky (the session names this node)');
  });

  it('says so when no node would get the request', async () => {
    const lb = await startTestBalancer();
    const report = await explainFromBalancer(`http://127.0.0.1:${lb.mcmpPort}`, get('/x'), { useAlias: false });
    expect(explanationLines(get('/x'), report).at(-1)).toBe(
      '=> no node, 404: no-context (no context matches the path)',
    );
  });
});

it.each([
  [['NoColon'], []],
  [[], ['novalue']],
])('headers %o with cookies %o are refused', (headers, cookies) => {
  expect(() => explainRequest('GET', '/', headers, cookies)).toThrow(expect.objectContaining({ kind: 'usage' }));
});

it.each([
  ['G T', '/shop', 'the method'],
  ['GET', 'ftp://shop.example/', 'no URL'],
])('%s %s is no request', (method, url, words) => {
  expect(() => explainRequest(method, url, [], [])).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringContaining(words) }),
  );
});
