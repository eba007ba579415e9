import { afterEach, describe, expect, it } from 'vitest';
import { createMcmpClient, type McmpClient } from '../../src/client/client.ts';
import { decodeAnswer } from '../../src/client/decode.ts';
import { refusalHint } from '../../src/client/refusal-hint.ts';
import { outcomeOf } from '../../src/client/report.ts';
import type { ScriptedBalancer } from '../support/scripted-balancer.ts';
import { asAnswer, BRAND_NAMES, type RecordedBrand, recordingsOf, startRecordedBalancer } from './recordings.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function clientOf(
  brand: RecordedBrand,
  file: string,
  last = false,
): Promise<{ client: McmpClient; peer: ScriptedBalancer }> {
  const all = recordingsOf(brand).filter((one) => one.file === file);
  const lastInfo = all.findLast((one) => one.method === 'INFO' && one.accept === '' && one.answer?.body !== '');
  const lastDump = all.findLast((one) => one.method === 'DUMP' && one.accept === '' && one.answer?.body !== '');
  const kept = [lastInfo, lastDump].map((one) => JSON.stringify(one));
  const peer = await startRecordedBalancer(brand, file, (one) => {
    return !last || !['INFO', 'DUMP'].includes(one.method) || kept.includes(JSON.stringify(one));
  });
  cleanups.push(() => peer.close());
  const client = createMcmpClient(peer.url);
  cleanups.push(() => client.close());
  return { client, peer };
}

describe('decoding', () => {
  it.each(BRAND_NAMES)('knows every answer that %s was seen to give', (brand) => {
    const forms = new Map<string, number>();
    for (const one of recordingsOf(brand).filter(({ method }) => method !== 'GET' && method !== 'NOSUCH')) {
      const answer = asAnswer(one);
      if (answer === undefined || answer.status === 404 || answer.status === 405) continue;
      const decoded = decodeAnswer(answer);
      expect([one.file, one.method, answer.body, decoded.form]).not.toContain('unreadable');
      if ('problems' in decoded) expect(decoded.problems).toEqual([]);
      forms.set(decoded.form, (forms.get(decoded.form) ?? 0) + 1);
    }
    expect([...forms.keys()]).toEqual(expect.arrayContaining(['done', 'reply', 'info', 'dump', 'refusal']));
  });

  it.each(BRAND_NAMES)('has an advice for every refusal that %s was seen to give', (brand) => {
    const refusals = recordingsOf(brand).flatMap((one) => {
      const answer = asAnswer(one);
      const decoded = answer?.status === 500 ? decodeAnswer(answer) : undefined;
      return decoded?.form === 'refusal' ? [decoded.mess] : [];
    });
    expect(refusals.length).toBeGreaterThan(10);
    expect(refusals.filter((mess) => refusalHint(mess) === undefined)).toEqual([]);
  });

  it('has none for words that nobody says', () => {
    expect(refusalHint('MEM: something else')).toBeUndefined();
  });

  it.each([
    ['a STATUS that says nothing of the kind', 'STATUS', 'hello', 'unreadable', 'protocol'],
    ['an INFO with a strange line', 'INFO', 'hello', 'info', 'protocol'],
    ['a VERSION that is none', 'VERSION', 'hello', 'unreadable', 'protocol'],
    ['a NOTOK', 'STATUS', 'Type=STATUS-RSP&JVMRoute=a&State=NOTOK&id=1\n', 'reply', 'check-failed'],
    ['an OK', 'PING', 'Type=PING-RSP&State=OK&id=1', 'reply', 'done'],
    ['an empty success', 'CONFIG', '', 'done', 'done'],
  ])('takes %s for what it is', (_, method, body, form, outcome) => {
    const answer = { method, target: '/', status: 200, statusText: '', headers: new Map(), body, elapsedMs: 1 };
    const decoded = decodeAnswer(answer);
    expect(decoded.form).toBe(form);
    expect(outcomeOf({ ...answer, type: '', mess: '', decoded })).toBe(outcome);
  });
});

describe('the state of a balancer', () => {
  it.each([
    ['httpd-2', '2.0.0.Dev'],
    ['undertow', '2.3.27.Final'],
    ['nginx', '1.6.3'],
  ] as const)('of brand %s is one tree, with brand and version', async (brand, version) => {
    const { client, peer } = await clientOf(brand, '05-two-nodes-many-contexts.json', true);
    const reading = await client.readState();
    expect(reading).toMatchObject({ brand, version, problems: [] });
    expect(reading.view.nodes.map(({ name }) => name)).toEqual(reading.info.nodes.map(({ name }) => name));
    expect(reading.view.nodes.length).toBeGreaterThan(0);
    const contexts = reading.view.nodes.flatMap(({ vhosts }) => vhosts.flatMap((vhost) => vhost.contexts));
    expect(contexts).toHaveLength(reading.info.contexts.length);
    const aliases = reading.view.nodes.flatMap(({ vhosts }) => vhosts.flatMap((vhost) => vhost.aliases));
    expect(aliases).toHaveLength(reading.info.vhosts.length);
    for (const node of reading.view.nodes) {
      expect(reading.view.balancers.find(({ name }) => name === node.balancer)).toMatchObject({ told: true });
    }
    expect(peer.requests.map(({ method }) => method)).toEqual(['INFO', 'DUMP']);
  });

  it.each(BRAND_NAMES)('of brand %s is empty when nobody registered', async (brand) => {
    const { client } = await clientOf(brand, '01-empty-cluster.json');
    expect((await client.readState()).view).toEqual({ balancers: expect.any(Array), nodes: [] });
  });

  it('is never asked for with anything that could change it', async () => {
    const { client, peer } = await clientOf('httpd-2', '02-one-node-life.json');
    await client.readState();
    for (const { method, body } of peer.requests) {
      expect(['INFO', 'DUMP', 'VERSION']).toContain(method);
      expect(body).toBe('');
    }
  });
});

describe('sending', () => {
  it.each(['httpd-2', 'undertow', 'nginx'] as const)('reads a refusal of %s', async (brand) => {
    const { client } = await clientOf(brand, '06-errors-config.json');
    const first = recordingsOf(brand).find((one) => one.file === '06-errors-config.json' && one.method === 'CONFIG');
    const answer = await client.send('CONFIG', []);
    expect(answer.status).toBe(500);
    expect(answer.mess).toBe(first?.answer?.headers['mess'] ?? '');
    expect(outcomeOf(answer)).toBe('check-failed');
  });

  it.each(BRAND_NAMES)('lives through the life of a node with %s', async (brand) => {
    const { client } = await clientOf(brand, '02-one-node-life.json');
    for (const method of ['CONFIG', 'ENABLE-APP', 'STATUS', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP']) {
      const answer = await client.send(method, [['JVMRoute', 'node1']]);
      expect([method, answer.status, answer.decoded.form]).toEqual([method, 200, expect.stringMatching(/done|reply/)]);
    }
  });
});
