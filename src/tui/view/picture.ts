import { Chalk } from 'chalk';
import { Box, Text } from 'ink';
import { createElement, type ReactElement } from 'react';
import type { Line, Segment } from './line.ts';

interface PictureProps {
  readonly lines: readonly Line[];
  /** Without, bold, dim and inverse are what is left: they are no colours, and the cursor is seen by them. */
  readonly color: boolean;
}

/** Lines on a terminal, each in its own row: nothing is decided here. */
export function Picture({ lines, color }: PictureProps): ReactElement {
  const rows = lines.map((line) => createElement(Text, { wrap: 'truncate' }, painted(line, color)));
  return createElement(Box, { flexDirection: 'column' }, ...rows);
}

const STYLE = new Chalk({ level: 1 });

/** A line with the control sequences of its looks; an empty one takes its row all the same. */
function painted(line: Line, color: boolean): string {
  const text = line.map((piece) => paint(piece, color)).join('');
  return text === '' ? ' ' : text;
}

function paint({ text, tint, bold, dim, inverse }: Segment, color: boolean): string {
  let style = STYLE;
  if (tint !== undefined && color) style = style[tint];
  if (bold === true) style = style.bold;
  if (dim === true) style = style.dim;
  if (inverse === true) style = style.inverse;
  return style === STYLE ? text : style(text);
}
