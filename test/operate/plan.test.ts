import { describe, expect, it } from 'vitest';
import type { Brand } from '../../src/client/brand.ts';
import { createSurvey, type SurveyReading } from '../../src/client/index.ts';
import type { ContextStatus } from '../../src/core/cluster/records.ts';
import { planAction } from '../../src/operate/plan.ts';
import type { ActionName, CommandResult, Plan, Scope } from '../../src/operate/types.ts';
import { undoPlan } from '../../src/operate/undo.ts';
import { type RecordedBrand, startRecordedBalancer } from '../client/recordings.ts';
import { freeAfter } from '../support/cleanup.ts';
import { type NodeSketch, read, readingOf, silent, sketch, T1, T2 } from './readings.ts';

const N1 = { kind: 'node', route: 'n1' } as const;
const N2 = { kind: 'node', route: 'n2' } as const;

/** The commands of a plan without the words that are the same in all. */
function lines(plan: Pick<Plan, 'commands'>): string[] {
  return plan.commands.map(({ commandLine }) => commandLine.replace(/^mcmp send /, '').replace(/ --balancer \S+$/, ''));
}

async function readRecorded(brand: RecordedBrand): Promise<SurveyReading> {
  const balancer = await startRecordedBalancer(brand, '05-two-nodes-many-contexts.json');
  const survey = createSurvey([balancer.url]);
  freeAfter(async () => {
    await survey.close();
    await balancer.close();
  });
  return survey.read();
}

describe('the commands of a plan, as a balancer of that brand was recorded', () => {
  it.each<[RecordedBrand, ActionName, Scope, string[]]>([
    ['httpd-2', 'disable', N1, ["DISABLE-APP JVMRoute=n1 '/*'"]],
    // n2 has a STOPPED context, which counts as changed too when it is disabled.
    ['httpd-2', 'disable', N2, ["DISABLE-APP JVMRoute=n2 '/*'"]],
    [
      'httpd-2',
      'stop',
      { kind: 'context', route: 'n1', path: '/one' },
      ['STOP-APP JVMRoute=n1 Alias=localhost Context=/one', 'STOP-APP JVMRoute=n1 Alias=example.com Context=/one'],
    ],
    [
      'httpd-2',
      'stop',
      { kind: 'context', route: 'n1', path: '/one', aliases: ['EXAMPLE.com'] },
      ['STOP-APP JVMRoute=n1 Alias=example.com Context=/one'],
    ],
    ['httpd-2', 'remove', N1, ["REMOVE-APP JVMRoute=n1 '/*'"]],
    ['httpd-2', 'enable', N1, []],
    ['undertow', 'disable', N2, ['DISABLE-APP JVMRoute=n2 Alias=example.com,other.org Context=/one']],
    ['undertow', 'stop', N1, ['STOP-APP JVMRoute=n1 Alias=localhost,example.com Context=/one,/two']],
    ['undertow', 'enable', N2, ['ENABLE-APP JVMRoute=n2 Alias=third.org Context=/three']],
    ['undertow', 'remove', N2, ["REMOVE-APP JVMRoute=n2 '/*'"]],
    ['nginx', 'disable', N1, ['DISABLE-APP JVMRoute=n1 Alias=example.com,localhost Context=/two,/one']],
    [
      'nginx',
      'stop',
      { kind: 'alias', alias: 'Other.org' },
      ['STOP-APP JVMRoute=n2 Alias=example.com,other.org Context=/one'],
    ],
  ])('%s: %s %o', async (brand, action, scope, expected) => {
    expect(lines(planAction(await readRecorded(brand), action, scope))).toEqual(expected);
  });
});

const APP: NodeSketch['vhosts'] = { localhost: { '/app': 'ENABLED' } };

function plan(brand: Brand, action: ActionName, scope: Scope, ...nodes: readonly NodeSketch[]): Plan {
  return planAction(readingOf(read(T1, brand, sketch(...nodes))), action, scope);
}

