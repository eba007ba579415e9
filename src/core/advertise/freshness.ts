import type { AdvertisementReading } from './datagram.ts';
import { readAdvertiseDate } from './date.ts';
import { sequenceOf } from './lint.ts';

/** When a datagram was sent, by what its digest covers; undefined: it does not say. */
export interface Stamp {
  readonly sequence: bigint | undefined;
  /** In ms since 1970, by the clock of the sender. */
  readonly sentAtMs: number | undefined;
}

export function stampOf({ date = '', sequence = '' }: AdvertisementReading): Stamp {
  return { sequence: sequenceOf(sequence), sentAtMs: readAdvertiseDate(date) };
}

/**
 * Whether a datagram was sent after all that were heard of its id. Neither the status nor the address is digested (reference
 * §7.3), so what claims an old stamp may be an old datagram turned into a goodbye. And since what is digested stands there
 * without separators, digits can be moved between Date and Sequence: only with both readable is their border certain.
 */
export function isNewer({ sequence, sentAtMs }: Stamp, last: Stamp): boolean {
  if (last.sequence === undefined && last.sentAtMs === undefined) return true;
  if (sequence === undefined || sentAtMs === undefined) return false;
  const isLater = sentAtMs > (last.sentAtMs ?? Number.NEGATIVE_INFINITY);
  return isLater || sequence > (last.sequence ?? -1n);
}

/** The newest of what was heard: an old datagram, heard again, sets nothing back. */
export function newestOf(one: Stamp, other: Stamp): Stamp {
  return { sequence: largest(one.sequence, other.sequence), sentAtMs: largest(one.sentAtMs, other.sentAtMs) };
}

/**
 * What to remember of a stamp that anybody can have made: a date of the year 2099 and the largest sequence must not make all
 * that its balancer says from now on older than a goodbye.
 */
export function withoutFuture({ sequence, sentAtMs }: Stamp, nowMs: number): Stamp {
  return { sequence, sentAtMs: sentAtMs === undefined ? undefined : Math.min(sentAtMs, nowMs) };
}

function largest<Value extends bigint | number>(one: Value | undefined, other: Value | undefined): Value | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}

/** More than 64 balancers send in a minute at ten datagrams a second each. */
const MAX_DIGESTS = 65_536;

/**
 * Remembers good digests. `Sequence: 12` and `Server: 3ab` have that of `Sequence: 1` and `Server: 23ab`: an id that was never
 * heard, and so without a sequence of its own, can be made of any datagram that can be read.
 */
export function createDigestBook(): {
  /** @returns false: it was heard before */
  isFirst(digest: string): boolean;
} {
  const heard = new Set<string>();
  return {
    isFirst(digest) {
      const spelt = digest.toLowerCase();
      if (heard.has(spelt)) return false;
      heard.add(spelt);
      const oldest = heard.values().next();
      if (heard.size > MAX_DIGESTS && !oldest.done) heard.delete(oldest.value);
      return true;
    },
  };
}

export interface JoinBudget {
  /** @param nowMs a clock that may jump */
  take(nowMs: number): boolean;
}

/** @param burst so many at once; then one each second */
export function createJoinBudget(burst: number): JoinBudget {
  let tokens = burst;
  let lastMs: number | undefined;
  return {
    take(nowMs) {
      tokens = Math.min(burst, tokens + Math.max(0, nowMs - (lastMs ?? nowMs)) / 1000);
      lastMs = nowMs;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
