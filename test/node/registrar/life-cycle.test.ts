import { describe, expect, it } from 'vitest';
import {
  LIFE_CYCLE,
  type LifeEvent,
  type LifeState,
  nextLifeState,
  retryDelayMs,
  slotBefore,
} from '../../../src/node/registrar/life-cycle.ts';

const rows = Object.entries(LIFE_CYCLE).map(([state, row]) => [state as LifeState, row] as const);
const FAILURES = ['refused', 'rejected', 'silenced', 'lost'] as const;

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
    expect(FAILURES.filter((event) => row[event] === undefined)).toEqual([]);
  });

  it.each(rows.filter(([state]) => state !== 'ended'))('can end without a word while %s', (_, row) => {
    expect(row.vanish).toBe('ended');
  });

  it.each(rows.filter(([, row]) => row.leave !== undefined).flatMap(([state]) => FAILURES.map((e) => [state, e])))(
    'always reaches the end from %s, even if everything is %s',
    (state, failure) => {
      let at = nextLifeState(state as LifeState, 'leave');
      for (let steps = 0; at !== 'ended'; steps += 1) {
        expect(steps).toBeLessThan(3);
        at = nextLifeState(at, failure as LifeEvent);
      }
    },
  );

  it('never rests in a state that forgets to come back', () => {
    for (const state of ['waiting', 'registered', 'retrying', 'rejected', 'silent'] as const) {
      expect(LIFE_CYCLE[state].due).toBeDefined();
    }
  });

  it('leads to every state and from every state to the end', () => {
    const reached = new Set<LifeState>(['waiting']);
    for (let before = 0; before !== reached.size; ) {
      before = reached.size;
      for (const state of reached) for (const next of Object.values(LIFE_CYCLE[state])) reached.add(next);
    }
    expect([...reached].sort()).toEqual(rows.map(([state]) => state).sort());
  });

  it('calls a pair that is not in the table a bug', () => {
    expect(() => nextLifeState('ended', 'due')).toThrow(/cannot see 'due' while ended/);
  });
});

describe('the pause before a new attempt', () => {
  it.each([
    [1, 10_000, 0, 0],
    [2, 10_000, 500, 1000],
    [3, 10_000, 1000, 2000],
    [6, 10_000, 5000, 10_000],
    [60, 60_000, 5000, 10_000],
    [6, 1000, 500, 1000],
  ])('after %i failures of a node that reports every %i ms is %i to %i ms', (failures, everyMs, leastMs, mostMs) => {
    expect(retryDelayMs(failures, 0, everyMs)).toBe(leastMs);
    expect(retryDelayMs(failures, 0.999, everyMs)).toBeLessThanOrEqual(mostMs);
    expect(retryDelayMs(failures, 0.999, everyMs)).toBeGreaterThanOrEqual(leastMs);
  });
});

describe('the moment of a report', () => {
  it('is shared with others that are due soon, and never later than it is due', () => {
    const due = [10_000, 10_001, 10_150, 10_199, 10_200];
    expect(due.map((dueMs) => slotBefore(dueMs, 10_000))).toEqual([10_000, 10_000, 10_000, 10_000, 10_200]);
  });
});
