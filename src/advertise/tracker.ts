import {
  type AdvertiseFinding,
  type AdvertiseGroup,
  type AdvertisementReading,
  type DigestVerdict,
  formatGroup,
  judgeDigest,
  lintAdvertisement,
  readAdvertisement,
  type ServerHistory,
  sequenceOf,
} from '../core/advertise/index.ts';
import type { HeardDatagram } from './listener.ts';

/** What is known of one balancer from its advertisements. */
export interface HeardBalancer {
  readonly server: string;
  /** Where it was heard; the same id in two groups counts twice. */
  readonly group: AdvertiseGroup;
  readonly managerAddress: string | undefined;
  readonly managerUrl: string | undefined;
  readonly managerProtocol: string | undefined;
  readonly status: number | undefined;
  readonly digest: DigestVerdict;
  readonly sources: readonly string[];
  readonly heard: number;
  /** Sequence numbers that were skipped. */
  readonly lost: number;
  readonly firstHeardMs: number;
  readonly lastHeardMs: number;
  /** Mean time between two datagrams, and its mean deviation; undefined before the second. */
  readonly intervalMs: number | undefined;
  readonly jitterMs: number | undefined;
  /** Of the last datagram, the worst first. */
  readonly findings: readonly AdvertiseFinding[];
}

export interface Judgement {
  readonly heard: HeardDatagram;
  readonly reading: AdvertisementReading;
  readonly digest: DigestVerdict;
  readonly findings: readonly AdvertiseFinding[];
  /** Undefined: the datagram names no balancer. */
  readonly balancer: HeardBalancer | undefined;
  /** What was known of its sender before it came. */
  readonly history: ServerHistory | undefined;
}

/** What the name in an X-Manager-Address resolves to; undefined: not asked yet, or no name. */
export type Resolved = readonly string[] | 'failed' | undefined;

export interface AdvertiseTracker {
  /** @param resolve asked for what is known by now of the address that the datagram names */
  take(heard: HeardDatagram, resolve?: (managerAddress: string) => Resolved): Judgement;
  /** Judges a datagram again, now that its name has been resolved. */
  judgeAgain(judgement: Judgement, resolved: Resolved): Judgement;
  balancers(): readonly HeardBalancer[];
  /** Server ids forgotten because there were too many. */
  forgotten(): number;
}

/** Whoever sends can invent ids: the ones heard of longest ago are forgotten. */
const MAX_BALANCERS = 1000;
const MAX_SOURCES = 8;
/** Weight of the newest interval in the mean, as RFC 6298 weighs round trips. */
const NEWEST_WEIGHT = 1 / 8;

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
type Entry = Omit<Mutable<HeardBalancer>, 'sources'> & { readonly sources: string[]; history: ServerHistory };

/** Groups datagrams by the balancer that sent them, and judges each against those before it. */
export function createAdvertiseTracker(key: string | undefined): AdvertiseTracker {
  const entries = new Map<string, Entry>();
  let forgotten = 0;

  const remember = (server: string, entry: Entry): void => {
    entries.delete(server);
    entries.set(server, entry);
    if (entries.size <= MAX_BALANCERS) return;
    const oldest = entries.keys().next();
    if (!oldest.done) entries.delete(oldest.value);
    forgotten += 1;
  };

  const lint = (
    { bytes, source, receivedAtMs }: HeardDatagram,
    reading: AdvertisementReading,
    history: ServerHistory | undefined,
    resolved: Resolved,
  ): AdvertiseFinding[] =>
    lintAdvertisement(reading, bytes, {
      receivedAtMs,
      source: source.address,
      ...(key === undefined ? {} : { key }),
      ...(history === undefined ? {} : { history }),
      ...(resolved === undefined ? {} : { resolved }),
    });

  return {
    take(heard, resolve = () => undefined) {
      const reading = readAdvertisement(heard.bytes);
      const { server, managerAddress } = reading;
      const id = server === undefined ? undefined : `${formatGroup(heard.group)} ${server}`;
      const before = id === undefined ? undefined : entries.get(id);
      const digest = judgeDigest(reading, key);
      const history = before?.history;
      const resolved = managerAddress === undefined ? undefined : resolve(managerAddress);
      const findings = lint(heard, reading, history, resolved);
      if (id === undefined || server === undefined || reading.httpVersion === undefined) {
        return { heard, reading, digest, findings, history, balancer: undefined };
      }
      const entry = merge(before, heard, reading, digest, findings, server);
      remember(id, entry);
      return { heard, reading, digest, findings, history, balancer: entry };
    },
    judgeAgain(judgement, resolved) {
      const { heard, reading, history, balancer } = judgement;
      const findings = lint(heard, reading, history, resolved);
      if (balancer === undefined) return { ...judgement, findings };
      const id = `${formatGroup(heard.group)} ${balancer.server}`;
      const again = { ...balancer, findings };
      const entry = entries.get(id);
      // A newer datagram of the same sender has been judged since, with all that is known now.
      if (entry !== undefined && entry.heard === balancer.heard) entry.findings = findings;
      return { ...judgement, findings, balancer: again };
    },
    balancers: () => [...entries.values()],
    forgotten: () => forgotten,
  };
}

function merge(
  before: Entry | undefined,
  { group, source, receivedAtMs }: HeardDatagram,
  reading: AdvertisementReading,
  digest: DigestVerdict,
  findings: readonly AdvertiseFinding[],
  server: string,
): Entry {
  const passedMs = before === undefined ? undefined : receivedAtMs - before.lastHeardMs;
  // Somebody has put the clock back: that was no interval.
  const gapMs = passedMs === undefined || passedMs < 0 ? undefined : passedMs;
  const intervalMs = gapMs === undefined ? before?.intervalMs : weighed(before?.intervalMs, gapMs);
  const deviationMs =
    gapMs === undefined || before?.intervalMs === undefined ? undefined : Math.abs(gapMs - before.intervalMs);
  const sources = before?.sources ?? [];
  if (!sources.includes(source.address) && sources.length < MAX_SOURCES) sources.push(source.address);
  return {
    server,
    group,
    // A goodbye names no address; where the balancer was stays known.
    managerAddress: reading.managerAddress ?? before?.managerAddress,
    managerUrl: reading.managerUrl ?? before?.managerUrl,
    managerProtocol: reading.managerProtocol ?? before?.managerProtocol,
    status: reading.status,
    digest,
    sources,
    heard: (before?.heard ?? 0) + 1,
    lost: (before?.lost ?? 0) + skipped(before?.history.lastSequence, reading.sequence),
    firstHeardMs: before?.firstHeardMs ?? receivedAtMs,
    lastHeardMs: receivedAtMs,
    intervalMs,
    jitterMs: deviationMs === undefined ? before?.jitterMs : weighed(before?.jitterMs, deviationMs),
    findings,
    history: {
      lastSequence: reading.sequence,
      lastDigest: reading.digest,
      lastDate: reading.date,
      managerAddress: reading.managerAddress ?? before?.managerAddress,
    },
  };
}

function weighed(mean: number | undefined, newest: number): number {
  return mean === undefined ? newest : mean + (newest - mean) * NEWEST_WEIGHT;
}

function skipped(last: string | undefined, now: string | undefined): number {
  const [before, after] = [sequenceOf(last ?? ''), sequenceOf(now ?? '')];
  if (before === undefined || after === undefined || after <= before) return 0;
  // A forged number must not spoil the count for ever.
  const gap = after - before - 1n;
  return gap > 1_000_000n ? 0 : Number(gap);
}
