import { escapeForTerminal } from '../../core/text.ts';
import type { CaseFacts } from '../case.ts';
import type { CaseResult, RunReport, TargetReport } from '../result.ts';
import { VERDICTS, type Verdict } from '../verdict.ts';
import { bytesLines } from './bytes.ts';
import {
  actualWords,
  expectedWords,
  type KnownReason,
  lastRelevant,
  milliseconds,
  needsWords,
  type ShownBytes,
  shownBytes,
  sourceWords,
  topicOf,
} from './facts.ts';

const BYTES_SHOWN = { width: 500, mostLines: 60 };

/** One case at one target, as the page shows it. All texts are fit to be shown as text. */
export interface PageResult {
  readonly verdict: Verdict;
  /** The baseline knows of it; empty: without saying why. */
  readonly known?: string;
  readonly expected: string;
  /** Of what was neither right nor skipped. */
  readonly actual?: string;
  /** Why it was skipped. */
  readonly reason?: string;
  readonly took: string;
  readonly waits: readonly string[];
  /** Bytes as lines for people. */
  readonly exchanges: readonly ShownBytes[];
  /** Exchanges that are not shown. */
  readonly more: number;
}

export interface PageCase {
  readonly id: string;
  readonly topic: string;
  readonly requirement: string;
  readonly level: string;
  /** Where the rule stands. */
  readonly source: string;
  readonly tags: string;
  /** In the order of the targets; null where the case was not for one. */
  readonly results: readonly (PageResult | null)[];
}

/** The matrix: the cases of all targets, those of the first in its order. */
export function pageCases({ targets }: RunReport, known: KnownReason): readonly PageCase[] {
  const resultsById = targets.map(({ results }) => new Map(results.map((one) => [one.facts.id, one])));
  const facts = new Map<string, CaseFacts>();
  for (const { results } of targets) {
    for (const result of results) if (!facts.has(result.facts.id)) facts.set(result.facts.id, result.facts);
  }
  const cases = Array.from(facts.values(), (one) => ({
    id: escapeForTerminal(one.id),
    topic: escapeForTerminal(topicOf(one.id)),
    requirement: escapeForTerminal(one.requirement),
    level: one.level,
    source: escapeForTerminal(sourceWords(one)),
    tags: escapeForTerminal(one.tags.join(', ')),
    results: targets.map((target, at) => {
      const result = resultsById[at]?.get(one.id);
      return result === undefined ? null : pageResult(target, result, known(target.target, result));
    }),
  }));
  const topics = [...new Set(cases.map(({ topic }) => topic))];
  return topics.flatMap((topic) => cases.filter((one) => one.topic === topic));
}

function pageResult({ target }: TargetReport, result: CaseResult, known: string | undefined): PageResult {
  const explained = needsWords(result);
  const shown = explained ? lastRelevant(result.exchanges) : [];
  return {
    verdict: result.verdict,
    ...(known === undefined ? {} : { known: escapeForTerminal(known) }),
    expected: escapeForTerminal(expectedWords(target, result)),
    ...(explained ? { actual: escapeForTerminal(actualWords(result)) } : {}),
    ...(result.verdict === 'skipped' ? { reason: escapeForTerminal(result.reason ?? 'no reason given') } : {}),
    took: milliseconds(result.tookMs),
    waits: result.waits.map(({ what, tookMs }) => escapeForTerminal(`${milliseconds(tookMs)} until ${what}`)),
    exchanges: shown.flatMap((exchange) =>
      shownBytes(exchange).map(({ about, bytes }) => ({
        about: escapeForTerminal(about),
        bytes: bytesLines(bytes, BYTES_SHOWN).join('\n'),
      })),
    ),
    more: explained ? result.exchanges.length - shown.length : 0,
  };
}

/** JSON that may stand in a script element: nothing in it ends the element, or begins a comment. */
export function embeddedJson(document: unknown): string {
  return JSON.stringify(document).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Short words for a cell of the matrix. */
export function cellWords(verdict: Verdict): string {
  return verdict === 'error' ? 'not judged' : VERDICTS[verdict].words;
}
