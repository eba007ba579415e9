import type { ReplyRules } from './dialect.ts';
import type { InfoFormat } from './types.ts';

/** Media types of the forms in which INFO, DUMP and VERSION are answered. */
export const MEDIA_TYPES = { text: 'text/plain', xml: 'text/xml', json: 'application/json' } as const satisfies Record<
  InfoFormat,
  string
>;

/**
 * Which form an Accept header asks for. httpd looks for the text `text/xml` and nothing else, even with `q=0`
 * (reference §1.5); where JSON is offered, the header is read properly (RFC 9110 §12.5.1): the highest weight of an exact
 * media type wins, the first of equals; anything else is text.
 */
export function negotiateFormat(accept: string, rules: ReplyRules): InfoFormat {
  if (accept === '' || !(rules.xml || rules.json)) return 'text';
  if (rules.acceptBySubstring) return accept.includes('text/xml') ? 'xml' : 'text';
  let best: InfoFormat = 'text';
  let bestWeight = 0;
  for (const part of accept.split(',')) {
    const [range = '', ...parameters] = part.split(';');
    const format = formatOf(range.trim().toLowerCase(), rules);
    const weight = weightOf(parameters);
    if (format === undefined || weight <= bestWeight) continue;
    best = format;
    bestWeight = weight;
  }
  return best;
}

function formatOf(mediaType: string, rules: ReplyRules): InfoFormat | undefined {
  if (mediaType === MEDIA_TYPES.text) return 'text';
  if (mediaType === MEDIA_TYPES.xml || mediaType === 'application/xml') return rules.xml ? 'xml' : undefined;
  return mediaType === MEDIA_TYPES.json && rules.json ? 'json' : undefined;
}

function weightOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const match = /^\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*$/i.exec(parameter);
    if (match !== null) return Math.min(1, Number(match[1]));
  }
  return 1;
}
