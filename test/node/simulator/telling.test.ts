import { describe, expect, it } from 'vitest';
import type { LifeState } from '../../../src/node/registrar/life-cycle.ts';
import type { NodeEvent } from '../../../src/node/registrar/types.ts';
import { changeLines, type Telling } from '../../../src/node/simulator/change-lines.ts';
import type { ContextDocument, NodeDocument } from '../../../src/node/simulator/documents.ts';
import { fleetLines } from '../../../src/node/simulator/node-table.ts';
import { createTeller, type Teller } from '../../../src/node/simulator/teller.ts';

const BALANCER = '127.0.0.1:8090';

function life(from: LifeState, to: LifeState, reason = ''): NodeEvent {
  return { kind: 'life', balancer: BALANCER, from, to, reason };
}

/** A teller, and what it told: `node1: registering -> registered`. */
function scene(): { teller: Teller; told: string[]; warned: string[] } {
  const told: string[] = [];
  const warned: string[] = [];
  const teller = createTeller({
    gatherMs: 0,
    tell: (tellings) =>
      told.push(
        ...tellings.map(({ route, from, to, reason }) => `${route}: ${from} -> ${to}${reason && ` (${reason})`}`),
      ),
    warn: (route, _, message) => warned.push(`${route}: ${message}`),
  });
  return { teller, told, warned };
}

/** The way to the registration, and one report. */
const COMES: readonly NodeEvent[] = [
  life('introducing', 'tidying'),
  life('tidying', 'configuring'),
  life('configuring', 'deploying'),
  life('deploying', 'reporting'),
  life('reporting', 'registered'),
  life('registered', 'reporting'),
  life('reporting', 'registered'),
  life('registered', 'changing'),
  life('changing', 'registered'),
];

describe('what is told of a node', () => {
  it('is that it is registered, not each step and each report', () => {
    const { teller, told } = scene();
    for (const event of COMES) teller.event('node1', event);
    expect(told).toEqual(['node1: registering -> registered']);
  });

  it('is why it is no more, once, and another reason when there is one', () => {
    const { teller, told } = scene();
    for (const event of COMES) teller.event('node1', event);
    for (const reason of ['refused', 'refused', 'refused', 'reset']) {
      teller.event('node1', life('introducing', 'retrying', reason));
      teller.event('node1', life('retrying', 'introducing'));
    }
    teller.event('node1', life('reporting', 'registered'));
    expect(told.slice(1)).toEqual([
      'node1: registered -> retrying (refused)',
      'node1: retrying -> retrying (reset)',
      'node1: retrying -> registered',
    ]);
  });

  it('is its goodbye', () => {
    const { teller, told } = scene();
    for (const event of COMES) teller.event('node1', event);
    const goodbye: LifeState[] = ['registered', 'disabling', 'draining', 'withdrawing', 'removing', 'ended'];
    for (const [index, to] of goodbye.slice(1).entries()) teller.event('node1', life(goodbye[index] ?? 'ended', to));
    expect(told.slice(1)).toEqual(['node1: registered -> leaving', 'node1: leaving -> gone']);
  });

  it('is its death, and its return', () => {
    const { teller, told } = scene();
    teller.condition('node1', 'running');
    for (const event of COMES) teller.event('node1', event);
    teller.condition('node1', 'killed');
    teller.event('node1', life('registered', 'ended'));
    teller.condition('node1', 'starting');
    teller.condition('node1', 'running');
    for (const event of COMES) teller.event('node1', event);
    expect(told).toEqual([
      'node1: registering -> registered',
      'node1: running -> killed',
      'node1: killed -> running',
      'node1: registering -> registered',
    ]);
  });

  it('is a warning, once for all nodes', () => {
    const { teller, warned } = scene();
    for (const route of ['node1', 'node2']) {
      teller.event(route, { kind: 'warning', balancer: BALANCER, message: `the route ${route} is long` });
    }
    expect(warned).toEqual(['node1: the route node1 is long']);
  });

  it('is at once what is being gathered, when asked to flush', () => {
    const told: number[] = [];
    const teller = createTeller({ gatherMs: 60_000, tell: ({ length }) => told.push(length), warn: () => undefined });
    for (const event of COMES) teller.event('node1', event);
    expect(told).toEqual([]);
    teller.flush();
    expect(told).toEqual([1]);
  });
});

const PLAIN = (state: string): string => state;
const NOON = new Date(2026, 0, 1, 12, 34, 56);

