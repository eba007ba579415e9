import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { METRIC_NAMES, METRICS, type MetricRow, metricRow } from '../../src/observe/metrics/index.ts';
import { type ReadFamily, readExposition, sampleValue } from '../observe/metrics/read-exposition.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { testCertificates } from '../support/certificates.ts';
import { pairOf } from '../support/listen-tls.ts';
import { programOf } from '../support/needs-program.ts';
import { startNode } from '../support/node-server.ts';
import { openRaw, type RawAnswer, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const promtool = programOf(['promtool'], 'prometheus', 'promtool reads what /metrics says');

type Scrape = ReadonlyMap<string, ReadFamily>;

async function scrapeText(balancer: TestBalancer, headers = ''): Promise<RawAnswer> {
  return await talk(balancer.mcmpPort, `GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n${headers}\r\n`);
}

async function scrape(balancer: TestBalancer): Promise<Scrape> {
  return readExposition(Buffer.from((await scrapeText(balancer)).body, 'latin1').toString('utf8'));
}

/** Waits until the numbers of requests that have ended are those that a test sent: the last is counted behind its answer. */
async function settled(balancer: TestBalancer, requests: number): Promise<Scrape> {
  let read: Scrape = new Map();
  await waitFor(async () => {
    read = await scrape(balancer);
    const ended = read.get('mcmp_requests_total')?.samples.reduce((sum, { value }) => sum + value, 0);
    return ended === requests;
  });
  return read;
}

function valuesBy(read: Scrape, name: string, label: string): Record<string, number> {
  const samples = read.get(name)?.samples ?? [];
  return Object.fromEntries(samples.filter(({ value }) => value > 0).map((one) => [one.labels.get(label), one.value]));
}

function lint(text: string): string {
  return execFileSync(promtool ?? 'promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
}

describe('what /metrics says about traffic', () => {
  it('is what was sent: results, codes, nodes, contexts, sessions, retries', async () => {
    const balancer = await startTestBalancer();
    const a = await startNode('a', (request, response) => {
      response.statusCode = request.url?.includes('broken') ? 500 : request.url?.includes('away') ? 302 : 200;
      response.end('answer');
    });
    const b = await startNode('b');
    const config = 'StickySessionForce=no';
    await balancer.register('a', a.port, { contexts: '/app,/more', config, load: 1 });
    await balancer.register('b', b.port, { config, load: 100 });

    await balancer.get('/app/1', 'Cookie: JSESSIONID=x.a\r\n');
    await balancer.get('/app/2', 'Cookie: JSESSIONID=x.a\r\n');
    await balancer.get('/app/3;jsessionid=y.b');
    await balancer.get('/more/away');
    await balancer.get('/more/broken');
    await balancer.get('/more/broken', 'Cookie: JSESSIONID=z.gone\r\n');
    await balancer.get('/nowhere');
    await talk(balancer.port, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n');
    // Its kept connection breaks, so does the new one, and another node of the context takes over.
    b.kill();
    await balancer.get('/app/4;jsessionid=y.b');

    const read = await settled(balancer, 8);
    expect(valuesBy(read, 'mcmp_requests_total', 'result')).toEqual({ '2xx': 4, '3xx': 1, '4xx': 1, '5xx': 2 });
    expect(valuesBy(read, 'mcmp_answers_total', 'code')).toEqual({
      sticky: 3,
      elected: 3,
      'no-context': 1,
      failover: 1,
    });
    expect(sampleValue(read, 'mcmp_request_duration_seconds_count')).toBe(8);
    expect(sampleValue(read, 'mcmp_bad_requests_total')).toBe(1);
    const ofNode = (node: string, result: string) => sampleValue(read, 'mcmp_node_requests_total', { node, result });
    expect([ofNode('a', '2xx'), ofNode('a', '3xx'), ofNode('a', '5xx'), ofNode('b', '2xx')]).toEqual([3, 1, 2, 1]);
    expect(sampleValue(read, 'mcmp_node_request_duration_seconds_count', { node: 'a' })).toBe(6);
    const at = { node: 'a', host: 'localhost' };
    expect(sampleValue(read, 'mcmp_context_requests_total', { ...at, context: '/more', result: '5xx' })).toBe(2);
    expect(sampleValue(read, 'mcmp_context_request_duration_seconds_count', { ...at, context: '/app' })).toBe(3);
    expect(valuesBy(read, 'mcmp_sticky_requests_total', 'outcome')).toEqual({ hit: 3, failover: 1, 'no-route': 1 });
    expect(valuesBy(read, 'mcmp_session_ids_total', 'source')).toEqual({ cookie: 3, path: 2 });
    expect(sampleValue(read, 'mcmp_node_up', { node: 'a' })).toBe(1);
    expect(sampleValue(read, 'mcmp_node_up', { node: 'b' })).toBe(0);
    expect(sampleValue(read, 'mcmp_node_state', { node: 'b', state: 'error' })).toBe(1);
    const retries = Object.values(valuesBy(read, 'mcmp_retries_total', 'reason')).reduce(
      (sum, count) => sum + count,
      0,
    );
    expect(retries).toBeGreaterThanOrEqual(1);
    expect(sampleValue(read, 'mcmp_node_connects_total', { result: 'failed' })).toBeGreaterThanOrEqual(1);
    expect(sampleValue(read, 'mcmp_node_elected_total', { node: 'a' })).toBe(6);
    expect(sampleValue(read, 'mcmp_node_sent_bytes_total', { node: 'a' })).toBeGreaterThan(6 * 50);
  });

  it('has requests in flight while they are, for node, context and connection', async () => {
    const balancer = await startTestBalancer();
    const waiting: (() => void)[] = [];
    const node = await startNode('n', (_request, response) => {
      waiting.push(() => response.end('late'));
    });
    await balancer.register('n', node.port);
    const answer = balancer.get('/app/slow');
    await waitFor(() => waiting.length === 1);
    const during = await scrape(balancer);
    const context = { node: 'n', host: 'localhost', context: '/app' };
    expect(sampleValue(during, 'mcmp_node_requests_in_flight', { node: 'n' })).toBe(1);
    expect(sampleValue(during, 'mcmp_context_requests_in_flight', context)).toBe(1);
    expect(sampleValue(during, 'mcmp_node_connections', { node: 'n', state: 'busy' })).toBe(1);
    expect(sampleValue(during, 'mcmp_client_connections', { listener: 'web' })).toBe(1);
    waiting[0]?.();
    await answer;
    const after = await settled(balancer, 1);
    expect(sampleValue(after, 'mcmp_node_requests_in_flight', { node: 'n' })).toBe(0);
    expect(sampleValue(after, 'mcmp_context_requests_in_flight', context)).toBe(0);
    expect(sampleValue(after, 'mcmp_node_connections', { node: 'n', state: 'idle' })).toBe(1);
  });
});

describe('what /metrics says about the cluster', () => {
  it('is what nodes said: states, loads, contexts, messages, tables', async () => {
    const balancer = await startTestBalancer();
    const { port } = await startNode('n');
    await balancer.register('active', port, { contexts: '/a,/b,/c', config: 'Domain=blue' });
    await balancer.register('standby', (await startNode('s')).port, { load: 0 });
    await balancer.register('withdrawn', (await startNode('w')).port, { load: -1 });
    await balancer.mcmp('DISABLE-APP', 'JVMRoute=active&Alias=localhost&Context=/b');
    await balancer.mcmp('STOP-APP', 'JVMRoute=active&Alias=localhost&Context=/c');
    await balancer.mcmp('REMOVE-APP', 'JVMRoute=standby', '/*');
    await balancer.mcmp('CONFIG', 'JVMRoute=');
    await balancer.mcmp('STATUS', 'JVMRoute=nobody&Load=1');

    const read = await scrape(balancer);
    expect(valuesBy(read, 'mcmp_nodes', 'state')).toEqual({ active: 1, withdrawn: 1, removing: 1 });
    expect(valuesBy(read, 'mcmp_contexts', 'status')).toEqual({ enabled: 2, disabled: 1, stopped: 1 });
    const at = { node: 'active', host: 'localhost' };
    const statusOf = (context: string) => sampleValue(read, 'mcmp_context_state', { ...at, context });
    expect([statusOf('/a'), statusOf('/b'), statusOf('/c')]).toEqual([1, 2, 3]);
    expect(sampleValue(read, 'mcmp_node_load', { node: 'withdrawn' })).toBe(-1);
    expect(sampleValue(read, 'mcmp_node_up', { node: 'withdrawn' })).toBe(0);
    const info = read.get('mcmp_node_info')?.samples.find(({ labels }) => labels.get('node') === 'active');
    expect(Object.fromEntries(info?.labels ?? [])).toEqual({
      node: 'active',
      address: `http://127.0.0.1:${port}`,
      balancer: 'mycluster',
      domain: 'blue',
    });
    const messages = (command: string, answer: string) =>
      sampleValue(read, 'mcmp_messages_total', { command, answer }) ?? 0;
    expect([messages('CONFIG', 'ok'), messages('CONFIG', 'SYNTAX'), messages('STATUS', 'ok')]).toEqual([3, 1, 3]);
    expect(messages('STATUS', 'MEM')).toBe(1);
    expect(valuesBy(read, 'mcmp_table_rows', 'table')).toEqual({
      nodes: 3,
      contexts: 4,
      hosts: 2,
      balancers: 1,
      'named-contexts': 4,
    });
    expect(sampleValue(read, 'mcmp_table_rows_limit', { table: 'nodes' })).toBe(1000);
  });

  it('has the age of what was heard last, which a STATUS makes young again', async () => {
    const balancer = await startTestBalancer();
    await balancer.register('n', (await startNode('n')).port);
    const age = async () => sampleValue(await scrape(balancer), 'mcmp_node_status_age_seconds', { node: 'n' }) ?? -1;
    await waitFor(async () => (await age()) >= 0.5);
    await balancer.mcmp('STATUS', 'JVMRoute=n&Load=50');
    expect(await age()).toBeLessThan(0.5);
  });

  it('counts a context right whose status changed before its node was known', async () => {
    const balancer = await startTestBalancer();
    const { port } = await startNode('n');
    await balancer.mcmp('ENABLE-APP', 'JVMRoute=n&Alias=localhost&Context=/app');
    await balancer.mcmp('STOP-APP', 'JVMRoute=n&Alias=localhost&Context=/app');
    await balancer.mcmp('CONFIG', `JVMRoute=n&Host=127.0.0.1&Port=${port}&Type=http`);
    const before = await scrape(balancer);
    const total = Object.values(valuesBy(before, 'mcmp_contexts', 'status')).reduce((sum, count) => sum + count, 0);
    expect([total, sampleValue(before, 'mcmp_table_rows', { table: 'contexts' })]).toEqual([1, 1]);
  });
});

describe('rows', () => {
  it('are bounded, the same for all metrics, and counters never fall as nodes come, leave and are counted together', async () => {
    const balancer = await startTestBalancer({ metricsNodes: 2, metricsContexts: 2, waitBeforeRemoveMs: 0 });
    const nodes = await Promise.all([1, 2, 3, 4].map((number) => startNode(`n${number}`)));
    for (const [index, node] of nodes.entries()) {
      await balancer.register(`n${index + 1}`, node.port, { contexts: `/app${index + 1}` });
    }
    const scrapes: Scrape[] = [await scrape(balancer)];
    let sent = 0;
    const visit = async (...numbers: number[]): Promise<void> => {
      for (const number of numbers) {
        expect((await balancer.get(`/app${number}/`)).status).toBe(200);
        sent++;
      }
      scrapes.push(await settled(balancer, sent));
    };
    await visit(4, 3, 1, 4);
    const full = scrapes.at(-1) ?? new Map();
    for (const name of METRIC_NAMES.filter((one) => metricRow(one).per === 'node')) {
      const found = new Set(
        full.get(name)?.samples.map(({ labels }: { labels: Map<string, string> }) => labels.get('node')),
      );
      expect([...found].sort(), name).toEqual(metricRow(name).others ? ['(others)', 'n3', 'n4'] : ['n3', 'n4']);
    }
    expect(sampleValue(full, 'mcmp_nodes_without_row')).toBe(2);
    expect(sampleValue(full, 'mcmp_contexts_without_row')).toBe(2);
    expect(sampleValue(full, 'mcmp_node_requests_total', { node: '(others)', result: '2xx' })).toBe(1);
    expect(sampleValue(full, 'mcmp_node_requests_total', { node: 'n4', result: '2xx' })).toBe(2);

    await balancer.mcmp('REMOVE-APP', 'JVMRoute=n4', '/*');
    await waitFor(async () => sampleValue(await scrape(balancer), 'mcmp_table_rows', { table: 'nodes' }) === 3);
    await visit(1, 1, 2, 3);
    const last = scrapes.at(-1) ?? new Map();
    expect(sampleValue(last, 'mcmp_node_requests_total', { node: 'n4', result: '2xx' })).toBeUndefined();
    expect(sampleValue(last, 'mcmp_node_requests_total', { node: '(others)', result: '2xx' })).toBeGreaterThanOrEqual(
      3,
    );
    const byNode = last
      .get('mcmp_node_requests_total')
      ?.samples.reduce((sum: number, one: { value: number }) => sum + one.value, 0);
    expect(byNode).toBe(sent);
    for (const [index, later] of scrapes.entries()) expectNoCounterFell(scrapes[index - 1], later);
  });
});

function expectNoCounterFell(before: Scrape | undefined, after: Scrape): void {
  for (const [name, { type, samples }] of before ?? []) {
    if (type === 'gauge') continue;
    for (const sample of samples) {
      const later = sampleValue(after, sample.name, Object.fromEntries(sample.labels));
      if (later !== undefined) expect(later, `${name} ${[...sample.labels]}`).toBeGreaterThanOrEqual(sample.value);
    }
  }
}

describe('a busy balancer with peers of all kinds', () => {
  const ROUTES = ['plain', 'Caf%C3%A9', 'Caf%E9', 'a%7Bb%7D', '%28others%29', 'x'.repeat(60), '%E2%80%AEright'];

  async function busy(): Promise<TestBalancer> {
    const balancer = await startTestBalancer({
      limits: { maxNodes: ROUTES.length, maxContexts: 2 * ROUTES.length, maxHosts: 20 },
      useAlias: true,
      listenTls: [{ address: { host: '127.0.0.1', port: 0 }, certificate: pairOf(testCertificates().server) }],
    });
    for (const route of ROUTES) {
      await balancer.register(route, (await startNode('n')).port, {
        contexts: `/app,/${route}`,
        alias: `localhost,${route}`,
        load: null,
      });
    }
    await balancer.mcmp('CONFIG', 'JVMRoute=more&Host=127.0.0.1&Port=9&Type=http');
    for (let count = 0; count < 5; count++) {
      await talk(
        balancer.port,
        `GET /app/${count} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: JSESSIONID=a.plain\r\n\r\n`,
      );
    }
    return balancer;
  }

  it('shows every metric of the table with exactly its labels, no more lines than it says, and nothing else', async () => {
    const read = await scrape(await busy());
    const expected = METRIC_NAMES.filter((name) => metricRow(name).place !== 'exporter');
    expect([...read.keys()]).toEqual(expected);
    for (const name of expected) {
      const row: MetricRow = METRICS[name];
      const family = read.get(name);
      expect(family?.type, name).toBe(row.type);
      expect(family?.help, name).toBe(`${row.help}.`);
      for (const { labels } of family?.samples ?? []) {
        expect(
          [...labels.keys()].filter((label) => label !== 'le'),
          name,
        ).toEqual(row.labels);
      }
      const subjects = { program: 1, balancer: 1, target: 0, node: ROUTES.length, context: 2 * ROUTES.length }[row.per];
      const most = row.lines * (subjects + (row.others ? 1 : 0));
      expect(family?.samples.length, name).toBeGreaterThan(0);
      expect(family?.samples.length, name).toBeLessThanOrEqual(most);
    }
  });

  it.skipIf(promtool === undefined)('is accepted by promtool', async () => {
    const balancer = await busy();
    const text = Buffer.from((await scrapeText(balancer)).body, 'latin1').toString('utf8');
    expect(text).toContain('Café');
    expect(lint(text)).toBe('');
  });
});

it('counts who reads the events', async () => {
  const balancer = await startTestBalancer();
  const reader = await openRaw(balancer.mcmpPort);
  reader.write('GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await reader.until((all) => all.includes('event: snapshot'));
  expect(sampleValue(await scrape(balancer), 'mcmp_event_readers')).toBe(1);
  reader.socket.resetAndDestroy();
  await waitFor(async () => sampleValue(await scrape(balancer), 'mcmp_event_readers') === 0);
});

describe('the answer', () => {
  it('is Prometheus text, or OpenMetrics for who asks for it', async () => {
    const balancer = await startTestBalancer();
    const plain = await scrapeText(balancer);
    expect(plain.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(plain.headers.get('cache-control')).toBe('no-store');
    const open = await scrapeText(balancer, 'Accept: application/openmetrics-text; version=1.0.0\r\n');
    expect(open.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.body.endsWith('# EOF\n')).toBe(true);
  });

  it('to HEAD is its head alone, and to POST that it takes GET', async () => {
    const balancer = await startTestBalancer();
    const client = await openRaw(balancer.mcmpPort);
    client.write('HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const text = await client.until((all) => all.endsWith('0\r\n\r\n'));
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    expect(text.match(/# TYPE mcmp_requests_total/g)).toHaveLength(1);
    const post = await talk(balancer.mcmpPort, 'POST /metrics HTTP/1.0\r\nContent-Length: 0\r\n\r\n');
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('is whole for a reader that stops for a while in the middle, and other requests go on meanwhile', async () => {
    const balancer = await startTestBalancer({ metricsNodes: 1000 });
    const { port } = await startNode('n');
    const client = await openRaw(balancer.mcmpPort);
    const configs = Array.from({ length: 1000 }, (_, index) => {
      const body = `JVMRoute=${'long'.repeat(12)}${index}&Host=127.0.${index >> 8}.${index & 255}&Port=${port}&Type=http`;
      return `CONFIG / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    });
    client.write(configs.join(''));
    await client.until((all) => (all.match(/HTTP\/1\.1 200 /g)?.length ?? 0) === configs.length);

    const slow = await openRaw(balancer.mcmpPort);
    slow.socket.pause();
    slow.write('GET /metrics HTTP/1.0\r\n\r\n');
    const quick = await scrape(balancer);
    expect(quick.get('mcmp_node_load')?.samples).toHaveLength(1000);
    slow.socket.resume();
    const answer = await slow.closed();
    expect(
      readExposition(Buffer.from(answer.body, 'latin1').toString('utf8')).get('mcmp_node_load')?.samples,
    ).toHaveLength(1000);
  });
});
