import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StateDocument } from '../../../src/balancer/management/state.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { startNode, startRawNode } from '../../support/node-server.ts';
import { hostPort, openRaw } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { ask, read } from './ask.ts';
import { EventClient, type ReceivedEvent } from './event-client.ts';
import { Follower, pictureOfState } from './follower.ts';

interface Listening {
  readonly client: EventClient;
  readonly events: readonly ReceivedEvent[];
  types(): readonly string[];
}

function listen(lb: TestBalancer, query = '', lastId = ''): Listening {
  const events: ReceivedEvent[] = [];
  const client = new EventClient(lb.mcmpPort, `/api/v1/events${query}`, (event) => events.push(event));
  client.lastId = lastId;
  client.connect();
  freeAfter(() => client.cut());
  return { client, events, types: () => events.map(({ type }) => type) };
}

const stateOf = (lb: TestBalancer): Promise<StateDocument> => read(lb.mcmpPort, '/api/v1/state', 'state');

it('begins with the state, and tells each change with whose doing it was', async () => {
  const lb = await startTestBalancer();
  const { events, types, client } = listen(lb);
  await waitFor(() => events.length === 1);
  const node = await startNode('n1');
  await lb.register('n1', node.port, { load: 50 });
  await lb.mcmp('STATUS', 'JVMRoute=n1&Load=60');
  await lb.mcmp('STATUS', 'JVMRoute=n1&Load=60');
  await lb.mcmp('DISABLE-APP', 'JVMRoute=n1', '/*');
  await lb.mcmp('REMOVE-APP', 'JVMRoute=n1', '/*');
  await waitFor(() => types().at(-1) === 'node-state');
  expect(types()).toEqual([
    'snapshot',
    'balancer-changed',
    'node-added',
    'alias-added',
    'context-added',
    'node-load',
    'node-load',
    'context-changed',
    'context-removed',
    'alias-removed',
    'node-state',
  ]);
  expect(events[4]?.data).toMatchObject({
    by: { by: 'mcmp', peer: '127.0.0.1' },
    command: 'ENABLE-APP',
    node: { route: 'n1' },
    vhost: 1,
    context: { path: '/app', status: 'ENABLED' },
  });
  expect(events[6]?.data).toMatchObject({ command: 'STATUS', node: { route: 'n1', load: 60 } });
  expect(events[7]?.data).toMatchObject({ from: 'ENABLED', context: { status: 'DISABLED' } });
  expect(events.at(-1)?.data).toMatchObject({ node: { state: 'removing', usable: false } });
  expect(client.problems).toEqual([]);
});

it('tells of a node that fails, and why', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  const { events, types } = listen(lb);
  await waitFor(() => events.length === 1);
  node.kill();
  await lb.mcmp('STATUS', 'JVMRoute=n1&Load=50');
  await waitFor(() => types().includes('node-state'));
  expect(events.at(-1)?.data).toMatchObject({ node: { state: 'error', usable: false }, by: { by: 'mcmp' } });
  expect(events.at(-1)?.data['reason']).toContain('refuses connections');
});

it('tells once that a node which stays in error does so for another reason', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  const { events } = listen(lb, '?types=node-state,alias-added&from=now');
  const told = (): unknown[] => events.map(({ data }) => data['reason']);
  node.kill();
  await lb.mcmp('STATUS', 'JVMRoute=n1&Load=50');
  await waitFor(() => events.length === 1);
  await startRawNode((socket) => socket.end('220 this is no web server\r\n'), node.port);
  await lb.mcmp('STATUS', 'JVMRoute=n1&Load=50');
  await lb.mcmp('STATUS', 'JVMRoute=n1&Load=50');
  await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=the-end&Context=/app');
  await waitFor(() => events.at(-1)?.type === 'alias-added');
  expect(told()).toEqual([
    expect.stringContaining('refuses connections'),
    'answered, but not in the protocol it registered with',
    undefined,
  ]);
  expect(events[1]?.data).toMatchObject({ command: 'STATUS', node: { route: 'n1', state: 'error', usable: false } });
});

