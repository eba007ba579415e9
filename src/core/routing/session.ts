import type { BalancerRecord } from '../cluster/records.ts';
import type { RouteRequest, SessionSource } from './decision.ts';
import type { RequestPath } from './request-path.ts';
import type { RoutingRules } from './rules.ts';

const COMMA = 0x2c;
const DOT = 0x2e;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const SEMICOLON = 0x3b;
const SPACE = 0x20;
const TAB = 0x09;

/** The session a request belongs to, as one balancer names it. An object of the caller's, filled anew each time. */
export interface Session {
  source: SessionSource;
  /** Name of the cookie or parameter that carried the id. */
  name: string;
  /** The id stands in `text[from, to)`: it is cut out only by those who show it. */
  text: string;
  from: number;
  to: number;
  /** What follows the first `.` of the id, or an empty string. */
  route: string;
}

export function createSession(): Session {
  return { source: 'none', name: '', text: '', from: 0, to: 0, route: '' };
}

/**
 * Finds the session id of a request (reference §4.4): the balancer's cookie, then the additional cookie for nodes that
 * announce none, then the path parameter, then, when the rules allow it, the query parameter of the same name. The first
 * source that has an id counts; only the additional cookie is still asked when the balancer's own has no route. An empty
 * value is no session.
 *
 * @param extraCookie name of the additional cookie, or an empty string
 */
export function readSession(
  request: RouteRequest,
  path: RequestPath,
  balancer: BalancerRecord,
  rules: RoutingRules,
  extraCookie: string,
  session: Session,
): void {
  session.source = 'none';
  session.route = '';
  if (request.cookie !== '') {
    const ownName = balancer.stickySessionCookie;
    findCookie(request.cookie, ownName, rules, session);
    if (session.route === '' && extraCookie !== '' && extraCookie !== ownName) {
      findCookie(request.cookie, extraCookie, rules, session);
    }
    if (session.source !== 'none') return;
  }
  const name = balancer.stickySessionPath;
  if (path.hasParameters) {
    const endsAtSlash = rules.pathSessionEndsAtSlash;
    findParameter(request.target, path.rawBegin, path.rawEnd, name, ';', endsAtSlash ? ';/&' : ';&', 'path', session);
    if (session.source !== 'none') return;
  }
  if (rules.querySession && path.rawEnd < request.target.length) {
    findParameter(request.target, path.rawEnd, request.target.length, name, '?&', '&;#', 'query', session);
  }
}

/**
 * Looks for a cookie by its exact name (RFC 6265 §4.2.1). A double quote protects nothing: a pair ends at the next `;`
 * whatever stands before, so no quoted value can hide or smuggle another cookie (CVE-2023-4639). Quotes around the whole
 * value are dropped (`quotedCookie`); a comma ends a value, as httpd has it.
 */
function findCookie(cookie: string, name: string, rules: RoutingRules, session: Session): void {
  const rule = rules.repeatedCookie;
  if (name === '') return;
  for (let at = cookie.indexOf(name); at >= 0; at = cookie.indexOf(name, at + name.length)) {
    if (!beginsPair(cookie, at)) continue;
    let from = at + name.length;
    while (isBlank(cookie.charCodeAt(from))) from++;
    if (cookie.charCodeAt(from) !== EQUALS) continue;
    from++;
    while (isBlank(cookie.charCodeAt(from))) from++;
    let to = from;
    while (to < cookie.length && !endsValue(cookie.charCodeAt(to))) to++;
    at = to - name.length;
    while (to > from && isBlank(cookie.charCodeAt(to - 1))) to--;
    const quoted = to - from >= 2 && cookie.charCodeAt(from) === QUOTE && cookie.charCodeAt(to - 1) === QUOTE;
    if (quoted && rules.quotedCookie === 'unquoted') {
      from++;
      to--;
    }
    if (rule === 'last') session.source = 'none';
    const taken = takeId(cookie, from, to, 'cookie', name, session);
    if (rule === 'last') continue;
    if (rule === 'first' || (taken && session.route !== '')) return;
  }
}

function beginsPair(cookie: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && isBlank(cookie.charCodeAt(before))) before--;
  return before < 0 || cookie.charCodeAt(before) === SEMICOLON;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function endsValue(code: number): boolean {
  return code === SEMICOLON || code === COMMA;
}

/** Looks for `name=value` behind one of the characters `starts`; the value ends at one of `ends`. */
function findParameter(
  target: string,
  begin: number,
  end: number,
  name: string,
  starts: string,
  ends: string,
  source: 'path' | 'query',
  session: Session,
): void {
  if (name === '') return;
  for (let at = target.indexOf(name, begin); at >= 0 && at < end; at = target.indexOf(name, at + name.length)) {
    const from = at + name.length + 1;
    if (from > end || target.charCodeAt(from - 1) !== EQUALS || !starts.includes(target.charAt(at - 1))) continue;
    let to = from;
    while (to < end && !ends.includes(target.charAt(to))) to++;
    if (takeId(target, from, to, source, name, session)) return;
  }
}

/** Writes an id down unless it is empty, or one is there already and this one has no route to offer. */
function takeId(
  text: string,
  from: number,
  to: number,
  source: SessionSource,
  name: string,
  session: Session,
): boolean {
  if (to <= from) return false;
  let dot = from;
  while (dot < to && text.charCodeAt(dot) !== DOT) dot++;
  const route = dot + 1 < to ? text.slice(dot + 1, to) : '';
  if (session.source !== 'none' && route === '') return false;
  session.source = source;
  session.name = name;
  session.text = text;
  session.from = from;
  session.to = to;
  session.route = route;
  return true;
}
