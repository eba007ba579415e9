/** Milliseconds by unit, as httpd's time-out grammar names them (reference §2.1). */
export const DURATION_UNITS = { ms: 1, s: 1_000, mi: 60_000, min: 60_000, h: 3_600_000 } as const;
export type DurationUnit = keyof typeof DURATION_UNITS;

/** Timers of every platform hold that much: 24.8 days. Longer durations are refused, not wrapped around. */
export const LONGEST_DURATION_MS = 2_147_483_647;

/**
 * Reads a duration of CONFIG: a non-negative integer, with a unit or without.
 *
 * @param unit of a bare number
 * @returns milliseconds, or undefined for a bad value
 */
export function parseMcmpDuration(text: string, unit: DurationUnit): number | undefined {
  const match = /^([0-9]{1,12})(ms|s|mi|min|h)?$/i.exec(text);
  if (match === null) return undefined;
  const [, digits, given] = match;
  const factor = DURATION_UNITS[(given?.toLowerCase() ?? unit) as DurationUnit];
  const ms = Number(digits) * factor;
  return ms <= LONGEST_DURATION_MS ? ms : undefined;
}

/** That many of a unit in milliseconds, as far as a timer can hold; of either sign. */
export function wholeDuration(count: number, unit: DurationUnit): number {
  const ms = count * DURATION_UNITS[unit];
  return Math.max(-LONGEST_DURATION_MS, Math.min(LONGEST_DURATION_MS, ms));
}

/** Writes a duration as `parseMcmpDuration` reads it: a bare number where the unit allows, else in `ms`. */
export function printMcmpDuration(ms: number, unit: DurationUnit): string {
  const factor = DURATION_UNITS[unit];
  return ms % factor === 0 ? String(ms / factor) : `${ms}ms`;
}
