/**
 * Byte classes of RFC 9110 §5.6.2 (tokens), §5.5 (field values), RFC 9112 §3.2 (targets) as one table of bits, indexed by
 * byte. Anything above 255 has no entry, and so belongs to no class.
 */

export const CR = 13;
export const LF = 10;
export const TAB = 9;
export const SPACE = 32;
export const COLON = 58;

/** May stand in a method or header name. */
export const TOKEN = 1;
/** May stand in a header value: visible ASCII, space, tab, and 0x80-0xff (obs-text), which passes untouched. */
export const VALUE = 2;
/** May stand in a request target: visible ASCII but `#`; a fragment is never sent (RFC 9110 §7.1). */
export const TARGET = 4;
/** Hexadecimal digit. */
export const HEX = 8;
/** May stand in a host name: letters, digits, `-`, `.`, `_`. */
export const NAME = 16;
/** Decimal digit. */
export const DIGIT = 32;

export const BYTE_CLASS = buildClasses();

/** Each byte as it is, but capital letters as small ones. */
export const LOWER_CASE = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  const add = (bytes: string, bits: number): void => {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes.charCodeAt(i);
      classes[byte] = (classes[byte] ?? 0) | bits;
    }
  };
  const digits = '0123456789';
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  add(digits, TOKEN | NAME | HEX | DIGIT);
  add(letters, TOKEN | NAME);
  add('abcdefABCDEF', HEX);
  add("!#$%&'*+-.^_`|~", TOKEN);
  add('-._', NAME);
  for (let byte = 0; byte < 256; byte++) {
    const visible = byte > SPACE && byte < 127;
    let bits = classes[byte] ?? 0;
    if (visible || byte === SPACE || byte === TAB || byte > 127) bits |= VALUE;
    if (visible && byte !== 0x23) bits |= TARGET;
    classes[byte] = bits;
  }
  return classes;
}

/** Whether every character of the text is in the class; true for none. */
export function allIn(byteClass: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (((BYTE_CLASS[text.charCodeAt(i)] as number) & byteClass) === 0) return false;
  }
  return true;
}

/** A word as `equalsWord` wants it. */
export function lowerCaseWord(word: string): Uint8Array {
  return Uint8Array.from(word.toLowerCase(), (character) => character.charCodeAt(0));
}

/** Whether the bytes from `start` to `end` are the word, in any spelling of case. */
export function equalsWord(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if (LOWER_CASE[bytes[start + i] as number] !== word[i]) return false;
  }
  return true;
}

/** Whether a whole word is a token (RFC 9110 §5.6.2). */
export function isToken(word: string): boolean {
  return word.length > 0 && allIn(TOKEN, word);
}

/** Space or tab: the optional white space of RFC 9110 §5.6.3. */
export function isWhiteSpace(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** Without optional white space around. `String.trim` would also take 0xA0 away, which is obs-text here. */
export function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start++;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}
