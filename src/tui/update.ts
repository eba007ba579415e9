import type { SurveyReading } from '../client/index.ts';
import type { CommandResult, Plan } from '../operate/index.ts';
import { titleOf } from './job-words.ts';
import { layoutOf } from './layout.ts';
import { selectionOf } from './lists.ts';
import type { Severity } from './rows.ts';
import { listViewOf, placeOf, type TuiState } from './state.ts';
import { flashed, show, withEvents, withList } from './steps.ts';
import { labelOf } from './tables.ts';
import { paste, pressKey } from './update-key.ts';
import type { Doing } from './who.ts';
import { counted } from './words.ts';

/** What can happen. */
export type Message =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'tick'; readonly nowMs: number }
  | { readonly kind: 'reading'; readonly reading: SurveyReading }
  | { readonly kind: 'planned'; readonly plan: Plan; readonly isDrain: boolean }
  | { readonly kind: 'result'; readonly job: number; readonly result: CommandResult }
  | { readonly kind: 'progress'; readonly job: number; readonly lines: readonly string[] }
  | { readonly kind: 'ended'; readonly job: number; readonly words: string; readonly severity: Severity }
  /** Something that the user should know, and that is kept as an event. */
  | { readonly kind: 'note'; readonly words: string; readonly severity: Severity }
  /** A balancer tells who did something; what it was, the next reading shows. */
  | { readonly kind: 'doing'; readonly doing: Doing };

const MOST_DOINGS = 1_000;
const MOST_UNDO = 20;
/** The next state: a function of the state and of what happened, and of nothing else. */
export function update(state: TuiState, message: Message): TuiState {
  const next = step({ ...state, wishes: [] }, message);
  return next.mode.kind === 'help' ? next : settled(next);
}

function step(state: TuiState, message: Message): TuiState {
  switch (message.kind) {
    case 'key':
      return pressKey(state, message.key);
    case 'paste':
      return paste(state, message.text);
    case 'resize':
      return { ...state, columns: Math.max(1, message.columns), rows: Math.max(1, message.rows) };
    case 'tick': {
      const { flash } = state;
      const over = flash !== undefined && message.nowMs >= flash.untilMs;
      return { ...state, nowMs: message.nowMs, flash: over ? undefined : flash };
    }
    case 'reading':
      return state.isPaused ? { ...state, held: message.reading } : show(state, message.reading);
    case 'planned':
      return planned(state, message.plan, message.isDrain);
    case 'result':
      return ofJob(state, message.job, (job) => ({ ...job, results: [...job.results, message.result] }));
    case 'progress':
      return ofJob(state, message.job, (job) => ({ ...job, progress: message.lines }));
    case 'ended':
      return ended(state, message);
    case 'note': {
      const { words, severity } = message;
      const noted = withEvents(state, [{ atMs: state.nowMs, whereShown: '', whoShown: '', severity, shown: words }]);
      return flashed(noted, words, severity);
    }
    case 'doing': {
      const { key, whoShown } = message.doing;
      const doings = new Map(state.doings);
      // The latest stands last, and the oldest goes first.
      doings.delete(key);
      doings.set(key, whoShown);
      const [oldest = ''] = doings.keys();
      if (doings.size > MOST_DOINGS) doings.delete(oldest);
      return { ...state, doings };
    }
  }
}

function planned(before: TuiState, plan: Plan, isDrain: boolean): TuiState {
  const state = isAwaited(before, plan, isDrain) ? { ...before, asking: undefined } : before;
  // Keys that were meant for something else must not answer a question that comes up under them.
  if (state.mode.kind === 'confirm' || state.mode.kind === 'job') return state;
  if (state.mode.kind !== 'browse') {
    return flashed(state, `${titleOf({ plan, isDrain })}: not asked, you were typing; press the key again.`, 'warning');
  }
  if (state === before) return state;
  if (plan.commands.length === 0) {
    const why = plan.notes[0] ?? (plan.counts.unchanged > 0 ? 'it is so already' : 'nothing is there to act upon');
    const passed = plan.action === 'undo' ? withoutLast(state) : state;
    return flashed(passed, `${titleOf({ plan, isDrain })}: nothing to do; ${why}`, 'warning');
  }
  return { ...state, mode: { kind: 'confirm', plan, isDrain, typed: '', chosen: 'cancel', top: 0 } };
}

