import type { HeaderLines } from './types.ts';

/**
 * The value of the first header line of a name, or an empty string. For what is asked rarely; what every request needs is
 * read while the head is parsed.
 *
 * @param name in lower case
 */
export function headerValue(head: HeaderLines, name: string): string {
  const line = lineOf(head, name);
  return line < 0 ? '' : head.text.slice(head.offsets[line * 4 + 2], head.offsets[line * 4 + 3]);
}

/** Whether there is a header line of a name, be it empty. @param name in lower case */
export function hasHeader(head: HeaderLines, name: string): boolean {
  return lineOf(head, name) >= 0;
}

/** The first header line of a name; -1 when there is none. */
function lineOf({ count, offsets, text }: HeaderLines, name: string): number {
  for (let line = 0; line < count; line++) {
    const start = offsets[line * 4] ?? 0;
    const end = offsets[line * 4 + 1] ?? 0;
    if (end - start === name.length && text.slice(start, end).toLowerCase() === name) return line;
  }
  return -1;
}
