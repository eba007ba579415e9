import type { RoutingRules } from './rules.ts';

/**
 * A registered context path as the index files it, one character per byte as the tables keep it. Unless a trailing slash
 * is taken literally, `/app/`, `app` and `//app` are the same as `/app`, and an empty path is the root.
 */
export function contextKey(path: string, rule: RoutingRules['trailingSlashContexts']): string {
  if (rule === 'literal') return path;
  if (path.startsWith('/') && !path.endsWith('/') && !path.includes('//')) return path;
  const segments = path.split('/').filter((segment) => segment !== '');
  return `/${segments.join('/')}`;
}
