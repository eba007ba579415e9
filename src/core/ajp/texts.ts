import { BYTE_CLASS, TARGET, TOKEN, VALUE } from '../http/grammar.ts';

/** Which bytes a string of a packet may have. */
export interface TextClass {
  /** One for each byte that may stand there. */
  readonly allows: Uint8Array;
  /** Finds whatever may not, characters above 255 included: those are in no byte string. */
  readonly refused: RegExp;
}

/** Names and methods (RFC 9110 §5.6.2). */
export const TOKEN_TEXT = textClass((byte) => ((BYTE_CLASS[byte] ?? 0) & TOKEN) !== 0);
/** Header values and what may look like one (RFC 9110 §5.5). */
export const VALUE_TEXT = textClass((byte) => ((BYTE_CLASS[byte] ?? 0) & VALUE) !== 0);
/** Paths (RFC 9112 §3.2). */
export const TARGET_TEXT = textClass((byte) => ((BYTE_CLASS[byte] ?? 0) & TARGET) !== 0);
/** Attributes, which carry what is no header value: a certificate with its lines. */
export const ATTRIBUTE_TEXT = textClass((byte) => byte !== 0);

function textClass(isAllowed: (byte: number) => boolean): TextClass {
  const allows = Uint8Array.from({ length: 256 }, (_, byte) => (isAllowed(byte) ? 1 : 0));
  const escapes = Array.from(allows, (one, byte) => (one === 1 ? `\\x${byte.toString(16).padStart(2, '0')}` : ''));
  return { allows, refused: new RegExp(`[^${escapes.join('')}]`) };
}

/**
 * Shorter strings are looked at byte by byte, longer ones are left to what the engine has for whole strings: that costs more
 * to begin with and less for each byte.
 */
export const SHORT_TEXT = 16;

/** Stands for "no string" where the length would stand; nothing follows it. */
export const NULL_TEXT = 0xffff;
export const MOST_TEXT_BYTES = NULL_TEXT - 1;
