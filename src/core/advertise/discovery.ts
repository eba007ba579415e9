import { parseAddress, withoutBrackets } from '../address.ts';
import { reachOf } from '../reach.ts';
import { type AdvertisementReading, readAdvertisement } from './datagram.ts';
import {
  createDigestBook,
  createJoinBudget,
  isNewer,
  newestOf,
  type Stamp,
  stampOf,
  withoutFuture,
} from './freshness.ts';
import { judgeDigest } from './lint.ts';

export interface DiscoveryRules {
  readonly key: string | undefined;
  /**
   * Takes fresh, signed datagrams only: no second one with the same or a lower sequence, none whose digest was heard before,
   * none whose date is further away than `maxAgeMs`. The Java listener checks neither (reference §7.5), so its nodes follow a replayed datagram.
   */
  readonly strict: boolean;
  readonly maxAgeMs: number;
  /** Whoever sends can invent balancers; more than these are not joined. */
  readonly maxBalancers: number;
  /** When there are as many, a balancer that was silent for so long makes room for another one. */
  readonly silentMs: number;
}

export const DEFAULT_DISCOVERY: Omit<DiscoveryRules, 'key' | 'strict'> = {
  maxAgeMs: 60_000,
  maxBalancers: 64,
  silentMs: 120_000,
};

export interface DiscoveredBalancer {
  /** Where it takes MCMP. */
  readonly url: string;
  /** Id of its advertisements. */
  readonly server: string;
}

/** What a node does about a datagram. */
export type DiscoveryStep =
  /** `instead`: of this one, which was silent for too long. */
  | (DiscoveredBalancer & { readonly does: 'join'; readonly instead?: DiscoveredBalancer })
  /** The balancer said goodbye (403, 410). */
  | (DiscoveredBalancer & { readonly does: 'leave' })
  /** Known, joined or gone, and nothing new. */
  | { readonly does: 'stay' }
  /** Not believed; `why` is the same text for the same reason, so that a log can say it once. */
  | { readonly does: 'ignore'; readonly why: string };

/** Where a datagram came from. */
export interface DatagramSource {
  readonly address: string;
  /** It is an address of this machine. */
  readonly isOwn: boolean;
  /** Whether an address is one of this machine; undefined: nothing but loopback is. */
  readonly isHere?: (address: string) => boolean;
}

export interface Discovery {
  /**
   * @param bytes a datagram
   * @param nowMs wall-clock time, in ms since 1970
   * @param source undefined: not known, and taken for another machine
   */
  hear(bytes: Buffer, nowMs: number, source?: DatagramSource): DiscoveryStep;
  /** The balancers that are joined now. */
  joined(): readonly DiscoveredBalancer[];
}

interface Known {
  readonly url: string;
  newest: Stamp;
  gone: boolean;
}

interface Joined {
  /** Ids that stand for the address, in the order in which they were heard first. */
  readonly servers: Set<string>;
  lastHeardMs: number;
}

/** Ids that are remembered, so that they are not joined again by an old datagram. */
const MAX_REMEMBERED = 4096;
/** Joined at once beyond `maxBalancers`, for those that restart; then one each second, whoever comes and goes. */
const SPARE_JOINS = 16;
/** Those of balancers are UUIDs. */
const MAX_SERVER_LENGTH = 256;

/**
 * How a node joins balancers by what it hears: as the Java listener does where that is sound, and more careful where that
 * one can be misled. Only a 200 joins; a goodbye with a good digest leaves; the address of a known id never changes; an
 * address that means this machine is believed only of this machine.
 */
