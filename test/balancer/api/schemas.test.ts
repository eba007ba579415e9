import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../../src/balancer/management/events/record.ts';
import { COMMANDS } from '../../../src/core/mcmp/commands.ts';
import { type ApiDocumentName, problemsOf, readApi } from '../../support/api-schema.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { startNode } from '../../support/node-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { ask, command } from './ask.ts';
import { EventClient } from './event-client.ts';

const FOLDER = new URL('../../../docs/api/', import.meta.url);

it.each(readdirSync(FOLDER).filter((name) => name.endsWith('.schema.json')))(
  '%s is a schema of JSON Schema 2020-12',
  (name) => {
    const schema: unknown = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
    expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', $id: name });
    expect(new Ajv2020({ strict: false }).validateSchema(schema as object)).toBe(true);
  },
);

/** One of each document, as a balancer made it. */
async function documents(): Promise<readonly (readonly [ApiDocumentName, string])[]> {
  const lb = await startTestBalancer();
  const events: string[] = [];
  const client = new EventClient(lb.mcmpPort, '/api/v1/events', ({ data }) => events.push(JSON.stringify(data)));
  client.connect();
  freeAfter(() => client.cut());
  await waitFor(() => events.length === 1);
  await lb.register('n1', 9, { load: null });
  await lb.mcmp('STATUS', 'JVMRoute=n1&Load=-1');
  await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http&ping=7');
  await lb.mcmp('STATUS', 'JVMRoute=nobody&Load=1');
  await lb.mcmp('DISABLE-APP', 'JVMRoute=n1', '/*');
  const node = await startNode('n2');
  await lb.mcmp('CONFIG', `JVMRoute=n2&Host=127.0.0.1&Port=${node.port}&Type=http`);
  await lb.mcmp('STATUS', 'JVMRoute=n2&Load=50');
  const text = async (path: string): Promise<string> => (await ask(lb.mcmpPort, path)).text;
  const wish = { command: 'STOP-APP', node: 'n1' };
  const documentsOfAll: (readonly [ApiDocumentName, string])[] = [
    ['state', await text('/api/v1/state')],
    ['explain', await text('/api/v1/explain?url=/app')],
    ['error', await text('/api/v1/explain')],
    ['ready', (await ask(lb.mcmpPort, '/readyz', { headers: { accept: 'application/json' } })).text],
    ['commandsRequest', JSON.stringify(wish)],
    ['commandsRequest', JSON.stringify({ command: 'PING', fields: [['JVMRoute', 'n1']] })],
    ['commandsAnswer', (await command(lb.mcmpPort, { ...wish, dryRun: true })).text],
    ['commandsAnswer', (await command(lb.mcmpPort, wish)).text],
    ['commandsAnswer', (await command(lb.mcmpPort, { command: 'STATUS', route: 'nobody', load: 1 })).text],
  ];
  await lb.mcmp('REMOVE-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
  await waitFor(() => events.some((event) => event.includes('"alias-removed"')));
  return [...documentsOfAll, ...events.map((event) => ['event', event] as const)];
}

/** The same document with one member less, one more, or one of another kind, for each of its objects. */
function* mutations(document: unknown): Generator<readonly [what: string, mutated: unknown]> {
  if (Array.isArray(document)) {
    for (const [index, element] of document.entries()) {
      for (const [what, mutated] of mutations(element)) yield [`[${index}]${what}`, document.with(index, mutated)];
    }
    return;
  }
  if (typeof document !== 'object' || document === null) return;
  yield ['.surplus', { ...document, surplus: 1 }];
  for (const [name, value] of Object.entries(document)) {
    yield [`.${name} of another kind`, { ...document, [name]: { odd: 1 } }];
    for (const [what, mutated] of mutations(value)) yield [`.${name}${what}`, { ...document, [name]: mutated }];
    const { [name]: _, ...without } = document as Readonly<Record<string, unknown>>;
    yield [`.${name} left out`, without];
  }
}

/** Of a list of fields the schema knows less than the balancer does. */
const FREE = /^\.fields|^\.hint left out$/;

describe('the schemas', () => {
  it('take every document of a balancer, and refuse it when a member is missing, surplus or of another kind', async () => {
    const all = await documents();
    const types = new Set<string>();
    let refused = 0;
    for (const [name, text] of all) {
      const document = readApi(name, text);
      if (name === 'event') types.add('type' in document ? String(document['type']) : 'snapshot');
      for (const [what, mutated] of mutations(document)) {
        if (FREE.test(what)) continue;
        expect([name, what, problemsOf(name, mutated).length > 0]).toEqual([name, what, true]);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(200);
    expect([...types]).toEqual(expect.arrayContaining(['node-added', 'node-load', 'message', 'alias-removed']));
  });

  it('are what docs/api/openapi.json refers to, for paths that there are', async () => {
    const openApi: unknown = JSON.parse(readFileSync(new URL('openapi.json', FOLDER), 'utf8'));
    const refs = [...JSON.stringify(openApi).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = '']) => ref);
    expect(refs.length).toBeGreaterThan(10);
    for (const ref of new Set(refs)) {
      const [file = '', pointer = ''] = ref.split('#');
      const schema = readFileSync(new URL(file, FOLDER), 'utf8');
      for (const name of pointer.split('/').slice(1)) expect(schema).toContain(`"${name}"`);
    }
    const lb = await startTestBalancer();
    const { text } = await ask(lb.mcmpPort, '/');
    const paths = Object.entries((openApi as { readonly paths: Record<string, object> }).paths);
    for (const [path, methods] of paths) {
      expect(text).toMatch(new RegExp(`^${Object.keys(methods).join(', ').toUpperCase()} +${path} `, 'm'));
    }
  });

  it('know the types of events and the commands that there are', () => {
    const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
    const events = read('event.schema.json');
    for (const type of Object.keys(EVENT_TYPES)) {
      if (type !== 'snapshot') expect(events).toContain(`"const": "${type}"`);
    }
    const commands = read('commands.schema.json');
    for (const [method, { changes }] of Object.entries(COMMANDS)) {
      expect([method, commands.includes(`"${method}"`)]).toEqual([method, changes || method === 'PING']);
    }
  });
});
