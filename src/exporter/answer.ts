import type { URLSearchParams } from 'node:url';
import { disagreementWords } from '../client/disagreement-words.ts';
import { type Survey, surveyDisagreements } from '../client/index.ts';
import { targetName } from '../client/target.ts';
import { textOf } from '../core/mcmp/bytes.ts';
import { escapeForTerminal } from '../core/text.ts';
import { CONTENT_TYPES, formatFor } from '../observe/metrics/index.ts';
import { scrape } from './scrape.ts';
import type { ExporterOptions } from './types.ts';

/** What is asked of the exporter, as far as it matters. */
export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  /** `X-Prometheus-Scrape-Timeout-Seconds`; empty when it was not sent. */
  readonly scrapeTimeout: string;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** In pieces, as a scrape may have megabytes. */
  readonly body: Iterable<string>;
}

/** Part of a scraper's patience that is left for the way back. */
const TIME_KEPT = 0.2;
const LONGEST_KEPT_MS = 1000;

/** @returns undefined for a path that is none */
export async function answer(asked: Asked, survey: Survey, options: ExporterOptions): Promise<Answer | undefined> {
  switch (asked.path) {
    case '/metrics':
      return metrics(asked, survey, options, undefined);
    case '/probe':
      return probe(asked, survey, options);
    case '/healthz':
      return text(200, ['ok']);
    case '/':
      return text(200, overview(survey));
    default:
      return undefined;
  }
}

async function metrics(
  { accept, scrapeTimeout }: Asked,
  survey: Survey,
  options: ExporterOptions,
  only: string | undefined,
): Promise<Answer> {
  const exposition = await scrape(survey, options, {
    maxAgeMs: options.cacheMs,
    timeoutMs: timeFor(scrapeTimeout, options.client.timeoutMs),
    ...(only === undefined ? {} : { only }),
  });
  const format = formatFor(accept);
  return { status: 200, contentType: CONTENT_TYPES[format], body: exposition.pieces(format) };
}

/** A scraper that gives up gets nothing of any target: the slow one is better given up before that. */
function timeFor(scrapeTimeout: string, mostMs: number): number {
  const patienceMs = /^\d{1,6}(?:\.\d{1,9})?$/.test(scrapeTimeout) ? Number(scrapeTimeout) * 1000 : 0;
  if (patienceMs === 0) return mostMs;
  return Math.max(1, Math.min(mostMs, patienceMs - Math.min(LONGEST_KEPT_MS, patienceMs * TIME_KEPT)));
}

/** Only what the operator named is ever asked: else whoever can reach the exporter could have it ask anybody. */
async function probe(asked: Asked, survey: Survey, options: ExporterOptions): Promise<Answer> {
  const wanted = asked.query.getAll('target');
  const [first] = wanted;
  if (first === undefined || wanted.length > 1) {
    return text(400, ['Say which target: /probe?target=URL', ...targetLines(survey)]);
  }
  const only = nameOf(first, survey);
  if (only !== undefined) return metrics(asked, survey, options, only);
  return text(404, ['This target was not named with --target when the exporter was started.', ...targetLines(survey)]);
}

function nameOf(wanted: string, survey: Survey): string | undefined {
  const full = /^https?:\/\//i.test(wanted) ? wanted : `http://${wanted}`;
  const name = URL.canParse(full) ? targetName(new URL(full)) : undefined;
  return survey.targets.find((target) => target === name);
}

function targetLines(survey: Survey): string[] {
  return ['The targets are:', ...survey.targets.map((target) => `  ${target}`)];
}

/** For people. Nobody is asked anything: it tells what the last scrape saw. */
function overview(survey: Survey): string[] {
  const reading = survey.current();
  const found = surveyDisagreements(reading).map((one) => `  ${disagreementWords(one)}`);
  return [
    'mcmp exporter: metrics of MCMP balancers for Prometheus',
    '',
    '/metrics            all targets',
    '/probe?target=URL   one of them',
    '/healthz            whether this program runs; it says nothing of the targets',
    '',
    'Targets, as of the last scrape:',
    ...reading.targets.map((one) => {
      if (one.outcome === 'pending') return `  ${one.target}: not scraped yet`;
      if (one.outcome === 'failed') return `  ${one.target}: ${shown(one.failure.error.message)}`;
      const { brand, version, view } = one.good.state;
      return `  ${one.target}: ${shown([brand, version].join(' ').trim())}, ${view.nodes.length} nodes`;
    }),
    ...(found.length === 0 ? [] : ['', 'They disagree:', ...found.slice(0, MOST_LINES)]),
    ...(found.length > MOST_LINES ? [`  and ${found.length - MOST_LINES} more`] : []),
  ];
}

const MOST_LINES = 100;

function shown(bytes: string): string {
  return escapeForTerminal(textOf(bytes));
}

function text(status: number, lines: readonly string[]): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: [`${lines.join('\n')}\n`] };
}
