import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createChunkScanner } from '../../../src/core/http/index.ts';
import { driveChunks } from './drive.ts';

const SOUND: ReadonlyArray<readonly [name: string, bytes: string, body: string, trailer: string]> = [
  ['no data', '0\r\n\r\n', '', ''],
  ['several zeros', '0000\r\n\r\n', '', ''],
  ['one chunk', '5\r\nhello\r\n0\r\n\r\n', 'hello', ''],
  ['capital and small digits', 'A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n', '01234567890123456789', ''],
  ['line ends in the data', '6\r\n\r\n0\r\n\r\r\n0\r\n\r\n', '\r\n0\r\n\r', ''],
  ['16 digits', '0000000000000003\r\nabc\r\n0\r\n\r\n', 'abc', ''],
  ['extensions', '1;a\r\nx\r\n1;a=b;c="d"\r\ny\r\n0;e\r\n\r\n', 'xy', ''],
  ['quoted extensions', '1;a="; \\"\\\\ \t\xe4"\r\nx\r\n0\r\n\r\n', 'x', ''],
  ['trailers', '0\r\nETag: "a"\r\ngrpc-status: 0\r\n\r\n', '', 'ETag: "a"\r\ngrpc-status: 0\r\n'],
];

describe('a chunked body', () => {
  for (const [name, bytes, body, trailer] of SOUND) {
    test.each([1, 2, 3, 1000])(`is followed: ${name}, in pieces of %i bytes`, (pieceBytes) => {
      expect(driveChunks(`${bytes}GET /`, pieceBytes)).toEqual({ code: 'ok', body, trailer, rest: 'GET /' });
    });
    test(`is incomplete until its last byte: ${name}`, () => {
      for (let length = 0; length < bytes.length; length++) {
        expect(driveChunks(bytes.slice(0, length)).code).toBe('incomplete');
      }
    });
  }

  test('has lines of up to 256 bytes', () => {
    const line = (length: number) => `1;a=${'x'.repeat(length - 6)}\r\n`;
    expect(driveChunks(`${line(256)}x\r\n0\r\n\r\n`).code).toBe('ok');
    expect(driveChunks(`${line(257)}x\r\n0\r\n\r\n`).code).toBe('HTTP_CHUNK_LINE_TOO_LONG');
  });

  test('counts its data', () => {
    const scanner = createChunkScanner();
    const bytes = Buffer.from('5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\n\r\n');
    scanner.scan(bytes, 0, bytes.length);
    expect(scanner.dataBytes).toBe(8);
  });

  test('is followed by the next one after reset, whatever became of the first', () => {
    const scanner = createChunkScanner();
    for (const first of [
      '0\r\nETag: a\r\n\r\n',
      '5\r\nhel',
      '5;a="',
      'nonsense',
      '0\r\nHost: a\r\n\r\n',
      '5\r\nhello\r\n',
    ]) {
      driveChunks(first, 1, scanner);
      scanner.reset();
      expect(driveChunks('3\r\nabc\r\n0\r\n\r\n', 1, scanner)).toEqual({
        code: 'ok',
        body: 'abc',
        trailer: '',
        rest: '',
      });
    }
  });

  test('takes nothing more once it ended or is broken', () => {
    for (const bytes of ['0\r\n\r\n', 'x']) {
      const scanner = createChunkScanner();
      driveChunks(bytes, 1, scanner);
      expect(scanner.scan(Buffer.from('5\r\nhello\r\n'), 0, 10)).toBe(0);
    }
  });

  test('consumes up to the byte that breaks it', () => {
    const scanner = createChunkScanner();
    const bytes = Buffer.from('5\r\nhelloX');
    expect(scanner.scan(bytes, 0, bytes.length)).toBe(8);
    expect(scanner.violation?.code).toBe('HTTP_CHUNK_END');
  });

  test('starts and stops inside the buffer as told', () => {
    const scanner = createChunkScanner();
    const bytes = Buffer.from('xx3\r\nabc\r\n0\r\n\r\nyy');
    expect(scanner.scan(bytes, 2, bytes.length)).toBe(13);
    expect(scanner.done).toBe(true);
  });

  test('has a bounded trailer section', () => {
    const limits = { maxHeadBytes: 100, maxHeaderLines: 3 };
    const run = (trailer: string, pieceBytes: number) =>
      driveChunks(`0\r\n${trailer}\r\n`, pieceBytes, createChunkScanner(limits)).code;
    for (const pieceBytes of [1, 1000]) {
      expect(run(`X: ${'y'.repeat(95)}\r\n`, pieceBytes)).toBe('ok');
      expect(run(`X: ${'y'.repeat(96)}\r\n`, pieceBytes)).toBe('HTTP_TRAILER_TOO_LONG');
      expect(run(`X: ${'y'.repeat(5000)}`, pieceBytes)).toBe('HTTP_TRAILER_TOO_LONG');
      expect(run('X: y\r\n'.repeat(3), pieceBytes)).toBe('ok');
      expect(run('X: y\r\n'.repeat(4), pieceBytes)).toBe('HTTP_TOO_MANY_HEADERS');
    }
  });

  test('must not cost many times its data', () => {
    const wasteful = `1;a=${'x'.repeat(240)}\r\ny\r\n`;
    expect(driveChunks(`${wasteful.repeat(60)}0\r\n\r\n`).code).toBe('ok');
    expect(driveChunks(`${wasteful.repeat(100)}0\r\n\r\n`).code).toBe('HTTP_CHUNK_OVERHEAD');
    expect(driveChunks(`${'1\r\ny\r\n'.repeat(20_000)}0\r\n\r\n`).code).toBe('ok');
  });

  test('has its costs counted for itself', () => {
    const scanner = createChunkScanner();
    for (let body = 0; body < 3; body++) {
      scanner.reset();
      expect(driveChunks(`${`1;a=${'x'.repeat(240)}\r\ny\r\n`.repeat(60)}0\r\n\r\n`, 1000, scanner).code).toBe('ok');
    }
  });

  test('comes out as it went in, however it is cut', () => {
    const chunk = fc.record({
      data: fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }),
      extension: fc.constantFrom('', ';a', ';a=b', ';a="b\\"c"'),
    });
    fc.assert(
      fc.property(
        fc.array(chunk),
        fc.constantFrom('', 'ETag: a\r\n'),
        fc.integer({ min: 1, max: 9 }),
        (chunks, trailer, piece) => {
          const framed = chunks
            .map(({ data, extension }) => `${data.length.toString(16)}${extension}\r\n${data}\r\n`)
            .join('');
          const outcome = driveChunks(`${framed}0\r\n${trailer}\r\nrest`, piece);
          expect(outcome).toEqual({ code: 'ok', body: chunks.map(({ data }) => data).join(''), trailer, rest: 'rest' });
        },
      ),
      { seed: 9112, numRuns: 300 },
    );
  });

  test('gives the same verdict whole and byte by byte', () => {
    const pieces = fc.constantFrom(
      '0',
      '1',
      '5',
      'a',
      'f',
      ';',
      '=',
      '"',
      '\\',
      ' ',
      '\r',
      '\n',
      '\r\n',
      'hello',
      '\t',
      'x',
      ':',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const bytes = parts.join('');
        const whole = driveChunks(bytes);
        expect(driveChunks(bytes, 1)).toEqual(whole);
      }),
      { seed: 9112, numRuns: 2000 },
    );
  });
});
