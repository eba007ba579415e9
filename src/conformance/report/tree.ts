import type { Output } from '../../cli/output.ts';
import type { Progress } from '../../cli/progress.ts';
import { escapeForTerminal } from '../../core/text.ts';
import type { CaseFacts } from '../case.ts';
import type { CaseResult, Reporter, RunReport, TargetFacts, TargetReport } from '../result.ts';
import type { Baselines } from './baseline.ts';
import {
  counted,
  deviates,
  dialectWords,
  grouped,
  type KnownReason,
  milliseconds,
  skipReasons,
  tally,
  tallyWords,
  targetWords,
  topicOf,
} from './facts.ts';
import { caseLines, failureLines, folded, foldedParts, type TreeLook, topicLines } from './tree-lines.ts';

export interface TreeOptions extends Pick<TreeLook, 'style' | 'save'> {
  readonly out: Output;
  readonly baselines: Pick<Baselines, 'known' | 'notes'>;
  readonly progress: Progress;
  /** All cases, not only those that deviate. */
  readonly verbose: boolean;
  /** Milliseconds, monotonic; replaced in tests. */
  readonly nowMs?: () => number;
}

/** What is known of the target that is being judged. */
interface Begun {
  readonly target: TargetFacts;
  readonly cases: readonly CaseFacts[];
  readonly startedMs: number;
  /** Cases of each topic that have not ended. */
  readonly left: Map<string, number>;
  readonly results: Map<string, CaseResult[]>;
  /** Topics that have not been printed, in their order. */
  readonly waiting: string[];
  done: number;
  failed: number;
}

/**
 * The tree for people: a line for each topic as soon as it is over and those before it are, so that two runs read alike; the
 * failures, once more and with their bytes, at the end.
 */
export function createTreeReporter(options: TreeOptions): Reporter {
  const { out, progress, style, save, baselines, verbose, nowMs = () => performance.now() } = options;
  const { known } = baselines;
  const look: TreeLook = { style, known, save, columns: out.columns };
  let begun: Begun | undefined;
  const print = (lines: readonly string[]): void => {
    if (lines.length === 0) return;
    progress.hide();
    for (const line of lines) out.line(line);
  };
  const printTopic = (now: Begun, topic: string): void => {
    const results = now.results.get(topic) ?? [];
    const topics = [...now.left.keys()];
    const widths = {
      topic: Math.max(...topics.map((name) => escapeForTerminal(name).length)),
      count: String(now.cases.length).length,
    };
    const isNews = (result: CaseResult): boolean => deviates(result) && known(now.target, result) === undefined;
    const shown = verbose ? results : results.filter(isNews);
    const idWidth = Math.max(...shown.map(({ facts }) => escapeForTerminal(facts.id).length), 0);
    print([
      ...topicLines(look, now.target, topic, results, widths),
      ...shown.flatMap((result) => caseLines(look, now.target, result, idWidth)),
    ]);
  };
  return {
    targetBegins(target, cases) {
      const topics = grouped(cases, ({ id }) => topicOf(id));
      begun = {
        target,
        cases,
        startedMs: nowMs(),
        left: new Map(Array.from(topics, ([topic, those]) => [topic, those.length])),
        results: new Map(),
        waiting: [...topics.keys()],
        done: 0,
        failed: 0,
      };
      const words = `${targetWords(target)} · ${counted(cases.length, 'case')}`;
      print([...folded(escapeForTerminal(words), out.columns).map((line) => style.bold(line)), '']);
    },
    caseBegins(_target, facts) {
      if (begun === undefined) return;
      const { done, failed, cases, startedMs } = begun;
      const tookMs = nowMs() - startedMs;
      const id = escapeForTerminal(facts.id);
      const failures = failed === 0 ? '' : ` · ${counted(failed, 'deviation')}`;
      progress.show(
        `${done} of ${cases.length} cases · ${milliseconds(tookMs)}${failures} · ${id}`,
        'cases have been judged',
        { done, cases: cases.length, deviations: failed, tookMs: Math.round(tookMs), running: facts.id },
      );
    },
    caseEnds(target, result) {
      if (begun === undefined) return;
      const topic = topicOf(result.facts.id);
      begun.done += 1;
      if (deviates(result) && known(target, result) === undefined) begun.failed += 1;
      begun.left.set(topic, (begun.left.get(topic) ?? 0) - 1);
      begun.results.set(topic, [...(begun.results.get(topic) ?? []), result]);
      for (let next = begun.waiting[0]; next !== undefined && begun.left.get(next) === 0; next = begun.waiting[0]) {
        begun.waiting.shift();
        printTopic(begun, next);
      }
    },
    targetEnds() {
      progress.clear();
      begun = undefined;
      print(['']);
    },
    runEnds(report) {
      progress.clear();
      print(endLines(look, report, baselines.notes(report)));
    },
  };
}

