import { BYTE_CLASS, TOKEN, VALUE } from '../http/grammar.ts';

/** Which bytes a string of a packet may have: the classes of HTTP, and one more. */

export { TOKEN, VALUE };

/** Any byte but 00: attributes carry what is no header value, as a certificate with its lines. */
export const NOT_NUL = 64;

export const TEXT_CLASS = Uint8Array.from(BYTE_CLASS, (bits, byte) => (byte === 0 ? bits : bits | NOT_NUL));

/** Stands for "no string" where the length would stand; nothing follows it. */
export const NULL_TEXT = 0xffff;
export const MOST_TEXT_BYTES = NULL_TEXT - 1;
