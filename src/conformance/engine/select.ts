import { UsageError } from '../../core/errors.ts';
import { closestName } from '../../core/suggest.ts';
import { type CaseFacts, LEVELS, type Level } from '../case.ts';
import { JUDGED_DIALECTS, type JudgedAs } from '../dialects.ts';
import { type Features, NEEDS, type Need } from '../needs.ts';

export interface Selection {
  /** Ids and globs (`status/*`); none: all. */
  readonly patterns: readonly string[];
  /** This level and those above it. */
  readonly level: Level;
  /** Cases that have one of them; none: all. */
  readonly tags: readonly string[];
  /** Ids and globs that are left out. */
  readonly excluded: readonly string[];
}

/**
 * The cases that were asked for, in their order.
 * @throws UsageError when a pattern or a tag fits no case at all, or nothing is left
 */
export function selectCases<C extends CaseFacts>(cases: readonly C[], selection: Selection): readonly C[] {
  const ids = cases.map(({ id }) => id);
  for (const pattern of selection.patterns) {
    if (!ids.some((id) => fits(id, pattern))) throw unknown('case', pattern, ids);
  }
  const tags = [...new Set(cases.flatMap((one) => one.tags))].sort();
  for (const tag of selection.tags) if (!tags.includes(tag)) throw unknown('tag', tag, tags);
  const chosen = cases.filter(
    (one) =>
      (selection.patterns.length === 0 || selection.patterns.some((pattern) => fits(one.id, pattern))) &&
      LEVELS.indexOf(one.level) <= LEVELS.indexOf(selection.level) &&
      (selection.tags.length === 0 || selection.tags.some((tag) => one.tags.includes(tag))) &&
      !selection.excluded.some((pattern) => fits(one.id, pattern)),
  );
  if (chosen.length === 0) {
    throw new UsageError('no case is left to run', {
      code: 'MCMP_NOTHING_SELECTED',
      hint: 'mcmp conformance balancer --list names them all; --level, --tag and --exclude-file take cases away.',
    });
  }
  return chosen;
}

/** What is known of the target, for what a case needs. */
export interface Circumstances {
  /** Dialect of a balancer, kind of a node. */
  readonly dialect: JudgedAs;
  readonly features: Features;
  readonly hasTraffic: boolean;
  readonly isEmpty: boolean;
  readonly canRestart: boolean;
  /** Leave out what others would see. */
  readonly safe: boolean;
  /** Run also what has brought implementations down. */
  readonly dangerous: boolean;
}

/** Why a case cannot run here, in words; undefined when it can. */
export function whySkipped(facts: CaseFacts, circumstances: Circumstances): string | undefined {
  if (facts.expected[circumstances.dialect] === undefined) return notPartOf(facts, circumstances.dialect);
  if (facts.dangerous !== undefined && !circumstances.dangerous) {
    return `has brought down ${facts.dangerous}: runs only with --dangerous`;
  }
  if (facts.disturbs && circumstances.safe) return 'changes what others see: left out by --safe';
  const missing = facts.needs.find((need) => !isMet(need, circumstances));
  return missing === undefined ? undefined : `needs ${NEEDS[missing].words}: ${NEEDS[missing].how}`;
}

/** What would run, and why the rest would not. */
export function planOf(
  cases: readonly CaseFacts[],
  circumstances: Circumstances,
): {
  readonly runs: readonly CaseFacts[];
  readonly skips: readonly { readonly one: CaseFacts; readonly reason: string }[];
} {
  const reasons = cases.map((one) => ({ one, reason: whySkipped(one, circumstances) }));
  return {
    runs: reasons.filter(({ reason }) => reason === undefined).map(({ one }) => one),
    skips: reasons.flatMap(({ one, reason }) => (reason === undefined ? [] : [{ one, reason }])),
  };
}

function notPartOf({ expected }: CaseFacts, judgedAs: JudgedAs): string {
  const isOfNodes = Object.keys(expected).some((name) => !JUDGED_DIALECTS.some((dialect) => dialect === name));
  return isOfNodes ? `nothing is expected of nodes of the kind ${judgedAs}` : `not part of the dialect ${judgedAs}`;
}

function isMet(need: Need, { features, hasTraffic, isEmpty, canRestart }: Circumstances): boolean {
  switch (need) {
    case 'traffic':
      return hasTraffic;
    case 'empty':
      return isEmpty;
    case 'restart':
      return canRestart;
    default:
      return features.has(need);
  }
}

function fits(id: string, pattern: string): boolean {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`).test(id);
}

function unknown(what: string, given: string, known: readonly string[]): UsageError {
  const suggestion = closestName(given, known);
  return new UsageError(`no ${what} is called ${given}`, {
    code: 'MCMP_NOTHING_SELECTED',
    hint: suggestion === undefined ? 'See --list.' : `Did you mean ${suggestion}? All are in --list.`,
  });
}