it('tells of a message that was refused: who sent what, and why', async () => {
  const lb = await startTestBalancer();
  const { events } = listen(lb, '?types=message');
  await waitFor(async () => (await lb.mcmp('STATUS', 'JVMRoute=nobody&Load=1')).status === 500 && events.length > 0);
  await lb.mcmp('CONFIG', 'JVMRoute=%FF<');
  await waitFor(() => events.some(({ data }) => data['command'] === 'CONFIG'));
  expect(events[0]?.data).toMatchObject({
    by: { by: 'mcmp', peer: '127.0.0.1' },
    command: 'STATUS',
    message: { type: 'MEM', code: 'unknown-route', mess: 'MEM: Can\'t read node with "nobody" JVMRoute' },
  });
  expect(events.at(-1)?.data).toMatchObject({ message: { type: 'SYNTAX', code: 'unreadable' } });
});

it('goes on behind the id of the state document, with nothing twice', async () => {
  const lb = await startTestBalancer();
  const { eventId } = await stateOf(lb);
  await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
  const byHeader = listen(lb, '', eventId);
  const byQuery = listen(lb, `?lastEventId=${eventId}`);
  await waitFor(() => byHeader.events.length === 2 && byQuery.events.length === 2);
  expect(byHeader.types()).toEqual(['balancer-changed', 'node-added']);
  expect(byQuery.events).toEqual(byHeader.events);
  const last = listen(lb, '', byHeader.client.lastId);
  await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=a&Context=/x');
  await waitFor(() => last.events.length === 2);
  expect(last.types()).toEqual(['alias-added', 'context-added']);
});

it('believes the header before the address, which a browser asks for again as it was', async () => {
  const lb = await startTestBalancer();
  const { eventId: first } = await stateOf(lb);
  await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
  const { eventId: second } = await stateOf(lb);
  await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=a&Context=/x');
  const { types } = listen(lb, `?lastEventId=${first}&from=now`, second);
  await waitFor(() => types().length === 2);
  expect(types()).toEqual(['alias-added', 'context-added']);
});

it.each([
  ['of another start of the balancer', '12345-1'],
  ['of the future', 'OWN-99999'],
  ['that is none', 'nonsense'],
  ['with a letter in it', 'OWN-1x'],
])('begins anew for an id %s', async (_, id) => {
  const lb = await startTestBalancer();
  const { incarnationId } = await stateOf(lb);
  const { events, types } = listen(lb, '', id.replace('OWN', incarnationId));
  await waitFor(() => events.length === 2);
  expect(types()).toEqual(['reset', 'snapshot']);
});

it('begins anew for who was away for too long', async () => {
  const lb = await startTestBalancer();
  await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
  const { eventId } = await stateOf(lb);
  for (let event = 0; event < 10_001; event += 500) {
    const paths = Array.from({ length: 500 }, (_, index) => `/${event + index}`);
    await lb.mcmp('ENABLE-APP', `JVMRoute=n1&Alias=a&Context=${paths.join(',')}`);
    await lb.mcmp('REMOVE-APP', `JVMRoute=n1&Alias=a&Context=${paths.join(',')}`);
  }
  const { types } = listen(lb, '', eventId);
  await waitFor(() => types().length === 2);
  expect(types()).toEqual(['reset', 'snapshot']);
});

it('does not tell row by row what changes very many: readers begin anew', async () => {
  const lb = await startTestBalancer();
  await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
  const follower = new Follower();
  const client = new EventClient(lb.mcmpPort, '/api/v1/events', (event) => follower.follow(event));
  client.connect();
  freeAfter(() => client.cut());
  await waitFor(() => follower.snapshots === 1);
  const paths = Array.from({ length: 6000 }, (_, index) => `/${index}`);
  await lb.mcmp('ENABLE-APP', `JVMRoute=n1&Alias=a&Context=${paths.join(',')}`);
  await waitFor(() => follower.snapshots === 2);
  expect(follower.resets).toBe(1);
  expect(follower.picture).toEqual(pictureOfState(await stateOf(lb)));
});

it('leaves the state out with ?from=now, and gives an id at once', async () => {
  const lb = await startTestBalancer();
  const { events, client } = listen(lb, '?from=now');
  await waitFor(() => client.lastId !== '');
  expect(events).toEqual([]);
  await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
  await waitFor(() => events.length === 2);
});

