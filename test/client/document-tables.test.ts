import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMcmpClient } from '../../src/client/client.ts';
import { readDocumentTables } from '../../src/client/document-tables.ts';
import { joinViews } from '../../src/client/view.ts';
import { readDump } from '../../src/core/mcmp/dump.ts';
import { readInfo } from '../../src/core/mcmp/info.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { hostPort, talk } from '../support/raw-http.ts';

const NODE = {
  id: 3,
  route: 'n1',
  balancer: 'b',
  domain: '',
  host: 'h',
  port: '80',
  type: 'http',
  flushPackets: 'off',
  flushWaitMs: 10,
  pingMs: 10_500,
  smax: -1,
  ttlMs: 60_000,
  timeoutMs: 0,
  load: 5,
  state: 'error',
  errorReason: 'refused',
  lastHeardMs: 1,
  failingSinceMs: 2,
  elected: 0,
  readBytes: 0,
  transferredBytes: 0,
  inFlight: 4,
  vhosts: [{ id: 1, aliases: ['a'], contexts: [{ id: 9, path: '/x', status: 'ENABLED', inFlight: 4 }] }],
};

const textOf = (document: unknown): string => JSON.stringify(document);
const documentOf = (...nodes: readonly unknown[]) => ({ schemaVersion: 1, balancers: [], nodes });

describe('INFO in JSON', () => {
  it('tells what INFO and DUMP in text tell, and more', async () => {
    const lb = await startTestBalancer();
    await lb.register('n1', 9, {
      contexts: '/app,/b%C3%A9',
      alias: 'localhost,%E9.example',
      config: 'Domain=d',
      load: null,
    });
    await lb.register('n2', 10, { contexts: '/app', load: null });
    await lb.mcmp('STOP-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
    const ask = (method: string, accept: string) =>
      talk(
        lb.mcmpPort,
        `${method} / HTTP/1.1\r\nHost: ${hostPort(lb.mcmpPort)}\r\nAccept: ${accept}\r\nConnection: close\r\n\r\n`,
      );
    const [json, info, dump] = [
      await ask('INFO', 'application/json'),
      await ask('INFO', 'text/plain'),
      await ask('DUMP', 'text/plain'),
    ];
    const tables = readDocumentTables(json.body);
    expect(tables?.problems).toEqual([]);
    const plain = joinViews(readInfo(info.body).info, readDump(dump.body).dump);
    const rich = joinViews(
      tables?.info ?? { nodes: [], vhosts: [], contexts: [] },
      tables?.dump ?? { balancers: [], nodes: [], hosts: [], contexts: [] },
    );
    // The text has -1 in the place of the load while a node is in error.
    const comparable = (view: typeof plain) => ({ ...view, nodes: view.nodes.map(({ load: _, ...node }) => node) });
    expect(comparable(rich)).toEqual(comparable(plain));
    expect(plain.nodes).toHaveLength(2);
    expect([...(tables?.nodes.keys() ?? [])]).toEqual(['n1', 'n2']);
  });

  it('tells of a node in error what the text keeps to itself', () => {
    const tables = readDocumentTables(textOf(documentOf(NODE)));
    expect(tables?.nodes.get('n1')).toEqual({
      state: 'error',
      errorReason: 'refused',
      lastHeardMs: 1,
      failingSinceMs: 2,
      inFlight: new Map([['1:/x', 4]]),
    });
    expect(tables?.info.nodes[0]).toMatchObject({ id: 3, name: 'n1', load: 5, connected: 4, pingSeconds: 10 });
  });

  it.each(Object.keys(NODE))('without the member %s of a node is read without that node', (name) => {
    const { [name as keyof typeof NODE]: _, ...rest } = NODE;
    const tables = readDocumentTables(textOf(documentOf(rest, { ...NODE, route: 'n2' })));
    expect(tables?.info.nodes.map((node) => node.name)).toEqual(['n2']);
    expect(tables?.problems).toHaveLength(1);
  });

  it.each(['', '{', '[]', 'null', '{"schemaVersion":2,"nodes":[],"balancers":[]}', '{"schemaVersion":1,"nodes":{}}'])(
    'is not %j',
    (body) => {
      expect(readDocumentTables(body)).toBeUndefined();
    },
  );

  it('may hold any values in any place: nothing is thrown, and what is no row is left out', () => {
    const spoiled = fc.tuple(fc.constantFrom(...Object.keys(NODE)), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(spoiled, ([name, value]) => {
        const tables = readDocumentTables(textOf(documentOf({ ...NODE, [name]: value })));
        expect((tables?.info.nodes.length ?? -1) + (tables?.problems.length ?? -1)).toBe(1);
      }),
      { numRuns: 400, seed: 6 },
    );
  });

  it('with a member of the name __proto__ is read like any other', () => {
    const body = `{"schemaVersion":1,"balancers":[],"nodes":[{"__proto__":${textOf(NODE)}}]}`;
    expect(readDocumentTables(body)?.info.nodes).toEqual([]);
  });
});

it('a client of mcmp serve reads everything with one question, and explains by what it learned', async () => {
  const lb = await startTestBalancer({ pingIntervalMs: 50 });
  await lb.register('n1', 9, { load: null });
  const client = createMcmpClient(`http://127.0.0.1:${lb.mcmpPort}`);
  freeAfter(() => client.close());
  const { view, dump, facts } = await client.readState();
  expect(view.nodes[0]?.vhosts[0]?.contexts[0]).toEqual({ path: '/app', status: 'ENABLED', inFlight: 0 });
  expect(view.balancers).toEqual([expect.objectContaining({ name: 'mycluster', told: true, maxAttempts: 1 })]);
  expect(dump.nodes).toHaveLength(1);
  expect(facts).toBeDefined();
});
