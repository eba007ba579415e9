import { paletteFor } from '../acting.ts';
import type { TuiState } from '../state.ts';
import { toWidth } from '../width.ts';
import { type Line, segment } from './line.ts';

/** What can be done now, by its name; those that fit what was typed. */
export function paletteLines(
  state: TuiState,
  mode: { readonly text: string; readonly at: number },
  room: number,
): Line[] {
  const entries = paletteFor(state, mode.text);
  const body = Math.max(1, room - 1);
  const top = Math.max(0, Math.min(mode.at - Math.floor(body / 2), entries.length - body));
  const head: Line = [segment(` Actions: type to find, Enter does it, Esc goes back`, { bold: true })];
  if (entries.length === 0) return [head, [segment('   Nothing is called so.', { dim: true })]];
  return [
    head,
    ...entries.slice(top, top + body).map(({ words, key }, index): Line => {
      const isCurrent = top + index === mode.at;
      const look = isCurrent ? { inverse: true } : {};
      return [
        segment(isCurrent ? ' > ' : '   ', { bold: true }),
        segment(toWidth(key, 6), { ...look, tint: 'cyan' }),
        segment(words, look),
      ];
    }),
  ];
}