it.each([
  ['?types=node-added,context-added', ['node-added', 'context-added']],
  ['?types=node-added&types=alias-added', ['node-added', 'alias-added']],
  ['?types=snapshot,balancer-changed', ['snapshot', 'balancer-changed']],
])('with %s tells %j alone', async (query, expected) => {
  const lb = await startTestBalancer();
  const chosen = listen(lb, query);
  const all = listen(lb);
  await waitFor(() => all.events.length === 1 && (chosen.client.lastId !== '' || chosen.events.length === 1));
  await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
  await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=a&Context=/x');
  await waitFor(() => all.types().at(-1) === 'context-added' && chosen.events.length === expected.length);
  expect(chosen.types()).toEqual(expected);
});

it.each([
  ['?types=node-adde', 'Did you mean node-added?'],
  ['?types=', 'There are: '],
  ['?from=yesterday', 'Leave it out'],
  ['?type=message', 'Did you mean types?'],
])('refuses %s, and says what would do', async (query, hint) => {
  const lb = await startTestBalancer();
  const { status, text } = await ask(lb.mcmpPort, `/api/v1/events${query}`);
  expect([status, JSON.parse(text)]).toMatchObject([
    400,
    { code: 'MCMP_BAD_QUERY', hint: expect.stringContaining(hint) },
  ]);
});

it('takes 64 readers and tells the next one to wait, until one has left', async () => {
  const lb = await startTestBalancer();
  const readers = Array.from({ length: 64 }, () => listen(lb));
  await waitFor(() => readers.every(({ events }) => events.length === 1));
  const refused = await ask(lb.mcmpPort, '/api/v1/events');
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5']);
  readers[0]?.client.cut();
  await waitFor(async () => {
    const { client, events } = listen(lb);
    await waitFor(() => events.length > 0 || client.problems.length > 0);
    return client.problems.length === 0;
  });
});

it('ends with what happened last when the balancer stops', async () => {
  const lb = await startTestBalancer();
  const reader = await openRaw(lb.mcmpPort);
  reader.write(`GET /api/v1/events?from=now HTTP/1.1\r\nHost: ${hostPort(lb.mcmpPort)}\r\n\r\n`);
  await reader.until((text) => text.includes('\nid: '));
  await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
  const closing = lb.balancer.close();
  const { text, end } = await reader.closed();
  expect(end).toBe('fin');
  expect(text).toContain('event: node-added');
  expect(text.endsWith('\r\n0\r\n\r\n')).toBe(true);
  await closing;
});

it('lets a reader that read nothing for too long begin anew when it reads on', async () => {
  const lb = await startTestBalancer();
  await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
  const reader = await openRaw(lb.mcmpPort);
  reader.write(`GET /api/v1/events HTTP/1.1\r\nHost: ${hostPort(lb.mcmpPort)}\r\n\r\n`);
  await reader.until((text) => text.includes('event: snapshot'));
  reader.socket.pause();
  for (let round = 0; round < 20; round++) {
    const paths = Array.from({ length: 1000 }, (_, index) => `/${'y'.repeat(200)}${index}`);
    await lb.mcmp('ENABLE-APP', `JVMRoute=n1&Alias=a&Context=${paths.join(',')}`);
    await lb.mcmp('REMOVE-APP', `JVMRoute=n1&Alias=a&Context=${paths.join(',')}`);
  }
  await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=a&Context=/the-last');
  reader.socket.resume();
  const text = await reader.until((received) => received.slice(-50_000).includes('/the-last'));
  expect(text).toContain('event: reset');
});

