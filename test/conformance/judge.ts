import { type BalancerTarget, createBalancerTrial } from '../../src/conformance/balancer/create-trial.ts';
import type { BalancerCase } from '../../src/conformance/balancer/trial.ts';
import type { JudgedDialect } from '../../src/conformance/dialects.ts';
import { runTarget } from '../../src/conformance/engine/run-target.ts';
import type { CaseResult } from '../../src/conformance/result.ts';
import { VERDICTS } from '../../src/conformance/verdict.ts';

/** Judges a balancer by some cases, eight at a time. */
export async function judge(
  target: BalancerTarget,
  dialect: JudgedDialect,
  cases: readonly BalancerCase[],
  // Other tests run at the same time, and what is judged here is no speed.
  deadlineFactor = 5,
): Promise<readonly CaseResult[]> {
  const report = await runTarget({
    target: { direction: 'balancer', name: target.mcmpUrl.href, dialect, calls: '' },
    circumstances: {
      dialect,
      features: target.features,
      hasTraffic: target.trafficUrl !== undefined,
      isEmpty: true,
      canRestart: target.restart !== undefined,
      safe: false,
      dangerous: true,
    },
    cases,
    createTrial: (run, lane) => createBalancerTrial(target, run, lane, 'test'),
    jobs: 8,
    seed: 1,
    signal: new AbortController().signal,
    reporter: {},
    deadlineFactor,
  });
  return report.results;
}

/** Whether nothing at all is wrong. */
export function isGood({ verdict }: CaseResult): boolean {
  return !VERDICTS[verdict].fails && verdict !== 'non-strict';
}

/** What a person needs to see of results that should have been good. */
export function complaints(results: readonly CaseResult[]): string[] {
  return results
    .filter((result) => !isGood(result))
    .map(({ facts, verdict, expected, actual, reason, exchanges }) => {
      const last = exchanges.at(-1);
      const bytes =
        last === undefined ? '' : `\n   sent ${JSON.stringify(last.sent)}\n   got ${JSON.stringify(last.received)}`;
      return `${facts.id}: ${verdict}: ${reason ?? `expected ${expected}; was ${actual}`}${bytes}`.slice(0, 1500);
    });
}
