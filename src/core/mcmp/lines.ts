/** Cutting the lines of INFO and DUMP without regular expressions: a hostile line must not cost more than its length. */

/** A line of a reply that could not be read. */
export interface ReadProblem {
  /** Line number from 1; 0: the document as a whole. */
  readonly line: number;
  /** What is wrong, in words; nothing of the line in it. */
  readonly message: string;
}

/** A document with more of them is no such document: what is behind the last of them is not read. */
export const MOST_PROBLEMS = 10_000;

/**
 * Cuts a line at separators that stand in it in this order.
 *
 * @returns what stands between them, one more than separators; undefined when one is missing
 */
export function cutForward(line: string, separators: readonly string[]): string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  for (const separator of separators) {
    const at = line.indexOf(separator, from);
    if (at === -1) return undefined;
    parts.push(line.slice(from, at));
    from = at + separator.length;
  }
  parts.push(line.slice(from));
  return parts;
}

/** As `cutForward`, looking from the end: for lines whose first part may contain anything. */
export function cutBackward(line: string, separators: readonly string[]): string[] | undefined {
  const parts: string[] = [];
  let to = line.length;
  for (let index = separators.length - 1; index >= 0; index--) {
    const separator = separators[index] ?? '';
    const at = to < separator.length ? -1 : line.lastIndexOf(separator, to - separator.length);
    if (at === -1) return undefined;
    parts.unshift(line.slice(at + separator.length, to));
    to = at;
  }
  parts.unshift(line.slice(0, to));
  return parts;
}

/** A decimal integer that a double holds exactly, or undefined. */
export function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^-?[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

/** All texts as integers, or undefined when one is none. */
export function integers(texts: readonly (string | undefined)[]): number[] | undefined {
  const numbers: number[] = [];
  for (const text of texts) {
    const number = integer(text);
    if (number === undefined) return undefined;
    numbers.push(number);
  }
  return numbers;
}

/** The lines of a body with their numbers, empty ones left out; CRLF is read as LF. */
export function* linesOf(body: string): Generator<readonly [number: number, line: string]> {
  let from = 0;
  for (let number = 1; from < body.length; number++) {
    const at = body.indexOf('\n', from);
    const end = at === -1 ? body.length : at;
    const line = body.charAt(end - 1) === '\r' && end > from ? body.slice(from, end - 1) : body.slice(from, end);
    if (line !== '') yield [number, line];
    from = end + 1;
  }
}
