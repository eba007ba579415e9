import { createHash, timingSafeEqual } from 'node:crypto';

/** What is kept of a secret to recognise it by. */
export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}

/**
 * Whether somebody said the secret. Digests have one length, so the comparison takes one time, whatever was said.
 *
 * @param expected of `digestOf`
 */
export function sameSecret(given: string, expected: Buffer): boolean {
  return timingSafeEqual(digestOf(given), expected);
}