function endLines(look: TreeLook, report: RunReport, baselineNotes: readonly string[]): string[] {
  const { style, columns } = look;
  const lines: string[] = [];
  const several = report.targets.length > 1;
  const all = report.targets.flatMap(({ results }) => results);
  let number = 0;
  for (const { target, results } of report.targets) {
    const news = results.filter((result) => deviates(result) && look.known(target, result) === undefined);
    if (news.length === 0) continue;
    lines.push(style.bold(several ? `Failures of ${escapeForTerminal(targetWords(target))}` : 'Failures'), '');
    for (const result of news) {
      number += 1;
      lines.push(...failureLines(look, target, result, number), '');
    }
  }
  const reasons = skipReasons(all);
  if (reasons.length > 0) {
    const width = String(Math.max(...reasons.map(([, count]) => count))).length;
    lines.push(style.bold('Skipped'));
    for (const [reason, count] of reasons) {
      const label = `${String(count).padStart(width)} ${count === 1 ? 'case ' : 'cases'}`;
      const text = folded(escapeForTerminal(reason), Math.max(20, columns - label.length - 4));
      lines.push(...text.map((line, at) => `  ${at === 0 ? label : ' '.repeat(label.length)}  ${style.dim(line)}`));
    }
    lines.push('');
  }
  if (baselineNotes.length > 0) {
    lines.push(style.bold('Baseline'));
    for (const note of baselineNotes) {
      lines.push(...folded(escapeForTerminal(note), columns - 2).map((line) => `  ${line}`));
    }
    lines.push('');
  }
  if (several) lines.push(...targetLines(report.targets, look), '');
  if (report.interrupted) lines.push(style.yellow('Interrupted: what had not run by then is skipped.'));
  return [...lines, ...foldedParts(summaryParts(report, look.known), columns).map((line) => style.bold(line))];
}

function targetLines(targets: readonly TargetReport[], { known, columns }: TreeLook): string[] {
  return targets.flatMap((one) =>
    folded(escapeForTerminal(`${targetWords(one.target)}: ${countWords([one], known).join(' ')}`), columns),
  );
}

/** How many came to each verdict, in parts that belong together. */
function countWords(targets: readonly TargetReport[], known: KnownReason): readonly string[] {
  const words = [...tallyWords(tally(targets.flatMap(({ results }) => results)))];
  const knownCount = targets.flatMap(({ target, results }) =>
    results.filter((result) => known(target, result) !== undefined),
  ).length;
  if (knownCount > 0) words.push(`${knownCount} of them known`);
  if (words.length === 0) return ['nothing was judged'];
  return words.map((one, at) => (at < words.length - 1 ? `${one},` : one));
}

/** The run in one line, in parts that belong together. */
function summaryParts(report: RunReport, known: KnownReason): readonly string[] {
  const waits = report.targets.flatMap(({ results }) => results).flatMap((one) => one.waits);
  const dialects = [...new Set(report.targets.map(({ target }) => dialectWords(target)))];
  const facts = [milliseconds(report.tookMs), `suite ${report.suite}`, `seed ${report.seed}`, ...dialects];
  if (waits.length > 0) {
    const sum = waits.reduce((total, { tookMs }) => total + tookMs, 0);
    facts.push(`waited for ${counted(waits.length, 'state')}, ${milliseconds(sum)}`);
  }
  const counts = countWords(report.targets, known);
  const joined = [...counts.slice(0, -1), `${counts.at(-1)} ·`, ...facts.map((fact) => `${fact} ·`)];
  return joined.map((part, at) => (at < joined.length - 1 ? part : part.slice(0, -2)));
}
