/**
 * Whether a route is one of those that patterns name; `*` stands for any letters, also none. No pattern is every route.
 * Takes time in proportion to the route for each part between stars, whatever the pattern: it may come from outside.
 */
export function routeMatcher(patterns: readonly string[]): (route: string) => boolean {
  if (patterns.length === 0) return () => true;
  const parts = patterns.map((pattern) => pattern.split('*'));
  return (route) => parts.some((pieces) => matches(route, pieces));
}

function matches(route: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return route === first;
  if (route.length < first.length + last.length || !route.startsWith(first) || !route.endsWith(last)) return false;
  const end = route.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    const found = route.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
