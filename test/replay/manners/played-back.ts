import { type Heard, type Reaction, recordedReaction } from './recorded-balancer.ts';
import type { Line, Situation } from './situation.ts';
import { wordsOf } from './transcript.ts';

/** How far a request may be from the recorded one whose answer it gets: less than the interval between two of a kind. */
const NEAR_MS = 5_000;

/**
 * Reacts as the recorded balancer did, in the recorded order. A request that was not recorded at this place is answered
 * with an empty 200, which changes nothing in what follows.
 */
export function playedBack({ lines }: Situation): (balancer: number, request: Heard) => Reaction {
  let left: readonly Line[] = lines;
  return (balancer, request) => {
    const next = left.find(
      (line) =>
        line.balancer === balancer &&
        wordsOf(line) === wordsOf(request) &&
        Math.abs(line.atMs - request.atMs) < NEAR_MS,
    );
    if (next === undefined) return { kind: 'bytes', bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', end: false };
    left = left.filter((line) => line !== next && (line.balancer !== balancer || line.atMs >= next.atMs));
    return recordedReaction(next);
  };
}
