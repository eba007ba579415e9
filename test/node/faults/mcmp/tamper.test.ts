import { describe, expect, test } from 'vitest';
import { createFaultBoard } from '../../../../src/node/faults/board.ts';
import { parseFault } from '../../../../src/node/faults/grammar.ts';
import { createTamper } from '../../../../src/node/faults/mcmp/tamper.ts';
import { FAULTS, type FaultName } from '../../../../src/node/faults/table.ts';
import type { Outgoing } from '../../../../src/node/wire/types.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { type SimpleBoard, simpleBoard } from './simple-board.ts';

const INFO: Outgoing = { method: 'INFO', target: '/', pairs: [] };
const CONFIG: Outgoing = {
  method: 'CONFIG',
  target: '/',
  pairs: [
    ['JVMRoute', 'n2'],
    ['Host', '127.0.0.1'],
    ['Port', '8080'],
    ['Type', 'http'],
  ],
};
const APP: Outgoing['pairs'] = [
  ['JVMRoute', 'n2'],
  ['Alias', 'localhost'],
  ['Context', '/app'],
];
const ENABLE: Outgoing = { method: 'ENABLE-APP', target: '/', pairs: APP };
const STATUS: Outgoing = {
  method: 'STATUS',
  target: '/',
  pairs: [
    ['JVMRoute', 'n2'],
    ['Load', '100'],
  ],
};
const REMOVE: Outgoing = { method: 'REMOVE-APP', target: '/', pairs: APP };
const GOODBYE: Outgoing = { method: 'REMOVE-APP', target: '/*', pairs: [['JVMRoute', 'n2']] };
const LIFE = [INFO, CONFIG, ENABLE, STATUS, REMOVE, GOODBYE];

function write({ method, target, pairs }: Outgoing): string {
  return [method, target, pairs.map((pair) => pair.join('=')).join('&')].filter((part) => part !== '').join(' ');
}

function setUp(firstRoute = 'n1') {
  const board = simpleBoard();
  let nudges = 0;
  const tamper = createTamper({ board, route: 'n2', firstRoute, nudge: () => nudges++ });
  return {
    board,
    tamper,
    nudges: () => nudges,
    say: (message: Outgoing, balancer = 'b1') => tamper.outgoing(message, balancer).map(write),
    live: (balancer = 'b1') => LIFE.flatMap((message) => tamper.outgoing(message, balancer)).map(write),
  };
}

const UNTOUCHED = LIFE.map(write);

test('without faults every message goes out as it is, whole, over the kept connection', () => {
  const { live, tamper } = setUp();
  expect(live()).toEqual(UNTOUCHED);
  expect([tamper.pace('b1'), tamper.leavesConnectionOpen('b1'), tamper.vanishes()]).toEqual(['whole', false, false]);
});

test('skip-status leaves STATUS out and nothing else', () => {
  const { board, live } = setUp();
  board.on('skip-status');
  expect(live()).toEqual(UNTOUCHED.filter((line) => !line.startsWith('STATUS')));
});

describe('duplicate-route', () => {
  test('registers under the route of the first node, and says goodbye under its own', () => {
    const { board, live } = setUp();
    board.on('duplicate-route');
    const registering = /^(CONFIG|ENABLE-APP|STATUS)/;
    expect(live()).toEqual(UNTOUCHED.map((line) => (registering.test(line) ? line.replace('n2', 'n1') : line)));
  });

  test('does not begin in the middle of a registration, and ends at once', () => {
    const { board, say } = setUp();
    say(CONFIG);
    board.on('duplicate-route');
    expect(say(STATUS)).toEqual(['STATUS / JVMRoute=n2&Load=100']);
    say(CONFIG);
    expect(say(STATUS)).toEqual(['STATUS / JVMRoute=n1&Load=100']);
    board.off('duplicate-route');
    expect(say(STATUS)).toEqual(['STATUS / JVMRoute=n2&Load=100']);
  });

  test('cannot strike the first node', () => {
    const { board, live } = setUp('n2');
    board.on('duplicate-route');
    expect(live()).toEqual(UNTOUCHED);
  });
});

