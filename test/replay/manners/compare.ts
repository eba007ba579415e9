import { type Said, type Transcript, wordsOf } from './transcript.ts';

/**
 * How far a time may lie from the recorded one. The pauses of the recorded node count from the end of its last work, which
 * takes a real Tomcat some milliseconds each time and ours none of the virtual ones.
 */
const TOLERANCE_MS = 600;

interface Aligned {
  readonly theirs: Said | undefined;
  readonly ours: Said | undefined;
}

/** Longest common subsequence of the words, in the order of each; what has no partner stands alone. */
function align(theirs: readonly Said[], ours: readonly Said[]): Aligned[] {
  const common = Array.from({ length: theirs.length + 1 }, () => new Array<number>(ours.length + 1).fill(0));
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0;
  const same = (row: number, column: number): boolean => {
    const [one, other] = [theirs[row], ours[column]];
    return one !== undefined && other !== undefined && wordsOf(one) === wordsOf(other);
  };
  for (let row = theirs.length - 1; row >= 0; row--) {
    for (let column = ours.length - 1; column >= 0; column--) {
      const value = same(row, column)
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
      common[row]?.splice(column, 1, value);
    }
  }
  const aligned: Aligned[] = [];
  for (let row = 0, column = 0; row < theirs.length || column < ours.length; ) {
    if (same(row, column)) aligned.push({ theirs: theirs[row++], ours: ours[column++] });
    else if (column >= ours.length || (row < theirs.length && at(row + 1, column) >= at(row, column + 1))) {
      aligned.push({ theirs: theirs[row++], ours: undefined });
    } else aligned.push({ theirs: undefined, ours: ours[column++] });
  }
  return aligned;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Header lines as they can be compared: the balancer's port is not part of the comparison. */
function headersOf({ headers }: Said): string {
  return headers.map(([name, value]) => `${name}: ${name === 'Host' ? value.replace(/:\d+$/, '') : value}`).join(' | ');
}

/** Every way in which ours is not what was recorded, in words that are the same in each run. */
export function differencesOf(recorded: Transcript, ours: Transcript, balancers: number): string[] {
  const differences: string[] = [];
  for (let balancer = 1; balancer <= balancers; balancer++) {
    const where = balancers === 1 ? '' : `balancer ${balancer}: `;
    const of = <T extends { readonly balancer: number }>(all: readonly T[]): T[] =>
      all.filter((one) => one.balancer === balancer);
    differences.push(...conversation(of(recorded.said), of(ours.said)).map((text) => where + text));
    const ends = (all: Transcript): string[] => of(all.closed).map(({ atMs }) => seconds(atMs));
    const [theirEnds, ourEnds] = [of(recorded.closed), of(ours.closed)];
    const close = theirEnds.every(
      ({ atMs, connection }, index) =>
        connection === ourEnds[index]?.connection && Math.abs(atMs - (ourEnds[index]?.atMs ?? 0)) <= TOLERANCE_MS,
    );
    if (!close || theirEnds.length !== ourEnds.length) {
      const list = (all: string[]): string => (all.length === 0 ? 'none' : `at ${all.join(', ')}`);
      differences.push(`${where}Tomcat closes connections: ${list(ends(recorded))}; ours: ${list(ends(ours))}`);
    }
  }
  for (const [index, { operation, atMs }] of recorded.done.entries()) {
    const ourMs = ours.done[index]?.operation === operation ? ours.done[index]?.atMs : undefined;
    if (ourMs === undefined || Math.abs(ourMs - atMs) > TOLERANCE_MS) {
      const when = ourMs === undefined ? 'never' : `at ${seconds(ourMs)}`;
      differences.push(`${operation} is done at ${seconds(atMs)}, with ours ${when}`);
    }
  }
  return differences;
}

function conversation(theirs: readonly Said[], ours: readonly Said[]): string[] {
  const differences: string[] = [];
  let before: Aligned | undefined;
  for (const pair of align(theirs, ours)) {
    if (pair.ours === undefined && pair.theirs !== undefined) {
      differences.push(`Tomcat alone says at ${seconds(pair.theirs.atMs)}: ${wordsOf(pair.theirs)}`);
    } else if (pair.theirs === undefined && pair.ours !== undefined) {
      differences.push(`ours alone says at ${seconds(pair.ours.atMs)}: ${wordsOf(pair.ours)}`);
    } else if (pair.theirs !== undefined && pair.ours !== undefined) {
      differences.push(...sameWords(pair.theirs, pair.ours, before));
      before = pair;
    }
  }
  return differences;
}

function sameWords(theirs: Said, ours: Said, before: Aligned | undefined): string[] {
  const differences: string[] = [];
  const words = `${wordsOf(theirs)} at ${seconds(theirs.atMs)}`;
  if (headersOf(theirs) !== headersOf(ours)) {
    differences.push(`${words} has the headers ${headersOf(theirs)}; ours ${headersOf(ours)}`);
  }
  const fresh = (one: Said, other: Said | undefined): string =>
    other !== undefined && one.connection === other.connection ? 'the same connection' : 'a new connection';
  const [theirWay, ourWay] = [fresh(theirs, before?.theirs), fresh(ours, before?.ours)];
  if (theirWay !== ourWay) differences.push(`${words} comes on ${theirWay}, ours on ${ourWay}`);
  if (Math.abs(theirs.atMs - ours.atMs) > TOLERANCE_MS) {
    differences.push(`${words} is said by ours at ${seconds(ours.atMs)}`);
  }
  return differences;
}
