/** Reports of a run: what is printed while it goes on, and the files that are written when it is over. */
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import type { CommandContext } from '../../cli/command.ts';
import { escapeJsonForTerminal } from '../../core/text.ts';
import type { Reporter, RunReport } from '../result.ts';
import { openBaselines, runFails } from './baseline.ts';
import { composeReporters } from './compose.ts';
import { prepareFile, writeReport } from './files.ts';
import { createGithubReporter } from './github.ts';
import { htmlOf } from './html.ts';
import { createJsonLinesReporter } from './json-lines.ts';
import { junitOf } from './junit.ts';
import { createSavingReporter } from './save.ts';
import { createTapReporter } from './tap.ts';
import { createTreeReporter } from './tree.ts';

export interface ReportOptions {
  /** What is printed on stdout; `json` with the global `--json`. */
  readonly format: 'tree' | 'tap' | 'json';
  /** The tree names all cases, not only those that deviate. */
  readonly verbose: boolean;
  /** How many targets will be judged. */
  readonly targets: number;
  /** Files for reports, by their format; undefined: none. */
  readonly junit: string | undefined;
  readonly tap: string | undefined;
  readonly html: string | undefined;
  readonly jsonl: string | undefined;
  /** Folder for the exchanges of cases that deviate. */
  readonly save: string | undefined;
  /** Files with known deviations: none, or one for each target, in their order. */
  readonly baselines: readonly string[];
  /** Writes the baselines anew with what was found. */
  readonly updateBaseline: boolean;
  /** Annotations for GitHub Actions: where `GITHUB_ACTIONS` is `true`. */
  readonly github: boolean;
  /** File to which GitHub's summary of the job is appended (`GITHUB_STEP_SUMMARY`). */
  readonly stepSummary: string | undefined;
}

/** What a command is given to print with. */
export interface ReportTools extends Pick<CommandContext, 'out' | 'log' | 'style' | 'progress'> {
  /** Prints a line where it disturbs no format of stdout; default stderr. */
  readonly aside?: (line: string) => void;
}

export interface Reports {
  /** To be told of the run. Its `runEnds` rejects with McmpError when a file cannot be written. */
  readonly reporter: Reporter;
  /** Whether something deviates that no baseline knows. */
  fails(report: RunReport): boolean;
}

/**
 * Opens all reports that were asked for. Folders are made and files tried now, not after minutes.
 * @throws UsageError when a file cannot be written, or a baseline cannot be read
 */
export async function openReporters(options: ReportOptions, tools: ReportTools): Promise<Reports> {
  const { out, style, progress, log, aside = (line) => process.stderr.write(`${line}\n`) } = tools;
  const { format, verbose, save } = options;
  const several = options.targets > 1;
  const baselines = await openBaselines(options.baselines, {
    targets: options.targets,
    update: options.updateBaseline,
    log,
  });
  const { known } = baselines;
  const reporters: Reporter[] = [baselines.reporter];
  const github = options.github ? githubAround(format, (line) => out.line(line), aside) : undefined;
  github?.begin();
  if (format === 'tree') {
    reporters.push(createTreeReporter({ out, style, progress, verbose, save, baselines }));
  } else {
    if (format === 'json') reporters.push(createJsonLinesReporter((line) => out.json(line), baselines));
    else reporters.push(createTapReporter((line) => out.line(line), several, known));
    reporters.push({
      runEnds(report) {
        for (const note of baselines.notes(report)) log.info('what the baseline says', { note });
      },
    });
  }
  if (options.tap !== undefined) {
    reporters.push(await linesFile(options.tap, (print) => createTapReporter(print, several, known)));
  }
  if (options.jsonl !== undefined) {
    const asText = (line: object): string => escapeJsonForTerminal(JSON.stringify(line));
    reporters.push(
      await linesFile(options.jsonl, (print) => createJsonLinesReporter((line) => print(asText(line)), baselines)),
    );
  }
  if (options.junit !== undefined) reporters.push(await wholeFile(options.junit, (report) => junitOf(report, known)));
  if (options.html !== undefined) reporters.push(await wholeFile(options.html, (report) => htmlOf(report, known)));
  if (save !== undefined) reporters.push(await createSavingReporter(save, several));
  if (github !== undefined) {
    const { stepSummary } = options;
    reporters.push({ runEnds: github.end }, createGithubReporter({ print: github.print, known, stepSummary }));
  }
  return {
    reporter: composeReporters(reporters),
    fails: (report) => runFails(report, known, options.updateBaseline),
  };
}

/** A report that is written a line at a time; the file comes when it is whole. */
async function linesFile(path: string, create: (print: (line: string) => void) => Reporter): Promise<Reporter> {
  await prepareFile(path);
  const lines: string[] = [];
  const reporter = create((line) => lines.push(line));
  return {
    ...reporter,
    async runEnds(report) {
      await reporter.runEnds?.(report);
      await writeReport(path, `${lines.join('\n')}\n`);
    },
  };
}

async function wholeFile(path: string, textOf: (report: RunReport) => string): Promise<Reporter> {
  await prepareFile(path);
  return { runEnds: (report) => writeReport(path, textOf(report)) };
}

/**
 * GitHub's runner takes lines of stdout and stderr for commands to itself, and a tree quotes what peers said. So nothing in
 * it is a command until a word is said that no peer knows. Annotations go where they break no format.
 */
function githubAround(
  format: ReportOptions['format'],
  print: (line: string) => void,
  aside: (line: string) => void,
): { readonly print: (line: string) => void; begin(): void; end(): void } {
  if (format !== 'tree') return { print: aside, begin() {}, end() {} };
  const word = randomUUID();
  return { print, begin: () => print(`::stop-commands::${word}`), end: () => print(`::${word}::`) };
}
