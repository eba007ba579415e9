import { describe, expect, it } from 'vitest';
import { BALANCER_CASES } from '../../src/conformance/balancer/cases/index.ts';
import type { CaseFacts } from '../../src/conformance/case.ts';
import { BALANCER_LINES, NODE_LINES } from '../../src/conformance/checklist.ts';
import { NODE_CASES } from '../../src/conformance/node/cases/index.ts';
import { LACKING } from './lacking.ts';
import { readCaught } from './mutants/caught.ts';
import { BALANCER_MUTANTS } from './mutants/index.ts';
import { PROFILES } from './profiles.ts';

describe.each([
  ['balancers', BALANCER_CASES, BALANCER_LINES],
  ['nodes', NODE_CASES, NODE_LINES],
] as const)('the cases for %s', (_, all, checklist) => {
  const cases: readonly CaseFacts[] = all;

  it('leave out no line of the checklist, and name none that is not there', () => {
    const named = new Set(cases.flatMap(({ lines }) => lines));
    expect(checklist.filter((line) => !named.has(line))).toEqual([]);
    expect([...named].filter((line) => !checklist.includes(line))).toEqual([]);
  });

  it('have ids of two words, each once, and an expectation', () => {
    const ids = cases.map(({ id }) => id);
    expect(ids.filter((id) => !/^[a-z0-9-]+\/[a-z0-9-]+$/.test(id))).toEqual([]);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(cases.filter(({ expected }) => Object.keys(expected).length === 0)).toEqual([]);
    expect(cases.filter(({ requirement }) => !/^\S.*[.)]$/s.test(requirement)).map(({ id }) => id)).toEqual([]);
  });
});

describe('every case for balancers', () => {
  it('is judged in some configuration of ours', () => {
    const judged = (one: (typeof BALANCER_CASES)[number]): boolean =>
      PROFILES.some(
        ({ cases, features }) =>
          cases(one) &&
          one.needs.every(
            (need) => ['traffic', 'empty', 'restart'].includes(need) || features.some(([name]) => name === need),
          ),
      );
    const left = BALANCER_CASES.filter((one) => one.expected.mcmp !== undefined)
      .filter((one) => !judged(one))
      .map(({ id, needs }) => `${id}: ${needs.join(', ')}`);
    expect(left).toEqual([]);
  });

  it('has caught a mutant: it can fail', () => {
    // What no configuration of ours can do has a proof of its own: ws-tunnel.test.ts, lacking.test.ts.
    const elsewhere = ['config/type-behind-ws-tunnel', ...LACKING.map(({ id }) => id)];
    const caught = new Set([...[...readCaught().values()].flat(), ...elsewhere]);
    expect(BALANCER_CASES.filter(({ id }) => !caught.has(id)).map(({ id }) => id)).toEqual([]);
  });
});

describe('what the mutants were found by (npx vitest run --mode mutants)', () => {
  const table = readCaught();

  it('is known of every mutant there is, and of no other', () => {
    const ids = BALANCER_MUTANTS.map(({ id }) => id);
    expect(ids.filter((id) => !table.has(id))).toEqual([]);
    expect([...table.keys()].filter((id) => !id.startsWith('dialect/') && !ids.includes(id))).toEqual([]);
  });

  it('has the cases that each one aims at', () => {
    const missed = BALANCER_MUTANTS.flatMap(({ id, aims }) =>
      aims.filter((aim) => table.get(id)?.includes(aim) !== true).map((aim) => `${id} -> ${aim}`),
    );
    expect(missed).toEqual([]);
  });
});
