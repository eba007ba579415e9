import { chosenScope, isAction, isActive, paletteFor } from './acting.ts';
import { type KeyAction, keyRow } from './keymap.ts';
import { layoutOf } from './layout.ts';
import { currentRow, LISTS, selectionOf, sortIdsOf, sortOf } from './lists.ts';
import { type ListView, listViewOf, type Mode, type Place, placeOf, type ScreenName, type TuiState } from './state.ts';
import { flashed, show, typedInto, wished, withList } from './steps.ts';
import { pressInConfirm, pressInJob } from './update-dialog.ts';

/** What a key does, by what is on the screen. */
export function pressKey(state: TuiState, key: string): TuiState {
  if (key === 'ctrl-z') return suspended(state);
  switch (state.mode.kind) {
    case 'browse':
      return pressInList(state, key);
    case 'filter':
      return pressInFilter(state, state.mode, key);
    case 'help':
      return pressInHelp(state, state.mode, key);
    case 'palette':
      return pressInPalette(state, state.mode, key);
    case 'confirm':
      return pressInConfirm(state, state.mode, key);
    case 'job':
      return pressInJob(state, state.mode, key);
  }
}

/** Takes pasted text where something is typed; elsewhere it would be taken for keys, and begin who knows what. */
export function paste(state: TuiState, text: string): TuiState {
  const { mode } = state;
  const types = mode.kind === 'filter' || mode.kind === 'palette';
  if (!types && !(mode.kind === 'confirm' && mode.plan.danger.level === 'type')) {
    return flashed(state, 'Pasted text is not taken for keys.', 'warning');
  }
  return [...text]
    .filter((character) => !/\p{Cc}/u.test(character))
    .reduce((now, character) => pressKey(now, character === ' ' ? 'space' : character), state);
}

/** What goes on would stand still with the program. */
function suspended(state: TuiState): TuiState {
  const isBusy = state.job !== undefined && state.job.end === undefined;
  if (isBusy) return flashed(state, 'Something is still going on: it would stand still with this program.', 'warning');
  return { ...state, wishes: [{ do: 'suspend' }] };
}

const BROWSE: Mode = { kind: 'browse' };

function pressInList(state: TuiState, key: string): TuiState {
  const row = keyRow(key);
  if (row === undefined) return state;
  if (row.dangerous && state.settings.readOnly) {
    return flashed(state, 'Started with --read-only: nothing can be changed from here.', 'warning');
  }
  if (!isActive(row.when, state)) return row.dangerous ? flashed(state, whyNot(row.action), 'warning') : state;
  // Who goes on to something else does not want a question to come up under his keys.
  return act({ ...state, asking: undefined }, row.action, state.asking !== undefined);
}

function whyNot(action: KeyAction): string {
  return action === 'undo'
    ? 'Nothing has been done from here that could be undone.'
    : 'There is nothing here to act upon.';
}

const SCREENS: ReadonlyMap<KeyAction, ScreenName> = new Map<KeyAction, ScreenName>([
  ['overview', 'overview'],
  ['nodes', 'nodes'],
  ['contexts', 'contexts'],
  ['events', 'events'],
  ['disagreements', 'disagreements'],
]);

function act(state: TuiState, action: KeyAction, wasAsking: boolean): TuiState {
  const screen = SCREENS.get(action);
  if (screen !== undefined) return goTo(state, [{ screen, of: '' }]);
  const { body } = layoutOf(state);
  switch (action) {
    case 'up':
      return moved(state, -1);
    case 'down':
      return moved(state, 1);
    case 'page-up':
      return moved(state, -body);
    case 'page-down':
      return moved(state, body);
    case 'half-up':
      return moved(state, -Math.ceil(body / 2));
    case 'half-down':
      return moved(state, Math.ceil(body / 2));
    case 'first':
      return moved(state, Number.NEGATIVE_INFINITY);
    case 'last':
      return moved(state, Number.POSITIVE_INFINITY);
    case 'enter':
      return entered(state);
    case 'leave':
      return wasAsking ? flashed(state, 'Never mind: nothing was done.', 'plain') : left(state);
    case 'filter':
      return { ...state, mode: { kind: 'filter', before: listViewOf(state).filter } };
    case 'sort':
      return sorted(state);
    case 'turn-sort':
      return withList(state, { ...listViewOf(state), turned: !listViewOf(state).turned });
    case 'mark':
      return marked(state);
    case 'mark-all':
      return allMarked(state);
    case 'undo':
      return wished(state, { do: 'plan-undo', results: state.done[0] ?? [] });
    case 'help':
      return { ...state, mode: { kind: 'help', top: 0 } };
    case 'palette':
      return { ...state, mode: { kind: 'palette', text: '', at: 0 } };
    case 'pause':
      return paused(state);
    case 'refresh':
      return { ...state, wishes: [{ do: 'refresh' }] };
    case 'suspend':
      return suspended(state);
    case 'quit':
      return quit(state);
    case 'drain':
      return wishPlan(state, 'stop', true);
    default:
      return isAction(action) ? wishPlan(state, action, false) : state;
  }
}

const ONCE_MORE = 'Something is still going on; once more leaves it as it is then.';

function quit(state: TuiState): TuiState {
  const isBusy = state.job !== undefined && state.job.end === undefined;
  if (isBusy && state.flash?.words !== ONCE_MORE) return flashed(state, ONCE_MORE, 'warning');
  return { ...state, wishes: [{ do: 'quit' }] };
}

