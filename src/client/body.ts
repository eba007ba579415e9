import type { Pair } from './answer.ts';

/**
 * Writes a message body that all four brands read alike (reference §1.2): everything outside `A-Z a-z 0-9 - . _ ~ / ,` is
 * percent-encoded as UTF-8, a space as `%20`. httpd reads `+` as a plus sign, so none is ever written.
 */
export function encodeBody(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${encodeToken(name)}=${encodeToken(value)}`).join('&');
}

function encodeToken(text: string): string {
  return encodeURIComponent(text)
    .replace(/%2F/g, '/')
    .replace(/%2C/g, ',')
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
