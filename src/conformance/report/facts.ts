import { textOf } from '../../core/mcmp/bytes.ts';
import type { CaseFacts } from '../case.ts';
import type { CaseResult, TargetFacts } from '../result.ts';
import { VERDICTS, type Verdict } from '../verdict.ts';
import type { RecordedExchange } from '../wire/recorded.ts';

/** What all reports need to know of results: topics, counts, reasons. */

/** A deviation that is in the baseline, by its reason (empty while nobody has written one); undefined: it is news. */
export type KnownReason = (target: TargetFacts, result: CaseResult) => string | undefined;

/** What a case is about: its id up to the slash. */
export function topicOf(id: string): string {
  const slash = id.indexOf('/');
  return slash <= 0 ? id : id.slice(0, slash);
}

/** Things in the groups that they belong to, in the order in which the groups come up. */
export function grouped<T>(things: readonly T[], groupOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of things) {
    const group = groups.get(groupOf(one));
    if (group === undefined) groups.set(groupOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

export type Tally = ReadonlyMap<Verdict, number>;

const VERDICT_NAMES = Object.keys(VERDICTS) as Verdict[];

/** How often each verdict was come to, in the order of the table of verdicts; those that were not are left out. */
export function tally(results: readonly CaseResult[]): Tally {
  const counts = new Map<Verdict, number>();
  for (const name of VERDICT_NAMES) {
    const count = results.filter(({ verdict }) => verdict === name).length;
    if (count > 0) counts.set(name, count);
  }
  return counts;
}

/** `380 passed`, `2 failed`, ... */
export function tallyWords(counts: Tally): readonly string[] {
  return Array.from(counts, ([verdict, count]) => `${count} ${VERDICTS[verdict].words}`);
}

/** Whether the verdict is one that fails a run, the baseline left aside. */
export function deviates({ verdict }: CaseResult): boolean {
  return VERDICTS[verdict].fails;
}

/** Neither good nor skipped: what a report explains. */
export function needsWords({ verdict }: CaseResult): boolean {
  return verdict !== 'pass' && verdict !== 'skipped';
}

/** Why cases were skipped, and how many for each reason; the most frequent first. */
export function skipReasons(results: readonly CaseResult[]): readonly (readonly [reason: string, count: number])[] {
  const skipped = results.filter(({ verdict }) => verdict === 'skipped');
  return Array.from(
    grouped(skipped, ({ reason }) => wordsOf(reason ?? 'no reason given')),
    ([reason, those]) => [reason, those.length] as const,
  ).sort(([, one], [, other]) => other - one);
}

/** What the dialect of a target is: nodes have kinds. */
export function dialectWords({ direction, dialect }: Pick<TargetFacts, 'direction' | 'dialect'>): string {
  return `${direction === 'node' ? 'kind' : 'dialect'} ${dialect}`;
}

/** What a target is called in one line. */
export function targetWords(target: TargetFacts): string {
  const { name, calls } = target;
  const words = [wordsOf(name), dialectWords(target)];
  if (calls !== '') words.push(wordsOf(calls));
  return words.join(' · ');
}

/** What a case expected of the dialect, where nothing more exact is known. */
export function expectedWords(target: TargetFacts, { facts, expected }: CaseResult): string {
  return expected === undefined ? (facts.expected[target.dialect]?.words ?? facts.requirement) : wordsOf(expected);
}

/** Where the rule of a case stands: the section of the reference, or another document, and lines of the checklist. */
export function sourceWords({ spec, lines }: CaseFacts): string {
  return [/^\d/.test(spec) ? `reference §${spec}` : spec, ...lines].join(', ');
}

/** What was, with why that is allowed, or why it could not be judged. */
export function actualWords({ actual, reason }: CaseResult): string {
  const words = [actual, reason].filter((one) => one !== undefined).join('; ');
  return words === '' ? 'not said' : wordsOf(words);
}

/** Words that quote bytes of a peer, as people read them. */
export function wordsOf(text: string): string {
  return /[^\u0000-\u00ff]/.test(text) ? text : textOf(text);
}

/**
 * The exchanges in which to look for what went wrong: the last one that we began, and the last one that came out of it at a
 * node of ours; where we began none, the last two.
 */
export function lastRelevant(exchanges: readonly RecordedExchange[]): readonly RecordedExchange[] {
  const byBegin = [...exchanges].sort((one, other) => one.atMs - other.atMs);
  const ours = byBegin.filter((one) => one.with !== 'node').at(-1);
  const theirs = byBegin.filter((one) => one.with === 'node');
  if (ours === undefined) return theirs.slice(-2);
  const last = theirs.at(-1);
  return last === undefined || last.atMs + last.tookMs < ours.atMs ? [ours] : [ours, last];
}

/** Where exchanges went that we began. */
const WHERE_WORDS = {
  mcmp: 'the MCMP address',
  traffic: 'the web traffic',
} as const satisfies Record<Exclude<RecordedExchange['with'], 'node'>, string>;

const END_WORDS = {
  closed: ', then the connection was closed',
  reset: ', then the connection was reset',
  open: '',
} as const satisfies Record<RecordedExchange['end'], string>;

/** One direction of an exchange. */
export interface ShownBytes {
  readonly about: string;
  readonly bytes: string;
}

/** Both directions of an exchange with their headings, in the order in which they went over the wire. */
export function shownBytes(exchange: RecordedExchange): readonly [ShownBytes, ShownBytes] {
  const { address, sent, received, end } = exchange;
  const at = `${milliseconds(exchange.atMs)} after the case began`;
  const within = `within ${milliseconds(exchange.tookMs)}${END_WORDS[end]}`;
  return exchange.with === 'node'
    ? [
        { about: `came to us at ${address}, ${at}`, bytes: received },
        { about: `our answer, ${within}`, bytes: sent },
      ]
    : [
        { about: `sent to ${WHERE_WORDS[exchange.with]} ${address}, ${at}`, bytes: sent },
        { about: `received ${within}`, bytes: received },
      ];
}

/** A duration as people say it. */
export function milliseconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** What a run comes to, in few words. */
export function newsWords(news: number, known: number): string {
  if (news > 0) return `${counted(news, 'deviation')}${known > 0 ? `, and ${known} known` : ''}`;
  return known > 0 ? `nothing new, ${counted(known, 'known deviation')}` : 'all is well';
}

/** `1 case`, `2 cases`. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}
