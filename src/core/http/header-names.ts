import { equalsWord, LOWER_CASE, lowerCaseWord } from './grammar.ts';
import type { HeaderKind } from './types.ts';
import { HEADER } from './types.ts';

/** The names that a proxy acts upon. */
const NAMES: ReadonlyArray<readonly [string, HeaderKind]> = [
  ['connection', HEADER.connection],
  ['keep-alive', HEADER.keepAlive],
  ['proxy-connection', HEADER.proxyConnection],
  ['transfer-encoding', HEADER.transferEncoding],
  ['content-length', HEADER.contentLength],
  ['te', HEADER.te],
  ['trailer', HEADER.trailer],
  ['upgrade', HEADER.upgrade],
  ['host', HEADER.host],
  ['expect', HEADER.expect],
  ['cookie', HEADER.cookie],
  ['via', HEADER.via],
  ['forwarded', HEADER.forwarded],
  ['x-forwarded-for', HEADER.xForwardedFor],
  ['x-forwarded-proto', HEADER.xForwardedProto],
  ['x-forwarded-host', HEADER.xForwardedHost],
  ['set-cookie', HEADER.setCookie],
  ['date', HEADER.date],
  ['server', HEADER.server],
  ['proxy-authenticate', HEADER.proxyAuthenticate],
  ['proxy-authorization', HEADER.proxyAuthorization],
  ['http2-settings', HEADER.http2Settings],
  ['proxy', HEADER.proxy],
];

const LONGEST_NAME = 19;

/**
 * Length and first letter tell all these names apart, so one look into this table leaves one candidate to compare with.
 * Index: length * 32 + (first byte & 31).
 */
const CANDIDATE = new Uint8Array((LONGEST_NAME + 1) * 32);
const WORD_OF_KIND: Uint8Array[] = [new Uint8Array(0)];
for (const [name, kind] of NAMES) {
  const slot = name.length * 32 + (name.charCodeAt(0) & 31);
  if (CANDIDATE[slot] !== 0) throw new Error(`header ${name} shares length and first letter with another`);
  CANDIDATE[slot] = kind;
  WORD_OF_KIND[kind] = lowerCaseWord(name);
}

const X_FORWARDED = lowerCaseWord('x-forwarded-');
const SMALL_X = 120;

/** What the header name from `start` to `end` (already known to be a token) is to a proxy. */
export function headerKind(bytes: Uint8Array, start: number, end: number): HeaderKind {
  const length = end - start;
  const first = bytes[start] as number;
  if (length <= LONGEST_NAME) {
    const candidate = CANDIDATE[length * 32 + (first & 31)] as HeaderKind;
    if (candidate !== HEADER.other && equalsWord(bytes, start, end, WORD_OF_KIND[candidate] as Uint8Array)) {
      return candidate;
    }
  }
  if (LOWER_CASE[first] !== SMALL_X || length < X_FORWARDED.length) return HEADER.other;
  return equalsWord(bytes, start, start + X_FORWARDED.length, X_FORWARDED) ? HEADER.xForwardedOther : HEADER.other;
}

/**
 * Headers that `Connection` cannot take away although they are `other` here: each is meant for the node (or the client),
 * and a sender must not name such a field (RFC 9110 §7.6.1). Naming `Authorization` or `Content-Type` there would otherwise
 * let an outsider choose what the node does not see (the class of CVE-2022-31813). Headers with a kind of their own are
 * never taken away by name.
 */
export const END_TO_END_NAMES: ReadonlySet<string> = new Set([
  'accept',
  'age',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-location',
  'content-range',
  'content-security-policy',
  'content-type',
  'etag',
  'expires',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'origin',
  'pragma',
  'range',
  'referer',
  'retry-after',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'strict-transport-security',
  'user-agent',
  'vary',
  'www-authenticate',
  'x-real-ip',
]);

/**
 * Fields that may not be sent in a trailer section (RFC 9110 §6.5.1): framing, routing, authentication, request modifiers,
 * response control and content format. Besides these, every header with a kind of its own.
 */
export const FORBIDDEN_TRAILERS: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-range',
  'content-type',
  'expires',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'location',
  'max-forwards',
  'pragma',
  'range',
  'retry-after',
  'vary',
  'warning',
  'www-authenticate',
]);
