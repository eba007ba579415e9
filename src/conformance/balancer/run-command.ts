import type { CommandContext } from '../../cli/command.ts';
import type { McmpClientTls } from '../../client/index.ts';
import { type McmpError, UsageError } from '../../core/errors.ts';
import { type ConformanceOutcome, endedBy, listCases, newSeed, showPlan } from '../command.ts';
import type { ConformanceOptions } from '../command-options.ts';
import type { JudgedDialect } from '../dialects.ts';
import { selectCases } from '../engine/select.ts';
import * as kit from '../index.ts';
import { loadCases } from '../load-cases.ts';
import { openReporters } from '../report/index.ts';
import { readWords } from '../words.ts';
import { BALANCER_CASES } from './cases/index.ts';
import { type JudgeBalancersOptions, judgeBalancers, planBalancer } from './judge.ts';
import type { BalancerTrial } from './trial.ts';

export interface ConformanceBalancerOptions extends ConformanceOptions {
  /** Addresses, ids and globs. */
  readonly words: readonly string[];
  /** In the order of the addresses. */
  readonly traffic: readonly URL[];
  readonly dialect: JudgedDialect | undefined;
  readonly restartCommand: string | undefined;
  readonly safe: boolean | undefined;
  readonly dangerous: boolean;
  readonly timeoutMs: number;
  readonly tls: McmpClientTls;
}

/**
 * `mcmp conformance balancer`.
 * @throws UsageError for words that make no sense, or when no case is left
 */
export async function runConformanceBalancer(
  context: CommandContext,
  options: ConformanceBalancerOptions,
): Promise<ConformanceOutcome> {
  const { urls, patterns } = readWords(options.words);
  const own = await loadCases<BalancerTrial>(options.caseFiles, kit, new Set(BALANCER_CASES.map(({ id }) => id)));
  const cases = selectCases([...BALANCER_CASES, ...own], { ...options, patterns });
  if (options.list) {
    listCases(context, cases);
    return { outcome: 'done' };
  }
  if (urls.length === 0) {
    throw new UsageError('no balancer is named', { hint: 'mcmp conformance balancer http://127.0.0.1:8090' });
  }
  const targets = urls.map((mcmp, index) => ({ mcmp, traffic: trafficOf(options.traffic, urls.length, index) }));
  const failures: McmpError[] = [];
  const seed = options.seed ?? newSeed();
  const judged = (signal: AbortSignal, reporter: JudgeBalancersOptions['reporter']): JudgeBalancersOptions => ({
    ...options,
    targets,
    cases,
    seed,
    signal,
    reporter,
    onUnreachable: (error) => {
      failures.push(error);
      context.log.error(error.message, error.hint === undefined ? {} : { hint: error.hint });
    },
  });
  if (options.dryRun) {
    const still = new AbortController();
    for (const { mcmp, traffic } of targets)
      showPlan(context, await planBalancer(judged(still.signal, {}), mcmp, traffic));
    return { outcome: 'done' };
  }
  const reports = await openReporters({ ...options, targets: targets.length }, context);
  const stop = context.signals.takeOver();
  const report = await judgeBalancers(judged(stop, reports.reporter));
  const [failure] = failures;
  if (stop.aborted) return endedBy(stop);
  if (failure !== undefined) return { outcome: failure.kind };
  return { outcome: reports.fails(report) ? 'check-failed' : 'done' };
}

function trafficOf(traffic: readonly URL[], targets: number, index: number): URL | undefined {
  if (traffic.length > 1 && traffic.length !== targets) {
    throw new UsageError(`--traffic is given ${traffic.length} times for ${targets} balancers`, {
      hint: 'Give it once for each balancer, in their order.',
    });
  }
  return traffic.length === 1 && targets === 1 ? traffic[0] : traffic[index];
}
