import {
  type AdvertiseFinding,
  type AdvertisementReading,
  type DigestVerdict,
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
}

export interface AdvertiseTracker {
  /** @param resolved what the name in X-Manager-Address resolves to, if it was asked */
  take(heard: HeardDatagram, resolved?: readonly string[] | 'failed'): Judgement;
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

  return {
    take(heard, resolved) {
      const { bytes, source, receivedAtMs } = heard;
      const reading = readAdvertisement(bytes);
      const { server } = reading;
      const before = server === undefined ? undefined : entries.get(server);
      const digest = judgeDigest(reading, key);
      const findings = lintAdvertisement(reading, bytes, {
        receivedAtMs,
        source: source.address,
        ...(key === undefined ? {} : { key }),
        ...(before === undefined ? {} : { history: before.history }),
        ...(resolved === undefined ? {} : { resolved }),
      });
      if (server === undefined || reading.httpVersion === undefined) {
        return { heard, reading, digest, findings, balancer: undefined };
      }
      const entry = merge(before, heard, reading, digest, findings, server);
      remember(server, entry);
      return { heard, reading, digest, findings, balancer: entry };
    },
    balancers: () => [...entries.values()],
    forgotten: () => forgotten,
  };
}

function merge(
  before: Entry | undefined,
  { source, receivedAtMs }: HeardDatagram,
  reading: AdvertisementReading,
  digest: DigestVerdict,
  findings: readonly AdvertiseFinding[],
  server: string,
): Entry {
  const gapMs = before === undefined ? undefined : receivedAtMs - before.lastHeardMs;
  const intervalMs = gapMs === undefined ? undefined : weighed(before?.intervalMs, gapMs);
  const deviationMs =
    gapMs === undefined || before?.intervalMs === undefined ? undefined : Math.abs(gapMs - before.intervalMs);
  const sources = before?.sources ?? [];
  if (!sources.includes(source.address) && sources.length < MAX_SOURCES) sources.push(source.address);
  return {
    server,
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
