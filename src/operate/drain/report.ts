import { formatDuration } from '../../core/units.ts';
import type { Plan } from '../types.ts';
import { count } from '../words.ts';
import { STATE_WORDS } from './states.ts';
import type { DrainEnd, DrainOutcome, DrainProgress, TargetDrain } from './types.ts';

const SCHEMA_VERSION = 1;

/** What each end means for a script: names of the exit code table. */
export const END_OUTCOMES: Readonly<Record<DrainEnd, 'done' | 'check-failed' | 'usage' | 'unreachable' | 'timeout'>> = {
  drained: 'done',
  'timed-out': 'timeout',
  undone: 'check-failed',
  interfered: 'check-failed',
  refused: 'check-failed',
  'given-up': 'check-failed',
  unreachable: 'unreachable',
  nothing: 'usage',
};

const END_WORDS: Readonly<Record<DrainEnd, string>> = {
  drained: 'Drained',
  'timed-out': 'Timed out',
  undone: 'Undone',
  interfered: 'Not drained: somebody enabled it again',
  refused: 'Not drained: a balancer refused',
  unreachable: 'Not drained everywhere: a balancer cannot be reached',
  'given-up': 'Given up',
  nothing: 'Nothing to drain',
};

/** The state of one balancer in one line. */
export function targetLine({ target, state, requests, requestsAtStart, how, why }: TargetDrain): string {
  const about: string[] = [];
  if (state === 'drained' || state === 'left') {
    if (how !== undefined) about.push(how === 'only the clock' ? 'only the clock told' : `seen by ${how}`);
    if (requestsAtStart !== undefined && requestsAtStart > 0)
      about.push(`${requestsAtStart} in flight at the beginning`);
  } else {
    if (why !== '') about.push(why);
    else if (requests !== undefined && requests > 0) about.push(`${count(requests, 'request')} in flight`);
  }
  return `${target}  ${STATE_WORDS[state]}${about.length === 0 ? '' : ` (${about.join(', ')})`}`;
}

/** All balancers in one line, for a terminal: what matters stands in front, as the end may find no room. */
export function progressLine({ elapsedMs, remainingMs, targets }: DrainProgress): string {
  const over = targets.filter(({ state }) => state === 'drained' || state === 'left').length;
  const parts = targets
    .filter(({ state }) => state !== 'drained' && state !== 'left')
    .map(({ target, state, why }) => {
      const name = targets.length > 1 ? `${target.replace(/^http:\/\//, '')} ` : '';
      return `${name}${STATE_WORDS[state]}${why === '' ? '' : `: ${why}`}`;
    });
  if (targets.length > 1 && over > 0) parts.unshift(`${over} of ${targets.length} drained`);
  return `${seconds(elapsedMs)}: ${parts.join('; ')}; gives up in ${seconds(remainingMs)}`;
}

export function outcomeLine({ end, undoneAfter, tookMs }: DrainOutcome): string {
  const after = undoneAfter === undefined ? '' : ` (${END_WORDS[undoneAfter].toLowerCase()})`;
  return `${END_WORDS[end]}${after}, after ${seconds(tookMs)}`;
}

export function planDocument(plan: Plan, targets: readonly TargetDrain[]) {
  const { title, counts, danger, inFlight, notes } = plan;
  return {
    schemaVersion: SCHEMA_VERSION,
    event: 'plan',
    title,
    counts,
    danger,
    inFlight,
    notes,
    targets: targets.map(({ target, brand, how }) => ({ target, brand, how })),
  };
}

export function progressDocument({ elapsedMs, remainingMs, targets }: DrainProgress) {
  return {
    schemaVersion: SCHEMA_VERSION,
    event: 'progress',
    elapsedMs: Math.round(elapsedMs),
    remainingMs: Math.round(remainingMs),
    targets,
  };
}

export function outcomeDocument(outcome: DrainOutcome, toUndo: readonly string[]) {
  const { end, undoneAfter, tookMs, targets } = outcome;
  return {
    schemaVersion: SCHEMA_VERSION,
    event: 'outcome',
    end,
    ...(undoneAfter === undefined ? {} : { undoneAfter }),
    tookMs: Math.round(tookMs),
    targets,
    toUndo,
  };
}

function seconds(ms: number): string {
  return ms < 1000 ? formatDuration(Math.round(ms)) : formatDuration(1000 * Math.round(ms / 1000));
}