function telling(route: string, reason = ''): Telling {
  return { route, balancer: BALANCER, from: 'registered', to: 'retrying', reason };
}

describe('a line about a change', () => {
  it('has the time, the node, what changed, where and why', () => {
    expect(changeLines(NOON, [telling('node1', 'STATUS: no answer')], PLAIN)).toEqual([
      '12:34:56  node1  registered -> retrying  127.0.0.1:8090  STATUS: no answer',
    ]);
  });

  it('cannot be more than a line, whatever a balancer says', () => {
    const [line = ''] = changeLines(NOON, [telling('node1', 'a\n\u001b[2Jb')], PLAIN);
    expect(line).toContain('a\\n\\u{1b}[2Jb');
  });

  it('is about many nodes when many change alike', () => {
    const crowd = Array.from({ length: 980 }, (_, index) => telling(`node${index}`, 'no answer'));
    expect(changeLines(NOON, [...crowd, telling('node980', 'refused')], PLAIN)).toEqual([
      '12:34:56  980 nodes  registered -> retrying  127.0.0.1:8090  no answer',
      '12:34:56  node980  registered -> retrying  127.0.0.1:8090  refused',
    ]);
  });

  it('is not one of thousands when each has another reason', () => {
    const crowd = Array.from({ length: 5000 }, (_, index) => telling(`node${index}`, `reason ${index}`));
    const lines = changeLines(NOON, crowd, PLAIN);
    expect(lines).toHaveLength(41);
    expect(lines.at(-1)).toBe('12:34:56  and 4960 more changes');
  });
});

function view(route: string, change: Partial<NodeDocument> = {}): NodeDocument {
  return {
    ...{ route, host: '127.0.0.1', port: 4711, condition: 'running', requests: 3, inFlight: 0 },
    balancers: [{ balancer: BALANCER, state: 'registered', reason: '', reportedState: 'OK', load: 100 }],
    contexts: [context('/app', 'enabled')],
    ...change,
  };
}

function context(path: string, state: ContextDocument['state']): ContextDocument {
  return { route: 'x', path, state, references: 1, inFlight: 0 };
}

describe('the table of nodes', () => {
  it('has a row for each', () => {
    const [standing] = view('x').balancers;
    if (standing === undefined) throw new Error('a view has a balancer');
    const lines = fleetLines([
      view('node1'),
      view('node2', { condition: 'killed' }),
      view('node3', { host: '::1', balancers: [{ ...standing, reportedState: 'NOTOK', load: -1 }] }),
      view('node4', {
        balancers: [standing, { ...standing, balancer: 'lb2:1', state: 'retrying', reason: 'refused', load: null }],
        contexts: ['/a', '/b', '/c', '/d', '/e'].map((path) => context(path, 'stopped')),
        requests: null,
      }),
      view('node5', { balancers: [], contexts: [] }),
    ]);
    expect(lines).toEqual([
      'node   address         state                     load  contexts                                           requests',
      'node1  127.0.0.1:4711  registered                 100  /app                                                      3',
      'node2  127.0.0.1:4711  killed                     100  /app                                                      3',
      'node3  [::1]:4711      registered, but NOTOK       -1  /app                                                      3',
      'node4  127.0.0.1:4711  1 registered, 1 retrying   100  /a (stopped) /b (stopped) /c (stopped) and 2 more         -',
      'node5  127.0.0.1:4711  no balancer                  -  -                                                         3',
    ]);
  });

  it('counts them when they are many', () => {
    const views = Array.from({ length: 1000 }, (_, index) =>
      view(`node${index + 1}`, index % 100 === 7 ? { condition: 'killed' } : {}),
    );
    expect(fleetLines(views)).toEqual([
      'nodes  state       such as',
      '  990  registered  node1',
      '   10  killed      node8',
    ]);
  });
});

it('a balancer that cannot reach the node, and can again, is told each time', () => {
  const { teller, told } = scene();
  for (const event of COMES) teller.event('node1', event);
  const before = told.length;
  const states = ['', 'OK', 'NOTOK', 'OK', 'NOTOK'];
  for (const [index, from] of states.slice(0, -1).entries()) {
    teller.event('node1', { kind: 'reported', balancer: BALANCER, from, to: states[index + 1] ?? '' });
  }
  expect(told.slice(before)).toEqual([
    'node1: registered -> registered (the balancer says State=NOTOK)',
    'node1: registered -> registered (the balancer says State=OK)',
    'node1: registered -> registered (the balancer says State=NOTOK)',
  ]);
});
