import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesLines } from '../../../src/conformance/report/bytes.ts';

const WIDE = { width: 1000, mostLines: 1000 };

/** What the escapes stand for. */
function unescaped(lines: readonly string[]): string {
  const plain = lines
    .join('')
    .replace(/\\(x[0-9a-f]{2}|[rnt\\])|[\u0080-\u{10ffff}]/gu, (whole, escaped: string | undefined) => {
      if (escaped === undefined) return Buffer.from(whole, 'utf8').toString('latin1');
      const named = new Map([
        ['r', '\r'],
        ['n', '\n'],
        ['t', '\t'],
        ['\\', '\\'],
      ]).get(escaped);
      return named ?? String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    });
  return plain;
}

describe('bytes for people', () => {
  it.each([
    ['nothing', '', []],
    ['lines with their ends', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', ['GET / HTTP/1.1\\r\\n', 'Host: a\\r\\n', '\\r\\n']],
    ['a last line without an end', 'a\nb', ['a\\n', 'b']],
    ['a backslash', 'a\\nb', ['a\\\\nb']],
    ['controls', '\u001b[31m\u0000\u007f\t', ['\\x1b[31m\\x00\\x7f\\t']],
    ['UTF-8', 'caf\u00c3\u00a9', ['café']],
    ['what is not UTF-8', 'caf\u00e9', ['caf\\xe9']],
    ['an override of the reading direction', '\u00e2\u0080\u00aex', ['\\xe2\\x80\\xaex']],
  ])('shows %s', (_what, bytes, lines) => {
    expect(bytesLines(bytes, WIDE)).toEqual(lines);
  });

  it('are folded between characters, never within an escape', () => {
    expect(bytesLines('ab\r\ncdefgh', { width: 5, mostLines: 9 })).toEqual(['ab\\r', '\\n', 'cdefg', 'h']);
  });

  it('lose their middle, and say how much, when they are long', () => {
    const bytes = Array.from({ length: 40 }, (_, at) => `line ${at}\n`).join('');
    const lines = bytesLines(bytes, { width: 80, mostLines: 10 });
    expect(lines).toHaveLength(10);
    expect(lines[5]).toBe('line 5\\n');
    expect(lines[6]).toBe(`[${'line 10\n'.length * 27 + 'line 6\n'.length * 4} bytes are left out here]`);
    expect(lines.slice(7)).toEqual(['line 37\\n', 'line 38\\n', 'line 39\\n']);
  });

  it('can be read back to the last byte, and are printable', () => {
    const byteString = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    fc.assert(
      fc.property(byteString, fc.integer({ min: 8, max: 40 }), (bytes, width) => {
        const lines = bytesLines(bytes, { width, mostLines: 1000 });
        expect(unescaped(lines)).toBe(bytes);
        expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
      { numRuns: 300 },
    );
  });
});
