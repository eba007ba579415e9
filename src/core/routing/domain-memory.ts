import type { BalancerRecord } from '../cluster/records.ts';

/** More removed nodes than this are not remembered: the oldest is forgotten. */
export const REMEMBERED_DOMAINS_MAX = 10_000;

interface RememberedDomain {
  readonly balancer: BalancerRecord;
  readonly domain: string;
  readonly untilMs: number;
}

/** Which domain a removed node was in, so that its sessions still fail over inside the group (reference §4.5). */
export interface DomainMemory {
  readonly size: number;
  remember(route: string, balancer: BalancerRecord, domain: string, now: number): void;
  forget(route: string): void;
  /** The domain, or undefined when the route was never known to the balancer, had no domain, or is forgotten. */
  recall(route: string, balancer: BalancerRecord, now: number): string | undefined;
}

/** @param memoryMs how long a domain is remembered; 0: not at all */
export function createDomainMemory(memoryMs: number): DomainMemory {
  /** In the order in which they were removed. */
  const byRoute = new Map<string, RememberedDomain>();
  return {
    get size() {
      return byRoute.size;
    },
    remember(route, balancer, domain, now) {
      if (memoryMs <= 0 || route === '' || domain === '') return;
      byRoute.delete(route);
      for (const [oldest, entry] of byRoute) {
        if (byRoute.size < REMEMBERED_DOMAINS_MAX && entry.untilMs > now) break;
        byRoute.delete(oldest);
      }
      byRoute.set(route, { balancer, domain, untilMs: now + memoryMs });
    },
    forget(route) {
      byRoute.delete(route);
    },
    recall(route, balancer, now) {
      const entry = byRoute.get(route);
      if (entry === undefined || entry.balancer !== balancer || entry.untilMs <= now) return undefined;
      return entry.domain;
    },
  };
}
