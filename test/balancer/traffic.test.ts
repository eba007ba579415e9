import { describe, expect, it } from 'vitest';
import { bucketOf, Tally, TallyRows } from '../../src/balancer/traffic/tally.ts';
import { Traffic } from '../../src/balancer/traffic/traffic.ts';
import { DURATION_BOUNDS_SECONDS, REQUEST_RESULTS, type RequestCounts } from '../../src/balancer/traffic/types.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { startNode, startRawNode } from '../support/node-server.ts';
import { hostPort, openRaw, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const requestsIn = ({ byResult }: RequestCounts): number =>
  REQUEST_RESULTS.reduce((sum, result) => sum + byResult[result], 0);

describe('a duration', () => {
  it.each([
    [0, 0],
    [1, 0],
    [1.0001, 1],
    [2.5, 1],
    [60_000, DURATION_BOUNDS_SECONDS.length - 1],
    [60_000.1, DURATION_BOUNDS_SECONDS.length],
    [Number.POSITIVE_INFINITY, DURATION_BOUNDS_SECONDS.length],
  ])('of %s ms belongs to bucket %s', (durationMs, bucket) => {
    expect(bucketOf(durationMs)).toBe(bucket);
  });

  it('belongs to one bucket, and to the sum', () => {
    const tally = new Tally();
    for (const durationMs of [0.5, 3, 3, 70_000]) tally.count('2xx', bucketOf(durationMs), durationMs);
    expect(tally.durationBuckets.reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(tally).toMatchObject({ durationCount: 4, durationSumMs: 70_006.5 });
    expect([tally.durationBuckets[0], tally.durationBuckets[2], tally.durationBuckets.at(-1)]).toEqual([1, 2, 1]);
  });
});

describe('rows', () => {
  const count = (tally: Tally, times = 1): void => {
    for (let i = 0; i < times; i++) tally.count('2xx', 0, 1);
  };

  it('go to the first that ask, and all others share one', () => {
    const rows = new TallyRows<object>(2);
    const records = [{}, {}, {}, {}];
    for (const [index, record] of records.entries()) count(rows.of(record), index + 1);
    expect([...rows.entries()].map(([record, counts]) => [records.indexOf(record), requestsIn(counts)])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(requestsIn(rows.others)).toBe(3 + 4);
  });

  it('of a record that leaves are free for another one, and no total falls', () => {
    const rows = new TallyRows<object>(1);
    const [first, second] = [{}, {}];
    count(rows.of(first), 5);
    count(rows.of(second), 2);
    rows.leave(first);
    expect([...rows.entries()]).toEqual([]);
    expect(rows.others).toMatchObject({ durationCount: 7, durationSumMs: 7 });
    expect(rows.others.byResult['2xx']).toBe(7);
    count(rows.of(second));
    expect([...rows.entries()].map(([record]) => record)).toEqual([second]);
    expect(requestsIn(rows.others)).toBe(7);
  });

  it('of a record that left count its last requests with the others', () => {
    const rows = new TallyRows<object>(1);
    const record = {};
    const running = rows.of(record);
    rows.leave(record);
    count(running);
    expect(requestsIn(rows.others)).toBe(1);
    expect([...rows.entries()]).toEqual([]);
  });

  it('are none when none are wanted, and who leaves without one changes nothing', () => {
    const rows = new TallyRows<object>(0);
    count(rows.of({}));
    rows.leave({});
    expect([...rows.entries()]).toEqual([]);
    expect(requestsIn(rows.others)).toBe(1);
  });
});

it('leaves the durations of tunnels out, and counts them all the same', () => {
  const traffic = new Traffic({ nodes: 1, contexts: 1 });
  traffic.ended('tunnel', 'elected', 3_600_000, null, null);
  expect(traffic.all.byResult.tunnel).toBe(1);
  expect(traffic.all.durationCount).toBe(0);
  expect([...traffic.byCode]).toEqual([['elected', 1]]);
});

/** Values of one metric by one of its labels, as a scrape shows them; zeros left out. */
async function scrape(lb: TestBalancer, metric: string, label?: string): Promise<Record<string, number>> {
  const { body } = await talk(
    lb.mcmpPort,
    `GET /metrics HTTP/1.0\r\nHost: ${hostPort(lb.mcmpPort)}\r\nConnection: close\r\n\r\n`,
  );
  const values: [string, number][] = [];
  for (const line of body.split('\n')) {
    const [, labels = '', value = ''] = /^([^ ]+) ([^ ]+)/.exec(line) ?? [];
    if (labels.split('{', 1)[0] !== metric || Number(value) === 0) continue;
    const row = label === undefined ? metric : new RegExp(`[{,]${label}="([^"]*)"`).exec(labels)?.[1];
    values.push([row ?? '', Number(value)]);
  }
  return Object.fromEntries(values);
}

it('counts every request once, however it ends', async () => {
  const lb = await startTestBalancer({ upstreamTimeoutMs: 200 });
  const node = await startNode('n1', (request, response) => {
    const { url = '' } = request;
    if (url.endsWith('/hang')) return;
    if (url.endsWith('/break')) {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('half', () => request.socket.resetAndDestroy());
      return;
    }
    response.writeHead(Number(url.slice(url.lastIndexOf('/') + 1))).end();
  });
  await lb.register('n1', node.port);
  for (const status of ['200', '204', '302', '404', '500']) await lb.get(`/app/${status}`);
  await lb.get('/none');
  await lb.get('/app/hang');
  await lb.get('/app/break');
  await talk(lb.port, 'POST /app/200 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n');
  await talk(lb.port, 'no request\r\n\r\n');
  expect(await scrape(lb, 'mcmp_requests_total', 'result')).toEqual({
    '2xx': 2,
    '3xx': 1,
    '4xx': 3,
    '5xx': 2,
    none: 1,
  });
  const codes = await scrape(lb, 'mcmp_answers_total', 'code');
  expect(Object.values(codes).reduce((sum, value) => sum + value, 0)).toBe(9);
  expect(await scrape(lb, 'mcmp_bad_requests_total')).toEqual({ mcmp_bad_requests_total: 1 });
  expect(codes).toMatchObject({ elected: 5, 'upstream-timeout': 1, 'node-broke-off': 1, HTTP_CHUNK_SIZE: 1 });
});

it('counts a request for the node that was tried last, and why it was tried again', async () => {
  const lb = await startTestBalancer();
  const breaking = await startRawNode((socket) => {
    socket.on('data', (chunk: Buffer) => {
      if (chunk.toString('latin1').startsWith('OPTIONS * ')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      else socket.destroy();
    });
  });
  await lb.register('n1', breaking.port);
  const alive = await startNode('n2');
  await lb.register('n2', alive.port, { load: 1 });
  expect((await lb.get('/app')).status).toBe(200);
  expect(await scrape(lb, 'mcmp_node_requests_total', 'node')).toEqual({ n2: 1 });
  expect(await scrape(lb, 'mcmp_retries_total', 'reason')).toEqual({ lost: 1 });
});

it('counts a client that goes away as no failure of the node', async () => {
  const lb = await startTestBalancer();
  let asked = false;
  const node = await startNode('n1', () => {
    asked = true;
  });
  await lb.register('n1', node.port);
  const client = await openRaw(lb.port);
  client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
  await waitFor(() => asked);
  client.socket.resetAndDestroy();
  await waitFor(async () => (await scrape(lb, 'mcmp_requests_total', 'result'))['gone'] === 1);
  expect(await scrape(lb, 'mcmp_node_requests_total', 'result')).toEqual({ gone: 1 });
  expect(await scrape(lb, 'mcmp_answers_total', 'code')).toEqual({ 'client-gone': 1 });
});
