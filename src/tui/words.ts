import type { NodeCondition } from '../client/index.ts';
import type { ContextStatus } from '../core/cluster/records.ts';

/** Colours of the sixteen that every terminal has; a state is told by its letter and word as well. */
export type Tint = 'green' | 'yellow' | 'red' | 'gray' | 'cyan' | 'magenta' | 'blue';

interface StateWords {
  readonly letter: string;
  readonly word: string;
  readonly tint: Tint;
  /** For the help. */
  readonly meaning: string;
}

/** The states of a context, from the best to the worst. */
export const STATUS_WORDS: Readonly<Record<ContextStatus, StateWords>> = {
  ENABLED: { letter: 'E', word: 'enabled', tint: 'green', meaning: 'gets all requests' },
  DISABLED: { letter: 'D', word: 'disabled', tint: 'yellow', meaning: 'gets only requests of sessions it has' },
  STOPPED: { letter: 'S', word: 'stopped', tint: 'red', meaning: 'gets no requests' },
};

/** The conditions of a node, from the best to the worst. */
export const CONDITION_WORDS: Readonly<Record<NodeCondition, StateWords>> = {
  active: { letter: 'A', word: 'active', tint: 'green', meaning: 'gets requests by its load' },
  standby: { letter: 'H', word: 'standby', tint: 'cyan', meaning: 'hot standby: only when no active node can serve' },
  withdrawn: { letter: 'W', word: 'withdrawn', tint: 'yellow', meaning: 'gets none, by its own word (load -1)' },
  removing: { letter: 'R', word: 'removing', tint: 'magenta', meaning: 'it said goodbye; the row is still there' },
  error: { letter: '!', word: 'error', tint: 'red', meaning: 'the balancer cannot reach it' },
};

/** What a brand does not tell. */
export const UNKNOWN_CONDITION: StateWords = {
  letter: '?',
  word: 'not told',
  tint: 'gray',
  meaning: 'this brand of balancer does not tell',
};

export function conditionWords(condition: NodeCondition | undefined): StateWords {
  return condition === undefined ? UNKNOWN_CONDITION : CONDITION_WORDS[condition];
}

/** How long ago, in one unit: `now`, `7s`, `12m`, `3h`, `2d`. */
export function age(elapsedMs: number): string {
  const seconds = Math.max(0, Math.round(elapsedMs / 1000));
  if (seconds < 1) return 'now';
  if (seconds < 100) return `${seconds}s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)}h`;
  return `${Math.round(seconds / 86_400)}d`;
}

/** The same in a sentence: `just now`, `7s ago`. */
export function ago(elapsedMs: number): string {
  const words = age(elapsedMs);
  return words === 'now' ? 'just now' : `${words} ago`;
}

/** `1 node`, `3 nodes`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** 0.253 is `25%`, and 0.0042 `0.4%`: with hundreds of nodes every share is small. */
export function percent(part: number): string {
  const hundredths = part * 100;
  if (hundredths === 0 || hundredths >= 1) return `${Math.round(hundredths)}%`;
  return hundredths < 0.05 ? '<0.1%' : `${hundredths.toFixed(1)}%`;
}

/** Large counters in few columns: `999`, `12.3k`, `4.5M`. */
export function short(count: number): string {
  if (count < 10_000) return String(count);
  if (count < 999_950) return `${(count / 1000).toFixed(count < 99_950 ? 1 : 0)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** `2E 1D`, without what there is none of; `none` for nothing at all. */
export function countWords(counts: Readonly<Record<ContextStatus, number>>): string {
  const parts = (Object.keys(STATUS_WORDS) as ContextStatus[])
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]}${STATUS_WORDS[status].letter}`);
  return parts.length === 0 ? 'none' : parts.join(' ');
}

/** `14:03:59`, in the zone of whoever looks. */
export function clockTime(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
