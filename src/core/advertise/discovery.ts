import { parseAddress } from '../address.ts';
import { readAdvertisement } from './datagram.ts';
import { readAdvertiseDate } from './date.ts';
import { judgeDigest, sequenceOf } from './lint.ts';

export interface DiscoveryRules {
  readonly key: string | undefined;
  /**
   * Takes fresh, signed datagrams only: no second one with the same or a lower sequence, none whose date is further away
   * than `maxAgeMs`. The Java listener checks neither (reference §7.5), so its nodes follow a replayed datagram.
   */
  readonly strict: boolean;
  readonly maxAgeMs: number;
  /** Whoever sends can invent balancers; more than these are not joined. */
  readonly maxBalancers: number;
}

export const DEFAULT_DISCOVERY: Omit<DiscoveryRules, 'key' | 'strict'> = { maxAgeMs: 60_000, maxBalancers: 64 };

/** What a node does about a datagram. */
export type DiscoveryStep =
  | { readonly does: 'join'; readonly url: string; readonly server: string }
  /** The balancer said goodbye (403, 410). */
  | { readonly does: 'leave'; readonly url: string; readonly server: string }
  /** Known, and nothing new. */
  | { readonly does: 'stay' }
  /** Not believed; `why` is the same text for the same reason, so that a log can say it once. */
  | { readonly does: 'ignore'; readonly why: string };

export interface Discovery {
  /**
   * @param bytes a datagram
   * @param nowMs wall-clock time, in ms since 1970
   */
  hear(bytes: Buffer, nowMs: number): DiscoveryStep;
  /** MCMP addresses of the balancers that are joined now. */
  joined(): readonly string[];
}

interface Known {
  readonly url: string;
  lastSequence: bigint | undefined;
  gone: boolean;
}

/** Ids that are remembered, so that they are not joined again by an old datagram. */
const MAX_REMEMBERED = 4096;

/**
 * How a node joins balancers by what it hears: as the Java listener does where that is sound, and more careful where that
 * one can be misled. Only a 200 joins; a goodbye with a good digest leaves; the address of a known id never changes.
 */
export function createDiscovery(rules: DiscoveryRules): Discovery {
  const known = new Map<string, Known>();
  const joinedUrls = (): string[] => [
    ...new Set([...known.values()].filter(({ gone }) => !gone).map(({ url }) => url)),
  ];

  return {
    joined: joinedUrls,
    hear(bytes, nowMs) {
      const reading = readAdvertisement(bytes);
      const { server, status } = reading;
      if (reading.httpVersion === undefined || status === undefined || server === undefined) {
        return ignore('it is no advertisement');
      }
      const digest = judgeDigest(reading, rules.key);
      if (digest !== 'ok') return ignore(WORDS[digest]);
      const sequence = sequenceOf(reading.sequence ?? '');
      const entry = known.get(server);
      if (rules.strict) {
        const sentAtMs = readAdvertiseDate(reading.date ?? '');
        if (sentAtMs === undefined || Math.abs(nowMs - sentAtMs) > rules.maxAgeMs) return ignore('it is stale');
        if (sequence === undefined) return ignore('it has no sequence number');
        if (entry?.lastSequence !== undefined && sequence <= entry.lastSequence) return ignore('it is a replay');
      }
      if (entry !== undefined) entry.lastSequence = sequence ?? entry.lastSequence;

      if (status !== 200) {
        if (entry === undefined || entry.gone) return ignore('a balancer that is not joined says goodbye');
        entry.gone = true;
        // Another id may stand for the same address: the balancer has restarted, and its new self is there already.
        return joinedUrls().includes(entry.url) ? { does: 'stay' } : { does: 'leave', url: entry.url, server };
      }
      const url = urlOf(reading.managerAddress, reading.managerProtocol);
      if (url === undefined) return ignore('it names no address that can be reached');
      if (entry === undefined) {
        const already = joinedUrls();
        if (!already.includes(url) && already.length >= rules.maxBalancers) {
          return ignore(`${rules.maxBalancers} balancers are joined already`);
        }
        remember(known, server, { url, lastSequence: sequence, gone: false });
        return already.includes(url) ? { does: 'stay' } : { does: 'join', url, server };
      }
      if (entry.url !== url) return ignore('a known balancer names another address, under the same id');
      if (!entry.gone) return { does: 'stay' };
      entry.gone = false;
      return { does: 'join', url, server };
    },
  };
}

const WORDS = {
  missing: 'it has no digest',
  malformed: 'its digest cannot be read',
  'wrong-key': 'it was signed with another key',
  'sender-has-no-key': 'it is not signed',
  'sender-has-a-key': 'it is signed, and this node has no key',
} as const;

function ignore(why: string): DiscoveryStep {
  return { does: 'ignore', why };
}

/**
 * Remembers a balancer; when there are too many, forgets the oldest that is gone, or whose address another id stands for:
 * distinct addresses are limited by `maxBalancers`, so there is one.
 */
function remember(known: Map<string, Known>, server: string, entry: Known): void {
  if (known.size >= MAX_REMEMBERED) {
    const seen = new Set<string>();
    for (const [id, { gone, url }] of [...known].reverse()) {
      if (gone || seen.has(url)) known.delete(id);
      seen.add(url);
    }
  }
  known.set(server, entry);
}

/** X-Manager-Url is not used: Java nodes do not, and httpd answers at every path. */
function urlOf(address: string | undefined, protocol: string | undefined): string | undefined {
  const parsed = address === undefined ? 'missing' : parseAddress(address);
  if (typeof parsed === 'string' || parsed.port === 0 || parsed.host === '' || parsed.host === '0.0.0.0')
    return undefined;
  if (parsed.host === '::') return undefined;
  const host = parsed.host.includes(':') ? `[${parsed.host.replace(/%.*$/, '')}]` : parsed.host;
  return `${protocol === 'https' ? 'https' : 'http'}://${host}:${parsed.port}`;
}
