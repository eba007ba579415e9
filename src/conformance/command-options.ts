import process from 'node:process';
import { CLIENT_OPTIONS, readText } from '../client/command-options.ts';
import { UsageError } from '../core/errors.ts';
import { RELEASE } from '../core/mcmp/release.ts';
import { closestName } from '../core/suggest.ts';
import { LEVELS, type Level } from './case.ts';
import { type Features, NEEDS } from './needs.ts';
import type { ReportOptions } from './report/index.ts';

const SELECTION = 'Which cases:';
const RUN = 'How they run:';
const REPORTS = 'Reports:';

const { ca, cert, key, insecure, timeout } = CLIENT_OPTIONS;

/** Options of both directions. */
export const CONFORMANCE_OPTIONS = {
  level: {
    kind: 'choice',
    choices: LEVELS,
    default: 'may',
    group: SELECTION,
    describe: 'run the cases of this level and those above it: must, should, may (all)',
  },
  tag: { kind: 'list', group: SELECTION, placeholder: 'NAME', describe: 'only cases with one of these tags' },
  'exclude-file': {
    kind: 'string',
    placeholder: 'FILE',
    group: SELECTION,
    describe: 'ids and globs to leave out, one a line; # begins a comment',
  },
  cases: {
    kind: 'string',
    repeatable: true,
    placeholder: 'FILE',
    group: SELECTION,
    describe: 'module with cases of your own (docs/conformance-cases.md)',
  },
  list: { kind: 'boolean', group: SELECTION, describe: 'name the cases, and run none' },
  'dry-run': {
    kind: 'boolean',
    group: SELECTION,
    describe: 'ask the target who it is, say what would run and why the rest would not, and run nothing',
  },
  with: {
    kind: 'string',
    repeatable: true,
    placeholder: 'NAME[=VALUE]',
    form: { pattern: /^[a-z][a-z0-9-]*(=.*)?$/, words: 'NAME or NAME=VALUE' },
    group: RUN,
    describe: 'what the target is configured for; cases that need it say so when they are skipped',
  },
  jobs: { kind: 'number', default: 8, min: 1, max: 64, integer: true, group: RUN, describe: 'cases at a time' },
  seed: {
    kind: 'number',
    min: 0,
    integer: true,
    group: RUN,
    describe: 'where random numbers begin; printed with each run',
  },
  'deadline-factor': {
    kind: 'number',
    default: 1,
    min: 0.1,
    max: 100,
    group: RUN,
    describe: 'multiplies the deadline of every case, for machines that are slow',
  },
  strict: { kind: 'boolean', group: RUN, describe: 'count non-strict as failed' },
  baseline: {
    kind: 'string',
    repeatable: true,
    placeholder: 'FILE',
    group: REPORTS,
    describe: 'known deviations: only news fail the run; one for each target, in their order',
  },
  'update-baseline': { kind: 'boolean', group: REPORTS, describe: 'write the deviations of this run to --baseline' },
  save: {
    kind: 'string',
    placeholder: 'DIR',
    group: REPORTS,
    describe: 'keep the exact bytes of what failed, to be sent again',
  },
  format: {
    kind: 'choice',
    choices: ['tree', 'tap'],
    default: 'tree',
    group: REPORTS,
    describe: 'what is printed; JSON lines with --json',
  },
  verbose: { kind: 'boolean', group: REPORTS, describe: 'name every case, not only those that deviate' },
  junit: { kind: 'string', placeholder: 'FILE', group: REPORTS, describe: 'write JUnit XML' },
  tap: { kind: 'string', placeholder: 'FILE', group: REPORTS, describe: 'write TAP 14' },
  html: {
    kind: 'string',
    placeholder: 'FILE',
    group: REPORTS,
    describe: 'write one page with a matrix of targets and cases',
  },
  jsonl: { kind: 'string', placeholder: 'FILE', group: REPORTS, describe: 'write JSON lines' },
  github: {
    kind: 'boolean',
    group: REPORTS,
    describe: 'annotations for GitHub Actions (there without being asked for) and the summary of the job',
  },
} as const;

/** Options of the direction that connects to its target. */
export const TARGET_OPTIONS = {
  timeout: { ...timeout, group: RUN, describe: 'how long a balancer may take to say who it is' },
  ca,
  cert,
  key,
  insecure,
} as const;

/**
 * `NAME` and `NAME=VALUE` as a map.
 * @param isOpen cases of users may look at names that the suite does not know
 * @throws UsageError for a name that no case asks for
 */
function readFeatures(words: readonly string[], isOpen: boolean): ReadonlyMap<string, string> {
  const features = new Map(
    words.map((word) => {
      const equals = word.indexOf('=');
      return equals === -1 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
  const known = Object.keys(NEEDS);
  for (const name of features.keys()) {
    if (isOpen || known.includes(name)) continue;
    const suggestion = closestName(name, known);
    throw new UsageError(`--with ${name}: no case asks for that`, {
      hint: suggestion === undefined ? '--help lists what can be said.' : `Did you mean ${suggestion}?`,
    });
  }
  return features;
}

/** Ids and globs of an exclude file. */
function readPatterns(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** What both directions make of their flags. */
export interface ConformanceOptions extends Omit<ReportOptions, 'targets'> {
  readonly level: Level;
  readonly tags: readonly string[];
  readonly excluded: readonly string[];
  readonly caseFiles: readonly string[];
  readonly list: boolean;
  readonly dryRun: boolean;
  readonly features: Features;
  readonly jobs: number;
  readonly seed: number | undefined;
  readonly deadlineFactor: number;
  readonly strict: boolean;
  /** Name and version of this program. */
  readonly tool: string;
}

interface ConformanceArgs {
  readonly level: Level;
  readonly tag: readonly string[];
  readonly excludeFile: string | undefined;
  readonly cases: readonly string[];
  readonly list: boolean;
  readonly dryRun: boolean;
  readonly with: readonly string[];
  readonly jobs: number;
  readonly seed: number | undefined;
  readonly deadlineFactor: number;
  readonly strict: boolean;
  readonly baseline: readonly string[];
  readonly updateBaseline: boolean;
  readonly save: string | undefined;
  readonly format: 'tree' | 'tap';
  readonly verbose: boolean;
  readonly junit: string | undefined;
  readonly tap: string | undefined;
  readonly html: string | undefined;
  readonly jsonl: string | undefined;
  readonly github: boolean;
}

/**
 * What the flags say.
 * @param json the global `--json`
 * @throws UsageError when a file cannot be read, or a name of `--with` is not known
 */
export function conformanceOptionsOf(args: ConformanceArgs, json: boolean): ConformanceOptions {
  const { level, list, dryRun, jobs, seed, deadlineFactor, strict, updateBaseline, save, verbose } = args;
  const { junit, tap, html, jsonl } = args;
  return {
    ...{ level, list, dryRun, jobs, seed, deadlineFactor, strict, updateBaseline, save, verbose },
    ...{ junit, tap, html, jsonl },
    tags: args.tag,
    excluded: args.excludeFile === undefined ? [] : readPatterns(readText(args.excludeFile)),
    caseFiles: args.cases,
    features: readFeatures(args.with, args.cases.length > 0),
    baselines: args.baseline,
    format: json ? 'json' : args.format,
    github: args.github || process.env['GITHUB_ACTIONS'] === 'true',
    stepSummary: process.env['GITHUB_STEP_SUMMARY'],
    tool: RELEASE,
  };
}
