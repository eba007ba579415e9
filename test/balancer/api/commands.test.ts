import { expect, it } from 'vitest';
import type { CommandsAnswer, ResultDocument } from '../../../src/balancer/management/commands/documents.ts';
import type { StateDocument } from '../../../src/balancer/management/state.ts';
import { problemsOf, readApi } from '../../support/api-schema.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { startNode } from '../../support/node-server.ts';
import { command, read } from './ask.ts';

/** POSTs what the schema of requests takes; the answer is held to its schema. */
async function carryOut(lb: TestBalancer, body: object): Promise<CommandsAnswer & { readonly status: number }> {
  expect(problemsOf('commandsRequest', body)).toEqual([]);
  const { status, text } = await command(lb.mcmpPort, body);
  return { status, ...readApi<CommandsAnswer>('commandsAnswer', text) };
}

const resultsOf = ({ results }: CommandsAnswer): readonly ResultDocument[] => results as readonly ResultDocument[];

/** `n1 /app ENABLED`, in the order of the tables. */
async function contexts(lb: TestBalancer): Promise<readonly string[]> {
  const { nodes } = await read<StateDocument>(lb.mcmpPort, '/api/v1/state', 'state');
  return nodes.flatMap(({ route, vhosts }) =>
    vhosts.flatMap((vhost) => vhost.contexts.map(({ path, status }) => `${route} ${path} ${status}`)),
  );
}

/** n1 and n2 in the domain blue, n3 in none and in another balancer. */
async function startCluster(): Promise<TestBalancer> {
  const lb = await startTestBalancer();
  const rows = [
    ['n1', '/app,/shop', 'a,b', 'Domain=blue'],
    ['n2', '/app', 'a', 'Domain=blue'],
    ['n3', '/app,/other', 'c', 'Balancer=second'],
  ] as const;
  for (const [index, [route, paths, alias, config]] of rows.entries()) {
    await lb.register(route, index + 1, { contexts: paths, alias, config, load: null });
  }
  return lb;
}

const ALL = ['n1 /app', 'n1 /shop', 'n2 /app', 'n3 /app', 'n3 /other'];

it.each<[object, readonly string[], number]>([
  [{ command: 'DISABLE-APP', route: 'n1', aliases: ['a', 'b'], contexts: ['/app'] }, ['n1 /app'], 1],
  [{ command: 'DISABLE-APP', route: 'n1', wildcard: true }, ['n1 /app', 'n1 /shop'], 1],
  [
    { command: 'DISABLE-APP', fields: { JVMRoute: 'n3', Alias: 'c', Context: ['/app', '/other'] } },
    ['n3 /app', 'n3 /other'],
    1,
  ],
  [
    {
      command: 'DISABLE-APP',
      fields: [
        ['jvmroute', 'n2'],
        ['Alias', 'a'],
        ['Context', '/app'],
      ],
    },
    ['n2 /app'],
    1,
  ],
  [{ command: 'DISABLE-APP', fields: { JVMRoute: 'n1' }, wildcard: true }, ['n1 /app', 'n1 /shop'], 1],
  [{ command: 'DISABLE-APP', node: 'n1' }, ['n1 /app', 'n1 /shop'], 1],
  [{ command: 'DISABLE-APP', domain: 'blue' }, ['n1 /app', 'n1 /shop', 'n2 /app'], 2],
  [{ command: 'DISABLE-APP', balancer: 'second' }, ['n3 /app', 'n3 /other'], 1],
  [{ command: 'DISABLE-APP', context: '/app' }, ['n1 /app', 'n2 /app', 'n3 /app'], 3],
  [{ command: 'DISABLE-APP', alias: 'B' }, ['n1 /app', 'n1 /shop'], 1],
  [{ command: 'DISABLE-APP', domain: 'blue', context: '/app' }, ['n1 /app', 'n2 /app'], 2],
  [{ command: 'DISABLE-APP', node: 'n3', alias: 'c', context: '/other' }, ['n3 /other'], 1],
  [{ command: 'DISABLE-APP', route: 'n1', context: '/app' }, ['n1 /app'], 1],
  [
    { command: 'DISABLE-APP', route: 'n1', alias: 'b', domain: 'blue', balancer: 'mycluster' },
    ['n1 /app', 'n1 /shop'],
    1,
  ],
])('%j disables %j and nothing else', async (body, disabled, commands) => {
  const lb = await startCluster();
  const answer = await carryOut(lb, body);
  expect([answer.status, answer.ok, answer.results.length]).toEqual([200, true, commands]);
  const now = await contexts(lb);
  expect(now).toEqual(ALL.map((row) => `${row} ${disabled.includes(row) ? 'DISABLED' : 'ENABLED'}`));
  expect(resultsOf(answer).reduce((sum, { changed }) => sum + changed, 0)).toBe(disabled.length);
  // Letter case of methods does not count, as in MCMP.
  expect((await command(lb.mcmpPort, { ...body, command: 'disable-app' })).status).toBe(200);
});

