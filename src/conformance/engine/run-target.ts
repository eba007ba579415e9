import type { Case } from '../case.ts';
import { JUDGED_DIALECTS, type JudgedAs } from '../dialects.ts';
import type { CaseResult, Reporter, TargetFacts, TargetReport } from '../result.ts';
import { nowMs } from './clock.ts';
import { runCase } from './run-case.ts';
import { type Circumstances, whySkipped } from './select.ts';
import type { CaseRun } from './types.ts';

export interface RunTargetOptions<Trial> {
  readonly target: TargetFacts;
  readonly circumstances: Circumstances;
  readonly cases: readonly Case<Trial>[];
  /** @param lane number of the worker, from 1: workers never run two cases at a time */
  readonly createTrial: (run: CaseRun, lane: number) => Trial | Promise<Trial>;
  /** Cases that run at a time, as far as they are isolated. */
  readonly jobs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /**
   * The dialect is only assumed: a case below `must` that fails by it, and passes by another one, is `non-strict`. It runs
   * again for that.
   */
  readonly lenient?: boolean;
  /** `non-strict` counts as `fail`. */
  readonly strict?: boolean;
  /** Deadlines of cases are multiplied with it; default 1. */
  readonly deadlineFactor?: number;
}

/**
 * Runs all cases at one target: first, one by one, those that need it for themselves (those that need it empty before the
 * others), then the others side by side, the longest first. Every case gets a result, also those that cannot run there.
 */
export async function runTarget<Trial>(options: RunTargetOptions<Trial>): Promise<TargetReport> {
  const { target, cases, reporter, signal } = options;
  const startedMs = nowMs();
  reporter.targetBegins?.(target, cases);
  const results = new Map<Case<Trial>, CaseResult>();
  const run = async (one: Case<Trial>, lane: number): Promise<void> => {
    const reason = signal.aborted ? 'the run was interrupted' : whySkipped(one, options.circumstances);
    reporter.caseBegins?.(target, one);
    const result: CaseResult =
      reason === undefined
        ? await judgeOne(options, one, lane)
        : { facts: one, verdict: 'skipped', reason, waits: [], tookMs: 0, exchanges: [] };
    results.set(one, result);
    reporter.caseEnds?.(target, result);
  };
  const alone = cases.filter((one) => !one.isolated);
  for (const one of alone) if (one.needs.includes('empty')) await run(one, 1);
  for (const one of alone) if (!one.needs.includes('empty')) await run(one, 1);
  // Those that may take long begin first, or the last of them would run when all others are done.
  const waiting = cases.filter((one) => one.isolated).sort((before, after) => after.deadlineMs - before.deadlineMs);
  const work = async (lane: number): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await run(one, lane);
  };
  await Promise.all(Array.from({ length: Math.max(1, options.jobs) }, (_, index) => work(index + 1)));
  const report: TargetReport = {
    target,
    results: cases.flatMap((one) => results.get(one) ?? []),
    tookMs: nowMs() - startedMs,
  };
  reporter.targetEnds?.(report);
  return report;
}

async function judgeOne<Trial>(options: RunTargetOptions<Trial>, one: Case<Trial>, lane: number): Promise<CaseResult> {
  const { cases, seed, signal, deadlineFactor = 1 } = options;
  const { dialect } = options.circumstances;
  const runAs = (as: JudgedAs, again = 0): Promise<CaseResult> =>
    runCase(one, (caseRun) => options.createTrial(caseRun, lane), {
      dialect: as,
      // Every run of a case has names of its own.
      number: cases.indexOf(one) + cases.length * again,
      seed,
      signal,
      deadlineMs: one.deadlineMs * deadlineFactor,
    });
  const first = await runAs(dialect);
  const result: CaseResult =
    options.strict === true && first.verdict === 'non-strict' ? { ...first, verdict: 'fail' } : first;
  if (
    options.lenient !== true ||
    options.strict === true ||
    one.level === 'must' ||
    !['fail', 'wrong-code'].includes(result.verdict)
  )
    return result;
  for (const [index, other] of JUDGED_DIALECTS.entries()) {
    if (other === dialect || one.expected[other] === undefined) continue;
    const again = await runAs(other, index + 1);
    if (again.verdict === 'pass') return { ...result, verdict: 'non-strict', reason: `as ${other} does` };
  }
  return result;
}
