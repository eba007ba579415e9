/** What is drawn besides letters; with --ascii there is a plain form of each. */
export interface Glyphs {
  readonly cursor: string;
  readonly mark: string;
  readonly rule: string;
  readonly up: string;
  readonly down: string;
  readonly ellipsis: string;
  readonly dot: string;
  readonly corners: readonly [topLeft: string, topRight: string, bottomLeft: string, bottomRight: string];
  readonly side: string;
  readonly good: string;
  readonly bad: string;
  readonly wait: string;
  readonly into: string;
}

const FINE: Glyphs = {
  cursor: '▶',
  mark: '●',
  rule: '─',
  up: '↑',
  down: '↓',
  ellipsis: '…',
  dot: '·',
  corners: ['╭', '╮', '╰', '╯'],
  side: '│',
  good: '✓',
  bad: '✗',
  wait: '…',
  into: '›',
};

const PLAIN: Glyphs = {
  cursor: '>',
  mark: '*',
  rule: '-',
  up: '^',
  down: 'v',
  ellipsis: '~',
  dot: '-',
  corners: ['+', '+', '+', '+'],
  side: '|',
  good: 'ok',
  bad: '!!',
  wait: '..',
  into: '>',
};

export function glyphsOf(isAscii: boolean): Glyphs {
  return isAscii ? PLAIN : FINE;
}

/** What no plain terminal can show, as something that it can; names of peers included. */
export function asciiOnly(text: string): string {
  return text
    .replaceAll('…', '~')
    .replaceAll('≠', '#')
    .replace(/[^\u0020-\u007e]/gu, '?');
}