it('says what was done, as MCMP said it, and who did it in the log, once', async () => {
  const lb = await startCluster();
  const answer = await carryOut(lb, { command: 'STOP-APP', route: 'n1', aliases: ['a'], contexts: ['/app'] });
  expect(answer.results).toEqual([
    {
      command: 'STOP-APP',
      route: 'n1',
      wildcard: false,
      aliases: ['a'],
      contexts: ['/app'],
      contextCount: 1,
      ok: true,
      answer: { type: 'STOP-APP-RSP', state: null, requests: 0 },
      refusal: null,
      changes: ['context /app on n1 STOPPED'],
      changed: 1,
    },
  ]);
  const lines = lb.log.filter(({ fields }) => fields['by'] === 'api');
  expect(lines).toMatchObject([
    {
      level: 'info',
      fields: {
        peer: '127.0.0.1',
        command: 'STOP-APP',
        route: 'n1',
        changes: 'context /app on n1 STOPPED',
        answer: 'ok',
      },
    },
  ]);
});

it('finds a virtual host by its alias in any letter case, as Host does', async () => {
  const lb = await startTestBalancer();
  await lb.register('n1', 9, { alias: 'Shop.Example', load: null });
  const answer = await carryOut(lb, { command: 'DISABLE-APP', alias: 'sHOP.eXAMPLE' });
  expect([answer.status, await contexts(lb)]).toEqual([200, ['n1 /app DISABLED']]);
});

it('tells the first hundred of many changes and contexts, and how many there are', async () => {
  const lb = await startTestBalancer();
  const paths = Array.from({ length: 150 }, (_, index) => `/c${index}`);
  await lb.register('n1', 9, { contexts: paths.join(','), load: null });
  const answer = await carryOut(lb, { command: 'STOP-APP', route: 'n1', aliases: ['localhost'], contexts: paths });
  const [result] = resultsOf(answer);
  expect([result?.changes.length, result?.changed]).toEqual([100, 150]);
  expect([result?.contexts.length, result?.contextCount]).toEqual([100, 150]);
});

it('answers 200 to what is refused after half of it was done, as httpd does, and says what is missing', async () => {
  const lb = await startTestBalancer({ dialect: 'httpd-2', limits: { maxNodes: 10, maxContexts: 1, maxHosts: 10 } });
  const fields = { JVMRoute: 'n1', Host: '127.0.0.1', Port: 9, Type: 'http', Alias: 'a', Context: ['/x', '/y'] };
  const answer = await carryOut(lb, { command: 'CONFIG', fields });
  const [result] = resultsOf(answer);
  expect([answer.status, answer.ok, result?.ok, result?.refusal?.code]).toEqual([200, false, false, 'half-stored']);
  expect(result?.refusal?.mess).toContain('/y');
  expect(result?.changed).toBeGreaterThan(0);
  expect(await contexts(lb)).toHaveLength(1);
});

it('registers a node, reports its load, and asks whether it is alive', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  const fields = { JVMRoute: 'n1', Host: '127.0.0.1', Port: node.port, Type: 'http', StickySession: false };
  expect((await carryOut(lb, { command: 'CONFIG', fields })).status).toBe(200);
  const enabled = await carryOut(lb, { command: 'ENABLE-APP', route: 'n1', aliases: ['a'], contexts: ['/é'] });
  expect(enabled.ok).toBe(true);
  const status = await carryOut(lb, { command: 'STATUS', route: 'n1', load: 50 });
  expect(resultsOf(status)[0]?.answer).toEqual({ type: 'STATUS-RSP', state: 'OK', requests: null });
  const ping = await carryOut(lb, { command: 'PING', route: 'n1' });
  expect(resultsOf(ping)[0]).toMatchObject({ route: 'n1', answer: { state: 'OK' }, changed: 0 });
  expect(await contexts(lb)).toEqual(['n1 /é ENABLED']);
});

