const SLASH = 47;

/** What a request target says (RFC 9112 §3.2). */
export interface TargetParts {
  form: 'origin' | 'absolute' | 'asterisk' | 'invalid';
  /** Host and port of an absolute target, as sent; else empty. */
  authority: string;
  /** `http` or `https` of an absolute target; else empty. */
  scheme: '' | 'http' | 'https';
  /** The path as sent, encoded; `/` where an absolute target has none; `*` for the asterisk form. */
  path: string;
  /** What follows the first `?`, without it; empty without one. */
  query: string;
}

/**
 * Takes a request target apart. The characters are not checked here (`parseRequestHead` does), and the authority is not
 * either (`isValidHost`).
 */
export function targetPath(target: string): TargetParts {
  if (target.startsWith('/')) return withPath('origin', '', '', target);
  if (target === '*') return { form: 'asterisk', authority: '', scheme: '', path: '*', query: '' };
  const scheme = schemeOf(target);
  if (scheme === '') return { form: 'invalid', authority: '', scheme: '', path: '', query: '' };
  const authorityStart = scheme.length + 3;
  const pathStart = authorityEnd(target, authorityStart);
  return withPath('absolute', target.slice(authorityStart, pathStart), scheme, target.slice(pathStart));
}

/**
 * The target as a node has to get it: an absolute one becomes its path and query, for only a proxy is asked with a URL
 * (RFC 9112 §3.2.1); OPTIONS for a whole server becomes `*` (§3.2.4). Every other target stays as it is.
 */
export function targetForNode(method: string, target: string): string {
  if (target.charCodeAt(0) === SLASH || target === '*') return target;
  const path = target.slice(authorityEnd(target, schemeOf(target).length + 3));
  if (path === '') return method === 'OPTIONS' ? '*' : '/';
  return path.charCodeAt(0) === SLASH ? path : `/${path}`;
}

function authorityEnd(target: string, authorityStart: number): number {
  let end = authorityStart;
  while (end < target.length && !'/?'.includes(target.charAt(end))) end++;
  return end;
}

function schemeOf(target: string): '' | 'http' | 'https' {
  const beginning = target.slice(0, 8).toLowerCase();
  if (beginning.startsWith('http://')) return 'http';
  return beginning === 'https://' ? 'https' : '';
}

function withPath(
  form: 'origin' | 'absolute',
  authority: string,
  scheme: TargetParts['scheme'],
  rest: string,
): TargetParts {
  const mark = rest.indexOf('?');
  const path = mark === -1 ? rest : rest.slice(0, mark);
  return { form, authority, scheme, path: path === '' ? '/' : path, query: mark === -1 ? '' : rest.slice(mark + 1) };
}

/**
 * The target without the path parameter `name` (`;jsessionid=…`), wherever in the path it stands, and without the query
 * parameter of that name; everything else stays byte for byte. For `StickySessionRemove`.
 */
export function targetWithoutSession(target: string, name: string): string {
  const mark = target.indexOf('?');
  let path = mark === -1 ? target : target.slice(0, mark);
  const opening = `;${name}=`;
  for (;;) {
    const start = path.indexOf(opening);
    if (start === -1) break;
    let end = start + opening.length;
    while (end < path.length && path.charAt(end) !== ';' && path.charAt(end) !== '/') end++;
    path = path.slice(0, start) + path.slice(end);
  }
  if (mark === -1) return path;
  const query = target.slice(mark + 1).split('&');
  const kept = query.filter((pair) => !pair.startsWith(`${name}=`));
  if (kept.length === query.length) return path + target.slice(mark);
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`;
}
