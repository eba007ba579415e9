import process from 'node:process';
import { afterAll, describe, it } from 'vitest';
import { BALANCER_CASES } from '../../../src/conformance/balancer/cases/index.ts';
import type { BalancerCase } from '../../../src/conformance/balancer/trial.ts';
import { JUDGED_DIALECTS } from '../../../src/conformance/dialects.ts';
import { DIALECTS } from '../../../src/core/mcmp/dialect.ts';
import { readCaught, writeCaught } from './caught.ts';
import { BALANCER_MUTANTS } from './index.ts';
import { caught, judgeMutant, type Setting, settingOf } from './run-mutant.ts';

/**
 * `npx vitest run --mode mutants` starts every mutant and judges it by all cases, judges each dialect by the expectations of
 * the others, and writes down which case caught what (caught.json, which other tests and docs/conformance.md read).
 * `MCMP_MUTANTS='status/*' npx vitest run --mode mutants` takes only those mutants, the cases that they aim at and those of
 * the same topic, and writes nothing; with MCMP_MUTANTS_KEEP=1 as well it writes down what these cases caught.
 */
const wanted = process.env['MCMP_MUTANTS'] ?? '';
const isWanted = (id: string): boolean =>
  wanted === '' || wanted.split(',').some((one) => new RegExp(`^${one.replaceAll('*', '.*')}$`).test(id));
const keeps = wanted === '' || process.env['MCMP_MUTANTS_KEEP'] === '1';
const mutants = BALANCER_MUTANTS.filter(({ id }) => isWanted(id));
const served = JUDGED_DIALECTS.filter((name) => DIALECTS.has(name));
const pairs = served
  .flatMap((judgedAs) => served.filter((name) => name !== judgedAs).map((serves) => ({ judgedAs, serves })))
  .map((pair) => ({ ...pair, id: `dialect/${pair.serves}-judged-as-${pair.judgedAs}` }))
  .filter(({ id }) => isWanted(id));

const topicOf = (id: string): string => id.slice(0, id.indexOf('/'));

function casesFor(aims: readonly string[]): readonly BalancerCase[] {
  if (wanted === '') return BALANCER_CASES;
  const topics = new Set(aims.map(topicOf));
  return BALANCER_CASES.filter(({ id }) => topics.has(topicOf(id)));
}

/** What catches the healthy balancer too, found once for each setting. */
const healthy = new Map<string, Promise<readonly string[]>>();

function caughtWhenHealthy(setting: Setting, cases: readonly BalancerCase[]): Promise<readonly string[]> {
  const key = JSON.stringify([setting, cases.map(({ id }) => id)]);
  const known = healthy.get(key) ?? judgeMutant(undefined, setting, cases).then(caught);
  healthy.set(key, known);
  return known;
}

/** Every result is written down at once: a run takes long, and may be interrupted. */
function keep(id: string, found: readonly string[]): void {
  if (keeps) writeCaught(new Map([...readCaught(), [id, found]]));
}

describe.runIf(mutants.length > 0)('each mutant is caught', { concurrent: true, timeout: 900_000 }, () => {
  it.for(mutants)('$id', async (mutant, context) => {
    const setting = settingOf(mutant);
    const cases = casesFor(mutant.aims);
    const before = await caughtWhenHealthy(setting, cases);
    const found = caught(await judgeMutant(mutant, setting, cases)).filter((id) => !before.includes(id));
    keep(mutant.id, found);
    const missed = mutant.aims.filter((id) => !found.includes(id));
    context.expect(missed, `${mutant.fault}; caught by: ${found.join(', ')}`).toEqual([]);
  });
});

describe.runIf(pairs.length > 0)(
  'a dialect judged as another is caught',
  { concurrent: true, timeout: 900_000 },
  () => {
    it.for(pairs)('$id', async ({ id, judgedAs, serves }, context) => {
      const differs = BALANCER_CASES.filter(({ expected }) => {
        const [there, here] = [expected[serves], expected[judgedAs]];
        return there !== undefined && here !== undefined && there.words !== here.words;
      });
      const setting = { ...settingOf({ dialect: serves }), judgedAs };
      const found = caught(await judgeMutant(undefined, setting, differs));
      keep(id, found);
      context.expect(found.length).toBeGreaterThan(differs.length / 2);
    });
  },
);

afterAll(() => {
  if (wanted !== '') return;
  const ids = new Set([...mutants, ...pairs].map(({ id }) => id));
  writeCaught(new Map([...readCaught()].filter(([id]) => ids.has(id))));
});