describe('what a command cannot name', () => {
  const one = (alias: string, path: string): NodeSketch => ({
    route: 'n1',
    vhosts: { [alias]: { [path]: 'ENABLED', '/other': 'STOPPED' } },
  });

  it.each<[string, Brand, NodeSketch, readonly string[]]>([
    // 1.3 and nginx would lower-case it, and make a virtual host of that name (reference §12.2).
    ['an alias with upper-case letters, httpd 1.3', 'httpd-1.3', one('Shop.example', '/app'), []],
    ['an alias with upper-case letters, nginx', 'nginx', one('Shop.example', '/app'), []],
    ['the same where case does not matter', 'httpd-2', one('Shop.example', '/app'), ['/app']],
    ['the same where it is kept', 'undertow', one('Shop.example', '/app'), ['/app']],
    // nginx decodes before it splits (reference §1.2): this would be a command for node n2.
    ['a path that would be fields of its own, nginx', 'nginx', one('a', '/app&JVMRoute=n2'), []],
    ['a path that would end early, nginx', 'nginx', one('a', '/a b'), []],
    ['the same elsewhere', 'httpd-1.3', one('a', '/app&JVMRoute=n2'), ['/app&JVMRoute=n2']],
    ['a comma where lists are read', 'httpd-2', one('a', '/a,b'), []],
    ['a comma where it belongs to the path', 'undertow', one('a', '/a,b'), ['/a,b']],
  ])('is left alone, and said: %s', (_, brand, node, named) => {
    const [alias = ''] = Object.keys(node.vhosts ?? {});
    const [path = ''] = Object.keys(node.vhosts?.[alias] ?? {});
    const { commands, notes } = plan(brand, 'stop', { kind: 'context', route: 'n1', path }, node);
    expect(commands.map(({ pairs }) => new Map(pairs).get('Context'))).toEqual(named);
    expect(notes.filter((note) => note.includes('cannot be named'))).toHaveLength(named.length === 0 ? 1 : 0);
  });

  it('is not acted upon by a command for the whole node that would change more than is meant', () => {
    const node = { route: 'n1', vhosts: { a: { '/a,b': 'ENABLED', '/off': 'STOPPED' } } } as const;
    const reading = readingOf(read(T1, 'httpd-2', sketch(node)));
    expect(lines(planAction(reading, 'disable', N1))).toEqual(["DISABLE-APP JVMRoute=n1 '/*'"]);
    expect(lines(planAction(reading, 'disable', N1, { only: ['ENABLED'] }))).toEqual([]);
  });
});

describe('what is taken back on Undertow, where DISABLE-APP leaves STOPPED what is STOPPED', () => {
  it.each<[string, ActionName, ContextStatus, ContextStatus | undefined, string[]]>([
    ['a stop of DISABLED', 'stop', 'DISABLED', 'STOPPED', ['ENABLE-APP', 'DISABLE-APP']],
    ['a removal of DISABLED', 'remove', 'DISABLED', undefined, ['ENABLE-APP', 'DISABLE-APP']],
    ['an enabling of DISABLED', 'enable', 'DISABLED', 'ENABLED', ['DISABLE-APP']],
    ['a stop of ENABLED', 'stop', 'ENABLED', 'STOPPED', ['ENABLE-APP']],
  ])('%s', (_, action, from, now, methods) => {
    const at = (status: ContextStatus | undefined) =>
      readingOf(
        read(T1, 'undertow', sketch({ route: 'n1', vhosts: { a: status === undefined ? {} : { '/app': status } } })),
      );
    const done = planAction(at(from), action, { kind: 'context', route: 'n1', path: '/app' }).commands.map(
      (command): CommandResult => ({ command, outcome: 'done', words: 'done', tookMs: 1 }),
    );
    expect(undoPlan(done, at(now)).commands.map(({ method }) => method)).toEqual(methods);
  });

  it('finds a virtual host again whose aliases stand in another order', () => {
    const at = (aliases: string, status: ContextStatus) =>
      readingOf(read(T1, 'undertow', sketch({ route: 'n1', vhosts: { [aliases]: { '/app': status } } })));
    const done = planAction(at('a,b', 'ENABLED'), 'stop', N1).commands.map(
      (command): CommandResult => ({ command, outcome: 'done', words: 'done', tookMs: 1 }),
    );
    expect(undoPlan(done, at('b,a', 'STOPPED')).counts.contexts).toBe(1);
  });
});

