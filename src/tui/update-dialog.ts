import { layoutOf } from './layout.ts';
import type { Mode, TuiState } from './state.ts';
import { flashed, typedInto, wished } from './steps.ts';

const BROWSE: Mode = { kind: 'browse' };

type Confirm = Mode & { kind: 'confirm' };

/** Whether the dialog has all that it asks for. */
export function isConfirmed({ plan: { danger }, typed }: Confirm): boolean {
  return danger.level !== 'type' || typed === danger.word;
}

/**
 * Keys of the dialog that says what would be done. Whatever is not an unmistakable yes goes back: Enter cancels, unless the
 * other button was chosen, or the word that was asked for was typed.
 */
export function pressInConfirm(state: TuiState, mode: Confirm, key: string): TuiState {
  const asksWord = mode.plan.danger.level === 'type';
  switch (key) {
    case 'esc':
    case 'ctrl-c':
      return cancelled(state);
    case 'enter':
      if (asksWord ? mode.typed !== '' : mode.chosen === 'go') {
        return isConfirmed(mode) ? started(state, mode) : flashed(state, 'That is not the word.', 'warning');
      }
      return cancelled(state);
    case 'pagedown':
    case 'down':
      return { ...state, mode: { ...mode, top: mode.top + scrollBy(state, key) } };
    case 'pageup':
    case 'up':
      return { ...state, mode: { ...mode, top: Math.max(0, mode.top - scrollBy(state, key)) } };
    default:
  }
  if (asksWord) {
    const typed = typedInto(mode.typed, key);
    return typed === undefined ? state : { ...state, mode: { ...mode, typed } };
  }
  switch (key) {
    case 'y':
      return started(state, mode);
    case 'n':
    case 'q':
      return cancelled(state);
    case 'left':
    case 'right':
    case 'tab':
    case 'h':
    case 'l':
      return { ...state, mode: { ...mode, chosen: mode.chosen === 'go' ? 'cancel' : 'go' } };
    default:
      return state;
  }
}

function scrollBy(state: TuiState, key: string): number {
  return key.startsWith('page') ? layoutOf(state).body : 1;
}

function cancelled(state: TuiState): TuiState {
  return flashed({ ...state, mode: BROWSE }, 'Cancelled: nothing was done.', 'plain');
}

function started(state: TuiState, { plan, isDrain }: Confirm): TuiState {
  const id = state.jobCount + 1;
  return {
    ...state,
    // What is acted upon once is not acted upon again by mistake.
    marks: new Set(),
    jobCount: id,
    job: { id, plan, isDrain, results: [], progress: [], end: undefined },
    mode: { kind: 'job', top: 0 },
    wishes: [isDrain ? { do: 'drain', job: id, plan } : { do: 'perform', job: id, plan }],
  };
}

/** Keys of the answers of the balancers; what goes on goes on when it is left. */
export function pressInJob(state: TuiState, mode: Mode & { kind: 'job' }, key: string): TuiState {
  const { job } = state;
  const ended = job === undefined || job.end !== undefined;
  switch (key) {
    case 'esc':
    case 'enter':
    case 'left':
    case 'h':
    case 'q':
      return { ...state, mode: BROWSE };
    case 'pagedown':
    case 'down':
    case 'j':
      return { ...state, mode: { ...mode, top: mode.top + scrollBy(state, key) } };
    case 'pageup':
    case 'up':
    case 'k':
      return { ...state, mode: { ...mode, top: Math.max(0, mode.top - scrollBy(state, key)) } };
    case 'c':
      return ended || !job.isDrain ? state : { ...state, wishes: [{ do: 'end-drain', job: job.id }] };
    case 'u':
      return ended && state.done.length > 0
        ? wished({ ...state, mode: BROWSE }, { do: 'plan-undo', results: state.done[0] ?? [] })
        : state;
    case 'ctrl-c':
      return { ...state, wishes: [{ do: 'quit' }] };
    default:
      return state;
  }
}
