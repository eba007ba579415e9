import { CR, LF, TAB } from './grammar.ts';

/**
 * The first look at a head: its bytes are copied into one array that is used for all heads, and four at a time are asked
 * whether one of them is a control character. So line ends are found, and everything that may stand nowhere in a head,
 * before any line is read. (Reading a string character by character costs about four times as much.)
 */
export interface Sweep {
  /** The head's bytes; what follows them is of older heads. */
  bytes: Uint8Array;
  /** Offsets of the CR of each CRLF before `odd`. */
  lineEnds: Int32Array;
  lineCount: number;
  /** Offset of the first byte that no head may have there: a control character, a bare CR or LF. -1: none. */
  odd: number;
}

const FIRST_CAPACITY = 64 * 1024;

let storage = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
let words = new Int32Array(storage.buffer);

/** Of the head that was swept last. */
export const swept: Sweep = {
  bytes: new Uint8Array(storage.buffer),
  lineEnds: new Int32Array(256),
  lineCount: 0,
  odd: -1,
};

/**
 * Sweeps the text from its beginning to `end`. A CR that is the very last byte counts as a line end that is still to be
 * completed.
 */
export function sweep(text: string, end: number): void {
  if (end + 4 > storage.length) growStorage(end + 4);
  storage.write(text, 0, end, 'latin1');
  const bytes = swept.bytes;
  // At least one space behind the head stops every loop that looks for the end of a word.
  const wordCount = (end + 4) >> 2;
  for (let i = end; i < wordCount << 2; i++) bytes[i] = 0x20;
  swept.lineCount = 0;
  swept.odd = -1;
  for (let i = 0; i < wordCount; i++) {
    if (hasControl(words[i] as number) && !markLineEnds(bytes, i << 2, end)) return;
  }
}

/** Whether one of the four bytes is below 0x20 or is 0x7f; bytes above 0x7f are not meant. */
function hasControl(word: number): boolean {
  const delete7f = word ^ 0x7f7f7f7f;
  return ((((word - 0x20202020) & ~word) | ((delete7f - 0x01010101) & ~delete7f)) & 0x80808080) !== 0;
}

/** Looks at four bytes one by one. False at a byte that may not be there. */
function markLineEnds(bytes: Uint8Array, from: number, end: number): boolean {
  for (let i = from; i < from + 4; i++) {
    const byte = bytes[i] as number;
    if ((byte >= 0x20 && byte !== 0x7f) || byte === TAB) continue;
    if (byte === CR && (bytes[i + 1] === LF || i + 1 === end)) {
      if (swept.lineCount === swept.lineEnds.length) growLineEnds();
      swept.lineEnds[swept.lineCount++] = i;
    } else if (byte !== LF || i === 0 || bytes[i - 1] !== CR) {
      swept.odd = i;
      return false;
    }
  }
  return true;
}

function growStorage(length: number): void {
  storage = Buffer.allocUnsafeSlow(((length >> 12) + 1) << 13);
  words = new Int32Array(storage.buffer);
  swept.bytes = new Uint8Array(storage.buffer);
}

function growLineEnds(): void {
  const lineEnds = new Int32Array(swept.lineEnds.length * 2);
  lineEnds.set(swept.lineEnds);
  swept.lineEnds = lineEnds;
}
