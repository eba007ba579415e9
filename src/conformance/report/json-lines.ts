import type { CaseResult, Reporter, RunReport, TargetFacts, TargetReport } from '../result.ts';
import type { Baselines } from './baseline.ts';
import { actualWords, deviates, expectedWords, type KnownReason, needsWords, tally, topicOf } from './facts.ts';

/**
 * The report for programs: a line for each target, case and end of a target, and one for the run, each a JSON document of
 * its own; `docs/conformance-report.schema.json` says what they look like. Members are added, never renamed.
 */
export type JsonLine = { readonly schemaVersion: 1; readonly type: string } & Readonly<Record<string, unknown>>;

/** Numbers targets from 1, in the order in which they begin. */
function createNumbers(): (target: TargetFacts) => number {
  const numbers = new Map<TargetFacts, number>();
  return (target) => {
    const number = numbers.get(target) ?? numbers.size + 1;
    numbers.set(target, number);
    return number;
  };
}

/** Prints each line as soon as it is known. */
export function createJsonLinesReporter(
  print: (line: JsonLine) => void,
  { known, gone }: Pick<Baselines, 'known' | 'gone'>,
): Reporter {
  const numberOf = createNumbers();
  return {
    targetBegins: (target, cases) => print(targetLine(target, numberOf(target), cases.length)),
    caseEnds: (target, result) => print(caseLine(target, numberOf(target), result, known)),
    targetEnds: (report) => print(targetEndLine(report, numberOf(report.target), known, gone(report))),
    runEnds: (report) => print(runLine(report, known)),
  };
}

function targetLine(target: TargetFacts, number: number, cases: number): JsonLine {
  const { direction, name, traffic, dialect, calls } = target;
  return {
    schemaVersion: 1,
    type: 'target',
    target: number,
    direction,
    name,
    ...(traffic === undefined ? {} : { traffic }),
    dialect,
    calls,
    cases,
  };
}

function caseLine(target: TargetFacts, number: number, result: CaseResult, known: KnownReason): JsonLine {
  const { facts, verdict, reason, waits, tookMs, exchanges } = result;
  const knownReason = known(target, result);
  return {
    schemaVersion: 1,
    type: 'case',
    target: number,
    id: facts.id,
    topic: topicOf(facts.id),
    requirement: facts.requirement,
    level: facts.level,
    lines: facts.lines,
    spec: facts.spec,
    tags: facts.tags,
    verdict,
    fails: deviates(result) && knownReason === undefined,
    ...(knownReason === undefined ? {} : { known: knownReason }),
    ...(needsWords(result) ? { expected: expectedWords(target, result), actual: actualWords(result) } : {}),
    ...(verdict === 'skipped' ? { reason: reason ?? '' } : {}),
    tookMs: rounded(tookMs),
    waits: waits.map((wait) => ({ what: wait.what, tookMs: rounded(wait.tookMs) })),
    ...(needsWords(result)
      ? {
          exchanges: exchanges.map((exchange) => ({
            ...exchange,
            atMs: rounded(exchange.atMs),
            tookMs: rounded(exchange.tookMs),
          })),
        }
      : {}),
  };
}

function targetEndLine(
  { target, results, tookMs }: TargetReport,
  number: number,
  known: KnownReason,
  gone: readonly string[],
): JsonLine {
  return {
    schemaVersion: 1,
    type: 'target-end',
    target: number,
    verdicts: Object.fromEntries(tally(results)),
    fails: results.filter((result) => deviates(result) && known(target, result) === undefined).length,
    known: results.filter((result) => known(target, result) !== undefined).length,
    gone,
    tookMs: rounded(tookMs),
  };
}

function runLine(report: RunReport, known: KnownReason): JsonLine {
  const fails = report.targets.flatMap(({ target, results }) =>
    results.filter((result) => deviates(result) && known(target, result) === undefined),
  );
  return {
    schemaVersion: 1,
    type: 'run',
    suite: report.suite,
    tool: report.tool,
    seed: report.seed,
    startedAt: report.startedAt.toISOString(),
    tookMs: rounded(report.tookMs),
    targets: report.targets.length,
    verdicts: Object.fromEntries(tally(report.targets.flatMap(({ results }) => results))),
    fails: fails.length,
    interrupted: report.interrupted,
  };
}

/** Microseconds are enough, and noise beyond. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
