import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeForTerminal, escapeHtml, escapeJsonForTerminal } from '../../src/core/text.ts';

const SEED = { seed: 0x7e57, numRuns: 400 };
/** Any UTF-16 units, also halves of pairs, with the dangerous ones far more often than chance would bring them. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001b',
        '\u009b',
        '\r',
        '\n',
        '\t',
        '\0',
        '\u007f',
        '\u202e',
        '\u2066',
        '\u2028',
        '\ufeff',
        '\ud800',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.constantFrom('[31m', ']0;title', '<script>', '"', "'", '&amp;'),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const DANGEROUS = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

describe('escapeForTerminal', () => {
  it.each([
    ['plain words stay', 'node1', 'node1'],
    ['letters of any script stay', 'Größe 日本 עברית 👍', 'Größe 日本 עברית 👍'],
    ['a line end cannot begin a line of its own', 'a\r\nb', 'a\\r\\nb'],
    ['a colour is shown, not obeyed', '\u001b[31mred', '\\u{1b}[31mred'],
    ['the one-byte control sequence introducer too', '\u009b31m', '\\u{9b}31m'],
    ['the title of the window stays', '\u001b]0;pwned\u0007', '\\u{1b}]0;pwned\\u{7}'],
    ['nothing is written backwards', 'txt\u202eexe', 'txt\\u{202e}exe'],
    ['isolates neither', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    ['what cannot be seen is seen', 'ad\u200bmin', 'ad\\u{200b}min'],
    ['half a pair is no character', 'a\ud800b', 'a\\u{d800}b'],
    ['invisible tags are shown', 'a\u{e0041}', 'a\\u{e0041}'],
  ])('%s', (_, text, shown) => {
    expect(escapeForTerminal(text)).toBe(shown);
  });

  it('leaves nothing dangerous in any text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(escapeForTerminal(text)).not.toMatch(DANGEROUS);
      }),
      SEED,
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const once = escapeForTerminal(text);
        expect(escapeForTerminal(once)).toBe(once);
      }),
      SEED,
    );
  });
});

describe('escapeHtml', () => {
  it('shows markup as text', () => {
    expect(escapeHtml(`<img src=x onerror='a("b")' c=\`d\`>&`)).toBe(
      '&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39; c=&#96;d&#96;&gt;&amp;',
    );
  });

  it('lets no text out of an element or a quoted attribute', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"'`]/);
        expect(escaped).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;|#96;)/);
        expect(escaped).not.toMatch(DANGEROUS);
      }),
      SEED,
    );
  });
});

describe('escapeJsonForTerminal', () => {
  it('keeps the value for programs and harms no terminal', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const json = escapeJsonForTerminal(JSON.stringify({ text }));
        expect(JSON.parse(json)).toEqual({ text });
        expect(json).not.toMatch(DANGEROUS);
      }),
      SEED,
    );
  });
});
