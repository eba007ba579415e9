/**
 * Characters that must not reach a terminal or a log line as they are: C0 and C1 controls (so CR, LF, and the ESC and CSI
 * that begin control sequences), DEL, the marks and overrides that reorder a line (Unicode TR 9), the line and paragraph
 * separators, invisible joiners and tags, the byte order mark, and halves of surrogate pairs.
 */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** The escapes that everybody reads; all others are written as `\u{...}`. */
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
]);

/**
 * Makes a string of a peer fit to be shown: one line, no control sequence, nothing that reorders what stands around it.
 * What is taken out is shown as an escape, so that the reader sees it was there. A backslash stays one: the result is for
 * eyes, not for reading back.
 */
export function escapeForTerminal(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => SHORT_ESCAPES.get(character) ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/**
 * The same for a JSON text: the characters become JSON's own escapes, so that a program reads the peer's string as it was
 * while a terminal shows it harmlessly. Controls below U+0020 are escaped already, or are the white space of the document.
 */
export function escapeJsonForTerminal(json: string): string {
  return json.replace(UNPRINTABLE, (character) => {
    if (character <= ' ') return character;
    let escaped = '';
    for (let index = 0; index < character.length; index++) {
      escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }
    return escaped;
  });
}

const HTML_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['`', '&#96;'],
]);

/** Makes a string of a peer fit for HTML text and for quoted attribute values. */
export function escapeHtml(text: string): string {
  return escapeForTerminal(text).replace(/[&<>"'`]/g, (character) => HTML_ESCAPES.get(character) ?? '');
}

/** Words that every shell takes as they are. `*`, `~`, `=` at the beginning and all that is not plain is quoted. */
const PLAIN = /^[A-Za-z0-9_/.,:@%+-][A-Za-z0-9_/.,:@%+=-]*$/;

/** A word for a POSIX shell: between single quotes nothing has a meaning but the quote itself. */
export function shellWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
