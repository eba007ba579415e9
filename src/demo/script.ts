/** What happens to a node of the demo. */
export type ActKind = 'leave' | 'kill' | 'return';

export interface Act {
  /** Since the beginning of the round. */
  readonly atMs: number;
  readonly kind: ActKind;
  /** Which node, counted from the first one of the round. */
  readonly node: number;
}

/** One round. Never is more than one node away, so that there is always somebody to take over. */
export const ACTS: readonly Act[] = [
  { atMs: 15_000, kind: 'leave', node: 1 },
  { atMs: 25_000, kind: 'return', node: 1 },
  { atMs: 35_000, kind: 'kill', node: 0 },
  { atMs: 45_000, kind: 'return', node: 0 },
];

/** After a round the same happens to the next nodes. */
export const ROUND_MS = 60_000;

const ANNOUNCEMENTS: Readonly<Record<ActKind, (route: string) => string>> = {
  leave: (route) => `${route} leaves politely`,
  kill: (route) => `${route} is killed without warning`,
  return: (route) => `${route} comes back`,
};

export function announce(kind: ActKind, route: string): string {
  return ANNOUNCEMENTS[kind](route);
}

/**
 * The act that comes next.
 * @param acts number of acts already played
 * @param nodeCount nodes in the demo
 * @returns which node, counted from 0, and when, in milliseconds since the start of the demo
 */
export function actAt(acts: number, nodeCount: number): { atMs: number; kind: ActKind; node: number } {
  const round = Math.floor(acts / ACTS.length);
  const act = ACTS[acts % ACTS.length];
  if (act === undefined) throw new RangeError(`there is no act ${acts}`);
  return { atMs: round * ROUND_MS + act.atMs, kind: act.kind, node: (round + act.node) % nodeCount };
}
