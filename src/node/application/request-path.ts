import { isInContext } from '../in-context.ts';
/** Where a request goes, in the eyes of a servlet container. */
export interface RequestPath {
  /** Without query and path parameters, `%XX` decoded where that gives text. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Reads a request target in origin or absolute form (RFC 9112 §3.2). */
export function readRequestPath(target: string): RequestPath {
  const origin = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const mark = origin.indexOf('?');
  const raw = mark < 0 ? origin : origin.slice(0, mark);
  const path = raw
    .split('/')
    .map((segment) => segment.split(';', 1)[0] ?? '')
    .join('/');
  return {
    path: path === '' ? '/' : decoded(path),
    query: new URLSearchParams(mark < 0 ? '' : origin.slice(mark + 1)),
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    // Not UTF-8: then the path is taken as it stands, which no context is likely to match.
    if (error instanceof URIError) return path;
    throw error;
  }
}

/** The longest context that a path lies in: `/shop/admin` is in `/shop`, `/shopping` is not. */
export function findContext(contexts: readonly string[], path: string): string | undefined {
  let found: string | undefined;
  for (const context of contexts) {
    if (isInContext(path, context) && (found === undefined || context.length > found.length)) found = context;
  }
  return found;
}