export function createDiscovery(rules: DiscoveryRules): Discovery {
  const known = new Map<string, Known>();
  const joined = new Map<string, Joined>();
  const digests = createDigestBook();
  const joins = createJoinBudget(rules.maxBalancers + SPARE_JOINS);

  const leave = (url: string): DiscoveredBalancer => {
    const servers = joined.get(url)?.servers ?? [];
    joined.delete(url);
    for (const id of servers) {
      const entry = known.get(id);
      if (entry !== undefined) entry.gone = true;
    }
    return { url, server: [...servers].at(-1) ?? '' };
  };
  const join = (url: string, server: string, nowMs: number): DiscoveryStep => {
    const there = joined.get(url);
    if (there !== undefined) {
      there.servers.add(server);
      there.lastHeardMs = nowMs;
      return { does: 'stay' };
    }
    let instead: DiscoveredBalancer | undefined;
    const quietest = joined.size >= rules.maxBalancers ? quietestOf(joined) : undefined;
    if (joined.size >= rules.maxBalancers) {
      if (quietest === undefined || nowMs - quietest.lastHeardMs <= rules.silentMs) {
        return ignore(`${rules.maxBalancers} balancers are joined already`);
      }
    }
    // Pairs of a 200 and a goodbye make room for the next: each makes a node connect to somebody.
    if (!joins.take(nowMs)) return ignore('too many balancers come and go');
    if (quietest !== undefined) instead = leave(quietest.url);
    joined.set(url, { servers: new Set([server]), lastHeardMs: nowMs });
    return { does: 'join', url, server, ...(instead === undefined ? {} : { instead }) };
  };
  const goodbye = (server: string, entry: Known | undefined): DiscoveryStep => {
    if (entry === undefined) return ignore('a balancer that is not joined says goodbye');
    // Goodbyes come in pairs: 403, then 410.
    if (entry.gone) return { does: 'stay' };
    entry.gone = true;
    const servers = joined.get(entry.url)?.servers;
    servers?.delete(server);
    // Another id may stand for the same address: the balancer has restarted, and its new self is there already.
    if (servers !== undefined && servers.size > 0) return { does: 'stay' };
    joined.delete(entry.url);
    return { does: 'leave', url: entry.url, server };
  };

  return {
    joined: () => [...joined].map(([url, { servers }]) => ({ url, server: [...servers].at(-1) ?? '' })),
    hear(bytes, nowMs, source) {
      const reading = readAdvertisement(bytes);
      const { server = '', status } = reading;
      if (reading.httpVersion?.startsWith('1.') !== true || status === undefined || server === '') {
        return ignore('it is no advertisement');
      }
      if (server.length > MAX_SERVER_LENGTH) return ignore('its Server id is too long');
      const digest = judgeDigest(reading, rules.key);
      if (digest !== 'ok') return ignore(WORDS[digest]);
      const entry = known.get(server);
      const stamp = stampOf(reading);
      const kept = rules.key === undefined ? withoutFuture(stamp, nowMs) : stamp;
      const doubt = doubtOf(status, stamp, entry, nowMs, rules);
      if (doubt !== undefined) return ignore(doubt);
      if (rules.strict && !digests.isFirst(reading.digest ?? '')) return ignore(REPLAY);
      if (entry !== undefined) entry.newest = newestOf(entry.newest, kept);
      if (status !== 200) return goodbye(server, entry);

      const address = addressOf(reading, source);
      if ('why' in address) return ignore(address.why);
      const { url } = address;
      if (entry !== undefined && entry.url !== url) {
        return ignore('a known balancer names another address, under the same id');
      }
      const step = join(url, server, nowMs);
      if (step.does === 'ignore') return step;
      if (entry !== undefined) entry.gone = false;
      else {
        if (known.size >= MAX_REMEMBERED) forgetMost(known, joined);
        known.set(server, { url, newest: kept, gone: false });
      }
      return step;
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

const REPLAY = 'it is a replay';

/** Why a datagram with a good digest is not believed; undefined: it is. */
function doubtOf(
  status: number,
  stamp: Stamp,
  entry: Known | undefined,
  nowMs: number,
  { strict, maxAgeMs }: DiscoveryRules,
): string | undefined {
  const { sequence, sentAtMs } = stamp;
  if (strict) {
    if (sentAtMs === undefined || Math.abs(nowMs - sentAtMs) > maxAgeMs) return 'it is stale';
    if (sequence === undefined) return 'it has no sequence number';
    const last = entry?.newest.sequence;
    if (last !== undefined && sequence <= last) return REPLAY;
  }
  if (entry === undefined || isNewer(stamp, entry.newest)) return undefined;
  if (entry.gone) return status === 200 ? 'it is older than the goodbye of its balancer' : undefined;
  return status === 200 ? undefined : 'it is a goodbye, and older than what its balancer said after it';
}

function quietestOf(
  joined: ReadonlyMap<string, Joined>,
): { readonly url: string; readonly lastHeardMs: number } | undefined {
  let quietest: { url: string; lastHeardMs: number } | undefined;
  for (const [url, { lastHeardMs }] of joined) {
    if (quietest === undefined || lastHeardMs < quietest.lastHeardMs) quietest = { url, lastHeardMs };
  }
  return quietest;
}

/** Forgets all ids but the newest one of each balancer that is joined; of those there are few. */
function forgetMost(known: Map<string, Known>, joined: ReadonlyMap<string, Joined>): void {
  const kept = new Set<string>();
  for (const { servers } of joined.values()) {
    const newest = [...servers].at(-1);
    servers.clear();
    if (newest === undefined) continue;
    servers.add(newest);
    kept.add(newest);
  }
  for (const id of known.keys()) if (!kept.has(id)) known.delete(id);
}

/** X-Manager-Url is not used: Java nodes do not, and httpd answers at every path. */
function addressOf(
  { managerAddress = '', managerProtocol }: AdvertisementReading,
  source: DatagramSource | undefined,
): { readonly url: string } | { readonly why: string } {
  const parsed = parseAddress(managerAddress);
  const scheme = managerProtocol === 'https' ? 'https' : 'http';
  if (typeof parsed === 'string' || parsed.port === 0) return { why: NOWHERE };
  const host = parsed.host.includes(':') ? `[${parsed.host.replace(/%.*$/, '')}]` : parsed.host;
  const text = `${scheme}://${host}:${parsed.port}`;
  if (!URL.canParse(text)) return { why: NOWHERE };
  // The URL has decoded the spellings that hide an address: 127.1, 0x7f000001, 2130706433.
  const { hostname } = new URL(text);
  const reach = reachOf(hostname);
  if (reach === 'wildcard') return { why: NOWHERE };
  const isHere = reach === 'this-machine' || source?.isHere?.(withoutBrackets(hostname)) === true;
  if (isHere && source?.isOwn !== true) {
    return { why: 'it comes from another machine, and names an address of this one' };
  }
  if (reach === 'this-link' && source?.isOwn !== true && source?.address !== hostname) {
    return { why: 'it names a link-local address that it does not come from' };
  }
  return { url: `${scheme}://${hostname}:${parsed.port}` };
}

const NOWHERE = 'it names no address that can be reached';
