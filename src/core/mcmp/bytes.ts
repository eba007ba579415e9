import { isUtf8 } from 'node:buffer';

/** Byte strings (one character per byte) and what people read. */

/**
 * A byte string as people read it: UTF-8 where it is valid, latin1 where it is not. For screens, pages and log lines; the
 * tables keep the bytes.
 */
export function textOf(bytes: string): string {
  if (!/[\u0080-\u00ff]/.test(bytes)) return bytes;
  const raw = Buffer.from(bytes, 'latin1');
  return isUtf8(raw) ? raw.toString('utf8') : bytes;
}

/** What somebody typed, as the bytes that go over the wire: UTF-8. */
export function bytesOf(text: string): string {
  return /^[\u0000-\u007f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * The byte strings that read as a text does (`textOf`): its UTF-8, and its latin1 where that is not UTF-8. For finding what
 * somebody names who read it.
 */
export function spellingsOf(text: string): readonly string[] {
  const utf8 = bytesOf(text);
  return utf8 !== text && textOf(text) === text && !/[^\u0000-\u00ff]/.test(text) ? [utf8, text] : [utf8];
}

/**
 * Lower case for A to Z only: the bytes of a UTF-8 character would be damaged by more. Host names compare that way
 * (RFC 9110 §4.2.3, RFC 4343).
 */
export function lowerAscii(bytes: string): string {
  return /[A-Z]/.test(bytes) ? bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : bytes;
}