describe('how dangerous a plan is', () => {
  const twice = [
    { route: 'n1', vhosts: APP },
    { route: 'n2', vhosts: APP },
  ];

  it.each<[string, ActionName, Scope, readonly NodeSketch[], object]>([
    ['enable asks nothing', 'enable', N1, [{ route: 'n1', vhosts: { a: { '/app': 'STOPPED' } } }], { level: 'none' }],
    ['what changes nothing asks nothing', 'enable', N1, twice, { level: 'none' }],
    ['disable asks', 'disable', N1, twice, { level: 'ask', why: expect.stringContaining('1 context of 1 node') }],
    ['stop asks', 'stop', N1, twice, { level: 'ask' }],
    ['remove asks', 'remove', N1, twice, { level: 'ask' }],
    ['the last place has to be typed', 'stop', N1, [{ route: 'n1', vhosts: APP }], { level: 'type', word: '/app' }],
    ['so has a last place to disable', 'disable', N1, [{ route: 'n1', vhosts: APP }], { level: 'type', word: '/app' }],
    [
      'of several last places the node has to be typed',
      'stop',
      N1,
      [{ route: 'n1', vhosts: { a: { '/x': 'ENABLED', '/y': 'ENABLED' } } }],
      { level: 'type', word: 'n1', why: expect.stringContaining('/x and /y: their last enabled places') },
    ],
    ['both places are all places', 'stop', { kind: 'path', path: '/app' }, twice, { level: 'type', word: '/app' }],
    [
      'several nodes have to be typed',
      'stop',
      { kind: 'domain', domain: 'blue' },
      [...twice.map((node) => ({ ...node, domain: 'blue' })), { route: 'n3', vhosts: APP }],
      { level: 'type', word: 'blue', why: '2 nodes at once' },
    ],
    [
      'a place on a node that gets no requests is none',
      'stop',
      N1,
      [
        { route: 'n1', vhosts: APP },
        { route: 'n2', load: -1, vhosts: APP },
      ],
      { level: 'type', word: '/app' },
    ],
    [
      'one on a node that the balancer cannot reach is none',
      'stop',
      N1,
      [
        { route: 'n1', vhosts: APP },
        { route: 'n2', state: 'error', vhosts: APP },
      ],
      { level: 'type', word: '/app' },
    ],
    [
      'nor one on a node that said goodbye, which is not acted upon either',
      'stop',
      { kind: 'path', path: '/app' },
      [
        { route: 'n1', vhosts: APP },
        { route: 'n2', state: 'removing', vhosts: APP },
      ],
      { level: 'type', word: '/app', why: expect.stringContaining('last enabled place') },
    ],
    [
      'a hot standby is one',
      'stop',
      N1,
      [
        { route: 'n1', vhosts: APP },
        { route: 'n2', load: 0, vhosts: APP },
      ],
      { level: 'ask' },
    ],
    [
      'a place under another name is told apart',
      'stop',
      N1,
      [
        { route: 'n1', vhosts: APP },
        { route: 'n2', vhosts: { 'b.example': { '/app': 'ENABLED' } } },
      ],
      { level: 'type', word: '/app', why: expect.stringContaining('/app for localhost') },
    ],
    [
      'what was not enabled is not lost',
      'stop',
      N1,
      [{ route: 'n1', vhosts: { a: { '/app': 'DISABLED' } } }],
      { level: 'ask' },
    ],
    [
      'another group of nodes does not help',
      'stop',
      N1,
      [
        { route: 'n1', vhosts: APP },
        { route: 'n2', balancer: 'other', vhosts: APP },
      ],
      { level: 'type', word: '/app' },
    ],
  ])('%s', (_, action, scope, nodes, danger) => {
    expect(plan('mcmp', action, scope, ...nodes).danger).toMatchObject(danger);
  });
});

