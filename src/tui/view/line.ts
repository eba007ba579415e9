import { calmed, cut, displayWidth, toWidth } from '../width.ts';
import type { Tint } from '../words.ts';

/** A piece of a line that looks the same from its beginning to its end. */
export interface Segment {
  readonly text: string;
  readonly tint?: Tint;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
}

export type Line = readonly Segment[];

export function segment(text: string, look: Omit<Segment, 'text'> = {}): Segment {
  return { text, ...look };
}

export function widthOf(line: Line): number {
  return line.reduce((width, { text }) => width + displayWidth(text), 0);
}

/** A line of at most so many columns. */
export function cutLine(line: Line, columns: number): Line {
  const kept: Segment[] = [];
  let left = columns;
  for (const piece of line) {
    const text = calmed(piece.text);
    const width = displayWidth(text);
    if (width <= left) {
      kept.push(text === piece.text ? piece : { ...piece, text });
      left -= width;
      continue;
    }
    const short = cut(text, left);
    if (short !== '') kept.push({ ...piece, text: short });
    break;
  }
  return kept;
}

/** What stands at the left and what stands at the right; the right one stays when there is no room for both. */
export function spread(left: Line, right: Line, columns: number): Line {
  const rightWidth = widthOf(right);
  const room = columns - rightWidth - (rightWidth === 0 ? 0 : 1);
  if (room < 1) return cutLine(left, columns);
  const short = cutLine(left, room);
  return [...short, segment(' '.repeat(Math.max(0, columns - widthOf(short) - rightWidth))), ...right];
}

/** The same look for all of a line, up to the edge. */
export function bar(line: Line, columns: number, look: Omit<Segment, 'text'>): Line {
  const short = cutLine(line, columns);
  const filled = [...short, segment(toWidth('', columns - widthOf(short)))];
  return filled.map((piece) => ({ ...piece, ...look }));
}
