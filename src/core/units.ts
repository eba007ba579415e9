interface Unit {
  readonly name: string;
  readonly factor: number;
}

/** From large to small. */
const DURATION_UNITS: readonly Unit[] = [
  { name: 'd', factor: 86_400_000 },
  { name: 'h', factor: 3_600_000 },
  { name: 'm', factor: 60_000 },
  { name: 's', factor: 1_000 },
  { name: 'ms', factor: 1 },
];

/** From large to small. Powers of 1024 come first, so that a size is printed with them where it can be. */
const SIZE_UNITS: readonly Unit[] = [
  { name: 'GiB', factor: 1024 ** 3 },
  { name: 'MiB', factor: 1024 ** 2 },
  { name: 'KiB', factor: 1024 },
  { name: 'GB', factor: 1_000_000_000 },
  { name: 'MB', factor: 1_000_000 },
  { name: 'kB', factor: 1_000 },
  { name: 'B', factor: 1 },
];

/** A week of weeks; more than a timer of Node can hold is cut by whoever sets one. */
const MAX_DURATION_MS = 49 * 86_400_000;

/**
 * Reads `500ms`, `10s`, `2m`, `1.5h`, `1d`, or a bare number of `bareUnit`.
 *
 * @returns whole milliseconds, or a sentence that says what is wrong
 */
export function parseDuration(text: string, bareUnit: 'ms' | 's'): number | string {
  const value = readQuantity(text, DURATION_UNITS, bareUnit, (name) => name);
  if (value === undefined) return 'expected a duration such as 500ms, 10s, 2m or 1h';
  return value > MAX_DURATION_MS ? 'a duration is at most 49d' : value;
}

/**
 * Reads `64KiB`, `1MiB`, `2GB`, `10k` or a bare number of bytes. K, M and G without a B are powers of 1024. The case of
 * letters does not count.
 *
 * @returns whole bytes, or a sentence that says what is wrong
 */
export function parseSize(text: string): number | string {
  const value = readQuantity(text, SIZE_UNITS, 'B', (name) => {
    const lower = name.toLowerCase();
    return /^[kmg]$/.test(lower) ? `${lower}ib` : lower;
  });
  if (value === undefined) return 'expected a size such as 512, 64KiB or 1MiB';
  return Number.isSafeInteger(value) ? value : 'the size is too large';
}

function readQuantity(
  text: string,
  units: readonly Unit[],
  bareUnit: string,
  spell: (name: string) => string,
): number | undefined {
  const match = /^([0-9]{1,15}(?:\.[0-9]{1,9})?)\s?([A-Za-z]*)$/.exec(text);
  if (match === null) return undefined;
  const [, digits = '', name = ''] = match;
  const wanted = spell(name === '' ? bareUnit : name);
  const unit = units.find((candidate) => spell(candidate.name) === wanted);
  return unit === undefined ? undefined : Math.round(Number(digits) * unit.factor);
}

/** Milliseconds with the largest unit that leaves no fraction: 90000 is `90s`. */
export function formatDuration(durationMs: number): string {
  return formatQuantity(durationMs, DURATION_UNITS, 'ms');
}

/** Bytes with the largest unit that leaves no fraction: 1048576 is `1MiB`. */
export function formatSize(bytes: number): string {
  return formatQuantity(bytes, SIZE_UNITS, 'B');
}

function formatQuantity(value: number, units: readonly Unit[], smallest: string): string {
  const unit = value === 0 ? undefined : units.find((candidate) => value % candidate.factor === 0);
  return unit === undefined ? `${value}${smallest}` : `${value / unit.factor}${unit.name}`;
}
