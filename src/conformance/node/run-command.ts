import type { CommandContext } from '../../cli/command.ts';
import { McmpError, UsageError } from '../../core/errors.ts';
import { type ConformanceOutcome, endedBy, listCases, newSeed, showPlan } from '../command.ts';
import type { ConformanceOptions } from '../command-options.ts';
import { nowMs } from '../engine/clock.ts';
import { runTarget } from '../engine/run-target.ts';
import { type Circumstances, planOf, selectCases } from '../engine/select.ts';
import type { CaseRun } from '../engine/types.ts';
import * as kit from '../index.ts';
import { loadCases } from '../load-cases.ts';
import { openReporters } from '../report/index.ts';
import { type RunReport, SUITE_VERSION, type TargetFacts, type TargetReport } from '../result.ts';
import { Deviation } from '../verdict.ts';
import { readWords } from '../words.ts';
import { NODE_CASES } from './cases/index.ts';
import type { NodeKind } from './kinds.ts';
import type { NodeStage } from './stage.ts';
import { type NodeTarget, type NodeTargetOptions, openNodeTarget } from './target.ts';

export interface ConformanceNodeOptions extends ConformanceOptions, Omit<NodeTargetOptions, 'features'> {
  /** Ids and globs. */
  readonly words: readonly string[];
  /** undefined: what its User-Agent says. */
  readonly kind: NodeKind | undefined;
}

/**
 * `mcmp conformance node`.
 * @throws UsageError for words that make no sense, or when no case is left; McmpError when no node comes
 */
export async function runConformanceNode(
  context: CommandContext,
  options: ConformanceNodeOptions,
): Promise<ConformanceOutcome> {
  const { urls, patterns } = readWords(options.words);
  const [url] = urls;
  if (url !== undefined) {
    throw new UsageError(`${url.href}: a node has no address to be judged at, it comes to the judge`, {
      hint: "--start 'COMMAND' starts it, with {balancer} for where it registers; --listen ADDRESS waits for one.",
    });
  }
  const own = await loadCases<NodeStage>(options.caseFiles, kit, new Set(NODE_CASES.map(({ id }) => id)));
  const cases = selectCases([...NODE_CASES, ...own], { ...options, patterns });
  if (options.list) {
    listCases(context, cases);
    return { outcome: 'done' };
  }
  const startedAt = new Date();
  const startedMs = nowMs();
  const stop = context.signals.takeOver();
  const target = await openNodeTarget(options);
  try {
    const { kind, calls } = await recognise(target, options, stop);
    const facts: TargetFacts = { direction: 'node', name: target.name, dialect: kind, calls };
    const circumstances = circumstancesOf(kind, target);
    if (options.dryRun) {
      showPlan(context, { target: facts, safe: circumstances.safe, ...planOf(cases, circumstances) });
      return { outcome: 'done' };
    }
    const reports = await openReporters({ ...options, targets: 1 }, context);
    const seed = options.seed ?? newSeed();
    const judged: TargetReport = await runTarget({
      target: facts,
      circumstances,
      cases,
      createTrial: target.createStage,
      jobs: Math.min(options.jobs, target.mostJobs),
      seed,
      signal: stop,
      reporter: reports.reporter,
      strict: options.strict,
      deadlineFactor: options.deadlineFactor,
    });
    const tookMs = nowMs() - startedMs;
    const { tool } = options;
    const interrupted = stop.aborted;
    const report: RunReport = { suite: SUITE_VERSION, tool, seed, startedAt, tookMs, targets: [judged], interrupted };
    await reports.reporter.runEnds?.(report);
    if (interrupted) return endedBy(stop);
    return { outcome: reports.fails(report) ? 'check-failed' : 'done' };
  } finally {
    await target.close();
  }
}

function circumstancesOf(kind: NodeKind, target: NodeTarget): Circumstances {
  return {
    dialect: kind,
    features: target.features,
    hasTraffic: true,
    isEmpty: true,
    canRestart: true,
    safe: false,
    dangerous: true,
  };
}

/** Lets the node come once, to see what it is. @throws McmpError `MCMP_NO_NODE` when none comes */
async function recognise(
  target: NodeTarget,
  options: ConformanceNodeOptions,
  signal: AbortSignal,
): Promise<{ readonly kind: NodeKind; readonly calls: string }> {
  const startedMs = nowMs();
  const undo: (() => Promise<void> | void)[] = [];
  const patienceMs = options.startTimeoutMs + 4 * options.statusIntervalMs;
  const run: CaseRun = {
    number: 0,
    signal,
    nowMs: () => nowMs() - startedMs,
    leftMs: () => Math.max(0, startedMs + patienceMs - nowMs()),
    random: () => 0,
    record: () => undefined,
    waited: () => undefined,
    after: (step) => undo.push(step),
  };
  try {
    const { kind, calls } = await target.recognise(run);
    return { kind: options.kind ?? kind, calls };
  } catch (error) {
    if (!(error instanceof Deviation)) throw error;
    throw new McmpError('unreachable', 'MCMP_NO_NODE', `no node came: ${error.actual}`, {
      hint: 'Does the start command reach {balancer}, and does the node report within --start-timeout?',
      cause: error,
    });
  } finally {
    for (const step of undo.reverse()) await step();
  }
}
