import fc from 'fast-check';
import { expect, it } from 'vitest';
import { spellingsOf, textOf } from '../../../src/core/mcmp/bytes.ts';

it.each([
  ['plain', ['plain']],
  ['', ['']],
  ['café', ['caf\u00c3\u00a9', 'caf\u00e9']],
  ['日', ['\u00e6\u0097\u00a5']],
  // These two letters are the bytes of an é: nobody who read them had them before him.
  ['\u00c3\u00a9', ['\u00c3\u0083\u00c2\u00a9']],
])('%j was %j in bytes', (text, spellings) => {
  expect(spellingsOf(text)).toEqual(spellings);
});

it('finds every byte string by what people read (fast-check)', () => {
  const bytes = fc.uint8Array({ maxLength: 8 }).map((array) => Buffer.from(array).toString('latin1'));
  fc.assert(
    fc.property(bytes, (name) => {
      expect(spellingsOf(textOf(name))).toContain(name);
    }),
    { seed: 20_261_122, numRuns: 500 },
  );
});
