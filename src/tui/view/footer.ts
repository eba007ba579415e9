import { isActive } from '../acting.ts';
import { KEYMAP, type KeyRow, keyName } from '../keymap.ts';
import type { Layout } from '../layout.ts';
import type { TuiState } from '../state.ts';
import { isConfirmed } from '../update-dialog.ts';
import { type Line, type Segment, segment, widthOf } from './line.ts';

type Hint = readonly [key: string, words: string];

/** What matters most stands first: what to do with the row, then how to find another one. */
const ORDER: readonly KeyRow['group'][] = ['Acting', 'Moving', 'Finding', 'Program', 'Screens'];

/** The keys that do something now. Where not all have room, the last one shown leads to the others. */
export function footerLines(state: TuiState, { width, footer }: Layout): Line[] {
  const hints = hintsOf(state);
  const lines = wrapped(hints, width);
  const help = hints.find(([, words]) => words === HELP);
  if (lines.length <= footer)
    return [...lines.map(trimmed), ...Array.from({ length: footer - lines.length }, (): Line => [])];
  const kept = lines.slice(0, footer);
  const last = kept.at(-1);
  if (last === undefined || help === undefined) return kept.map(trimmed);
  const tail = hintLine(help);
  while (last.length > 1 && widthOf(last) + widthOf(tail) - SPACE > width) last.splice(-tail.length);
  last.push(...tail);
  return kept.map(trimmed);
}

/** Without the space behind the last hint, for which there may be no room. */
function trimmed(line: Line): Line {
  return line.map((piece, at) => (at === line.length - 1 ? { ...piece, text: piece.text.trimEnd() } : piece));
}

const HELP = 'help';
/** Between two hints. */
const SPACE = 2;

function hintLine([key, words]: Hint): Segment[] {
  return [segment(key, { bold: true, tint: 'cyan' }), segment(words === '' ? '  ' : ` ${words}  `)];
}

function wrapped(hints: readonly Hint[], width: number): Segment[][] {
  let line: Segment[] = [segment(' ')];
  const lines = [line];
  for (const hint of hints) {
    const pieces = hintLine(hint);
    if (widthOf(line) + widthOf(pieces) - SPACE > width) {
      line = [segment(' ')];
      lines.push(line);
    }
    line.push(...pieces);
  }
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
