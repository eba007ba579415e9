/**
 * Number of single-character edits (insert, delete, replace, swap of neighbours) between two words; stops counting above
 * `limit`, so that a hostile word costs no more than `limit` times its length.
 */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      const inserted = (current[column - 1] ?? 0) + 1;
      const deleted = (previous[column] ?? 0) + 1;
      const swapped =
        left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
          ? (beforePrevious[column - 2] ?? limit) + 1
          : Number.POSITIVE_INFINITY;
      current.push(Math.min(replaced, inserted, deleted, swapped));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] ?? limit + 1;
}

/** So many letters at the beginning of a name are enough to mean it. */
const SHORTEST_PREFIX = 3;

/**
 * The candidate that someone who wrote `word` most likely meant: the nearest by edits, else the only one that begins with
 * it; undefined when none is near. Case does not count.
 */
export function closestName(word: string, candidates: readonly string[] | ReadonlySet<string>): string | undefined {
  const wanted = word.toLowerCase();
  const limit = Math.max(1, Math.min(3, Math.floor(wanted.length / 3)));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  if (best !== undefined || wanted.length < SHORTEST_PREFIX) return best;
  const [begun, ...others] = [...candidates].filter((candidate) => candidate.toLowerCase().startsWith(wanted));
  return others.length === 0 ? begun : undefined;
}
