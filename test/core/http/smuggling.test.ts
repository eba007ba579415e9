import { describe, expect, test } from 'vitest';
import { driveRequest } from './drive.ts';
import { SMUGGLING_ATTEMPTS } from './smuggling-corpus.ts';

describe('the smuggling corpus', () => {
  test('has unique names', () => {
    expect(new Set(SMUGGLING_ATTEMPTS.map(({ id }) => id)).size).toBe(SMUGGLING_ATTEMPTS.length);
  });

  for (const { name, bytes, code } of SMUGGLING_ATTEMPTS.filter((attempt) => attempt.code !== '')) {
    test(`refuses ${name}`, () => {
      expect(driveRequest(bytes).code).toBe(code);
    });
    test(`refuses it byte by byte, ${name}`, () => {
      expect(driveRequest(bytes, 1).code).not.toBe('ok');
      expect(driveRequest(bytes, 1).code).not.toBe('incomplete');
    });
  }

  for (const { name, bytes } of SMUGGLING_ATTEMPTS.filter((attempt) => attempt.code === '')) {
    test.each([1, 7, 100_000])(`sees one request in ${name}, in pieces of %i bytes`, (pieceBytes) => {
      const { code, rest } = driveRequest(bytes, pieceBytes);
      expect({ code, rest }).toEqual({ code: 'ok', rest: '' });
    });
  }
});
