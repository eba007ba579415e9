import { describe, expect, it } from 'vitest';
import { startExporter } from '../../src/exporter/index.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { createHandClock } from '../support/hand-clock.ts';
import { openRaw } from '../support/raw-http.ts';
import { type ScriptedBalancer, startScriptedBalancer } from '../support/scripted-balancer.ts';
import { linesOf, namesIn, startTestExporter } from './exporters.ts';

async function quietBalancer(): Promise<ScriptedBalancer> {
  const peer = await startScriptedBalancer(() => ({
    headers: { 'Content-Type': 'text/plain', Server: 'Apache/2.4.71 mod_proxy_cluster/2.0.0' },
  }));
  freeAfter(() => peer.close());
  return peer;
}

describe('scrapes', () => {
  it('within the time of the cache share one reading, later ones do not', async () => {
    const peer = await quietBalancer();
    const clock = createHandClock({ startMs: 1000 });
    const exporter = await startTestExporter([peer.url], { cacheMs: 1000, clock });
    await exporter.get('/metrics');
    clock.advance(1000);
    await exporter.get('/metrics');
    expect(peer.requests.map(({ method }) => method)).toEqual(['INFO', 'DUMP']);
    clock.advance(1);
    await exporter.get('/metrics');
    expect(peer.requests.map(({ method }) => method)).toEqual(['INFO', 'DUMP', 'INFO', 'DUMP']);
  });

  it('say what balancers disagree about, by kind; one balancer alone disagrees with nobody', async () => {
    const [a, b] = [await startTestBalancer(), await startTestBalancer()];
    await a.register('n1', 9, { load: null });
    await b.register('n1', 9, { load: null });
    await b.mcmp('DISABLE-APP', 'JVMRoute=n1', '/*');
    const urls = [a, b].map(({ mcmpPort }) => `http://127.0.0.1:${mcmpPort}`);
    const exporter = await startTestExporter(urls);
    const { body } = await exporter.get('/metrics');
    expect(linesOf(body, 'mcmp_disagreements')).toContain('{kind="context"} 1');
    expect(linesOf(body, 'mcmp_disagreements').filter((line) => line.endsWith(' 0'))).toHaveLength(8);
    const alone = await startTestExporter([urls[0] ?? '', 'http://127.0.0.1:1']);
    expect(namesIn((await alone.get('/metrics')).body).has('mcmp_disagreements')).toBe(false);
    expect((await exporter.get('/')).body).toMatch(
      /^ {2}context \/app of n1 \(localhost\): ENABLED at .*, DISABLED at /m,
    );
  });

  it('have rows for as many nodes and contexts as they may, and count the rest', async () => {
    const lb = await startTestBalancer();
    for (const route of ['n1', 'n2', 'n3']) {
      await lb.register(route, 9 + Number(route.slice(1)), { contexts: '/a,/b', load: null });
    }
    const exporter = await startTestExporter([`http://127.0.0.1:${lb.mcmpPort}`], { nodes: 2, contexts: 3 });
    const { body } = await exporter.get('/metrics');
    expect(linesOf(body, 'mcmp_node_info')).toHaveLength(2);
    expect(linesOf(body, 'mcmp_nodes_without_row')[0]).toMatch(/ 1$/);
    expect(linesOf(body, 'mcmp_context_state')).toHaveLength(3);
    expect(linesOf(body, 'mcmp_contexts_without_row')[0]).toMatch(/ 3$/);
    expect(linesOf(body, 'mcmp_contexts')[0]).toMatch(/status="enabled"} 6$/);
  });

  it.each([
    ['', 'text/plain; version=0.0.4; charset=utf-8', /^# HELP /],
    [
      'application/openmetrics-text;version=1.0.0',
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
      /# EOF\n$/,
    ],
  ])('that accept %j get what they can read', async (accept, contentType, form) => {
    const exporter = await startTestExporter([(await quietBalancer()).url]);
    const answer = await exporter.get('/metrics', { Accept: accept });
    expect(answer.contentType).toBe(contentType);
    expect(answer.body).toMatch(form);
  });
});

describe('/probe', () => {
  it('shows one target alone', async () => {
    const [one, other] = [await quietBalancer(), await quietBalancer()];
    const exporter = await startTestExporter([one.url, other.url]);
    for (const target of [one.url, `${one.url}/`, `127.0.0.1:${one.port}`]) {
      const { body } = await exporter.get(`/probe?target=${encodeURIComponent(target)}`);
      expect(linesOf(body, 'mcmp_target_up')).toEqual([`{target="${one.url}"} 1`]);
      expect(namesIn(body).has('process_cpu_seconds_total')).toBe(false);
    }
    expect(other.requests).toEqual([]);
  });

  it.each([
    ['another port', (port: number) => `http://127.0.0.1:${port + 1}`],
    ['another host', (port: number) => `http://localhost:${port}`],
    ['another path', (port: number) => `http://127.0.0.1:${port}/x`],
    ['another scheme', (port: number) => `https://127.0.0.1:${port}`],
    ['a service of a cloud', () => 'http://169.254.169.254/latest/meta-data'],
    ['a file', () => 'file:///etc/passwd'],
    ['no URL at all', () => 'http://'],
  ])('asks nobody who was not named: %s', async (_, wanted) => {
    const peer = await quietBalancer();
    const exporter = await startTestExporter([peer.url]);
    const { status, body } = await exporter.get(`/probe?target=${encodeURIComponent(wanted(peer.port))}`);
    expect(status).toBe(404);
    expect(body).toContain('--target');
    expect(peer.requests).toEqual([]);
  });

  it.each(['/probe', '/probe?target=a&target=b'])('wants exactly one target, not %s', async (path) => {
    const exporter = await startTestExporter([(await quietBalancer()).url]);
    expect((await exporter.get(path)).status).toBe(400);
  });
});

