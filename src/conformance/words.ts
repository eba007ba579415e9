import { UsageError } from '../core/errors.ts';

const CASE_WORD = /^[a-z0-9*-]+\/[a-z0-9*-]+$|^\*$/;

/**
 * Tells targets from cases: `status/load-shown` and `status/*` name cases, everything else is an address.
 * @throws UsageError when a word is neither
 */
export function readWords(words: readonly string[]): {
  readonly urls: readonly URL[];
  readonly patterns: readonly string[];
} {
  const patterns = words.filter((word) => CASE_WORD.test(word));
  const urls = words.filter((word) => !CASE_WORD.test(word)).map(readUrl);
  return { urls, patterns };
}

function readUrl(word: string): URL {
  const text = word.includes('://') ? word : `http://${word}`;
  if (URL.canParse(text)) {
    const url = new URL(text);
    if (['http:', 'https:'].includes(url.protocol) && url.hostname !== '') return url;
  }
  throw new UsageError(`${word} is neither an address nor the id of a case`, {
    hint: 'Addresses look like http://127.0.0.1:8090 or lb1:6666, ids and globs like status/load-shown or status/*.',
  });
}
