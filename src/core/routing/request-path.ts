/**
 * The part of a request target that contexts are matched against. What is matched is what a node will see after its own
 * decoding and dot-segment removal, while the target itself is forwarded as it came: so no spelling of `..` can be
 * matched by one context and served by another (RFC 3986 §5.2.4 and §6.2.2; CVE-2024-1459, GHSA-2q7r-29rg-6m5h).
 */

const BACKSLASH = 0x5c;
const DOT = 0x2e;
const PERCENT = 0x25;
const QUESTION = 0x3f;
const SEMICOLON = 0x3b;
const SLASH = 0x2f;

/** Where the path lies. An object of the caller's, filled anew for each request. */
export interface RequestPath {
  /** The target itself when nothing had to be decoded, otherwise the normalised path. */
  text: string;
  begin: number;
  /** Behind the last character. */
  end: number;
  /** Where the path begins in the target as it came, and where its query (the `?`) or its end is. */
  rawBegin: number;
  rawEnd: number;
  /** Whether the path had a `;`. */
  hasParameters: boolean;
  /**
   * The normalised path with its dot segments left standing, as a node reads it that does not resolve them; empty without
   * any. Where it belongs to another context, the target has no single meaning.
   */
  literal: string;
}

export function createRequestPath(): RequestPath {
  return { text: '', begin: 0, end: 0, rawBegin: 0, rawEnd: 0, hasParameters: false, literal: '' };
}

/**
 * Finds and normalises the path of a request target.
 *
 * @param target origin-form, absolute-form or `*`, one character per byte
 * @returns whether the path can be matched; false means 400 (`bad-path`)
 */
export function readRequestPath(target: string, into: RequestPath): boolean {
  into.hasParameters = false;
  into.literal = '';
  into.text = target;
  const begin = target.charCodeAt(0) === SLASH ? 0 : pathOfOtherForm(target);
  into.begin = begin;
  into.rawBegin = begin;
  if (begin < 0) return false;
  const length = target.length;
  let simple = true;
  let end = begin;
  for (; end < length; end++) {
    const code = target.charCodeAt(end);
    // Letters and the like: most of every path.
    if (code > QUESTION && code < 0x7f && code !== BACKSLASH) continue;
    if (code === QUESTION) break;
    if (code === SLASH) {
      const next = target.charCodeAt(end + 1);
      if (next === SLASH || next === DOT) simple = false;
    } else if (code === SEMICOLON) {
      simple = false;
      into.hasParameters = true;
    } else if (code === PERCENT) {
      simple = false;
    } else if (isNeverInPath(code)) {
      return false;
    }
  }
  into.rawEnd = end;
  into.end = end;
  if (simple && end > begin) return true;
  const path = target.slice(begin, end);
  const normalised = end === begin ? '/' : normalisePath(path);
  if (normalised === null) return false;
  if (DOT_SEGMENT.test(path)) into.literal = normalise(path, false) ?? '';
  into.text = normalised;
  into.begin = 0;
  into.end = normalised.length;
  return true;
}

/**
 * Characters that the URI grammar does not have and that nodes read differently: a backslash is a separator for some,
 * a `#` ends the path for others; neither may decide which node is asked.
 */
function isNeverInPath(code: number): boolean {
  return code <= 0x20 || code === BACKSLASH || code === 0x23 || code === 0x7f || code > 0xff;
}

/** Begin of the path in an absolute-form target (possibly the end of the target), 0 for `*`, or -1. */
function pathOfOtherForm(target: string): number {
  if (target === '*') return 0;
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(target);
  if (scheme === null) return -1;
  for (let at = scheme[0].length; at < target.length; at++) {
    const code = target.charCodeAt(at);
    if (code === SLASH || code === QUESTION) return at;
    if (isNeverInPath(code)) return -1;
  }
  return target.length;
}

/**
 * The path as a node sees it: parameters cut off each segment, percent escapes decoded, empty segments merged, dot
 * segments resolved. An encoded slash stays what it is, `%2F`, and separates nothing.
 *
 * @param path the path as it came, from its first `/` to its `?` or end
 * @returns null when the path has no single meaning: an escape that is malformed, a NUL, a backslash, a climb above the
 * root, or a dot segment that only some nodes would see (`..%2F`, `..%3B`)
 */
export function normalisePath(path: string): string | null {
  return normalise(path, true);
}

/** The beginning of a segment that may be a dot segment. */
const DOT_SEGMENT = /\/(?:\.|%2e)/i;

function normalise(path: string, resolvesDots: boolean): string | null {
  const segments: string[] = [];
  let endsInSlash = false;
  let hasEncodedSlash = false;
  for (const raw of path.split('/')) {
    const parameters = raw.indexOf(';');
    const segment = decodeSegment(parameters < 0 ? raw : raw.slice(0, parameters));
    if (segment === null) return null;
    // A node that decodes before it cuts parameters off would find the slashes in them.
    if (parameters >= 0 && decodeSegment(`_${raw.slice(parameters)}`) === null) return null;
    const isDots = resolvesDots && (segment === '.' || segment === '..');
    endsInSlash = segment === '' || isDots;
    if (isDots && segment === '..') {
      // Behind an encoded slash, nodes disagree about how much `..` takes away.
      if (hasEncodedSlash || segments.pop() === undefined) return null;
    } else if (!endsInSlash) {
      segments.push(segment);
      hasEncodedSlash ||= segment.includes('%2F');
    }
  }
  if (segments.length === 0) return '/';
  return `/${segments.join('/')}${endsInSlash ? '/' : ''}`;
}

function decodeSegment(raw: string): string | null {
  let from = raw.indexOf('%');
  if (from < 0) return raw;
  let decoded = raw.slice(0, from);
  while (from >= 0) {
    const code = hexByte(raw, from + 1);
    if (code <= 0 || code === BACKSLASH) return null;
    decoded += code === SLASH ? '%2F' : String.fromCharCode(code);
    const next = raw.indexOf('%', from + 3);
    decoded += next < 0 ? raw.slice(from + 3) : raw.slice(from + 3, next);
    from = next;
  }
  return hidesDotSegment(decoded) ? null : decoded;
}

/** Whether a node that takes an encoded slash or semicolon for a real one would find a dot segment in here. */
function hidesDotSegment(segment: string): boolean {
  if (!segment.includes('%2F') && !segment.includes(';')) return false;
  return segment.split('%2F').some((part) => /^\.\.?(;|$)/.test(part));
}

/** The byte of two hex digits at a place, or -1. */
function hexByte(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
