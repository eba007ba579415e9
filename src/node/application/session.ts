import { randomBytes } from 'node:crypto';

/** A session as a servlet container names it: an id, and behind the first dot the route of the node that has it. */
export interface SessionId {
  readonly id: string;
  /** Empty when the client sent an id without a route. */
  readonly route: string;
}

export interface SessionNames {
  readonly cookie: string;
  /** Name of the path parameter. */
  readonly path: string;
}

/** As long as any container's; what is longer, or would not fit into a cookie (RFC 6265 §4.1.1), is no session of ours. */
const SESSION_TEXT = /^[!#-+\--:<-[\]-~]{1,256}$/;

/**
 * Reads the session a request carries: the cookie first, then the path parameter (reference §4.4).
 * @param cookie value of the Cookie header, or an empty string
 * @param target request target as received
 */
export function readSession(cookie: string, target: string, names: SessionNames): SessionId | undefined {
  const value = cookieValue(cookie, names.cookie) ?? pathParameter(target, names.path);
  if (value === undefined || !SESSION_TEXT.test(value)) return undefined;
  const dot = value.indexOf('.');
  const id = dot < 0 ? value : value.slice(0, dot);
  return id === '' ? undefined : { id, route: dot < 0 ? '' : value.slice(dot + 1) };
}

/** A new id of 32 hex digits, as Tomcat makes them, for this route. */
export function createSession(route: string): SessionId {
  return { id: randomBytes(16).toString('hex').toUpperCase(), route };
}

export function formatSession(session: SessionId): string {
  return session.route === '' ? session.id : `${session.id}.${session.route}`;
}

/** The Set-Cookie with the flags and in the order Tomcat has; without a session, the one that makes a client forget. */
export function sessionCookie(name: string, context: string, session?: SessionId): string {
  if (session === undefined) return `${name}=; Max-Age=0; Path=${context}; HttpOnly`;
  return `${name}=${formatSession(session)}; Path=${context}; HttpOnly`;
}

function cookieValue(cookie: string, name: string): string | undefined {
  for (const part of cookie.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return unquote(part.slice(equals + 1).trim());
  }
  return undefined;
}

function pathParameter(target: string, name: string): string | undefined {
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  for (const parameter of path.split(';').slice(1)) {
    const equals = parameter.indexOf('=');
    if (equals > 0 && parameter.slice(0, equals) === name) return parameter.slice(equals + 1).split('/', 1)[0];
  }
  return undefined;
}

function unquote(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