function wishPlan(state: TuiState, action: 'enable' | 'disable' | 'stop' | 'remove', isDrain: boolean): TuiState {
  const scope = chosenScope(state);
  return scope === undefined ? state : wished(state, { do: 'plan', action, scope, isDrain });
}

function goTo(state: TuiState, trail: readonly Place[]): TuiState {
  return { ...state, trail, marks: new Set(), mode: BROWSE };
}

function moved(state: TuiState, by: number): TuiState {
  const view = listViewOf(state);
  const { rows } = selectionOf(state);
  const cursorAt = Math.max(0, Math.min(rows.length - 1, view.cursorAt + by));
  return withList(state, { ...view, cursorAt, cursorKey: rows[cursorAt]?.key });
}

function entered(state: TuiState): TuiState {
  const row = currentRow(state);
  if (row?.kind === 'node') return goTo(state, [...state.trail, { screen: 'node', of: row.route }]);
  if (row?.kind === 'path') return goTo(state, [...state.trail, { screen: 'path', of: row.path }]);
  if (row?.kind === 'copy') return goTo(state, [...state.trail, { screen: 'node', of: row.route }]);
  if (row?.kind !== 'disagreement') return state;
  const { kind, of, about } = row.disagreement;
  const place: Place = kind === 'context' ? { screen: 'path', of: about } : { screen: 'node', of };
  return goTo(state, [...state.trail, place]);
}

function left(state: TuiState): TuiState {
  const view = listViewOf(state);
  if (view.filter !== '') return withList(state, { ...view, filter: '' });
  if (state.marks.size > 0) return { ...state, marks: new Set() };
  return goTo(state, state.trail.slice(0, -1));
}

function sorted(state: TuiState): TuiState {
  const spec = LISTS[placeOf(state).screen];
  const view = listViewOf(state);
  const ids = sortIdsOf(spec, state.tables);
  const at = ids.indexOf(sortOf(spec, view) ?? '');
  return withList(state, { ...view, sort: ids[(at + 1) % ids.length], turned: false });
}

function marked(state: TuiState): TuiState {
  const row = currentRow(state);
  if (row === undefined) return state;
  const marks = new Set(state.marks);
  if (!marks.delete(row.key)) marks.add(row.key);
  return moved({ ...state, marks }, 1);
}

function allMarked(state: TuiState): TuiState {
  const { rows } = selectionOf(state);
  const isAll = rows.every(({ key }) => state.marks.has(key));
  return { ...state, marks: new Set(isAll ? [] : rows.map(({ key }) => key)) };
}

function paused(state: TuiState): TuiState {
  if (!state.isPaused) return { ...state, isPaused: true };
  const resumed = { ...state, isPaused: false };
  return state.held === undefined ? resumed : show(resumed, state.held);
}

function pressInFilter(state: TuiState, mode: Mode & { kind: 'filter' }, key: string): TuiState {
  const view = listViewOf(state);
  switch (key) {
    case 'enter':
      return { ...state, mode: BROWSE };
    case 'esc':
    case 'ctrl-c':
      return withList({ ...state, mode: BROWSE }, { ...view, filter: mode.before });
    case 'up':
      return moved(state, -1);
    case 'down':
      return moved(state, 1);
    default: {
      const filter = typedInto(view.filter, key);
      // Backspace where nothing is left goes back, as in other programs.
      if (filter === undefined) return key === 'backspace' ? { ...state, mode: BROWSE } : state;
      return withList(state, refiltered(view, filter));
    }
  }
}

function refiltered(view: ListView, filter: string): ListView {
  return { ...view, filter, cursorAt: 0, cursorKey: undefined, top: 0 };
}

function pressInHelp(state: TuiState, mode: Mode & { kind: 'help' }, key: string): TuiState {
  const { body } = layoutOf(state);
  const by = new Map([
    ['down', 1],
    ['j', 1],
    ['up', -1],
    ['k', -1],
    ['pagedown', body],
    ['space', body],
    ['pageup', -body],
    ['g', Number.NEGATIVE_INFINITY],
  ]).get(key);
  if (by !== undefined) return { ...state, mode: { kind: 'help', top: Math.max(0, mode.top + by) } };
  if (['esc', '?', 'q', 'enter', 'left', 'h', 'ctrl-c'].includes(key)) return { ...state, mode: BROWSE };
  return /^[1-5]$/.test(key) ? pressInList({ ...state, mode: BROWSE }, key) : state;
}

function pressInPalette(state: TuiState, mode: Mode & { kind: 'palette' }, key: string): TuiState {
  const entries = paletteFor(state, mode.text);
  switch (key) {
    case 'esc':
    case 'ctrl-c':
      return { ...state, mode: BROWSE };
    case 'up':
      return { ...state, mode: { ...mode, at: Math.max(0, mode.at - 1) } };
    case 'down':
    case 'tab':
      return { ...state, mode: { ...mode, at: Math.min(entries.length - 1, mode.at + 1) } };
    case 'enter': {
      const does = entries[mode.at]?.does;
      const closed: TuiState = { ...state, mode: BROWSE };
      if (does === undefined) return closed;
      if (does.kind === 'key') return pressInList(closed, does.key);
      return wished(closed, { do: 'plan', action: does.action, scope: does.scope, isDrain: false });
    }
    default: {
      const text = typedInto(mode.text, key);
      if (text === undefined) return key === 'backspace' ? { ...state, mode: BROWSE } : state;
      return { ...state, mode: { kind: 'palette', text, at: 0 } };
    }
  }
}
