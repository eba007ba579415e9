import { describe, expect, it } from 'vitest';
import { strayErrors } from '../../../src/cli/stray-errors.ts';
import { defineCase, said } from '../../../src/conformance/case.ts';
import { inAll } from '../../../src/conformance/dialects.ts';
import { runCase } from '../../../src/conformance/engine/run-case.ts';
import { Deviation, type DeviationVerdict, NotHere } from '../../../src/conformance/verdict.ts';

function outcomeOf(run: () => Promise<void>) {
  const one = defineCase({
    id: 'mine/one',
    requirement: 'It is so.',
    level: 'must',
    lines: [],
    spec: 'ours',
    expected: inAll(said('so')),
    run,
  });
  const signal = new AbortController().signal;
  return runCase(one, () => undefined, { dialect: 'mcmp', number: 0, seed: 1, deadlineMs: 10_000, signal });
}

/** As JavaScript could make it. */
function careless(verdict: string, expected: unknown): Deviation {
  return Object.assign(new Deviation('fail', '', 'that'), { verdict: verdict as DeviationVerdict, expected });
}

describe('what a case throws is its verdict', () => {
  it.each([
    ['an error', new Error('why'), { verdict: 'error', reason: 'why' }],
    ['a deviation', new Deviation('unclean', 'this', 'that'), { verdict: 'unclean', expected: 'this', actual: 'that' }],
    ['a reason to skip', new NotHere('no tool'), { verdict: 'skipped', reason: 'no tool' }],
    ['a text', 'why', { verdict: 'error', reason: "'why'" }],
    ['nothing', undefined, { verdict: 'error', reason: 'undefined' }],
    ['an object that has no text', Object.create(null), { verdict: 'error', reason: '[Object: null prototype] {}' }],
    ['a deviation of an unknown verdict', careless('awful', 'this'), { verdict: 'error' }],
    ['a deviation without words', careless('fail', 7), { verdict: 'error' }],
    [
      'much',
      new Error('x'.repeat(100_000)),
      { verdict: 'error', reason: expect.stringMatching(/^x{4000} \.\.\. and/) },
    ],
  ])('%s', async (_, thrown, outcome) => {
    expect(await outcomeOf(() => Promise.reject(thrown))).toMatchObject(outcome);
  });

  it('an error that nobody awaited', async () => {
    const result = await outcomeOf(async () => {
      setImmediate(() => strayErrors.getStore()?.(new Error('from afar')));
      await new Promise(() => undefined);
    });
    expect(result).toMatchObject({ verdict: 'error', reason: 'from afar' });
  });
});
