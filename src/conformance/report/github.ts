import { appendFile } from 'node:fs/promises';
import { UsageError } from '../../core/errors.ts';
import { escapeForTerminal, escapeHtml } from '../../core/text.ts';
import type { CaseResult, Reporter, RunReport, TargetFacts } from '../result.ts';
import { VERDICTS } from '../verdict.ts';
import {
  actualWords,
  counted,
  deviates,
  expectedWords,
  grouped,
  type KnownReason,
  milliseconds,
  newsWords,
  sourceWords,
  tally,
  tallyWords,
  targetWords,
  topicOf,
} from './facts.ts';

/** GitHub shows ten errors of a step; the last of ours says how many more there are. */
const MOST_ANNOTATIONS = 10;
/** A step's summary may be 1 MiB; nobody reads more failures than this. */
const MOST_FAILURES = 200;

/** Annotations and the summary of a job of GitHub Actions. */
export function createGithubReporter(options: {
  readonly print: (line: string) => void;
  readonly known: KnownReason;
  /** File to which the summary is appended. */
  readonly stepSummary: string | undefined;
}): Reporter {
  const { print, known, stepSummary } = options;
  return {
    async runEnds(report) {
      for (const line of annotations(report, known)) print(line);
      if (stepSummary === undefined) return;
      try {
        await appendFile(stepSummary, summaryOf(report, known));
      } catch (error) {
        throw new UsageError(
          `the summary cannot be written to ${stepSummary}: ${error instanceof Error ? error.message : String(error)}`,
          {
            code: 'MCMP_REPORT_FILE',
            cause: error,
            hint: 'GITHUB_STEP_SUMMARY names the file; outside of GitHub Actions leave it unset.',
          },
        );
      }
    },
  };
}

interface Failure {
  readonly target: TargetFacts;
  readonly result: CaseResult;
}

function failuresOf(report: RunReport, known: KnownReason): readonly Failure[] {
  return report.targets.flatMap(({ target, results }) =>
    results
      .filter((result) => deviates(result) && known(target, result) === undefined)
      .map((result) => ({ target, result })),
  );
}

/** A workflow command for each failure, as far as they are shown. */
function annotations(report: RunReport, known: KnownReason): string[] {
  const failures = failuresOf(report, known);
  const shown = failures.length <= MOST_ANNOTATIONS ? failures : failures.slice(0, MOST_ANNOTATIONS - 1);
  const lines = shown.map(({ target, result }) => {
    const { facts, verdict } = result;
    const words = report.targets.length > 1 ? [`target: ${targetWords(target)}`] : [];
    words.push(
      `requirement: ${facts.requirement}`,
      `expected: ${expectedWords(target, result)}`,
      `actual: ${actualWords(result)}`,
    );
    return command(`${facts.id}: ${VERDICTS[verdict].words}`, words);
  });
  const left = failures.length - shown.length;
  if (left > 0) lines.push(command('mcmp conformance', [`${left} more deviations: see the summary of the job`]));
  return lines;
}

/** `%`, CR and LF would end a command's data; colons and commas its properties. */
function command(title: string, words: readonly string[]): string {
  const property = escapeForTerminal(title).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C');
  const data = words.map((line) => escapeForTerminal(line).replaceAll('%', '%25')).join('%0A');
  return `::error title=${property}::${data}`;
}

function summaryOf(report: RunReport, known: KnownReason): string {
  const failures = failuresOf(report, known);
  const knownCount = report.targets.flatMap(({ target, results }) =>
    results.filter((result) => known(target, result) !== undefined),
  ).length;
  const lines = [`## mcmp conformance: ${newsWords(failures.length, knownCount)}`];
  for (const { target, results, tookMs } of report.targets) {
    const counts = tally(results);
    const verdicts = [...counts.keys()];
    lines.push(
      '',
      `### ${markdown(targetWords(target))}`,
      '',
      `${tallyWords(counts).join(', ')}, in ${milliseconds(tookMs)}`,
    );
    const columns = ['Topic', ...verdicts.map((verdict) => `${VERDICTS[verdict].sign} ${VERDICTS[verdict].words}`)];
    lines.push('', row(columns), row([':--', ...verdicts.map(() => '--:')]));
    for (const [topic, those] of grouped(results, ({ facts }) => topicOf(facts.id))) {
      const ofTopic = tally(those);
      lines.push(row([markdown(topic), ...verdicts.map((verdict) => String(ofTopic.get(verdict) ?? ''))]));
    }
  }
  for (const { target, result } of failures.slice(0, MOST_FAILURES)) {
    const { facts, verdict } = result;
    const about = [VERDICTS[verdict].words, facts.level, sourceWords(facts)].map(markdown).join(' · ');
    const where = report.targets.length > 1 ? `\n| target | ${markdown(targetWords(target))} |` : '';
    lines.push(
      '',
      `<details><summary>${VERDICTS[verdict].sign} <code>${escapeHtml(facts.id)}</code>: ${escapeHtml(facts.requirement)}</summary>`,
      '',
      about,
      '',
      `| | |\n| :-- | :-- |${where}\n| expected | ${markdown(expectedWords(target, result))} |\n| actual | ${markdown(actualWords(result))} |`,
      '',
      '</details>',
    );
  }
  const left = failures.length - MOST_FAILURES;
  if (left > 0) lines.push('', `${counted(left, 'deviation')} more.`);
  lines.push('', `${report.tool} · suite ${report.suite} · seed ${report.seed} · ${milliseconds(report.tookMs)}`, '');
  return `${lines.join('\n')}\n`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A text that stays what it is in Markdown with HTML in it, also in a table. */
function markdown(text: string): string {
  return escapeForTerminal(text).replace(/[\\`*_{}[\]<>()#+!|~&:@-]/g, (character) =>
    character === '&' || character === '<' ? `&#${character.charCodeAt(0)};` : `\\${character}`,
  );
}
