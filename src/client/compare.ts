import type { Disagreement, Saying } from './disagreements.ts';

/** A disagreement, if two of those who can tell say different things. */
export function differing(what: Omit<Disagreement, 'says'>, says: readonly Saying[]): Disagreement[] {
  const [first, ...others] = says;
  return others.some(({ value }) => value !== first?.value) ? [{ ...what, says }] : [];
}

/** All keys of several maps, each once. */
export function keysOf(maps: readonly ReadonlyMap<string, unknown>[]): Set<string> {
  return new Set(maps.flatMap((map) => [...map.keys()]));
}
