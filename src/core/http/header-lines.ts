import { BYTE_CLASS, COLON, CR, isWhiteSpace, LF, TOKEN } from './grammar.ts';
import { headerKind } from './header-names.ts';
import { swept } from './sweep.ts';
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
 * Reads header lines out of the text that was swept last, up to the empty line, into `lines` (RFC 9112 §5: no folding, no
 * white space before the colon, no bare CR or LF, no control character but tab).
 *
 * @param first which line of the sweep is the first header line; 0 when there is no start line
 * @param end just after the empty line
 */
export function readHeaderLines(
  first: number,
  end: number,
  lines: HeaderLines,
  maxLines: number,
): HttpViolation | null {
  const { bytes, lineEnds, lineCount } = swept;
  let pos = first === 0 ? 0 : (lineEnds[first - 1] as number) + 2;
  let count = 0;
  for (let line = first; line < lineCount; line++) {
    const lineEnd = lineEnds[line] as number;
    const nameStart = pos;
    let byte = bytes[pos] as number;
    while (((BYTE_CLASS[byte] as number) & TOKEN) !== 0) byte = bytes[++pos] as number;
    if (byte !== COLON || pos === nameStart) {
      if (pos !== lineEnd || pos !== nameStart) return badName(bytes, nameStart, pos);
      lines.count = count;
      return pos + 2 === end && swept.odd === -1 ? null : VIOLATION.headEnd;
    }
    const nameEnd = pos++;
    while (isWhiteSpace(bytes[pos] as number)) pos++;
    let valueEnd = lineEnd;
    while (valueEnd > pos && isWhiteSpace(bytes[valueEnd - 1] as number)) valueEnd--;

    if (count >= maxLines) return VIOLATION.tooManyLines;
    if (count >= lines.kinds.length) grow(lines);
    const at = count * 4;
    const offsets = lines.offsets;
    offsets[at] = nameStart;
    offsets[at + 1] = nameEnd;
    offsets[at + 2] = pos;
    offsets[at + 3] = valueEnd;
    lines.kinds[count++] = headerKind(bytes, nameStart, nameEnd);
    pos = lineEnd + 2;
  }
  return badLine(bytes, pos);
}

/** What is wrong with a line that the sweep did not see the end of. */
function badLine(bytes: Uint8Array, nameStart: number): HttpViolation {
  if (swept.odd === -1) return VIOLATION.headEnd;
  let pos = nameStart;
  while (((BYTE_CLASS[bytes[pos] as number] as number) & TOKEN) !== 0) pos++;
  return bytes[pos] === COLON && pos > nameStart ? oddByte(bytes, swept.odd) : badName(bytes, nameStart, pos);
}

/** Which rule a byte breaks that may stand in no line. */
export function oddByte(bytes: Uint8Array, at: number): HttpViolation {
  if (bytes[at] === LF) return VIOLATION.bareLf;
  return bytes[at] === CR ? VIOLATION.bareCr : VIOLATION.headerValue;
}

function badName(bytes: Uint8Array, nameStart: number, pos: number): HttpViolation {
  const byte = bytes[pos] as number;
  if (pos === swept.odd && (byte === LF || byte === CR)) return oddByte(bytes, pos);
  if (!isWhiteSpace(byte)) return VIOLATION.headerName;
  if (pos === nameStart) return VIOLATION.foldedLine;
  let after = pos;
  while (isWhiteSpace(bytes[after] as number)) after++;
  return bytes[after] === COLON ? VIOLATION.spaceBeforeColon : VIOLATION.headerName;
}

function grow(lines: HeaderLines): void {
  const offsets = new Int32Array(lines.offsets.length * 2);
  offsets.set(lines.offsets);
  const kinds = new Uint8Array(lines.kinds.length * 2);
  kinds.set(lines.kinds);
  lines.offsets = offsets;
  lines.kinds = kinds;
}