it('keeps a client true whose first state is overtaken by changes while it is read', async () => {
  const lb = await startTestBalancer({ limits: { maxNodes: 10, maxContexts: 100_000, maxHosts: 100 } });
  const change = async (verb: string, node: number, alias: string, from: number, to: number): Promise<void> => {
    const paths = Array.from({ length: to - from }, (_, index) => `/${'z'.repeat(60)}${from + index}`);
    await lb.mcmp(verb, `JVMRoute=n${node}&Alias=${alias}&Context=${paths.join(',')}`);
  };
  for (const node of [1, 2]) {
    await lb.mcmp('CONFIG', `JVMRoute=n${node}&Host=127.0.0.1&Port=${node}&Type=http`);
    for (const alias of ['a', 'b', 'c']) {
      for (const from of [0, 3000]) await change('ENABLE-APP', node, alias, from, from + 3000);
    }
  }
  const follower = new Follower();
  const client = new EventClient(lb.mcmpPort, '/api/v1/events', (event) => follower.follow(event));
  client.pauseAtBytes = 100_000;
  client.connect();
  freeAfter(() => client.cut());
  await waitFor(() => client.receivedBytes >= 100_000);
  expect(follower.snapshots).toBe(0);
  await change('REMOVE-APP', 1, 'a', 0, 2000);
  await change('DISABLE-APP', 1, 'b', 10, 20);
  await change('ENABLE-APP', 1, 'd', 0, 5);
  await change('STOP-APP', 2, 'a', 0, 1000);
  await change('REMOVE-APP', 2, 'c', 0, 3000);
  await change('REMOVE-APP', 2, 'c', 3000, 6000);
  await change('ENABLE-APP', 2, 'c', 7, 9);
  client.resume();
  const state = await stateOf(lb);
  await waitFor(() => client.lastId === state.eventId);
  expect([follower.snapshots, client.problems]).toEqual([1, []]);
  expect(follower.picture).toEqual(pictureOfState(state));
});

/** One step of somebody who changes the cluster. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('config' as const), node: fc.nat(3), port: fc.nat(5), balancer: fc.nat(1) }),
  fc.record({
    kind: fc.constantFrom('ENABLE-APP' as const, 'DISABLE-APP' as const, 'STOP-APP' as const, 'REMOVE-APP' as const),
    node: fc.nat(3),
    alias: fc.constantFrom('a', 'b', 'a,b', 'c'),
    contexts: fc.constantFrom('/x', '/y', '/x,/y', '/%C3%A9'),
    all: fc.integer({ min: 0, max: 6 }).map((number) => number === 0),
  }),
  fc.record({ kind: fc.constant('status' as const), node: fc.nat(3), load: fc.integer({ min: -1, max: 3 }) }),
  fc.constant({ kind: 'cut' as const }),
);

it.each(['mcmp', 'httpd-2'])(
  'keeps a client true that is cut off at any moment and comes back with its id (%s)',
  async (dialect) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const lb = await startTestBalancer({ dialect, waitBeforeRemoveMs: 1, pingIntervalMs: 60_000 });
        const follower = new Follower();
        const seen = new Set<string>();
        const client = new EventClient(lb.mcmpPort, '/api/v1/events', (event) => {
          if (event.type !== 'reset' && event.type !== 'snapshot') {
            if (seen.has(event.id)) client.problems.push(`${event.id} twice`);
            seen.add(event.id);
          }
          follower.follow(event);
        });
        client.connect();
        const sent: Promise<unknown>[] = [];
        for (const each of steps) {
          if (each.kind === 'cut') {
            client.cut();
            client.connect();
            continue;
          }
          const route = `JVMRoute=n${each.node}`;
          if (each.kind === 'config') {
            const config = `${route}&Host=127.0.0.1&Port=${each.port + 1}&Type=http&Balancer=b${each.balancer}`;
            sent.push(lb.mcmp('CONFIG', config));
          } else if (each.kind === 'status') {
            sent.push(lb.mcmp('STATUS', `${route}&Load=${each.load}`));
          } else if (each.all) {
            sent.push(lb.mcmp(each.kind, route, '/*'));
          } else {
            sent.push(lb.mcmp(each.kind, `${route}&Alias=${each.alias}&Context=${each.contexts}`));
          }
          if (sent.length % 4 === 0) await Promise.all(sent.splice(0));
        }
        await Promise.all(sent);
        await waitFor(async () => {
          const state = await stateOf(lb);
          return client.lastId === state.eventId || client.problems.length > 0;
        });
        expect(client.problems).toEqual([]);
        const state = await stateOf(lb);
        await waitFor(() => client.lastId === state.eventId);
        expect(follower.picture).toEqual(pictureOfState(state));
        client.cut();
        lb.balancer.closeNow();
      }),
      { numRuns: 12, seed: 20_261_122 },
    );
  },
);
