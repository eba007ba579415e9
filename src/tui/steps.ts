import type { SurveyReading } from '../client/index.ts';
import { type Change, changesBetween } from './changes.ts';
import type { Baseline, EventRow, Severity } from './rows.ts';
import { type ListView, placeKey, placeOf, type TuiState, type Wish } from './state.ts';
import { baselineOf, tablesOf } from './tables.ts';

/** Steps from one state to the next that several messages and keys take. */

const FLASH_MS = 6_000;
const MOST_EVENTS = 1_000;
/** The share that nodes really get is measured over one to two of these. */
const BASELINE_MS = 15_000;

/** Takes a reading into the picture. */
export function show(state: TuiState, reading: SurveyReading): TuiState {
  const baselines = nextBaselines(state.baselines, reading);
  const changed = withEvents(state, changesBetween(state.reading, reading, state.doings));
  return {
    ...changed,
    reading,
    held: undefined,
    nowMs: Math.max(state.nowMs, reading.atMs),
    baselines,
    tables: tablesOf(reading, baselines[0]),
  };
}

function nextBaselines(baselines: readonly Baseline[], reading: SurveyReading): readonly Baseline[] {
  const latest = baselines.at(-1);
  if (latest !== undefined && reading.atMs - latest.atMs < BASELINE_MS) return baselines;
  // Until somebody has answered there is nothing to count from.
  const next = baselineOf(reading);
  return next.elected.size === 0 ? baselines : [...baselines, next].slice(-2);
}

export function flashed(state: TuiState, words: string, severity: Severity): TuiState {
  return { ...state, flash: { words, severity, untilMs: state.nowMs + FLASH_MS } };
}

export function withEvents(state: TuiState, changes: readonly Change[]): TuiState {
  if (changes.length === 0) return state;
  const rows = changes.map((change, at): EventRow => ({ kind: 'event', key: `v${state.eventCount + at}`, ...change }));
  return {
    ...state,
    events: [...rows.reverse(), ...state.events].slice(0, MOST_EVENTS),
    eventCount: state.eventCount + changes.length,
  };
}

export function withList(state: TuiState, view: ListView): TuiState {
  return { ...state, lists: new Map(state.lists).set(placeKey(placeOf(state)), view) };
}

/** Nothing is begun while something goes on: its answers would have no place. */
export function wished(state: TuiState, wish: Wish): TuiState {
  if (state.job === undefined || state.job.end !== undefined) return { ...state, asking: wish, wishes: [wish] };
  return flashed(
    { ...state, mode: { kind: 'job', top: 0 } },
    'One thing at a time: this is still going on.',
    'warning',
  );
}

/** A text after a key; undefined when the key changes nothing. */
export function typedInto(text: string, key: string): string | undefined {
  if (key === 'backspace') return text === '' ? undefined : [...text].slice(0, -1).join('');
  if (key === 'ctrl-u') return '';
  if (key === 'ctrl-w') return text.replace(/\S*\s*$/, '');
  if (key === 'space') return `${text} `;
  return [...key].length === 1 ? text + key : undefined;
}
