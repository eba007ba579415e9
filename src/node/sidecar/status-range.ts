import { UsageError } from '../../core/errors.ts';

/** Status codes that count as good: from, to, both included. */
export type StatusRange = readonly (readonly [from: number, to: number])[];

const PART = /^([1-9][0-9]{2})(?:-([1-9][0-9]{2}))?$/;

/**
 * Reads `200-399,404`.
 * @throws UsageError
 */
export function parseStatusRange(text: string): StatusRange {
  return text.split(',').map((part) => {
    const [, from = '', to = from] = PART.exec(part.trim()) ?? [];
    if (from === '' || Number(to) < Number(from)) {
      throw new UsageError(`'${part.trim()}' is no status code and no range of them`, {
        hint: 'Write codes and ranges of three digits, comma-separated: 200-399,404',
      });
    }
    return [Number(from), Number(to)] as const;
  });
}

export function isInRange(status: number, range: StatusRange): boolean {
  return range.some(([from, to]) => from <= status && status <= to);
}