it.each<[object, number, string, string]>([
  [{ command: 'STATUS', route: 'nobody', load: 1 }, 409, 'MEM', 'unknown-route'],
  [{ command: 'ENABLE-APP', route: 'nobody', aliases: ['a'], contexts: ['/x'] }, 409, 'MEM', 'unknown-route'],
  [{ command: 'ENABLE-APP', route: 'n1', aliases: ['a'] }, 422, 'SYNTAX', 'alias-without-context'],
  [{ command: 'ENABLE-APP', route: '' }, 422, 'SYNTAX', 'route-empty'],
  [{ command: 'CONFIG', fields: {} }, 422, 'SYNTAX', 'unreadable'],
  [{ command: 'CONFIG', fields: { JVMRoute: 'x', Port: 'y' } }, 422, 'SYNTAX', 'bad-value'],
  [{ command: 'CONFIG', fields: { JVMRoute: 'x', Host: '127.0.0.1', Port: 0 } }, 409, 'MEM', 'bad-port'],
  [
    { command: 'CONFIG', fields: { JVMRoute: 'n9', Host: '127.0.0.1', Port: 1, Type: 'http' } },
    409,
    'MEM',
    'address-taken',
  ],
])('%j is answered %d as MCMP refuses it, and changes nothing', async (body, status, type, code) => {
  const lb = await startCluster();
  const before = await contexts(lb);
  const answer = await carryOut(lb, body);
  expect(resultsOf(answer)).toMatchObject([{ ok: false, answer: null, refusal: { type, code }, changed: 0 }]);
  expect([answer.ok, answer.status]).toEqual([false, status]);
  expect(await contexts(lb)).toEqual(before);
  expect(lb.log.filter(({ level, fields }) => level === 'warn' && fields['by'] === 'api')).toHaveLength(1);
});

it.each<[string, object]>([
  ['one', { command: 'REMOVE-APP', node: 'n1' }],
  ['many', { command: 'REMOVE-APP', context: '/app' }],
  ['refused', { command: 'STATUS', route: 'n1', load: 101 }],
])('with dryRun says what it would do, and does nothing (%s)', async (name, body) => {
  const lb = await startCluster();
  const answer = readApi<CommandsAnswer>(
    'commandsAnswer',
    (await command(lb.mcmpPort, { ...body, dryRun: true })).text,
  );
  expect(answer.dryRun).toBe(true);
  expect(answer.results).toHaveLength(name === 'many' ? 3 : 1);
  expect(answer.ok).toBe(name !== 'refused');
  expect(await contexts(lb)).toEqual(ALL.map((row) => `${row} ENABLED`));
  expect(lb.log.filter(({ fields }) => fields['by'] === 'api')).toEqual([]);
});

it('answers 404 when nothing matches, and when all that matches is leaving', async () => {
  const lb = await startCluster();
  for (const body of [
    { command: 'STOP-APP', node: 'n4' },
    { command: 'STOP-APP', domain: 'blue', context: '/other' },
    { command: 'STOP-APP', route: 'n3', domain: 'blue' },
    { command: 'STOP-APP', alias: 'nobody' },
  ]) {
    const { status, text } = await command(lb.mcmpPort, body);
    expect([status, readApi('error', text)]).toMatchObject([404, { code: 'MCMP_NOTHING_MATCHES' }]);
  }
  expect((await carryOut(lb, { command: 'REMOVE-APP', node: 'n1' })).status).toBe(200);
  expect((await command(lb.mcmpPort, { command: 'STOP-APP', node: 'n1' })).status).toBe(404);
});

it('finds a node by what people read, whatever its bytes are', async () => {
  const lb = await startTestBalancer();
  await lb.mcmp('CONFIG', 'JVMRoute=caf%E9&Host=127.0.0.1&Port=9&Type=http');
  await lb.mcmp('ENABLE-APP', 'JVMRoute=caf%E9&Alias=a&Context=/%E4');
  expect((await carryOut(lb, { command: 'STOP-APP', node: 'café', context: '/ä' })).ok).toBe(true);
  expect(await contexts(lb)).toEqual(['café /ä STOPPED']);
});

it('splits what is too long for one message of MCMP', async () => {
  const lb = await startTestBalancer({ maxMessageBytes: 2000 });
  await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
  for (let block = 0; block < 4; block++) {
    const paths = Array.from({ length: 30 }, (_, index) => `/${'p'.repeat(40)}${block * 30 + index}`);
    await lb.mcmp('ENABLE-APP', `JVMRoute=n1&Alias=a&Context=${paths.join(',')}`);
  }
  const answer = await carryOut(lb, { command: 'DISABLE-APP', alias: 'a' });
  expect(answer.ok).toBe(true);
  expect(answer.results.length).toBeGreaterThan(2);
  expect((await contexts(lb)).every((row) => row.endsWith('DISABLED'))).toBe(true);
});

