import { Chalk } from 'chalk';
import { Transform } from 'ink';
import { createElement, type ReactElement } from 'react';
import type { Line, Segment } from './line.ts';

interface PictureProps {
  readonly lines: readonly Line[];
  /** Without, bold, dim and inverse are what is left: they are no colours, and the cursor is seen by them. */
  readonly color: boolean;
}

/**
 * Lines on a terminal, each in its own row: nothing is decided here.
 *
 * Ink keeps each text that it has ever measured, for as long as the process lives, and ages and counters make new texts all day.
 * So it measures empty lines, of which there is one text for each height, and is given the true ones when it writes them.
 * They are cut to the terminal already.
 */
export function Picture({ lines, color }: PictureProps): ReactElement {
  const transform = (_: string, at: number): string => painted(lines[at] ?? [], color);
  return createElement(Transform, { transform }, Array.from(lines, () => ' ').join('\n'));
}

const STYLE = new Chalk({ level: 1 });

/** A line with the control sequences of its looks. */
function painted(line: Line, color: boolean): string {
  return line.map((piece) => paint(piece, color)).join('');
}

function paint({ text, tint, bold, dim, inverse }: Segment, color: boolean): string {
  let style = STYLE;
  if (tint !== undefined && color) style = style[tint];
  if (bold === true) style = style.bold;
  if (dim === true) style = style.dim;
  if (inverse === true) style = style.inverse;
  return style === STYLE ? text : style(text);
}
