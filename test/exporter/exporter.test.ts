import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/observe/metrics/index.ts';
import { BRAND_NAMES, type RecordedBrand, startLastRecorded } from '../client/recordings.ts';
import { readExposition } from '../observe/metrics/read-exposition.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { programOf } from '../support/needs-program.ts';
import { startNode } from '../support/node-server.ts';
import { type ScriptedBalancer, startScriptedBalancer } from '../support/scripted-balancer.ts';
import { waitFor } from '../support/wait-for.ts';
import { linesOf, namesIn, startTestExporter } from './exporters.ts';

const PROMTOOL = programOf(['promtool'], 'prometheus', 'promtool reads what the exporter shows');

async function recorded(brand: RecordedBrand): Promise<ScriptedBalancer> {
  const peer = await startLastRecorded(brand);
  freeAfter(() => peer.close());
  return peer;
}

async function scripted(...args: Parameters<typeof startScriptedBalancer>): Promise<ScriptedBalancer> {
  const peer = await startScriptedBalancer(...args);
  freeAfter(() => peer.close());
  return peer;
}

const infoLine = (name: string, more = 'Load: 50'): string =>
  `Node: [0],Name: ${name},Balancer: b,LBGroup: ,Host: h,Port: 1,Type: http,Flushpackets: Off,Flushwait: 10,Ping: 10,Smax: -1,Ttl: 60,Elected: 7,Read: 8,Transfered: 9,Connected: 2,${more}\n`;

function answers(info: string, dump = ''): Parameters<typeof startScriptedBalancer>[0] {
  const headers = { 'Content-Type': 'text/plain', Server: 'Apache/2.4.71 mod_proxy_cluster/2.0.0' };
  return ({ method }) => ({ headers, body: method === 'INFO' ? info : dump });
}

