import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBody, decodeValue, encodeBody, encodeValue } from '../../../src/core/mcmp/body.ts';
import { bytesOf, lowerAscii, textOf } from '../../../src/core/mcmp/bytes.ts';
import { HTTPD2_DIALECT, MCMP_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { LONGEST_DURATION_MS, parseMcmpDuration, printMcmpDuration } from '../../../src/core/mcmp/duration.ts';

/** Any byte that a value may hold in both dialects. */
const bytes = fc
  .array(fc.integer({ min: 0x20, max: 0xff }), { minLength: 1, maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes).replace(/[<>"'\\\u007f]/g, '_'));

describe('a body', () => {
  test.each([
    [
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a=1=2',
      [['a', '1=2']],
      [
        ['a', '1'],
        ['2', undefined],
      ],
    ],
    [
      'a=b=c=d',
      [['a', 'b=c=d']],
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['a', [['a', undefined]], [['a', undefined]]],
    ['a=', [['a', '']], [['a', '']]],
    ['=1', [['', '1']], [['', '1']]],
    ['', [], [['', undefined]]],
    [
      'a=1&',
      [['a', '1']],
      [
        ['a', '1'],
        ['', undefined],
      ],
    ],
    ['a%3D1=b%26c', [['a=1', 'b&c']], [['a=1', 'b&c']]],
    ['a+b=c+d', [['a b', 'c d']], [['a+b', 'c+d']]],
    ['a=%2f%2F%', [['a', '//%']], [['a', '//%']]],
    ['a=%zz%1', [['a', '%zz%1']], [['a', '%zz%1']]],
    ['a=%2525', [['a', '%25']], [['a', '%25']]],
  ] as const)('%s is read by each dialect in its way', (body, mcmp, httpd) => {
    const read = (pairs: ReturnType<typeof decodeBody>) => pairs?.map(({ name, value }) => [name, value]);
    expect(read(decodeBody(body, MCMP_DIALECT.syntax))).toEqual(mcmp);
    expect(read(decodeBody(body, HTTPD2_DIALECT.syntax))).toEqual(httpd);
  });

  test('each control character and each character of the set makes it unreadable, in names and values', () => {
    for (let code = 0; code < 256; code++) {
      const escaped = `%${code.toString(16).padStart(2, '0')}`;
      const control = code < 0x20 || code === 0x7f;
      for (const { syntax } of [MCMP_DIALECT, HTTPD2_DIALECT]) {
        const refused =
          control || (syntax === MCMP_DIALECT.syntax ? '<>"\'\\' : '<>"\'').includes(String.fromCharCode(code));
        expect(decodeBody(`a=${escaped}`, syntax) === undefined, escaped).toBe(refused);
        expect(decodeBody(`a${escaped}=1`, syntax) === undefined, escaped).toBe(refused);
      }
    }
  });

  test('what is written is read back, byte by byte, by every dialect', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, bytes), { minLength: 1, maxLength: 8 }), (pairs) => {
        for (const { syntax } of [MCMP_DIALECT, HTTPD2_DIALECT]) {
          expect(decodeBody(encodeBody(pairs), syntax)).toEqual(pairs.map(([name, value]) => ({ name, value })));
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('what is written holds only what every implementation reads alike', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(encodeValue(value)).toMatch(/^(?:[A-Za-z0-9\-._~/,*]|%[0-9A-F]{2})*$/);
        expect(decodeValue(encodeValue(value), true)).toBe(value);
        expect(decodeURIComponent(encodeValue(bytesOf('Ü€')))).toBe('Ü€');
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});

describe('byte strings', () => {
  test('UTF-8 is shown as text, anything else as latin1', () => {
    expect(textOf('plain')).toBe('plain');
    expect(textOf('\u00c3\u00a9')).toBe('é');
    expect(textOf('\u00e9')).toBe('é');
    expect(textOf('\u00ef\u00bf\u00bd')).toBe('\ufffd');
  });

  test('text becomes UTF-8 and is shown as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
        expect(textOf(bytesOf(text))).toBe(text);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  test('lower case leaves the bytes of other characters alone', () => {
    expect(lowerAscii('ÄBC\u00c3\u0089.Example')).toBe('Äbc\u00c3\u0089.example');
  });
});

describe('durations', () => {
  test.each([
    ['0', 's', 0],
    ['10', 's', 10_000],
    ['10', 'ms', 10],
    ['2000ms', 's', 2_000],
    ['2S', 'ms', 2_000],
    ['1mi', 's', 60_000],
    ['1min', 's', 60_000],
    ['2h', 's', 7_200_000],
    ['-1', 's', undefined],
    ['+1', 's', undefined],
    ['', 's', undefined],
    [' 1', 's', undefined],
    ['1 s', 's', undefined],
    ['1m', 's', undefined],
    ['1d', 's', undefined],
    ['1e3', 's', undefined],
    ['0x10', 's', undefined],
    ['2147483', 's', 2_147_483_000],
    ['2147484', 's', undefined],
    ['999999999999999999999', 'ms', undefined],
  ] as const)('%s with unit %s is %s ms', (text, unit, ms) => {
    expect(parseMcmpDuration(text, unit)).toBe(ms);
  });

  test('what is written is read back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: LONGEST_DURATION_MS }),
        fc.constantFrom('ms', 's', 'mi', 'h'),
        (ms, unit) => {
          expect(parseMcmpDuration(printMcmpDuration(ms, unit), unit)).toBe(ms);
        },
      ),
      { seed: 4, numRuns: 300 },
    );
  });
});