describe('the other paths', () => {
  it('/healthz says that the program runs, and asks nobody', async () => {
    const peer = await quietBalancer();
    const exporter = await startTestExporter([peer.url]);
    expect(await exporter.get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    expect(peer.requests).toEqual([]);
  });

  it('/ says in words what the last scrape saw, without a password of a URL', async () => {
    const peer = await quietBalancer();
    const exporter = await startTestExporter([peer.url.replace('//', '//me:secret@'), 'http://127.0.0.1:1']);
    expect((await exporter.get('/')).body).toContain(`${peer.url}: not scraped yet`);
    const { body: scraped } = await exporter.get('/metrics');
    const { body } = await exporter.get('/');
    expect(body).toContain(`${peer.url}: httpd-2 2.0.0, 0 nodes`);
    expect(body).toMatch(/http:\/\/127\.0\.0\.1:1: cannot connect/);
    expect(body + scraped).not.toContain('secret');
  });

  it.each([
    ['GET', '/nothing', {}, 404],
    ['POST', '/metrics', {}, 405],
    ['HEAD', '/metrics', {}, 200],
    ['GET', '/metrics', { Host: 'evil.example' }, 421],
    ['GET', '/metrics', { Host: 'localhost:9404' }, 200],
  ])('%s %s with %j is answered with %i', async (method, path, headers, status) => {
    const exporter = await startTestExporter([(await quietBalancer()).url]);
    expect((await exporter.get(path, headers, method)).status).toBe(status);
  });

  it('are not for those who are not allowed, whom the log names', async () => {
    const peer = await quietBalancer();
    const exporter = await startTestExporter([peer.url], { allow: ['10.0.0.0/8'] });
    expect((await exporter.get('/metrics')).status).toBe(403);
    expect(exporter.log).toEqual([
      { message: 'A peer that is not in --allow was refused', fields: { peer: '127.0.0.1' } },
    ]);
    expect(peer.requests).toEqual([]);
  });

  it('survive bytes that are no HTTP, and a scraper that goes away', async () => {
    const peer = await startScriptedBalancer(() => 'silence');
    freeAfter(() => peer.close());
    const exporter = await startTestExporter([peer.url], { client: { timeoutMs: 200 } });
    const noise = await openRaw(exporter.port);
    noise.write('\u0000\u0001 nonsense\r\n\r\n');
    expect((await noise.closed()).text).toMatch(/^HTTP\/1\.1 400/);
    const impatient = await openRaw(exporter.port);
    impatient.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await peer.until(() => peer.requests.length > 0);
    impatient.close();
    expect((await exporter.get('/metrics')).status).toBe(200);
    expect(exporter.log).toEqual([]);
  });
});

describe('at the start', () => {
  const start = (wishes: object) => startTestExporter(['http://127.0.0.1:1'], wishes);

  it.each([
    ['an address for others without a word about who', { listen: [{ host: '', port: 0 }] }, 'MCMP_OPEN_EXPORTER'],
    ['a range that is none', { allow: ['10.0.0.0/99'] }, 'MCMP_BAD_RANGE'],
    ['a host that is not ours', { listen: [{ host: '192.0.2.1', port: 0 }], allow: ['any'] }, 'MCMP_LISTEN'],
  ])('%s is refused', async (_, wishes, code) => {
    await expect(start(wishes)).rejects.toMatchObject({ code, hint: expect.any(String) });
  });

  it('a port that is taken is refused, and what was opened before is closed again', async () => {
    const first = await start({});
    const taken = { host: '127.0.0.1', port: first.port };
    await expect(start({ listen: [{ host: '127.0.0.1', port: 0 }, taken] })).rejects.toMatchObject({
      code: 'MCMP_LISTEN',
      message: expect.stringContaining('the port is taken'),
    });
  });

  it('no target at all is refused', async () => {
    await expect(startTestExporter([])).rejects.toMatchObject({ kind: 'usage' });
  });
});

it('several addresses show the same', async () => {
  const peer = await quietBalancer();
  const here = { host: '127.0.0.1', port: 0 };
  const quiet = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
  const exporter = await startExporter(
    {
      targets: [new URL(peer.url)],
      listen: [here, here],
      allow: [],
      cacheMs: 0,
      nodes: 1,
      contexts: 1,
      client: { timeoutMs: 1000 },
    },
    { log: quiet },
  );
  freeAfter(() => exporter.closeNow());
  expect(new Set(exporter.addresses).size).toBe(2);
});