describe('what a brand tells', () => {
  it.each([
    [
      'httpd-2',
      '2.0.0.Dev',
      { mcmp_node_load: true, mcmp_node_elected_total: true, mcmp_node_status_age_seconds: false },
    ],
    [
      'undertow',
      '2.3.27.Final',
      { mcmp_node_load: true, mcmp_node_elected_total: true, mcmp_node_failing_seconds: false },
    ],
    ['nginx', '1.6.3', { mcmp_node_load: false, mcmp_node_up: false, mcmp_node_elected_total: false }],
  ] as const)('is shown of %s, and what it cannot tell is absent', async (brand, version, shown) => {
    const peer = await recorded(brand);
    const exporter = await startTestExporter([peer.url]);
    const { body } = await exporter.get('/metrics');
    const target = `target="${peer.url}"`;
    expect(linesOf(body, 'mcmp_target_up')).toEqual([`{${target}} 1`]);
    expect(linesOf(body, 'mcmp_target_info')).toEqual([`{${target},brand="${brand}",version="${version}"} 1`]);
    expect(
      linesOf(body, 'mcmp_node_info')
        .map((line) => /node="(\w+)"/.exec(line)?.[1])
        .sort(),
    ).toEqual(['n1', 'n2']);
    expect(linesOf(body, 'mcmp_context_state').length).toBeGreaterThan(2);
    for (const [metric, there] of Object.entries(shown))
      expect([metric, namesIn(body).has(metric)]).toEqual([metric, there]);
    expect(namesIn(body).has('mcmp_table_rows_limit')).toBe(false);
    for (const { method, body: sent } of peer.requests) {
      expect(['INFO', 'DUMP', 'VERSION']).toContain(method);
      expect(sent).toBe('');
    }
  });

  it.each([
    ['httpd-2', ['active', 'standby', 'withdrawn', 'removing']],
    ['undertow', ['active', 'standby', 'error']],
    ['nginx', []],
  ] as const)('of the states of a node, %s tells apart %j', async (brand, states) => {
    const peer = await recorded(brand);
    const { body } = await (await startTestExporter([peer.url])).get('/metrics');
    const told = linesOf(body, 'mcmp_nodes').map((line) => /state="(\w+)"/.exec(line)?.[1]);
    expect(told).toEqual(states);
  });

  it('is everything of mcmp serve: errors, limits, requests in flight, when it was heard of', async () => {
    const lb = await startTestBalancer({ pingIntervalMs: 100 });
    const server = await startNode('n1');
    await lb.register('n1', server.port, { contexts: '/app,/other', load: 40 });
    server.kill();
    const exporter = await startTestExporter([`http://127.0.0.1:${lb.mcmpPort}`]);
    await waitFor(async () => (await exporter.get('/metrics')).body.includes('state="error"} 1'));
    const { body } = await exporter.get('/metrics');
    const node = `{target="http://127.0.0.1:${lb.mcmpPort}",node="n1"`;
    expect(linesOf(body, 'mcmp_node_load')).toEqual([`${node}} 40`]);
    expect(linesOf(body, 'mcmp_node_up')).toEqual([`${node}} 0`]);
    expect(linesOf(body, 'mcmp_node_state')).toContain(`${node},state="error"} 1`);
    expect(linesOf(body, 'mcmp_context_requests_in_flight')).toContain(`${node},host="localhost",context="/app"} 0`);
    expect(linesOf(body, 'mcmp_table_rows_limit')).toHaveLength(4);
    const [age = ''] = linesOf(body, 'mcmp_node_status_age_seconds');
    expect(Number(age.split(' ')[1])).toBeLessThan(10);
    const [failing = ''] = linesOf(body, 'mcmp_node_failing_seconds');
    expect(Number(failing.split(' ')[1])).toBeGreaterThan(0);
  });

  it('stands in the table of metrics as one of the exporter', async () => {
    const lb = await startTestBalancer();
    await lb.register('n1', 9);
    const exporter = await startTestExporter([`http://127.0.0.1:${lb.mcmpPort}`, 'http://127.0.0.1:1']);
    const { body } = await exporter.get('/metrics');
    const places = new Map(Object.entries(METRICS).map(([name, { place }]) => [name, place]));
    for (const [, name = ''] of body.matchAll(/^# TYPE (\S+)/gm)) {
      expect([name, ['both', 'exporter']]).toEqual([name, expect.arrayContaining([places.get(name)])]);
    }
  });
});

describe.skipIf(PROMTOOL === undefined)('promtool', () => {
  /** Says what is wrong; the names of INFO (`Transferred`) are not its business. */
  const check = (body: string): string =>
    execFileSync(PROMTOOL ?? '', ['check', 'metrics'], { input: body, encoding: 'utf8', stdio: 'pipe' });

  it.each(BRAND_NAMES)('accepts what is shown of %s', async (brand) => {
    const peer = await recorded(brand);
    const { body } = await (await startTestExporter([peer.url, 'http://127.0.0.1:1'])).get('/metrics');
    expect(check(body)).toBe('');
  });

  it('accepts names that were made to break it, and lets nothing through that moves a terminal', async () => {
    const names = [
      'a"b',
      'a\\',
      'a\\nb',
      'é',
      'x\u0085y',
      '\u001b[2J',
      '\u00e2\u0080\u00aeevil',
      '}',
      '(others)',
      'a'.repeat(9000),
    ];
    const contexts = names.map((name) => `Context: [0:1:0], Context: /${name}, Status: ENABLED\n`).join('');
    const info = names.map((name) => infoLine(name)).join('') + contexts;
    const peer = await scripted(answers(info));
    const { body } = await (await startTestExporter([peer.url])).get('/metrics');
    expect(linesOf(body, 'mcmp_node_load')).toHaveLength(names.length);
    expect(check(body)).toBe('');
    expect(body).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('accepts what a balancer says twice', async () => {
    const twice = 'Vhost: [0:1:0], Alias: a\nContext: [0:1:0], Context: /x, Status: ENABLED\n'.repeat(2);
    const group =
      'balancer: [0] Name: b Sticky: 1 [JSESSIONID]/[jsessionid] remove: 0 force: 0 Timeout: 0 maxAttempts: 1\n'.repeat(
        2,
      );
    const peer = await scripted(answers(infoLine('n') + infoLine('n') + infoLine('REMOVED').repeat(2) + twice, group));
    const { body } = await (await startTestExporter([peer.url])).get('/metrics');
    expect(check(body)).toBe('');
    expect(linesOf(body, 'mcmp_node_load')).toHaveLength(2);
    expect(linesOf(body, 'mcmp_nodes_without_row')[0]).toMatch(/ 2$/);
    expect(() => readExposition(body)).not.toThrow();
    expect(linesOf(body, 'mcmp_balancer_info')).toHaveLength(1);
  });
});

describe('one balancer that cannot be read', () => {
  it.each<[string, Parameters<typeof startScriptedBalancer>[0] | undefined, string]>([
    ['is not there', undefined, 'MCMP_UNREACHABLE'],
    ['does not answer', () => 'silence', 'MCMP_TIMEOUT'],
    ['closes', () => 'close', 'MCMP_NO_ANSWER'],
    ['does not let us', () => ({ status: 403 }), 'MCMP_FORBIDDEN'],
    ['is something else', () => ({ headers: { 'Content-Type': 'text/html' }, body: '<html>' }), 'MCMP_NOT_RECEIVED'],
    [
      'sends a broken document',
      () => ({ headers: { 'Content-Type': 'application/json' }, body: '{"nodes":[null]}' }),
      'MCMP_BROKEN_ANSWER',
    ],
    ['never stops to answer', () => ({ bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx' }), 'MCMP_TIMEOUT'],
  ])('because it %s, leaves the others as they are', async (_, react, code) => {
    const [first, last] = [await recorded('httpd-2'), await recorded('undertow')];
    const dead = react === undefined ? 'http://127.0.0.1:1' : (await scripted(react)).url;
    const exporter = await startTestExporter([first.url, dead, last.url], { client: { timeoutMs: 300 } });
    const { status, body } = await exporter.get('/metrics');
    expect(status).toBe(200);
    expect(linesOf(body, 'mcmp_target_up')).toEqual([
      `{target="${first.url}"} 1`,
      `{target="${dead}"} 0`,
      `{target="${last.url}"} 1`,
    ]);
    expect(linesOf(body, 'mcmp_target_failure')).toEqual([`{target="${dead}",code="${code}"} 1`]);
    expect(linesOf(body, 'mcmp_target_read_duration_seconds')).toHaveLength(3);
    expect(linesOf(body, 'mcmp_node_info')).toHaveLength(4);
    expect(linesOf(body, 'mcmp_node_info').join()).not.toContain(dead);
  });

  it('because it sends more than is taken of one, is given up before all of it came', async () => {
    let sent = 0;
    const peer = await scripted(async () => {
      sent += 1;
      return { headers: { 'Content-Type': 'text/plain' }, body: 'x'.repeat(1024 * 1024) };
    });
    const exporter = await startTestExporter([peer.url], { client: { timeoutMs: 15_000, maxAnswerBytes: 64 * 1024 } });
    const { body } = await exporter.get('/metrics');
    expect(linesOf(body, 'mcmp_target_failure')).toEqual([`{target="${peer.url}",code="MCMP_ANSWER_TOO_LONG"} 1`]);
    expect(sent).toBe(1);
  });

  it('is shown again as soon as it is back', async () => {
    let up = false;
    const relay = await scripted((request) => (up ? answers(infoLine('n1'))(request) : 'close'));
    const exporter = await startTestExporter([relay.url]);
    expect(linesOf((await exporter.get('/metrics')).body, 'mcmp_target_up')[0]).toMatch(/ 0$/);
    up = true;
    const { body } = await exporter.get('/metrics');
    expect(linesOf(body, 'mcmp_target_up')[0]).toMatch(/ 1$/);
    expect(namesIn(body).has('mcmp_target_failure')).toBe(false);
  });

  it('is given up before the scraper gives up', async () => {
    const [good, slow] = [await recorded('httpd-2'), await scripted(() => 'silence')];
    const exporter = await startTestExporter([good.url, slow.url], { client: { timeoutMs: 60_000 } });
    const { body } = await exporter.get('/metrics', { 'X-Prometheus-Scrape-Timeout-Seconds': '0.5' });
    expect(linesOf(body, 'mcmp_target_up').map((line) => line.slice(-1))).toEqual(['1', '0']);
  });
});
