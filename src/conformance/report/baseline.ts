import { UsageError } from '../../core/errors.ts';
import type { Log } from '../../observe/types.ts';
import {
  type CaseResult,
  type Reporter,
  type RunReport,
  SUITE_VERSION,
  type TargetFacts,
  type TargetReport,
} from '../result.ts';
import { VERDICTS } from '../verdict.ts';
import { type Baseline, type KnownDeviation, readBaseline, writeBaseline } from './baseline-file.ts';
import { actualWords, counted, deviates, type KnownReason, wordsOf } from './facts.ts';
import { prepareFile } from './files.ts';

/** Cases that a line of the log names. */
const MOST_NAMED = 5;

/** What is known of the targets of a run, and what became of it. */
export interface Baselines {
  readonly known: KnownReason;
  /** Ids of known deviations that are no longer there: their cases ran, and do not deviate. */
  gone(report: TargetReport): readonly string[];
  /** What there is to say of the baselines at the end, a line each. */
  notes(report: RunReport): readonly string[];
  /** Has to be told of targets before all that ask what is known. Writes the files anew if that was wanted. */
  readonly reporter: Reporter;
}

/**
 * Reads the baselines of a run.
 *
 * A deviation that is in the baseline of its target with the same verdict fails no run. A case that could not be judged at
 * all is in none: nothing is known of the peer then.
 *
 * @param paths none, or one for each target, in their order
 * @throws UsageError when they do not fit the targets, cannot be read, or are missing and shall not be written
 */
export async function openBaselines(
  paths: readonly string[],
  options: { readonly targets: number; readonly update: boolean; readonly log: Log },
): Promise<Baselines> {
  const { targets, update, log } = options;
  if (paths.length === 0 && update) {
    throw new UsageError('--update-baseline needs to know which file', { hint: 'Name it with --baseline FILE.' });
  }
  if (paths.length > 0 && paths.length !== targets) {
    throw new UsageError(`${counted(targets, 'target')} cannot have ${counted(paths.length, 'baseline')}`, {
      hint: 'Give --baseline once for each target, in the order of the targets.',
    });
  }
  if (new Set(paths).size < paths.length) {
    throw new UsageError('two targets cannot share a baseline', { hint: 'Name a file of its own for each.' });
  }
  const read = new Map<string, Baseline | undefined>();
  for (const path of paths) {
    if (update) await prepareFile(path);
    read.set(path, await readFor(path, update, log));
  }
  return bookOf(paths, read, update, log);
}

async function readFor(path: string, update: boolean, log: Log): Promise<Baseline | undefined> {
  const baseline = await readBaseline(path);
  if (baseline === undefined) {
    if (update) return undefined;
    throw new UsageError(`there is no baseline ${path}`, {
      code: 'MCMP_BAD_BASELINE',
      hint: 'Give --update-baseline as well, to write what is found there.',
    });
  }
  if (baseline.suite !== SUITE_VERSION && !update) {
    throw new UsageError(`${path} is of suite ${baseline.suite}; this is suite ${SUITE_VERSION}`, {
      code: 'MCMP_BAD_BASELINE',
      hint: 'Cases or verdicts mean something else now. Look at --update-baseline: it keeps the reasons of what stays.',
    });
  }
  const without = baseline.deviations.filter(({ reason }) => reason === '').map(({ id }) => id);
  if (without.length > 0) {
    const more = without.length > MOST_NAMED ? ` and ${without.length - MOST_NAMED} more` : '';
    const cases = without.slice(0, MOST_NAMED).join(', ') + more;
    log.warn('known deviations have no reason in the baseline', { file: path, cases });
  }
  return baseline;
}

