import { ACTIONS, type ActionName, type Scope } from '../operate/index.ts';
import { KEYMAP, type KeyRow, keyName, type When } from './keymap.ts';
import { chosenRows, currentRow } from './lists.ts';
import type { Row, Tables } from './rows.ts';
import { listViewOf, type PaletteEntry, placeOf, type TuiState } from './state.ts';
import { shown } from './width.ts';

/** What an action upon a row is about; undefined: nothing can be done to it. */
function scopeOfRow(row: Row): Scope | undefined {
  switch (row.kind) {
    case 'node':
      return { kind: 'node', route: row.route };
    case 'path':
      return { kind: 'path', path: row.path };
    case 'copy':
      return { kind: 'context', route: row.route, path: row.path, aliases: row.aliases };
    default:
      return undefined;
  }
}

/** What an action now would be about: the marked rows, else the one under the cursor. */
export function chosenScope(state: TuiState): Scope | undefined {
  const scopes = chosenRows(state).flatMap((row) => scopeOfRow(row) ?? []);
  const [first, ...others] = scopes;
  return others.length === 0 ? first : { kind: 'several', scopes };
}

/** Whether a key does something now. */
export function isActive(when: When, state: TuiState): boolean {
  const row = currentRow(state);
  switch (when) {
    case 'always':
      return true;
    case 'row':
      return row !== undefined;
    case 'enterable':
      return (
        row?.kind === 'node' ||
        row?.kind === 'path' ||
        (row?.kind === 'copy' && placeOf(state).screen === 'path') ||
        (row?.kind === 'disagreement' && row.disagreement.kind !== 'setting')
      );
    case 'leavable':
      return (
        state.asking !== undefined || state.trail.length > 1 || listViewOf(state).filter !== '' || state.marks.size > 0
      );
    case 'markable':
      return row !== undefined && scopeOfRow(row) !== undefined;
    case 'actionable':
      return !state.settings.readOnly && chosenScope(state) !== undefined;
    case 'undoable':
      return !state.settings.readOnly && state.done.length > 0;
  }
}

/** The keys that exist at all: without those that change something when nothing may be changed. */
export function keysOf(state: TuiState): readonly KeyRow[] {
  return state.settings.readOnly ? KEYMAP.filter(({ dangerous }) => !dangerous) : KEYMAP;
}

/** So many domains and host names are offered in the palette. */
const MOST_OFFERED = 200;

/** What the palette offers: every key that does something now, and the actions upon domains and host names. */
function paletteOf(state: TuiState): PaletteEntry[] {
  const { ascii, readOnly } = state.settings;
  const ofGroup = (group: KeyRow['group']): PaletteEntry[] =>
    keysOf(state)
      .filter((row) => row.group === group && row.action !== 'palette' && isActive(row.when, state))
      .map(({ keys: [key = ''], words }): PaletteEntry => {
        return { words, key: keyName(key, ascii), does: { kind: 'key', key } };
      });
  const others = [...ofGroup('Finding'), ...ofGroup('Screens'), ...ofGroup('Program')];
  if (readOnly) return others;
  const entries: PaletteEntry[] = [];
  for (const [what, of, scope] of [...domainsOf(state.tables), ...aliasesOf(state.tables)]) {
    for (const action of ACTIONS) {
      if (action === 'remove') continue;
      entries.push({ words: `${action} ${what} ${of}`, key: '', does: { kind: 'plan', action, scope } });
    }
  }
  return [...ofGroup('Acting'), ...entries, ...others];
}

type Offered = readonly [what: string, of: string, scope: Scope];

function domainsOf({ nodes }: Tables): Offered[] {
  const domains = new Set(nodes.map(({ domain }) => domain));
  domains.delete('');
  return [...domains]
    .sort()
    .slice(0, MOST_OFFERED)
    .map((domain) => ['all nodes of domain', shown(domain), { kind: 'domain', domain }]);
}

const ALIASES = new WeakMap<Tables, readonly Offered[]>();

function aliasesOf(tables: Tables): readonly Offered[] {
  const known = ALIASES.get(tables);
  if (known !== undefined) return known;
  const aliases = new Set<string>();
  for (const { copies } of tables.nodes)
    for (const copy of copies) for (const alias of copy.aliases) aliases.add(alias);
  const offered = [...aliases]
    .sort()
    .slice(0, MOST_OFFERED)
    .map((alias): Offered => ['everything under host name', shown(alias), { kind: 'alias', alias }]);
  ALIASES.set(tables, offered);
  return offered;
}

/** What the palette offers for what was typed: entries that have all its letters in this order, the closest first. */
export function paletteFor(state: TuiState, text: string): PaletteEntry[] {
  const entries = paletteOf(state);
  if (text.trim() === '') return entries;
  return entries
    .flatMap((entry) => {
      const distance = fuzzyDistance(text.toLowerCase().replace(/\s+/g, ''), entry.words.toLowerCase());
      return distance === undefined ? [] : [{ entry, distance }];
    })
    .sort((left, right) => left.distance - right.distance)
    .map(({ entry }) => entry);
}

const FIRST_LETTER_WEIGHT = 10;

/** How far the letters are apart; undefined when they do not all occur in this order. */
function fuzzyDistance(letters: string, words: string): number | undefined {
  let at = -1;
  let distance = 0;
  for (const letter of letters) {
    const next = words.indexOf(letter, at + 1);
    if (next === -1) return undefined;
    // What begins with the first letter is meant rather than what has it somewhere.
    distance += (next - at - 1) * (at === -1 ? FIRST_LETTER_WEIGHT : 1);
    at = next;
  }
  return distance;
}

export function isAction(name: string): name is ActionName {
  return ACTIONS.some((action) => action === name);
}
