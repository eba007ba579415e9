import { readFileSync } from 'node:fs';
import { UsageError } from '../core/errors.ts';

/** Fewer can be found by trying. */
const MIN_CHARACTERS = 16;
const MAX_CHARACTERS = 4096;

/**
 * Reads the token of a control API from a file: its first line.
 *
 * @throws UsageError when there is none that will do
 */
export function readToken(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  return checkToken((text.split('\n', 1)[0] ?? '').trim(), path);
}

/**
 * @param where it comes from, for the message; the token itself is never shown
 * @throws UsageError when it is no token, or too short
 */
export function checkToken(token: string, where: string): string {
  if (/^[!-~]+$/.test(token) && token.length >= MIN_CHARACTERS && token.length <= MAX_CHARACTERS) return token;
  throw new UsageError(`${where} holds no token of ${MIN_CHARACTERS} or more printable characters without spaces`, {
    code: 'MCMP_BAD_TOKEN',
    hint: 'Make one with: openssl rand -hex 32',
  });
}
