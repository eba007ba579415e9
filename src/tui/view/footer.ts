import { isActive } from '../acting.ts';
import { KEYMAP, type KeyRow, keyName } from '../keymap.ts';
import type { Layout } from '../layout.ts';
import type { TuiState } from '../state.ts';
import { isConfirmed } from '../update-dialog.ts';
import { type Line, type Segment, segment, widthOf } from './line.ts';

type Hint = readonly [key: string, words: string];

/** What matters most stands first: what to do with the row, then how to find another one. */
const ORDER: readonly KeyRow['group'][] = ['Acting', 'Moving', 'Finding', 'Program', 'Screens'];

/** The keys that do something now. */
export function footerLines(state: TuiState, { width, footer }: Layout): Line[] {
  const lines: Line[] = [];
  let line: Segment[] = [segment(' ')];
  for (const [key, words] of hintsOf(state)) {
    const hint: Line = [segment(key, { bold: true, tint: 'cyan' }), segment(` ${words}  `)];
    if (widthOf(line) + widthOf(hint) - 2 > width) {
      lines.push(line);
      if (lines.length === footer) return lines;
      line = [segment(' ')];
    }
    line.push(...hint);
  }
  lines.push(line);
  while (lines.length < footer) lines.push([]);
  return lines;
}

function hintsOf(state: TuiState): readonly Hint[] {
  const { mode, job, settings } = state;
  const name = (key: string): string => keyName(key, settings.ascii);
  const arrows = settings.ascii ? 'Up Down' : '↑↓';
  switch (mode.kind) {
    case 'filter':
      return [
        ['Enter', 'keep'],
        ['Esc', 'as before'],
        ['!text', 'not'],
        ['state:stopped', ''],
        ['load<20', ''],
        ['domain:blue', ''],
      ];
    case 'palette':
      return [
        [arrows, 'choose'],
        ['Enter', 'do it'],
        ['Esc', 'back'],
      ];
    case 'help':
      return [
        [arrows, 'scroll'],
        ['Esc', 'back'],
      ];
    case 'confirm': {
      const { danger } = mode.plan;
      if (danger.level === 'type') {
        return isConfirmed(mode)
          ? [
              ['Enter', 'do it'],
              ['Esc', 'cancel'],
            ]
          : [
              ['type the word', ''],
              ['Esc', 'cancel'],
            ];
      }
      return [
        ['y', 'yes, do it'],
        ['Esc', 'cancel'],
        ['Tab', 'the other button'],
        ['Enter', mode.chosen === 'go' ? 'do it' : 'cancel'],
      ];
    }
    case 'job': {
      const ended = job?.end !== undefined;
      const hints: Hint[] = [['Esc', ended ? 'back' : 'back; it goes on']];
      if (!ended && job?.isDrain === true) hints.push(['c', 'end the drain']);
      if (ended && state.done.length > 0) hints.push(['u', 'undo']);
      return hints;
    }
    default:
      return ORDER.flatMap((group) =>
        KEYMAP.filter((row) => row.group === group && row.footer !== undefined)
          .filter(({ dangerous, when }) => !(dangerous && settings.readOnly) && isActive(when, state))
          .map(({ keys: [key = ''], footer = '' }): Hint => [name(key), footer]),
      );
  }
}
