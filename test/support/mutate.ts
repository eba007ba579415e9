/** A number from 0 to `below - 1`. */
export type Chooser = (below: number) => number;

/** Marsaglia's xorshift: enough for choosing, and the same everywhere. */
export function chooser(seed: number): Chooser {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export function pick<T>(choose: Chooser, list: readonly [T, ...T[]]): T {
  return list[choose(list.length)] ?? list[0];
}

/** Changes a byte string in up to so many places: a byte replaced, bytes lost, doubled, moved or put in. */
export function mutate(
  bytes: string,
  choose: Chooser,
  splices: readonly [string, ...string[]],
  mostChanges = 3,
): string {
  let mutated = bytes;
  for (let changes = choose(mostChanges + 1); changes > 0; changes--) {
    const at = choose(mutated.length + 1);
    const to = Math.min(mutated.length, at + choose(8));
    const kind = choose(5);
    if (kind === 0) mutated = mutated.slice(0, at) + String.fromCharCode(choose(256)) + mutated.slice(to);
    else if (kind === 1) mutated = mutated.slice(0, at) + mutated.slice(to);
    else if (kind === 2) mutated = mutated.slice(0, at) + pick(choose, splices) + mutated.slice(at);
    else if (kind === 3) mutated = mutated.slice(0, to) + mutated.slice(at);
    else mutated = mutated.slice(0, at);
  }
  return mutated;
}

/** The pieces in which bytes are written: often one, sometimes many. */
export function pieces(bytes: string, choose: Chooser): string[] {
  const most = pick(choose, [bytes.length + 1, bytes.length + 1, 50, 7, 1]);
  const cut: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + choose(most);
    cut.push(bytes.slice(at, end));
    at = end;
  }
  return cut;
}
