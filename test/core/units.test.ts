import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../src/core/units.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['10', 10_000],
    ['2m', 120_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    ['0', 0],
    ['0.25', 250],
  ])('%s is %i ms when a bare number means seconds', (text, durationMs) => {
    expect(parseDuration(text, 's')).toBe(durationMs);
  });

  it('takes a bare number in the unit it is told', () => {
    expect(parseDuration('250', 'ms')).toBe(250);
  });

  it.each(['', 's', '-1s', '1 000', '1x', '10S', '1M', '1e3', 'Infinity', '1s2', '٣s'])('refuses "%s"', (text) => {
    expect(parseDuration(text, 's')).toMatch(/expected a duration/);
  });

  it('refuses what no timer can hold', () => {
    expect(parseDuration('50d', 's')).toMatch(/at most 49d/);
  });

  it('prints what it reads', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 49 * 86_400_000 }), (durationMs) => {
        expect(parseDuration(formatDuration(durationMs), 's')).toBe(durationMs);
      }),
      { seed: 10 },
    );
  });

  it.each([
    [90_000, '90s'],
    [60_000, '1m'],
    [500, '500ms'],
    [0, '0ms'],
  ])('prints %i ms as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});

describe('sizes', () => {
  it.each([
    ['512', 512],
    ['64KiB', 65_536],
    ['64k', 65_536],
    ['1MiB', 1_048_576],
    ['1m', 1_048_576],
    ['1MB', 1_000_000],
    ['1.5kB', 1_500],
    ['2GiB', 2_147_483_648],
    ['1 KiB', 1_024],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', 'B', '-1', '1TB', '0x10', '1 2'])('refuses "%s"', (text) => {
    expect(parseSize(text)).toMatch(/expected a size/);
  });

  it('refuses what cannot be counted', () => {
    expect(parseSize('999999999999999GiB')).toMatch(/too large/);
  });

  it('prints what it reads', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
      { seed: 11 },
    );
  });
});
