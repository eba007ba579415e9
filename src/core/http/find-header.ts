import type { HeaderLines } from './types.ts';

/**
 * The value of the first header line of a name, or an empty string. For what is asked rarely; what every request needs is
 * read while the head is parsed.
 *
 * @param name in lower case
 */
export function headerValue(head: HeaderLines, name: string): string {
  const { count, offsets, text } = head;
  for (let line = 0; line < count; line++) {
    const start = offsets[line * 4] ?? 0;
    const end = offsets[line * 4 + 1] ?? 0;
    if (end - start !== name.length || text.slice(start, end).toLowerCase() !== name) continue;
    return text.slice(offsets[line * 4 + 2], offsets[line * 4 + 3]);
  }
  return '';
}