/** Whether it is what was wished for last: an answer that was slow to come may be of something that was given up. */
function isAwaited({ asking }: TuiState, plan: Plan, isDrain: boolean): boolean {
  if (asking?.do === 'plan-undo') return plan.action === 'undo';
  if (asking?.do !== 'plan' || asking.action !== plan.action || asking.isDrain !== isDrain) return false;
  return JSON.stringify(asking.scope) === JSON.stringify(plan.scope);
}

/** What there is nothing left to undo of does not stand before what was done earlier. */
function withoutLast(state: TuiState): TuiState {
  const [last = [], ...earlier] = state.done;
  const places = new Set(last.map(({ command }) => command.target));
  const isSeen = state.reading.targets.every(({ target, outcome }) => outcome === 'read' || !places.has(target));
  return isSeen ? { ...state, done: earlier } : state;
}

function ofJob(
  state: TuiState,
  id: number,
  change: (job: NonNullable<TuiState['job']>) => NonNullable<TuiState['job']>,
): TuiState {
  return state.job?.id === id ? { ...state, job: change(state.job) } : state;
}

function ended(
  state: TuiState,
  { job: id, words, severity }: { readonly job: number; readonly words: string; readonly severity: Severity },
): TuiState {
  const { job } = state;
  if (job?.id !== id) return state;
  // What failed may have been carried out all the same; a new reading tells.
  const results = job.results.filter(({ outcome }) => outcome !== 'refused');
  const places = [...new Set(job.results.map(({ command }) => labelOf(command.target)))];
  const noted = withEvents(state, [
    {
      atMs: state.nowMs,
      whereShown: places.length === 1 ? (places[0] ?? '') : counted(places.length, 'balancer'),
      whoShown: 'here',
      severity,
      shown: `${titleOf(job)}: ${words}`,
    },
  ]);
  const done = job.plan.action === 'undo' ? undone(state, severity) : [results, ...state.done].slice(0, MOST_UNDO);
  return flashed(
    {
      ...noted,
      job: { ...job, end: { words, severity } },
      done: results.length > 0 ? done : state.done,
      wishes: [{ do: 'refresh' }],
    },
    `${titleOf(job)}: ${words}`,
    severity,
  );
}

/** What was undone cannot be undone again; what of it failed can be tried again. */
function undone({ done }: TuiState, severity: Severity): TuiState['done'] {
  return severity === 'good' ? done.slice(1) : done;
}

/** Keeps the cursor on its row, and that row on the screen. */
function settled(state: TuiState): TuiState {
  const view = listViewOf(state);
  const { rows } = selectionOf(state);
  const { body } = layoutOf(state);
  const last = Math.max(0, rows.length - 1);
  let at = view.cursorAt;
  if (view.cursorKey !== undefined && rows[at]?.key !== view.cursorKey) {
    const found = rows.findIndex(({ key }) => key === view.cursorKey);
    // What is gone leaves the cursor where it was.
    if (found !== -1) at = found;
  }
  at = Math.max(0, Math.min(at, last));
  const lowest = Math.max(0, rows.length - body);
  const top = Math.max(0, Math.min(view.top, at, lowest), at - body + 1);
  // Lists that grow at their beginning show what is new, until somebody has moved the cursor.
  const cursorKey = at === 0 && placeOf(state).screen === 'events' ? undefined : rows[at]?.key;
  if (at === view.cursorAt && top === view.top && cursorKey === view.cursorKey) return state;
  return withList(state, { ...view, cursorAt: at, top, cursorKey });
}
