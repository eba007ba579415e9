import type { SyntaxRules } from './dialect.ts';

/** One pair of a body, decoded; `value` is undefined where no `=` followed the name. */
export interface BodyPair {
  readonly name: string;
  readonly value: string | undefined;
}

const ESCAPE = /%([0-9A-Fa-f]{2})/g;

/** Decodes `%XX`; a `%` that two hex digits do not follow is itself (reference §1.2). */
export function decodeValue(text: string, plusIsSpace: boolean): string {
  const spaced = plusIsSpace && text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  return spaced.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/**
 * Splits a message body into its pairs, in their order.
 *
 * @param body byte string
 * @returns undefined when a name or value holds a character that the dialect refuses, or there are too many
 */
export function decodeBody(body: string, syntax: SyntaxRules): BodyPair[] | undefined {
  const pairs = syntax.splitAtEveryEquals ? splitTokens(body, syntax) : splitPairs(body, syntax);
  if (pairs.length > syntax.mostFields) return undefined;
  for (const { name, value } of pairs) {
    if (syntax.illegal.test(name) || (value !== undefined && syntax.illegal.test(value))) return undefined;
  }
  return pairs;
}

/** `a=1&b=2`, where only the first `=` of a pair separates and nothing between two `&` is nothing. */
function splitPairs(body: string, syntax: SyntaxRules): BodyPair[] {
  const pairs: BodyPair[] = [];
  for (const part of body.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decodeValue(equals === -1 ? part : part.slice(0, equals), syntax.plusIsSpace);
    const bare = syntax.bareNames === 'empty' ? '' : undefined;
    pairs.push({ name, value: equals === -1 ? bare : decodeValue(part.slice(equals + 1), syntax.plusIsSpace) });
  }
  return pairs;
}

/**
 * httpd 2 and nginx: `&` and `=` both end a token, and tokens are names and values in turn, whatever stood between them.
 */
function splitTokens(body: string, syntax: SyntaxRules): BodyPair[] {
  const pairs: BodyPair[] = [];
  const tokens = syntax.decodeBeforeSplit
    ? decodeValue(body, syntax.plusIsSpace).split(/[&=]/).map(untilSpace)
    : body.split(/[&=]/).map((token) => decodeValue(token, syntax.plusIsSpace));
  for (let index = 0; index < tokens.length; index += 2) {
    pairs.push({ name: tokens[index] ?? '', value: tokens[index + 1] });
  }
  return pairs;
}

function untilSpace(token: string): string {
  const space = token.indexOf(' ');
  return space === -1 ? token : token.slice(0, space);
}

/**
 * Encodes a value so that every implementation reads it back: all but `A-Z a-z 0-9 - . _ ~ / , *` as `%XX`, a space as
 * `%20`, never `+` (reference §1.2).
 *
 * @param value byte string
 */
export function encodeValue(value: string): string {
  return value.replace(
    /[^A-Za-z0-9\-._~/,*]/g,
    (character) => `%${(character.charCodeAt(0) & 0xff).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** Writes pairs as a message body. */
export function encodeBody(pairs: Iterable<readonly [name: string, value: string]>): string {
  let body = '';
  for (const [name, value] of pairs) body += `${body === '' ? '' : '&'}${encodeValue(name)}=${encodeValue(value)}`;
  return body;
}
