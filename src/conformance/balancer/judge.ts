import type { McmpClientTls } from '../../client/index.ts';
import { McmpError } from '../../core/errors.ts';
import type { TargetPlan } from '../command.ts';
import type { JudgedDialect } from '../dialects.ts';
import { nowMs } from '../engine/clock.ts';
import { runTarget } from '../engine/run-target.ts';
import { type Circumstances, planOf } from '../engine/select.ts';
import type { Features } from '../needs.ts';
import { type Reporter, type RunReport, SUITE_VERSION, type TargetReport } from '../result.ts';
import { checkTraffic } from './check-traffic.ts';
import { type BalancerTarget, createBalancerTrial } from './create-trial.ts';
import { type Recognised, recogniseBalancer } from './recognise.ts';
import { runRestartCommand } from './restart.ts';
import type { BalancerCase } from './trial.ts';

export interface JudgeBalancersOptions {
  readonly targets: readonly { readonly mcmp: URL; readonly traffic: URL | undefined }[];
  readonly cases: readonly BalancerCase[];
  /** undefined: the one that is recognised. */
  readonly dialect: JudgedDialect | undefined;
  readonly tls: McmpClientTls;
  readonly features: Features;
  readonly restartCommand: string | undefined;
  /** undefined: leave out what others would see where the balancer has nodes. */
  readonly safe: boolean | undefined;
  readonly dangerous: boolean;
  readonly jobs: number;
  readonly seed: number;
  readonly deadlineFactor: number;
  /** `non-strict` counts as `fail`. */
  readonly strict: boolean;
  /** How long a target may take to say who it is. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** Told once for each target that cannot be judged. */
  readonly onUnreachable: (error: McmpError) => void;
  /** Name and version of this program. */
  readonly tool: string;
}

/** A balancer as it is before the first case. */
interface BalancerPlan extends TargetPlan {
  readonly recognised: Recognised;
}

/** Judges one balancer after the other, and reports. Unreachable ones are left out of the report. */
export async function judgeBalancers(options: JudgeBalancersOptions): Promise<RunReport> {
  const startedAt = new Date();
  const startedMs = nowMs();
  const mark = markOf(options.seed, startedAt);
  const targets: TargetReport[] = [];
  for (const [index, { mcmp, traffic }] of options.targets.entries()) {
    if (options.signal.aborted) break;
    const plan = await planUnlessUnreachable(options, mcmp, traffic);
    if (plan === undefined) continue;
    targets.push(await judgeOne(options, plan, { mcmp, traffic }, `${mark}${index === 0 ? '' : index}`));
  }
  const { seed, signal, tool } = options;
  const tookMs = nowMs() - startedMs;
  const report = { suite: SUITE_VERSION, tool, seed, startedAt, tookMs, targets, interrupted: signal.aborted };
  await options.reporter.runEnds?.(report);
  return report;
}

/**
 * Finds out who a target is, and what can be judged there; changes nothing.
 * @throws McmpError when it or its web traffic cannot be reached, or it does not receive MCMP
 */
export async function planBalancer(
  options: JudgeBalancersOptions,
  mcmp: URL,
  traffic: URL | undefined,
): Promise<BalancerPlan> {
  const { tls, timeoutMs } = options;
  const recognised = await recogniseBalancer(mcmp, options.dialect, { tls, timeoutMs });
  const needsTraffic = options.cases.some(({ needs }) => needs.includes('traffic'));
  if (traffic !== undefined && needsTraffic) await checkTraffic(traffic, { tls, timeoutMs });
  const safe = options.safe ?? recognised.nodes.length > 0;
  const circumstances = circumstancesOf(options, recognised, traffic, safe);
  return {
    target: {
      direction: 'balancer',
      name: mcmp.href,
      dialect: recognised.dialect,
      calls: recognised.calls,
      ...(traffic === undefined ? {} : { traffic: traffic.href }),
    },
    recognised,
    safe,
    ...planOf(options.cases, circumstances),
  };
}

async function planUnlessUnreachable(
  options: JudgeBalancersOptions,
  mcmp: URL,
  traffic: URL | undefined,
): Promise<BalancerPlan | undefined> {
  try {
    return await planBalancer(options, mcmp, traffic);
  } catch (error) {
    if (!(error instanceof McmpError)) throw error;
    options.onUnreachable(error);
    return undefined;
  }
}

function judgeOne(
  options: JudgeBalancersOptions,
  { target, recognised, safe }: BalancerPlan,
  { mcmp, traffic }: { readonly mcmp: URL; readonly traffic: URL | undefined },
  mark: string,
): Promise<TargetReport> {
  const { restartCommand, tls, features } = options;
  const balancer: BalancerTarget = {
    mcmpUrl: mcmp,
    trafficUrl: traffic,
    tls,
    features,
    restart: restartCommand === undefined ? undefined : () => runRestartCommand(restartCommand),
  };
  return runTarget({
    target,
    circumstances: circumstancesOf(options, recognised, traffic, safe),
    cases: options.cases,
    createTrial: (run, lane) => createBalancerTrial(balancer, run, lane, mark),
    jobs: options.jobs,
    seed: options.seed,
    signal: options.signal,
    reporter: options.reporter,
    lenient: !recognised.certain,
    strict: options.strict,
    deadlineFactor: options.deadlineFactor,
  });
}

function circumstancesOf(
  options: JudgeBalancersOptions,
  recognised: Recognised,
  traffic: URL | undefined,
  safe: boolean,
): Circumstances {
  return {
    dialect: recognised.dialect,
    features: options.features,
    hasTraffic: traffic !== undefined,
    isEmpty: recognised.isEmpty,
    canRestart: options.restartCommand !== undefined,
    safe,
    dangerous: options.dangerous,
  };
}

/** Part of every name of a run, so that two runs at one balancer do not meet: four characters. */
function markOf(seed: number, startedAt: Date): string {
  return ((seed * 7919 + startedAt.getTime()) % 36 ** 4).toString(36).padStart(4, '0');
}
