/**
 * Whether a request path belongs to a context: whole segments (reference §4.2).
 * @param path without query and path parameters
 */
export function isInContext(path: string, context: string): boolean {
  if (context === '/') return true;
  return path.startsWith(context) && (path.length === context.length || path.charAt(context.length) === '/');
}
