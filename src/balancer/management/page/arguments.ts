import { decodeValue } from '../../../core/mcmp/body.ts';
import { textOf } from '../../../core/mcmp/bytes.ts';

/** Arguments of the page by name in lower case, as httpd reads them (reference §8.1); values are byte strings. */
export type PageArguments = ReadonlyMap<string, string>;

/** Longer filters match nothing that a peer can be called. */
const LONGEST_FILTER = 200;
/** What httpd makes of `refresh` below 1. */
const LEAST_REFRESH_SECONDS = 10;
const MOST_REFRESH_SECONDS = 3600;

/**
 * Reads `key=value` joined by `&`; of a name that comes twice the last value counts.
 *
 * @param query as sent
 * @returns undefined when an argument has no `=`: httpd answers 400 then (MCMP-MGR-08)
 */
export function readArguments(query: string): PageArguments | undefined {
  const values = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals === -1) return undefined;
    values.set(decodeValue(part.slice(0, equals), true).toLowerCase(), decodeValue(part.slice(equals + 1), true));
  }
  return values;
}

/** What of the page is looked at: kept in its links and forms. */
export interface PageView {
  /** Text, trimmed; empty: everything. */
  readonly filter: string;
  /** From 1. */
  readonly page: number;
  /** 0: the page stays as it is. */
  readonly refreshSeconds: number;
}

export function viewOf(values: PageArguments): PageView {
  const page = values.get('page') ?? '';
  return {
    filter: filterOf(values.get('filter') ?? ''),
    page: /^[1-9][0-9]{0,5}$/.test(page) ? Number(page) : 1,
    refreshSeconds: refreshOf(values.get('refresh')),
  };
}

/** The cut may go through the middle of a character of two units. */
function filterOf(bytes: string): string {
  return textOf(bytes)
    .trim()
    .slice(0, LONGEST_FILTER)
    .replace(/\p{Surrogate}/gu, '');
}

function refreshOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const seconds = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  return seconds < 1 ? LEAST_REFRESH_SECONDS : Math.min(seconds, MOST_REFRESH_SECONDS);
}

/**
 * The query of a link to a view; relative to the page, so it holds under whatever path a proxy shows it.
 *
 * @param done id of a notice
 */
export function linkTo(view: PageView, done = ''): string {
  const pairs: string[] = [];
  if (view.filter !== '') pairs.push(`filter=${encodeURIComponent(view.filter)}`);
  if (view.page !== 1) pairs.push(`page=${view.page}`);
  if (view.refreshSeconds !== 0) pairs.push(`refresh=${view.refreshSeconds}`);
  if (done !== '') pairs.push(`done=${done}`);
  return `?${pairs.join('&')}`;
}
