import { TTL_LINE } from '../send.ts';
import type { Judgement } from '../tracker.ts';

/** What `advertise send --ttl-ladder` tells of the way to a source. */
export interface TtlFinding {
  readonly source: string;
  /** With which its weakest datagram arrived. */
  readonly smallestTtl: number;
}

const MAX_SOURCES = 256;

/** Keeps the smallest TTL that arrived from each source. */
export function createTtlBook(): {
  /** @returns a finding when the datagram is of a ladder, and weaker than those before it */
  take(judgement: Judgement): TtlFinding | undefined;
  findings(): readonly TtlFinding[];
} {
  const smallest = new Map<string, number>();
  const name = TTL_LINE.toLowerCase();
  return {
    take({ heard, reading }) {
      const text = reading.headers.find(([header]) => header.toLowerCase() === name)?.[1];
      if (text === undefined || !/^\d{1,3}$/.test(text)) return undefined;
      const ttl = Number(text);
      const source = heard.source.address;
      const before = smallest.get(source);
      if (before === undefined ? smallest.size >= MAX_SOURCES : ttl >= before) return undefined;
      smallest.set(source, ttl);
      return { source, smallestTtl: ttl };
    },
    findings: () => [...smallest].map(([source, smallestTtl]) => ({ source, smallestTtl })),
  };
}

/** A router takes one off, and lets nothing pass that has none left. */
export function ttlWords({ source, smallestTtl }: TtlFinding): string {
  const routers = Math.max(0, smallestTtl - 1);
  const way =
    routers === 0 ? 'no router in between' : routers === 1 ? '1 router in between' : `${routers} routers in between`;
  return `smallest TTL that arrived from ${source}: ${smallestTtl} (${way})`;
}
