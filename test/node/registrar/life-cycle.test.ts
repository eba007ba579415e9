import { describe, expect, it } from 'vitest';
import { LIFE_CYCLE, type LifeState, nextLifeState, retryDelayMs } from '../../../src/node/registrar/life-cycle.ts';

const rows = Object.entries(LIFE_CYCLE).map(([state, row]) => [state as LifeState, row] as const);

describe('the life of a registration', () => {
  it('goes from INFO to registered when every answer is a 200', () => {
    const path: LifeState[] = ['introducing'];
    while (path.at(-1) !== 'registered') path.push(nextLifeState(path.at(-1) ?? 'ended', 'done'));
    expect(path).toEqual(['introducing', 'tidying', 'configuring', 'deploying', 'reporting', 'registered']);
  });

  it('says goodbye in the order DISABLE, STOP, REMOVE, REMOVE /*', () => {
    const path = [nextLifeState('registered', 'leave')];
    while (path.at(-1) !== 'ended') path.push(nextLifeState(path.at(-1) ?? 'ended', 'done'));
    expect(path).toEqual(['disabling', 'draining', 'withdrawing', 'removing', 'ended']);
  });

  it.each(rows.filter(([, row]) => row.done !== undefined))('has an answer to every failure while %s', (_, row) => {
    expect([row.refused, row.rejected, row.lost]).not.toContain(undefined);
  });

  it.each(rows.filter(([state]) => state !== 'ended'))(
    'always reaches the end from %s once it shall leave',
    (state, row) => {
      let at = row.leave ?? state;
      for (let steps = 0; at !== 'ended'; steps += 1) {
        expect(steps).toBeLessThan(10);
        at = nextLifeState(at, 'lost');
      }
      expect(at).toBe('ended');
    },
  );

  it('never rests in a state that forgets to come back', () => {
    for (const state of ['registered', 'retrying', 'rejected'] as const) expect(LIFE_CYCLE[state].due).toBeDefined();
  });

  it('calls a pair that is not in the table a bug', () => {
    expect(() => nextLifeState('ended', 'due')).toThrow(/cannot see 'due' while ended/);
  });
});

describe('the pause before a new attempt', () => {
  it.each([
    [1, 0, 0],
    [2, 500, 1000],
    [3, 1000, 2000],
    [6, 5000, 10_000],
    [60, 5000, 10_000],
  ])('after %i failures in a row is %i to %i ms', (failures, leastMs, mostMs) => {
    expect(retryDelayMs(failures, 0, 10_000)).toBe(leastMs);
    expect(retryDelayMs(failures, 0.999, 10_000)).toBeLessThanOrEqual(mostMs);
    expect(retryDelayMs(failures, 0.999, 10_000)).toBeGreaterThanOrEqual(leastMs);
  });
});
