/**
 * All that keys do, once: the reducer, the `?` screen, the footer, the palette and the table of `docs/tui.md` read it.
 */

/** When a key does what it says. */
export type When =
  /** In every list. */
  | 'always'
  /** A row is under the cursor. */
  | 'row'
  /** The row can be gone into. */
  | 'enterable'
  /** There is something above to go back to, or a filter or marks to drop. */
  | 'leavable'
  /** Rows can be marked. */
  | 'markable'
  /** Something under the cursor or marked can be acted upon, and nobody said --read-only. */
  | 'actionable'
  /** The last action can be undone, and nobody said --read-only. */
  | 'undoable';

export const GROUPS = ['Screens', 'Moving', 'Finding', 'Acting', 'Program'] as const;

export interface KeyRow {
  readonly action: KeyAction;
  /** As the terminal names them; several do the same. */
  readonly keys: readonly string[];
  readonly group: (typeof GROUPS)[number];
  /** For the help and the palette. */
  readonly words: string;
  /** For the footer; rows without stand in the help only. The first ones stay where there is little room. */
  readonly footer?: string;
  /** It changes something at balancers: it asks first, and --read-only does not have it. */
  readonly dangerous: boolean;
  readonly when: When;
}

export type KeyAction =
  | 'overview'
  | 'nodes'
  | 'contexts'
  | 'events'
  | 'disagreements'
  | 'help'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'half-up'
  | 'half-down'
  | 'first'
  | 'last'
  | 'enter'
  | 'leave'
  | 'filter'
  | 'sort'
  | 'turn-sort'
  | 'mark'
  | 'mark-all'
  | 'enable'
  | 'disable'
  | 'stop'
  | 'remove'
  | 'drain'
  | 'undo'
  | 'palette'
  | 'pause'
  | 'refresh'
  | 'suspend'
  | 'quit';

const row = (
  action: KeyAction,
  keys: readonly string[],
  group: KeyRow['group'],
  words: string,
  when: When,
  more: { readonly footer?: string; readonly dangerous?: true } = {},
): KeyRow => ({
  action,
  keys,
  group,
  words,
  when,
  dangerous: more.dangerous ?? false,
  ...(more.footer === undefined ? {} : { footer: more.footer }),
});

/** In the order of the help. */
export const KEYMAP: readonly KeyRow[] = [
  row('overview', ['1'], 'Screens', 'overview: balancers, and all nodes with their traffic, problems first', 'always'),
  row('nodes', ['2'], 'Screens', 'nodes; Enter shows the contexts of one', 'always'),
  row('contexts', ['3'], 'Screens', 'contexts; Enter shows the nodes that have one', 'always'),
  row('events', ['4'], 'Screens', 'events: what changed, and what was done from here', 'always'),
  row('disagreements', ['5'], 'Screens', 'what balancers say differently', 'always'),
  row('help', ['?'], 'Screens', 'this help', 'always', { footer: 'help' }),

  row('up', ['up', 'k'], 'Moving', 'one row up', 'row'),
  row('down', ['down', 'j'], 'Moving', 'one row down', 'row'),
  row('page-up', ['pageup', 'ctrl-b'], 'Moving', 'a page up', 'row'),
  row('page-down', ['pagedown', 'ctrl-f'], 'Moving', 'a page down', 'row'),
  row('half-up', ['ctrl-u'], 'Moving', 'half a page up', 'row'),
  row('half-down', ['ctrl-d'], 'Moving', 'half a page down', 'row'),
  row('first', ['g', 'home'], 'Moving', 'to the first row', 'row'),
  row('last', ['G', 'end'], 'Moving', 'to the last row', 'row'),
  row('enter', ['enter', 'right', 'l'], 'Moving', 'into the row', 'enterable', { footer: 'open' }),
  row(
    'leave',
    ['esc', 'left', 'h', 'backspace'],
    'Moving',
    'back; first drops the filter, then the marks',
    'leavable',
    {
      footer: 'back',
    },
  ),

  row('filter', ['/'], 'Finding', 'filter the rows', 'always', { footer: 'filter' }),
  row('sort', ['s'], 'Finding', 'sort by the next column', 'always', { footer: 'sort' }),
  row('turn-sort', ['S'], 'Finding', 'turn the order round', 'always'),
  row('mark', ['space'], 'Finding', 'mark the row, to act on several at once', 'markable', { footer: 'mark' }),
  row('mark-all', ['a'], 'Finding', 'mark all rows that the filter leaves, or none', 'markable'),

  row('enable', ['e'], 'Acting', 'enable: all requests', 'actionable', { footer: 'enable', dangerous: true }),
  row('disable', ['d'], 'Acting', 'disable: only requests of sessions it has', 'actionable', {
    footer: 'disable',
    dangerous: true,
  }),
  row('stop', ['t'], 'Acting', 'stop: no requests', 'actionable', { footer: 'stop', dangerous: true }),
  row('drain', ['D'], 'Acting', 'drain: disable, wait until nothing is in flight, stop', 'actionable', {
    footer: 'drain',
    dangerous: true,
  }),
  row('remove', ['x'], 'Acting', 'remove: the balancer forgets it', 'actionable', {
    footer: 'remove',
    dangerous: true,
  }),
  row('undo', ['u'], 'Acting', 'undo the last action', 'undoable', { footer: 'undo', dangerous: true }),

  row('palette', [':'], 'Program', 'find an action by its name; also for a domain or a host name', 'always', {
    footer: 'actions',
  }),
  row('pause', ['p'], 'Program', 'pause: what is shown stays as it is; again: go on', 'always'),
  row('refresh', ['r'], 'Program', 'ask the balancers now', 'always'),
  row('suspend', ['ctrl-z'], 'Program', 'back to the shell; fg comes back here', 'always'),
  row('quit', ['q', 'ctrl-c'], 'Program', 'quit', 'always', { footer: 'quit' }),
];

const BY_KEY: ReadonlyMap<string, KeyRow> = new Map(
  KEYMAP.flatMap((one) => one.keys.map((key) => [key, one] as const)),
);

export function keyRow(key: string): KeyRow | undefined {
  return BY_KEY.get(key);
}

/** How a key is written for people. */
export function keyName(key: string, isAscii = false): string {
  return (isAscii ? ASCII_NAMES : NAMES).get(key) ?? (key.startsWith('ctrl-') ? `^${key.slice(5).toUpperCase()}` : key);
}

const ASCII_NAMES: ReadonlyMap<string, string> = new Map([
  ['up', 'Up'],
  ['down', 'Down'],
  ['left', 'Left'],
  ['right', 'Right'],
  ['pageup', 'PgUp'],
  ['pagedown', 'PgDn'],
  ['home', 'Home'],
  ['end', 'End'],
  ['enter', 'Enter'],
  ['esc', 'Esc'],
  ['space', 'Space'],
  ['backspace', 'Backspace'],
]);

const NAMES: ReadonlyMap<string, string> = new Map([
  ...ASCII_NAMES,
  ['up', '↑'],
  ['down', '↓'],
  ['left', '←'],
  ['right', '→'],
]);
