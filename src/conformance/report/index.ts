/** Reports of a run: what is printed while it goes on, and the files that are written when it is over. */
import type { CommandContext } from '../../cli/command.ts';
import { escapeJsonForTerminal } from '../../core/text.ts';
import type { Reporter, RunReport } from '../result.ts';
import { composeReporters } from './compose.ts';
import { deviates, NOTHING_KNOWN } from './facts.ts';
import { prepareFile, writeWhole } from './files.ts';
import { createJsonLinesReporter } from './json-lines.ts';
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
  /** Annotations for GitHub Actions. */
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
  const { out, style, progress } = tools;
  const known = NOTHING_KNOWN;
  const reporters: Reporter[] = [];
  if (options.format === 'json') reporters.push(createJsonLinesReporter((line) => out.json(line), known));
  else reporters.push(createTreeReporter({ out, style, progress, known, verbose: options.verbose }));
  if (options.jsonl !== undefined) reporters.push(await jsonLinesFile(options.jsonl, known));
  return {
    reporter: composeReporters(reporters),
    fails: ({ targets }) =>
      targets.some(({ target, results }) =>
        results.some((result) => deviates(result) && known(target, result) === undefined),
      ),
  };
}

async function jsonLinesFile(path: string, known: typeof NOTHING_KNOWN): Promise<Reporter> {
  await prepareFile(path);
  const lines: string[] = [];
  const collect = createJsonLinesReporter((line) => lines.push(escapeJsonForTerminal(JSON.stringify(line))), known);
  return {
    ...collect,
    async runEnds(report) {
      await collect.runEnds?.(report);
      await writeWhole(path, `${lines.join('\n')}\n`);
    },
  };
}
