import { describe, expect, it } from 'vitest';
import { BALANCER_CASES } from '../../../src/conformance/balancer/cases/index.ts';
import { BALANCER_MUTANTS } from './index.ts';
import { mutatedSource } from './mutated-program.ts';

describe('the table of mutants', () => {
  it.each(BALANCER_MUTANTS.map((mutant) => [mutant.id, mutant] as const))('%s breaks one place', (_, mutant) => {
    expect(mutatedSource(mutant)).toContain(mutant.replace);
    expect(mutant.replace).not.toBe(mutant.find);
  });

  it('has each id once, and aims at cases that exist', () => {
    const ids = BALANCER_MUTANTS.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const cases = new Set(BALANCER_CASES.map(({ id }) => id));
    expect(BALANCER_MUTANTS.flatMap(({ aims }) => aims).filter((id) => !cases.has(id))).toEqual([]);
    expect(BALANCER_MUTANTS.filter(({ aims }) => aims.length === 0)).toEqual([]);
  });
});
