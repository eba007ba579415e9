import { BYTE_CLASS, COLON, CR, isWhiteSpace, LF, SPACE, TAB, TOKEN, VALUE } from './grammar.ts';
import { headerKind } from './header-names.ts';
import type { HeaderLines, HttpViolation } from './types.ts';
import { VIOLATION } from './violations.ts';

const FIRST_CAPACITY = 64;

/** The part of a head that requests, responses and trailers share, empty. */
export function createHeaderLines(): HeaderLines {
  return {
    text: '',
    count: 0,
    offsets: new Int32Array(FIRST_CAPACITY * 4),
    kinds: new Uint8Array(FIRST_CAPACITY),
    connectionNames: [],
  };
}

/**
 * Reads the header lines that begin at `from` and end with the empty line just before `end` into `lines`
 * (RFC 9112 §5: no folding, no white space before the colon, no bare CR or LF, no control character but tab).
 */
export function readHeaderLines(
  text: string,
  from: number,
  end: number,
  lines: HeaderLines,
  maxLines: number,
): HttpViolation | null {
  let pos = from;
  let count = 0;
  for (;;) {
    const nameStart = pos;
    let byte = text.charCodeAt(pos);
    while (((BYTE_CLASS[byte] as number) & TOKEN) !== 0) byte = text.charCodeAt(++pos);
    if (byte !== COLON || pos === nameStart) {
      if (byte === CR && pos === nameStart && pos + 2 === end && text.charCodeAt(pos + 1) === LF) break;
      return badName(text, nameStart, pos);
    }
    const nameEnd = pos;
    byte = text.charCodeAt(++pos);
    while (byte === SPACE || byte === TAB) byte = text.charCodeAt(++pos);
    const valueStart = pos;
    while (((BYTE_CLASS[byte] as number) & VALUE) !== 0) byte = text.charCodeAt(++pos);
    if (byte !== CR || text.charCodeAt(pos + 1) !== LF) return badLineEnd(byte);
    let valueEnd = pos;
    pos += 2;
    if (pos >= end) return VIOLATION.headEnd;
    while (valueEnd > valueStart && isWhiteSpace(text.charCodeAt(valueEnd - 1))) valueEnd--;

    if (count >= maxLines) return VIOLATION.tooManyLines;
    if (count >= lines.kinds.length) grow(lines);
    const at = count * 4;
    const offsets = lines.offsets;
    offsets[at] = nameStart;
    offsets[at + 1] = nameEnd;
    offsets[at + 2] = valueStart;
    offsets[at + 3] = valueEnd;
    lines.kinds[count++] = headerKind(text, nameStart, nameEnd);
  }
  lines.count = count;
  return null;
}

function badName(text: string, nameStart: number, pos: number): HttpViolation {
  const byte = text.charCodeAt(pos);
  if (byte === LF) return VIOLATION.bareLf;
  if (byte === CR) {
    if (text.charCodeAt(pos + 1) !== LF) return VIOLATION.bareCr;
    return pos === nameStart ? VIOLATION.headEnd : VIOLATION.headerName;
  }
  if (!isWhiteSpace(byte)) return VIOLATION.headerName;
  if (pos === nameStart) return VIOLATION.foldedLine;
  let after = pos;
  while (isWhiteSpace(text.charCodeAt(after))) after++;
  return text.charCodeAt(after) === COLON ? VIOLATION.spaceBeforeColon : VIOLATION.headerName;
}

function badLineEnd(byte: number): HttpViolation {
  if (byte === LF) return VIOLATION.bareLf;
  return byte === CR ? VIOLATION.bareCr : VIOLATION.headerValue;
}

function grow(lines: HeaderLines): void {
  const offsets = new Int32Array(lines.offsets.length * 2);
  offsets.set(lines.offsets);
  const kinds = new Uint8Array(lines.kinds.length * 2);
  kinds.set(lines.kinds);
  lines.offsets = offsets;
  lines.kinds = kinds;
}
