import { expect, it } from 'vitest';
import { cut, displayWidth, folded, toWidth } from '../../src/tui/width.ts';

it.each([
  ['/shop', 5],
  ['', 0],
  ['日本', 4],
  ['한국', 4],
  // Half-width katakana belong to a script that is wide otherwise.
  ['ｱｲｳ', 3],
  ['ＡＢ', 4],
  ['é', 1],
  ['e\u0301', 1],
  ['😀', 2],
  // The same sign as text, and as a picture.
  ['☎', 1],
  ['☎\ufe0f', 2],
  ['🇩🇪', 2],
  ['\u200b', 0],
  // Wide since Unicode 16, and a plane where all is wide.
  ['䷀☰', 4],
  ['\u{2f00f}', 2],
])('%s takes %i columns', (text, columns) => {
  expect(displayWidth(text)).toBe(columns);
});

it.each([
  ['/shop', 5, '/shop'],
  ['/shopping', 5, '/sho…'],
  ['日本語', 6, '日本語'],
  ['日本語', 5, '日本…'],
  // A wide character is not cut in two.
  ['日本語', 4, '日…'],
  ['日本語', 1, '…'],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
  ['abc', 0, ''],
])('%s in %i columns is %s', (text, columns, expected) => {
  expect(cut(text, columns)).toBe(expected);
  expect(displayWidth(toWidth(text, columns))).toBe(columns);
});

it.each([
  ['one two three', 7, ['one two', 'three']],
  ['abcdefgh', 3, ['abc', 'def', 'gh']],
  ['日本語日本語', 5, ['日本', '語日', '本語']],
])('%s is folded to lines of %i columns', (text, columns, lines) => {
  expect(folded(text, columns)).toEqual(lines);
});
