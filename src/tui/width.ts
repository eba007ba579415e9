import { textOf } from '../core/mcmp/bytes.ts';
import { escapeForTerminal } from '../core/text.ts';

/**
 * How many columns of a terminal a text takes (Unicode TR 11): two for what is wide in East Asia and for emoji, none for
 * marks that stand upon the character before.
 */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of SEGMENTS.segment(text)) width += widthOf(segment);
  return width;
}

/** The beginning of a text that fits, with an ellipsis where something was left out. */
export function cut(text: string, columns: number, ellipsis = '…'): string {
  const room = columns - displayWidth(ellipsis);
  if (PLAIN.test(text)) {
    if (text.length <= columns) return text;
    return room < 0 ? '' : text.slice(0, room) + ellipsis;
  }
  let kept = '';
  let width = 0;
  let at = 0;
  for (const { segment } of SEGMENTS.segment(text)) {
    width += widthOf(segment);
    // No further: the rest may be long, and is not looked at.
    if (width > columns) return room < 0 ? '' : text.slice(0, at) + ellipsis;
    kept += segment;
    if (width <= room) at = kept.length;
  }
  return text;
}

/**
 * With the first few of the marks that stand one upon the other: hundreds of them take no column, and a terminal would write
 * them all over the lines above.
 */
export function calmed(text: string): string {
  return PLAIN.test(text) ? text : text.replace(MARKS, '$1');
}

/** Cut and filled up to exactly so many columns. */
export function toWidth(text: string, columns: number, align: 'left' | 'right' = 'left', ellipsis = '…'): string {
  const short = cut(text, columns, ellipsis);
  const room = ' '.repeat(Math.max(0, columns - displayWidth(short)));
  return align === 'left' ? short + room : room + short;
}

/** A text in lines of at most so many columns, broken at spaces where there are any. */
export function folded(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (displayWidth(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (displayWidth(line) > columns) {
      const part = cut(line, columns, '');
      if (part === '') return lines;
      lines.push(part);
      line = line.slice(part.length);
    }
  }
  return [...lines, line];
}

/** A byte string of a peer as it may be shown. */
export function shown(bytes: string): string {
  return calmed(escapeForTerminal(textOf(bytes)));
}

/** What takes one column each, and needs no look at what it is: ASCII, Latin letters, and what the views draw with. */
const PLAIN =
  /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u2026\u203a\u2190-\u2193\u2260\u2500-\u257f\u25b6\u25cf\u2713\u2717]*$/;
const SEGMENTS = new Intl.Segmenter('en', { granularity: 'grapheme' });
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u;
/**
 * Emoji, also those made of several characters, and the scripts and forms of East Asia that take two columns; also what does so
 * only since Unicode 16: where a terminal is older a line is too short then, not too long.
 */
const WIDE =
  /^[\p{Emoji_Presentation}\p{Regional_Indicator}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Tangut}\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u33ff\ua960-\ua97c\uac00-\ud7a3\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u2630-\u2637\u268a-\u268f\u4dc0-\u4dff\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d37f}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;

/** More marks upon one character than any script needs; the variation selectors are among them. */
const MARKS = /(\p{M}{8})\p{M}+/gu;
/** Vowels and final consonants of Hangul that join what stands before them, and the skin of an emoji. */
const JOINING = /^[\u1160-\u11ff\p{Emoji_Modifier}]$/u;
/** Two letters make a flag. */
const FLAG = /^\p{Regional_Indicator}{2}/u;

/**
 * Its characters together: a cluster may have any number of them that stand beside each other, such as the consonants of
 * Indic scripts, and the first consonants of Hangul.
 */
function widthOf(grapheme: string): number {
  if (FLAG.test(grapheme)) return 2;
  let width = 0;
  for (const character of grapheme) {
    if (NO_WIDTH.test(character) || (width > 0 && JOINING.test(character))) continue;
    // Halfwidth katakana belong to the script and take one column.
    width += WIDE.test(character) && !/^[\uff61-\uffdc]/u.test(character) ? 2 : 1;
  }
  return width === 1 && grapheme.includes('\ufe0f') ? 2 : width;
}