describe('duplicate-address', () => {
  test('registers a second route beside the own one, whose answers are those that count', () => {
    const { board, live } = setUp();
    board.on('duplicate-address');
    const twin = (message: Outgoing): string => write(message).replace('n2', 'n2-twin');
    expect(live()).toEqual([
      write(INFO),
      ...[write(CONFIG), twin(CONFIG), write(CONFIG)],
      ...[ENABLE, STATUS, REMOVE, GOODBYE].flatMap((message) => [twin(message), write(message)]),
    ]);
  });

  test('takes the second route away when it is over, once, from each balancer that heard of it', () => {
    const { board, say } = setUp();
    board.on('duplicate-address');
    say(CONFIG, 'b1');
    board.off('duplicate-address');
    expect(say(STATUS, 'b2')).toEqual([write(STATUS)]);
    expect(say(STATUS, 'b1')).toEqual(['REMOVE-APP /* JVMRoute=n2-twin', write(STATUS)]);
    expect(say(STATUS, 'b1')).toEqual([write(STATUS)]);
  });
});

test('changed-port says a port where nobody listens, in CONFIG only', () => {
  const { board, live } = setUp();
  board.on('changed-port');
  expect(live()).toEqual(UNTOUCHED.map((line) => line.replace('Port=8080', 'Port=1')));
});

describe('config-flood', () => {
  test.each([
    [1, 1],
    [50, 50],
    [0.2, 1],
    [1e12, 100_000],
  ])('with an amount of %d says CONFIG %d times', (amount, times) => {
    const { board, say } = setUp();
    board.on('config-flood', amount);
    const said = say(CONFIG);
    expect(said.length).toBe(times);
    expect(new Set(said)).toEqual(new Set([write(CONFIG)]));
    expect(say(STATUS)).toEqual([write(STATUS)]);
  });
});

describe('wrong-order', () => {
  test('says CONFIG after the message that should have followed it', () => {
    const { board, live } = setUp();
    board.on('wrong-order');
    expect(live()).toEqual([INFO, ENABLE, CONFIG, STATUS, REMOVE, GOODBYE].map(write));
  });

  test('keeps the conversations with two balancers apart', () => {
    const { board, say } = setUp();
    board.on('wrong-order');
    expect([say(CONFIG, 'b1'), say(STATUS, 'b2'), say(STATUS, 'b1')]).toEqual([
      [],
      [write(STATUS)],
      [write(STATUS), write(CONFIG)],
    ]);
  });

  test('says CONFIG before anything else when it is switched off in between', () => {
    const { board, say } = setUp();
    board.on('wrong-order');
    say(CONFIG);
    board.off('wrong-order');
    expect(say(ENABLE)).toEqual([write(CONFIG), write(ENABLE)]);
    expect(say(STATUS)).toEqual([write(STATUS)]);
  });

  test.each([INFO, REMOVE, GOODBYE])('says no CONFIG after $method $target', (message) => {
    const { board, say } = setUp();
    board.on('wrong-order');
    say(CONFIG);
    expect(say(message)).toEqual([write(message)]);
    board.off('wrong-order');
    expect(say(STATUS)).toEqual([write(STATUS)]);
  });
});

test('oversized makes one field of CONFIG, *-APP and STATUS that long', () => {
  const { board, tamper } = setUp();
  board.on('oversized', 4096);
  const longest = (message: Outgoing): unknown[] =>
    tamper.outgoing(message, 'b1').flatMap(({ pairs }) => {
      const long = pairs.filter(([, value]) => value.length > 100);
      return long.map(([name, value]) => [name, value.length]);
    });
  const { pairs } = ENABLE;
  expect(
    [
      CONFIG,
      ENABLE,
      { ...ENABLE, method: 'DISABLE-APP' },
      { method: 'STOP-APP', target: '/', pairs } as const,
      STATUS,
    ].map(longest),
  ).toEqual([[['Domain', 4096]], [['Context', 4096]], [['Context', 4096]], [['Context', 4096]], [['JVMRoute', 4096]]]);
  expect([INFO, REMOVE, GOODBYE].flatMap(longest)).toEqual([]);
});

