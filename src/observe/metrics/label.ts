import { createHash } from 'node:crypto';
import { textOf } from '../../core/mcmp/bytes.ts';

declare const escaped: unique symbol;
/** The value of a label as it stands between the quotes of a line. */
export type LabelText = string & { readonly [escaped]: true };

/** Longer ones are cut, and told apart by a digest. */
export const MOST_LABEL_CHARACTERS = 200;
/** A label of that many bytes is cut anyway: a character takes at most four. */
const MOST_LOOKED_AT = 4 * MOST_LABEL_CHARACTERS;

/** The row of all that have no row of their own. No peer can give itself that name: its `(` would be escaped. */
export const OTHERS = '(others)' as LabelText;

/**
 * Control characters, what reorders a line, separators, and the backslash, which begins every escape. A tool that shows
 * a scrape on a terminal must not be told what to do by a node's name.
 */
const UNSAFE = /[\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|^\(/gu;
const CERTAINLY_SAFE = /^[\w/.:[\]*-]*$/;

/** The quotes and backslashes of Prometheus' text format. */
const QUOTED: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

/**
 * A byte string of a peer as the value of a label: UTF-8 as it is, every other byte, control character and backslash as
 * `\xHH`. Two strings never become the same value, for that would make two series one and the scrape invalid: the escapes
 * say the bytes, and what is cut ends in a digest behind `\...`, which no escape begins with.
 */
export function labelText(bytes: string): LabelText {
  if (bytes.length <= MOST_LABEL_CHARACTERS && CERTAINLY_SAFE.test(bytes)) return bytes as LabelText;
  const isLong = bytes.length > MOST_LOOKED_AT;
  // The digest is of all bytes; what is shown of a name of megabytes must not cost more than that.
  const begin = isLong ? bytes.slice(0, MOST_LOOKED_AT).replace(/[\u00c0-\u00ff][\u0080-\u00bf]{0,2}$/, '') : bytes;
  const text = textOf(begin);
  // Not UTF-8: textOf gives the bytes back, and those above ASCII are shown as such.
  const isRaw = text === begin && /[\u0080-\u00ff]/.test(begin);
  const shown = isRaw
    ? begin.replace(/[\\\u0000-\u001f\u007f-\u00ff]|^\(/g, (byte) => escapeByte(byte.charCodeAt(0)))
    : text.replace(UNSAFE, (character) => Array.from(Buffer.from(character, 'utf8'), escapeByte).join(''));
  return wordLabel(!isLong && shown.length <= MOST_LABEL_CHARACTERS ? shown : cut(shown, bytes));
}

/** A text of our own (a constant, a number, an address) as the value of a label. */
export function wordLabel(text: string): LabelText {
  return text.replace(/[\\"]/g, (character) => QUOTED.get(character) ?? '').replaceAll('\n', '\\n') as LabelText;
}

function cut(shown: string, bytes: string): string {
  const mark = `\\...${createHash('sha256').update(bytes, 'latin1').digest('hex').slice(0, 32)}`;
  // Neither half of a character outside the basic plane, nor half of an escape, may stay behind.
  const kept = shown.slice(0, MOST_LABEL_CHARACTERS - mark.length).replace(/[\ud800-\udbff]$|\\(?:x[0-9A-F]?)?$/, '');
  return kept + mark;
}

function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