const NO_REQUESTS: readonly (readonly [string | Buffer, string])[] = [
  ['', 'is not JSON'],
  ['{', 'is not JSON'],
  ['{"command":}', 'is not JSON'],
  ['null', 'has to be a JSON object'],
  ['[]', 'has to be a JSON object'],
  ['"REMOVE-APP"', 'has to be a JSON object'],
  ['{}', '"command" has to name a command'],
  ['{"command":7}', '"command" has to name a command'],
  ['{"command":"REMOVE"}', 'there is no command "REMOVE"'],
  ['{"command":"INFO"}', 'INFO only looks'],
  ['{"command":"REMOVE-APP"}', 'nothing says what the command is for'],
  ['{"command":"REMOVE-APP","nod":"n1"}', '"nod", which is not known'],
  ['{"command":"REMOVE-APP","node":""}', 'not empty'],
  ['{"command":"REMOVE-APP","node":null}', 'not empty'],
  ['{"command":"REMOVE-APP","node":["n1"]}', 'not empty'],
  ['{"command":"REMOVE-APP","node":"n1","route":"n2"}', '"node" does not go together with "route"'],
  ['{"command":"REMOVE-APP","node":"n1","route":"n2","context":"/app"}', '"node" does not go together with "route"'],
  ['{"command":"REMOVE-APP","route":"n1","context":"/app","contexts":["/x"]}', '"contexts" does not go together'],
  ['{"command":"REMOVE-APP","route":"","context":"/app"}', 'not empty'],
  ['{"command":"REMOVE-APP","node":"n1","wildcard":true}', '"wildcard" does not go together with a target'],
  ['{"command":"REMOVE-APP","route":"n1","fields":{}}', '"route" does not go together with "fields"'],
  ['{"command":"REMOVE-APP","route":"n1","wildcard":1}', '"wildcard" has to be true or false'],
  ['{"command":"REMOVE-APP","route":"n1","wildcard":true,"contexts":["/app"]}', 'takes no "contexts"'],
  ['{"command":"REMOVE-APP","node":"n1","dryRun":"yes"}', '"dryRun" has to be true or false'],
  ['{"command":"REMOVE-APP","route":"n1","contexts":"/app"}', '"contexts" has to be a list'],
  ['{"command":"REMOVE-APP","route":"n1","contexts":["/a,/app"],"aliases":["a"]}', 'has a comma'],
  ['{"command":"REMOVE-APP","route":"n1","contexts":[{}],"aliases":["a"]}', 'has to be a string'],
  ['{"command":"REMOVE-APP","route":"n\\ud800"}', 'surrogate'],
  ['{"command":"STATUS","route":"n1","contexts":["/app"]}', 'STATUS takes no "contexts"'],
  ['{"command":"STATUS","route":"n1","wildcard":true}', 'STATUS has no wildcard form'],
  ['{"command":"STATUS","node":"n1"}', 'STATUS needs "fields"'],
  ['{"command":"CONFIG","fields":{"JvmRout":"n1"}}', 'CONFIG has no field "JvmRout"'],
  ['{"command":"CONFIG","fields":{"JVMRoute":["n1"]}}', 'takes one value'],
  ['{"command":"CONFIG","fields":[["JVMRoute"]]}', 'list of [name, value]'],
  ['{"command":"CONFIG","fields":"JVMRoute=n1"}', '"fields" has to be'],
  ['{"command":"DISABLE-APP","node":"n1","command":"REMOVE-APP"}', '"command" twice'],
  ['{"command":"DISABLE-APP","node":"n1","c\\u006fmmand":"REMOVE-APP"}', '"command" twice'],
  ['{"command":"REMOVE-APP","node":"n1","__proto__":{"dryRun":false}}', '"__proto__", which is not known'],
  ['{"command":"REMOVE-APP","node":"n1","constructor":1}', '"constructor", which is not known'],
  ['{"command":"REMOVE-APP","fields":{"__proto__":"n1"}}', 'has no field "__proto__"'],
  [`{"command":"REMOVE-APP","node":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 'nested deeper'],
  ['['.repeat(300_000), 'is not JSON'],
  [Buffer.from('{"command":"REMOVE-APP","node":"\xff"}', 'latin1'), 'not UTF-8'],
];

it.each(NO_REQUESTS.map(([body, problem]) => ({ body, problem, beginning: String(body).slice(0, 80) })))(
  'answers 400 to $beginning and changes nothing',
  async ({ body, problem }) => {
    const lb = await startCluster();
    const { status, text } = await command(lb.mcmpPort, body);
    const error = readApi<{ readonly code: string; readonly error: string }>('error', text);
    expect([status, error.code]).toEqual([400, 'MCMP_BAD_BODY']);
    expect(error.error).toContain(problem);
    expect(await contexts(lb)).toEqual(ALL.map((row) => `${row} ENABLED`));
  },
);