test.each([
  ['byte-by-byte', ['byte-by-byte', false, false]],
  ['connection-left-open', ['whole', true, false]],
  ['vanish', ['whole', false, true]],
] as const)('%s leaves the words alone and changes how they go out', (fault, expected) => {
  const { board, tamper, live } = setUp();
  board.on(fault);
  expect(live()).toEqual(UNTOUCHED);
  expect([tamper.pace('b1'), tamper.leavesConnectionOpen('b1'), tamper.vanishes()]).toEqual(expected);
});

describe('a fault that shows in the registration makes the node register again when it is switched', () => {
  const AT_ONCE: readonly FaultName[] = [
    'duplicate-route',
    'duplicate-address',
    'changed-port',
    'config-flood',
    'wrong-order',
    'oversized',
  ];
  const others = (Object.keys(FAULTS) as FaultName[]).filter((fault) => !AT_ONCE.includes(fault));
  const switchOnAndOff = (board: SimpleBoard, fault: FaultName): void => {
    board.on(fault, 10);
    board.on(fault, 10);
    board.off(fault);
  };

  test.each(AT_ONCE)('%s: once on, once off', (fault) => {
    const { board, nudges } = setUp();
    switchOnAndOff(board, fault);
    expect(nudges()).toBe(2);
  });

  test('all others do not', () => {
    const { board, nudges } = setUp();
    for (const fault of others) switchOnAndOff(board, fault);
    expect(nudges()).toBe(0);
  });

  test('nor does one that was on from the start, or a tamper that was closed', () => {
    const board = simpleBoard();
    board.on('changed-port');
    let nudges = 0;
    const tamper = createTamper({ board, route: 'n2', firstRoute: 'n1', nudge: () => nudges++ });
    expect(nudges).toBe(0);
    tamper.close();
    board.off('changed-port');
    expect(nudges).toBe(0);
  });
});

describe('with chances', () => {
  const luck = (seed: number, balancers: readonly string[]): string => {
    const board = createFaultBoard({ seed, specs: [parseFault('skip-status:0.5')] });
    const tamper = createTamper({ board, route: 'n2', firstRoute: 'n1', nudge: () => undefined });
    const said = balancers.map((balancer) => `${balancer}${tamper.outgoing(STATUS, balancer).length}`);
    board.close();
    return said.filter((one) => one.startsWith('a')).join(' ');
  };
  const alone = Array.from({ length: 40 }, () => 'a');

  test('the same seed has the same luck, whatever is said to other balancers meanwhile', () => {
    expect(luck(7, alone)).toBe(luck(7, alone));
    expect(luck(7, ['a', 'b', 'b', ...alone.slice(1).flatMap((one) => [one, 'b'])])).toBe(luck(7, alone));
    expect(luck(8, alone)).not.toBe(luck(7, alone));
    expect(new Set(luck(7, alone).split(' '))).toEqual(new Set(['a0', 'a1']));
  });

  test('a node vanishes for all balancers or for none, and a strike is counted once', () => {
    const board = createFaultBoard({ seed: 1, specs: [parseFault('vanish')] });
    const tamper = createTamper({ board, route: 'n2', firstRoute: 'n1', nudge: () => undefined });
    expect([tamper.vanishes(), tamper.vanishes(), tamper.vanishes()]).toEqual([true, true, true]);
    expect(board.list().map(({ strikes }) => strikes)).toEqual([1]);
    board.close();
  });
});

test('a fault with a window is said when the window begins, and taken back when it ends', async () => {
  const clock = createHandClock();
  const board = createFaultBoard({ clock, specs: [parseFault('changed-port@20s..60s@n*')] });
  const seen: boolean[] = [];
  const nudge = (): void => {
    seen.push(board.isOn('changed-port', 'n2'));
  };
  const tamper = createTamper({ board, route: 'n2', firstRoute: 'n1', nudge });
  const after: boolean[][] = [];
  for (let time = 0; time < 4; time++) {
    await clock.pass(19_999);
    after.push([...seen]);
    await clock.pass(1);
  }
  expect(after).toEqual([[], [true], [true], [true, false]]);
  tamper.close();
  board.close();
});
