import { keysOf } from '../acting.ts';
import { FILTER_FIELDS } from '../filter.ts';
import { GROUPS, keyName } from '../keymap.ts';
import type { Layout } from '../layout.ts';
import type { TuiState } from '../state.ts';
import { folded, toWidth } from '../width.ts';
import { CONDITION_WORDS, STATUS_WORDS, UNKNOWN_CONDITION } from '../words.ts';
import { type Line, segment } from './line.ts';

const KEY_COLUMNS = 18;

/** All keys, what states mean, and how rows are filtered. */
export function helpLines(state: TuiState, { width }: Layout, room: number): Line[] {
  if (state.mode.kind !== 'help') return [];
  const all = allLines(state, width);
  const top = Math.min(state.mode.top, Math.max(0, all.length - room + 1));
  const body = all.slice(top, top + room - 1);
  const more = top + body.length < all.length;
  return [...body, [segment(more ? '   more below' : '', { dim: true })]];
}

function allLines(state: TuiState, width: number): Line[] {
  const { ascii } = state.settings;
  const lines: Line[] = [];
  const heading = (text: string): void => {
    if (lines.length > 0) lines.push([]);
    lines.push([segment(` ${text}`, { bold: true })]);
  };
  const entry = (left: string, words: string): void => {
    for (const [at, line] of folded(words, Math.max(10, width - KEY_COLUMNS - 4)).entries()) {
      lines.push([segment(`   ${toWidth(at === 0 ? left : '', KEY_COLUMNS)}`, { tint: 'cyan' }), segment(line)]);
    }
  };
  const rows = keysOf(state);
  for (const group of GROUPS) {
    const ofGroup = rows.filter((row) => row.group === group);
    if (ofGroup.length === 0) continue;
    heading(group);
    for (const { keys, words } of ofGroup) entry(keys.map((key) => keyName(key, ascii)).join(' '), words);
  }
  heading('States of a context');
  for (const { letter, word, meaning } of Object.values(STATUS_WORDS)) entry(`${letter} ${word}`, meaning);
  heading('States of a node');
  for (const { letter, word, meaning } of [...Object.values(CONDITION_WORDS), UNKNOWN_CONDITION]) {
    entry(`${letter} ${word}`, meaning);
  }
  heading('Columns');
  entry('EXPECT', 'part of the requests without a session that it may expect by the loads');
  entry('ACTUAL', 'part of the requests that it got in the last half minute');
  entry('FLIGHT', 'requests that it has been given and not answered yet');
  entry('STATUS', 'how long ago it was heard of, where the balancer tells');
  entry('AT', 'which balancers know it, and what each says: 1E 2D, 2- for one that does not know it');
  heading('Filters');
  entry('text', 'rows that contain it; !text those that do not; several words: all of them');
  for (const { describe, example } of FILTER_FIELDS.values()) entry(example, describe);
  return lines;
}
