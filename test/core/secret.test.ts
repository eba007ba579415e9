import { expect, it } from 'vitest';
import { digestOf, sameSecret } from '../../src/core/secret.ts';

it('knows a secret by its digest, whatever the length of what is said', () => {
  const expected = digestOf('pässword of some length');
  expect(sameSecret('pässword of some length', expected)).toBe(true);
  for (const other of [
    '',
    'p',
    'pässword of some lengt',
    'pässword of some length ',
    'Pässword of some length',
    'x'.repeat(10_000),
  ]) {
    expect([other, sameSecret(other, expected)]).toEqual([other, false]);
  }
});

it('keeps nothing of the secret that could be read back', () => {
  expect(digestOf('a secret').toString('latin1')).not.toContain('secret');
});
