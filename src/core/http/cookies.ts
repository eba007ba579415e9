import { trimmed } from './grammar.ts';

/**
 * A Cookie value without the cookies of one name; empty when none is left. Pairs are split at every `;` as RFC 6265 §5.4
 * sends them. Quotes protect nothing here: whatever a node takes for the cookie, quoted neighbour or not, is gone
 * (the class of CVE-2023-4639). What stays keeps its bytes.
 */
export function withoutCookie(value: string, name: string): string {
  if (!value.includes(name)) return value;
  const kept = value.split(';').filter((pair) => nameOf(pair) !== name);
  return trimmed(kept.join(';'));
}

function nameOf(pair: string): string {
  const equals = pair.indexOf('=');
  return trimmed(equals === -1 ? pair : pair.slice(0, equals));
}