function bookOf(
  paths: readonly string[],
  read: ReadonlyMap<string, Baseline | undefined>,
  update: boolean,
  log: Log,
): Baselines {
  const pathOf = new Map<TargetFacts, string>();
  const deviationOf = (target: TargetFacts, id: string): KnownDeviation | undefined =>
    read.get(pathOf.get(target) ?? '')?.deviations.find((one) => one.id === id);
  const gone = (report: TargetReport): readonly string[] =>
    report.results
      .filter((result) => result.verdict !== 'skipped' && !deviates(result))
      .map(({ facts }) => facts.id)
      .filter((id) => deviationOf(report.target, id) !== undefined)
      .sort();
  return {
    known(target, result) {
      if (!deviates(result) || result.verdict === 'error') return undefined;
      const deviation = deviationOf(target, result.facts.id);
      return deviation?.verdict === result.verdict ? deviation.reason : undefined;
    },
    gone,
    notes: (report) =>
      report.targets.flatMap((one) => targetNotes(one, pathOf.get(one.target), gone(one), deviationOf)),
    reporter: {
      targetBegins(target) {
        const path = paths[pathOf.size];
        if (path === undefined) return;
        pathOf.set(target, path);
        const baseline = read.get(path);
        if (baseline !== undefined) checkTarget(path, baseline, target, log);
      },
      async runEnds(report) {
        if (!update) return;
        if (report.interrupted) {
          log.warn('the run was interrupted: no baseline was written', { files: paths.join(', ') });
          return;
        }
        for (const one of report.targets) {
          const path = pathOf.get(one.target);
          if (path === undefined) continue;
          const baseline = updated(read.get(path), one);
          await writeBaseline(path, baseline);
          log.info('the baseline was written', { file: path, deviations: baseline.deviations.length });
        }
      },
    },
  };
}

/** @throws UsageError when the baseline is of something else */
function checkTarget(path: string, { target: of }: Baseline, target: TargetFacts, log: Log): void {
  if (of.direction !== target.direction || of.dialect !== target.dialect) {
    throw new UsageError(
      `${path} is of a ${of.direction} (${of.dialect}); this is a ${target.direction} (${target.dialect})`,
      { code: 'MCMP_BAD_BASELINE', hint: 'Name the baseline of this target, or a file that does not exist yet.' },
    );
  }
  const calls = wordsOf(target.calls);
  if (of.calls !== calls) {
    log.warn('the baseline is of another version of the target', { file: path, baseline: of.calls, target: calls });
  }
}

function targetNotes(
  { target, results }: TargetReport,
  path: string | undefined,
  gone: readonly string[],
  deviationOf: (target: TargetFacts, id: string) => KnownDeviation | undefined,
): string[] {
  if (path === undefined) return [];
  const notes: string[] = [];
  const found = results.filter(deviates).map((result) => ({ result, before: deviationOf(target, result.facts.id) }));
  const same = found.filter(({ result, before }) => before?.verdict === result.verdict);
  notes.push(`${path}: ${counted(same.length, 'known deviation')}`);
  for (const { result, before } of found) {
    if (before === undefined || before.verdict === result.verdict) continue;
    const [was, is] = [VERDICTS[before.verdict].words, VERDICTS[result.verdict].words];
    notes.push(`${path}: ${result.facts.id} is known as ${was}, and now: ${is}`);
  }
  if (gone.length > 0) {
    notes.push(`${path}: gone, to be taken out with --update-baseline: ${gone.join(', ')}`);
  }
  return notes;
}

/** What stays keeps its reason; what was not judged this time stays as it is. */
function updated(before: Baseline | undefined, { target, results }: TargetReport): Baseline {
  const deviations = new Map((before?.deviations ?? []).map((one) => [one.id, one]));
  for (const result of results) {
    const { facts, verdict } = result;
    if (verdict === 'skipped' || verdict === 'error') continue;
    if (!deviates(result)) deviations.delete(facts.id);
    else if (deviations.get(facts.id)?.verdict !== verdict) {
      deviations.set(facts.id, { id: facts.id, verdict, reason: '', actual: actualWords(result) });
    }
  }
  const { direction, dialect } = target;
  return {
    schemaVersion: 1,
    suite: SUITE_VERSION,
    target: { direction, dialect, calls: wordsOf(target.calls) },
    deviations: Array.from(deviations.values(), withoutActualWhereReasoned),
  };
}

/** What was seen varies with addresses and names: it is there only for who has to write the reason. */
function withoutActualWhereReasoned(deviation: KnownDeviation): KnownDeviation {
  const { id, verdict, reason } = deviation;
  return reason === '' ? deviation : { id, verdict, reason };
}

/** Whether a run fails: something deviates that is not known. With an update all that was found is known from now on. */
export function runFails({ targets }: RunReport, known: KnownReason, update: boolean): boolean {
  const isNews = (target: TargetFacts, result: CaseResult): boolean =>
    update ? result.verdict === 'error' : deviates(result) && known(target, result) === undefined;
  return targets.some(({ target, results }) => results.some((result) => isNews(target, result)));
}
