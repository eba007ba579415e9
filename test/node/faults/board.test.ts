import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.ts';
import { createFaultBoard } from '../../../src/node/faults/board.ts';
import { parseFault } from '../../../src/node/faults/grammar.ts';
import { xoshiro128 } from '../../../src/node/faults/random.ts';
import type { FaultBoard } from '../../../src/node/faults/types.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { createHandClock, type HandClock } from '../../support/hand-clock.ts';

function board(texts: readonly string[], seed = 1): { board: FaultBoard; clock: HandClock } {
  const clock = createHandClock({ startMs: 1_000_000 });
  const made = createFaultBoard({ seed, clock, specs: texts.map(parseFault) });
  freeAfter(() => made.close());
  return { board: made, clock };
}

/** What so many draws of a fault give a route. */
function draw(from: FaultBoard, route: string, times: number): (number | boolean)[] {
  return Array.from({ length: times }, () => {
    const strike = from.strike('latency', route);
    return strike === undefined ? false : (strike.amount ?? true);
  });
}

describe('a board of faults', () => {
  it('strikes only with what is on, and only those it is for', () => {
    const { board: faults } = board(['error:503@node2', 'reset@a*b*c']);
    expect(faults.strike('error', 'node1')).toBeUndefined();
    expect(faults.strike('error', 'node2')).toEqual({ fault: 'error', amount: 503 });
    expect(faults.strike('hang', 'node2')).toBeUndefined();
    const routes = ['abc', 'axbxc', 'acb', 'abcc', 'ab', 'xabc'];
    expect(routes.map((route) => faults.isOn('reset', route))).toEqual([true, true, false, true, false, false]);
  });

  it('counts what struck, and not who only asked', () => {
    const { board: faults } = board(['error:503', 'reset']);
    faults.strike('error', 'n1');
    faults.strike('error', 'n2');
    faults.isOn('reset', 'n1');
    expect(faults.list().map(({ id, spec, strikes }) => [id, spec.text, strikes])).toEqual([
      ['f1', 'error:503', 2],
      ['f2', 'reset', 0],
    ]);
  });

  it('can be changed while it is in use, and tells who listens', () => {
    const { board: faults } = board(['reset']);
    let changes = 0;
    const stop = faults.onChange(() => changes++);
    const id = faults.add(parseFault('hang'));
    expect(faults.isOn('hang', 'n1')).toBe(true);
    expect([faults.remove(id), faults.remove(id), faults.remove('f99')]).toEqual([true, false, false]);
    expect(faults.isOn('hang', 'n1')).toBe(false);
    faults.clear();
    expect(faults.list()).toEqual([]);
    stop();
    faults.add(parseFault('hang'));
    expect(changes).toBe(3);
  });

  it('lets the first of several strike, and the next when its chance misses', () => {
    const { board: faults } = board(['latency:1ms,50%', 'latency:2ms']);
    expect(new Set(draw(faults, 'n1', 50))).toEqual(new Set([1, 2]));
  });

  it('takes a thousand faults, forgetting those that are over, and no more', async () => {
    const { board: faults, clock } = board([]);
    faults.add(parseFault('hang@..1s'));
    for (let i = 1; i < 1000; i++) faults.add(parseFault('reset'));
    const add = (): string => faults.add(parseFault('reset'));
    expect(add).toThrow(UsageError);
    expect(add).toThrow(expect.objectContaining({ code: 'MCMP_TOO_MANY_FAULTS' }));
    await clock.pass(1000);
    expect(add()).toBe('f1001');
    expect(faults.list()).toHaveLength(1000);
  });
});

describe('windows', () => {
  it('begin and end by the clock, counted from when they were switched on', async () => {
    const { board: faults, clock } = board(['hang@30s..45s']);
    const seen: string[] = [];
    faults.onChange(() => seen.push(faults.isOn('hang', 'n1') ? 'on' : 'off'));
    await clock.pass(29_999);
    expect(faults.strike('hang', 'n1')).toBeUndefined();
    await clock.pass(1);
    expect(faults.strike('hang', 'n1')).toBeDefined();
    await clock.pass(14_999);
    expect(seen).toEqual(['on']);
    await clock.pass(1);
    expect(seen).toEqual(['on', 'off']);
    faults.add(parseFault('hang@..1s'));
    await clock.pass(1000);
    expect(seen).toEqual(['on', 'off', 'on', 'off']);
  });

  it('of a board that was closed wake nobody', async () => {
    const { board: faults, clock } = board(['hang@30s..45s']);
    let changes = 0;
    faults.onChange(() => changes++);
    faults.close();
    await clock.pass(60_000);
    expect(changes).toBe(0);
  });
});

describe('chance', () => {
  const JITTER = 'latency:200ms±50ms,30%';

  it('is the same with the same seed, and another with another', () => {
    const [one, same, other] = [board([JITTER], 7), board([JITTER], 7), board([JITTER], 8)];
    const drawn = draw(one.board, 'n1', 100);
    expect(draw(same.board, 'n1', 100)).toEqual(drawn);
    expect(draw(other.board, 'n1', 100)).not.toEqual(drawn);
  });

  it('of a node does not depend on what other nodes, other faults or its own pings draw', () => {
    const alone = draw(board([JITTER]).board, 'n1', 100);
    const { board: busy } = board([JITTER, 'reset:0.5']);
    const mixed = alone.map(() => {
      busy.strike('latency', 'n2');
      busy.strike('reset', 'n1');
      busy.strike('latency', 'n1', 'ping');
      return draw(busy, 'n1', 1)[0];
    });
    expect(mixed).toEqual(alone);
  });

  it('comes near what was asked for, and the amount stays within its spread', () => {
    const drawn = draw(board([JITTER]).board, 'n1', 10_000).filter((amount) => typeof amount === 'number');
    expect(drawn.length).toBeGreaterThan(2800);
    expect(drawn.length).toBeLessThan(3200);
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([150, 250]);
  });

  it('comes from xoshiro128**: the first numbers of the state 1, 2, 3, 4', () => {
    const next = xoshiro128(Uint32Array.of(1, 2, 3, 4));
    expect([next(), next(), next(), next()]).toEqual([11_520, 0, 5_927_040, 70_819_200]);
  });
});