describe('what a plan says', () => {
  it.each<[string, Plan, string]>([
    [
      'a context',
      plan('mcmp', 'disable', { kind: 'context', route: 'n1', path: '/app' }, { route: 'n1', vhosts: APP }),
      'Disable /app on n1',
    ],
    ['a node', plan('mcmp', 'stop', N1, { route: 'n1', vhosts: APP }), 'Stop node n1: 1 context of 1 node'],
    ['nothing', plan('mcmp', 'enable', N1, { route: 'n1', vhosts: APP }), 'Enable node n1: nothing to change'],
    [
      'names that hold control characters',
      plan('undertow', 'stop', { kind: 'node', route: 'n\u001b[2J' }, { route: 'n\u001b[2J', vhosts: APP }),
      'Stop node n\\u{1b}[2J: 1 context of 1 node',
    ],
  ])('names %s', (_, { title }, expected) => {
    expect(title).toBe(expected);
  });

  it('acts only where it was read just now, and names the others', () => {
    const one = planAction(readingOf(read(T1, 'mcmp', sketch({ route: 'n1', vhosts: APP })), silent(T2)), 'stop', N1);
    expect(one.counts).toEqual({ contexts: 1, nodes: 1, targets: 1, unchanged: 0 });
    expect(one.notes).toEqual([expect.stringMatching(`nothing is done at ${T2}: cannot connect`)]);
  });

  it('says nothing to a node that said goodbye', () => {
    const { commands, counts } = plan(
      'mcmp',
      'stop',
      { kind: 'path', path: '/app' },
      { route: 'n1', vhosts: APP },
      { route: 'n2', state: 'removing', vhosts: APP },
    );
    expect([commands.map(({ route }) => route), counts.nodes]).toEqual([['n1'], 1]);
  });

  it('counts a context that two balancers know once', () => {
    const view = sketch({ route: 'n1', vhosts: APP });
    const both = planAction(readingOf(read(T1, 'mcmp', view), read(T2, 'undertow', view)), 'stop', N1);
    expect(both.counts).toEqual({ contexts: 1, nodes: 1, targets: 2, unchanged: 0 });
    expect(both.title).toBe('Stop node n1: 1 context of 1 node (2 balancers)');
    expect(
      planAction(readingOf(read(T1, 'mcmp', view), read(T2, 'mcmp', view)), 'stop', N1, { targets: [T2] }).commands,
    ).toMatchObject([{ target: T2 }]);
  });

  it.each<[Brand, ActionName, readonly NodeSketch[], string]>([
    ['nginx', 'stop', [{ route: 'n1', vhosts: APP }, { route: 'n10' }], 'compares routes by their beginning'],
    ['nginx', 'stop', [{ route: 'n1', vhosts: APP }, { route: 'n' }], 'n1 may stand for n too'],
    ['nginx', 'disable', [{ route: 'n1', vhosts: APP }], 'sends no request at all to a disabled context'],
    ['undertow', 'disable', [{ route: 'n1', vhosts: { a: { '/s': 'STOPPED' } } }], 'keeps STOPPED what is STOPPED'],
    ['mcmp', 'stop', [{ route: 'n2', vhosts: APP }], 'does not know node n1'],
    ['unknown', 'stop', [{ route: 'n1', vhosts: { a: { '/\u00ff': 'ENABLED' } } }], 'cannot be named in a command'],
    ['httpd-1.3', 'stop', [{ route: 'n1', vhosts: { 'Shop.example': { '/a': 'ENABLED' } } }], ''],
    ['httpd-1.3', 'remove', [{ route: 'n1', vhosts: { 'Shop.example': { '/a': 'ENABLED' } } }], ''],
    [
      'nginx',
      'stop',
      [{ route: 'n1', vhosts: { 'Shop.example': { '/a': 'ENABLED' } } }],
      '1 context of n1 cannot be named',
    ],
    ['nginx', 'stop', [{ route: 'n1', vhosts: { a: { '/a&b': 'ENABLED' } } }], '1 context of n1 cannot be named'],
    ['httpd-2', 'stop', [{ route: 'n1', vhosts: { a: { '/a,b': 'ENABLED', '/': 'STOPPED', '/d': 'ENABLED' } } }], ''],
    [
      'mcmp',
      'stop',
      [{ route: 'n1', vhosts: { a: { '/old': 'STOPPED' } }, inFlight: { '/old': 2 } }],
      '2 requests still run',
    ],
  ])('of %s, when it has to: %s', (brand, action, nodes, note) => {
    const { notes } = plan(brand, action, N1, ...nodes);
    if (note === '') expect(notes).toEqual([]);
    else expect(notes.join('\n')).toContain(note);
  });

  it.each<[Brand, Scope, number | undefined]>([
    ['mcmp', N1, 3],
    ['httpd-2', N1, 7],
    // Of one context httpd tells nothing.
    ['httpd-2', { kind: 'context', route: 'n1', path: '/app' }, undefined],
    ['undertow', N1, undefined],
  ])('counts requests in flight as %s tells them: %o', (brand, scope, expected) => {
    const inFlight = brand === 'mcmp' ? { inFlight: { '/app': 3, '/off': 1 } } : {};
    const vhosts = { localhost: { '/app': 'ENABLED', '/off': 'STOPPED' } } as const;
    expect(plan(brand, 'stop', scope, { route: 'n1', connected: 7, vhosts, ...inFlight }).inFlight).toBe(expected);
  });

  it('names no more contexts in one command than the shortest message limit has room for', () => {
    const contexts = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`/context-${i}`, 'ENABLED' as const]));
    const { commands } = plan('mcmp', 'stop', { kind: 'alias', alias: 'a' }, { route: 'n1', vhosts: { a: contexts } });
    expect(commands.length).toBeGreaterThan(1);
    expect(commands.reduce((sum, one) => sum + one.contexts, 0)).toBe(1_000);
    for (const { pairs } of commands) {
      expect(pairs.reduce((sum, [name, value]) => sum + name.length + value.length + 2, 0)).toBeLessThan(8_000);
    }
  });
});
