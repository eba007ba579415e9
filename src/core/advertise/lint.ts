import { canonicalHost, isLoopbackHost, parseAddress } from '../address.ts';
import { isWildcardHost } from '../reach.ts';
import type { AdvertisementReading } from './datagram.ts';
import { readAdvertiseDate } from './date.ts';
import { advertiseDigest } from './digest.ts';
import { createJavaListener, JAVA_BUFFER_BYTES } from './java-listener.ts';

/** How the digest of a datagram stands to the key that we were given. */
export type DigestVerdict = 'ok' | 'wrong-key' | 'sender-has-no-key' | 'sender-has-a-key' | 'missing' | 'malformed';

/**
 * `danger`: real nodes come to harm. `error`: nodes will not join, or in the wrong place. `warning`: it works, for now or for
 * some. `info`: worth knowing.
 */
export type Severity = 'danger' | 'error' | 'warning' | 'info';

interface LintRow {
  readonly severity: Severity;
  /** One line: what to do about it. */
  readonly advice: string;
}

/** Everything that can be wrong with an advertisement, by stable id (needs A1 to A16). */
export const ADVERTISE_LINTS = {
  'advert/not-an-advertisement': {
    severity: 'error',
    advice: 'Something else sends to this group and port; find it by its source address.',
  },
  'advert/kills-java-listener': {
    severity: 'danger',
    advice: 'Every Tomcat and WildFly that hears this stops discovering until it restarts: stop the sender now.',
  },
  'advert/digest-missing': { severity: 'error', advice: 'A balancer always sends a Digest, with a key or without.' },
  'advert/digest-malformed': { severity: 'error', advice: 'A Digest has 32 hexadecimal digits.' },
  'advert/wrong-key': {
    severity: 'error',
    advice:
      'Give the balancer and its nodes the same key: AdvertiseSecurityKey, advertise-security-key, --advertise-key.',
  },
  'advert/no-key': {
    severity: 'error',
    advice:
      'The sender signs without a key, and nodes that have one ignore it: set the key on the balancer, or remove it from the nodes.',
  },
  'advert/unexpected-key': {
    severity: 'error',
    advice: 'The sender signs with a key that nodes without one cannot check: give it to them, or here with --key.',
  },
  'advert/status-not-200': {
    severity: 'info',
    advice: 'The balancer says that it goes (403, 410); Java nodes do not act on it.',
  },
  'advert/status-unreadable': { severity: 'error', advice: 'The first line is HTTP/1.0, a status and a reason.' },
  'advert/no-server': { severity: 'error', advice: 'Nodes ignore a datagram without a Server id.' },
  'advert/no-address': {
    severity: 'error',
    advice:
      'Without X-Manager-Address no node knows where to go, and a Java node then ignores later addresses of this Server id.',
  },
  'advert/bad-address': { severity: 'error', advice: 'X-Manager-Address is host:port, IPv6 in brackets.' },
  'advert/wildcard-manager-address': {
    severity: 'error',
    advice:
      'Nobody can connect to a wildcard address: advertise the address of an interface (httpd: ServerAdvertise On http://ADDRESS:PORT; mcmp: --advertise URL).',
  },
  'advert/loopback': {
    severity: 'warning',
    advice:
      "Only nodes on the balancer's own machine can reach a loopback address: let the balancer listen on an address of the network.",
  },
  'advert/name': { severity: 'info', advice: 'The address is a name: every node must be able to resolve it.' },
  'advert/name-does-not-resolve': {
    severity: 'error',
    advice:
      'The name does not resolve here; on nodes where it does not either, nothing happens. Advertise an address, or fix DNS.',
  },
  'advert/foreign-source': {
    severity: 'warning',
    advice:
      'The datagram comes from another machine than it names: right for a relay or a second address of the balancer, else a forgery or a wrong address.',
  },
  'advert/clock-skew': {
    severity: 'warning',
    advice:
      'The clocks differ: let both machines ask a time server. Nodes that want fresh datagrams will refuse these.',
  },
  'advert/date-unreadable': {
    severity: 'warning',
    advice: 'The date is in no form that balancers use; a balancer in another language or an old one writes such.',
  },
  'advert/sequence-gap': {
    severity: 'warning',
    advice:
      'Datagrams were lost between the balancer and here: look for a switch with IGMP snooping, a full queue, or Wi-Fi.',
  },
  'advert/sequence-restart': { severity: 'info', advice: 'The sequence began again under the same Server id.' },
  'advert/sequence-unreadable': {
    severity: 'warning',
    advice: 'A Sequence is a number; what is lost cannot be counted.',
  },
  'advert/replay': {
    severity: 'error',
    advice:
      'A datagram was heard before: two listeners see one network twice, or somebody sends an old datagram again.',
  },
  'advert/address-changed': {
    severity: 'error',
    advice:
      'Java nodes keep the first address of a Server id for ever: the balancer must take a new id with a new address.',
  },
  'advert/too-long': { severity: 'error', advice: 'Java nodes read 512 bytes; what they need must stand before.' },
  'advert/line-ends': { severity: 'error', advice: 'Lines end with CR LF; Java nodes see one line only.' },
  'advert/java-ignores': {
    severity: 'error',
    advice: 'Java nodes do not take this datagram, although it can be understood.',
  },
} as const satisfies Record<string, LintRow>;

export type AdvertiseLintId = keyof typeof ADVERTISE_LINTS;

export interface AdvertiseFinding {
  readonly id: AdvertiseLintId;
  readonly severity: Severity;
  /** What is so, in this datagram. */
  readonly message: string;
  readonly advice: string;
}

/** What was heard before under the same Server id. */
export interface ServerHistory {
  readonly lastSequence: string | undefined;
  readonly lastDigest: string | undefined;
  readonly lastDate: string | undefined;
  readonly managerAddress: string | undefined;
}

export interface LintContext {
  readonly key?: string;
  /** Wall-clock time of the arrival, in ms since 1970. */
  readonly receivedAtMs: number;
  /** Address that the datagram came from; undefined when that is not known. */
  readonly source?: string;
  readonly history?: ServerHistory;
  /** Addresses of the name in X-Manager-Address, if it is one; `failed`: it does not resolve here. Undefined: not asked. */
  readonly resolved?: readonly string[] | 'failed';
  /** Allowed difference of the clocks; default 5 minutes. */
  readonly maxSkewMs?: number;
}

const DEFAULT_MAX_SKEW_MS = 5 * 60_000;

/** How the digest stands to a key (reference §7.3); without a key, whether it is the one that everybody can check. */
export function judgeDigest(reading: AdvertisementReading, key: string | undefined): DigestVerdict {
  const { date = '', sequence = '', server = '', digest } = reading;
  if (digest === undefined) return 'missing';
  if (!/^[0-9a-fA-F]{32}$/.test(digest)) return 'malformed';
  const is = (candidate: string | undefined): boolean =>
    advertiseDigest({ date, sequence, server }, candidate) === digest.toLowerCase();
  if (is(key)) return 'ok';
  if (key === undefined) return 'sender-has-a-key';
  return is(undefined) ? 'sender-has-no-key' : 'wrong-key';
}

const DIGEST_FINDINGS: Readonly<Record<Exclude<DigestVerdict, 'ok'>, readonly [AdvertiseLintId, string]>> = {
  missing: ['advert/digest-missing', 'there is no Digest line'],
  malformed: ['advert/digest-malformed', 'the Digest is not 32 hexadecimal digits'],
  'wrong-key': ['advert/wrong-key', 'the digest was made with another key'],
  'sender-has-no-key': ['advert/no-key', 'the sender has no key'],
  'sender-has-a-key': ['advert/unexpected-key', 'the digest was made with a key, and none was given here'],
};

/**
 * All that is wrong or remarkable with a datagram, the worst first. Never throws, whatever the bytes are.
 * @param bytes the datagram, for the judgement of a Java node
 */
export function lintAdvertisement(
  reading: AdvertisementReading,
  bytes: Buffer,
  context: LintContext,
): AdvertiseFinding[] {
  const findings: AdvertiseFinding[] = [];
  const find = (id: AdvertiseLintId, message: string): void => {
    findings.push({ id, severity: ADVERTISE_LINTS[id].severity, message, advice: ADVERTISE_LINTS[id].advice });
  };
  const java = createJavaListener(context.key).hear(bytes);
  if (java.does === 'dies') find('advert/kills-java-listener', java.why);
  if (reading.httpVersion === undefined) {
    find('advert/not-an-advertisement', `${bytes.length} bytes that do not begin with HTTP/1.0`);
    return findings;
  }
  const digest = judgeDigest(reading, context.key);
  // What was signed is not there whole: then the digest says nothing of the key.
  const isSigned = reading.date !== undefined && reading.sequence !== undefined && reading.server !== undefined;
  const isDigest = digest !== 'missing' && digest !== 'malformed';
  if (digest !== 'ok' && (isSigned || !isDigest)) find(...DIGEST_FINDINGS[digest]);
  if (reading.status === undefined) find('advert/status-unreadable', 'the status is no number');
  else if (reading.status !== 200) find('advert/status-not-200', `${reading.status} ${reading.reason}`.trim());
  if (reading.server === undefined) find('advert/no-server', 'there is no Server line');
  lintAddress(reading, context, find);
  lintTime(reading, context, find);
  if (bytes.length > JAVA_BUFFER_BYTES) find('advert/too-long', `${bytes.length} bytes`);
  if (/[^\r]\n/.test(reading.text)) find('advert/line-ends', 'a line ends with LF alone');
  const hasWorse = findings.some(({ severity }) => severity === 'danger' || severity === 'error');
  if (java.does === 'ignores' && !hasWorse && reading.managerAddress !== undefined)
    find('advert/java-ignores', java.why);
  return findings.sort((one, other) => RANK[one.severity] - RANK[other.severity]);
}

const RANK: Readonly<Record<Severity, number>> = { danger: 0, error: 1, warning: 2, info: 3 };

type Find = (id: AdvertiseLintId, message: string) => void;

function lintAddress(reading: AdvertisementReading, { source, history, resolved }: LintContext, find: Find): void {
  const text = reading.managerAddress;
  if (text === undefined) {
    if (reading.status === 200) find('advert/no-address', 'there is no X-Manager-Address line');
    return;
  }
  if (history?.managerAddress !== undefined && history.managerAddress !== text) {
    find('advert/address-changed', `${history.managerAddress} before, ${text} now`);
  }
  const address = parseAddress(text);
  if (typeof address === 'string' || address.port === 0) {
    find('advert/bad-address', `'${text}' is no address`);
    return;
  }
  if (isWildcardHost(canonicalHost(address.host) ?? address.host)) {
    find('advert/wildcard-manager-address', text);
    return;
  }
  if (isLoopbackHost(address.host)) find('advert/loopback', text);
  const isName = !address.host.includes(':') && !/^\d{1,3}(?:\.\d{1,3}){3}$/.test(address.host);
  if (isName && !isLoopbackHost(address.host)) {
    if (resolved === 'failed') find('advert/name-does-not-resolve', address.host);
    else find('advert/name', address.host);
  }
  const expected = isName ? (Array.isArray(resolved) ? resolved : []) : [address.host];
  const canonicalSource = source === undefined ? undefined : canonicalHost(source.replace(/^::ffff:(?=\d+\.)/i, ''));
  const named = expected.map((one) => canonicalHost(one)).filter((one) => one !== undefined);
  if (canonicalSource !== undefined && named.length > 0 && !named.includes(canonicalSource)) {
    find('advert/foreign-source', `it came from ${source} and names ${text}`);
  }
}

function lintTime(reading: AdvertisementReading, context: LintContext, find: Find): void {
  const { date, sequence } = reading;
  if (date !== undefined) {
    const sentAtMs = readAdvertiseDate(date);
    const allowedMs = context.maxSkewMs ?? DEFAULT_MAX_SKEW_MS;
    if (sentAtMs === undefined) find('advert/date-unreadable', `'${date}'`);
    else if (Math.abs(context.receivedAtMs - sentAtMs) > allowedMs) {
      const seconds = Math.round((sentAtMs - context.receivedAtMs) / 1000);
      find('advert/clock-skew', `the sender's clock is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}`);
    }
  }
  if (sequence === undefined) return;
  const number = sequenceOf(sequence);
  if (number === undefined) {
    find('advert/sequence-unreadable', `'${sequence}'`);
    return;
  }
  const { history } = context;
  const last = history?.lastSequence === undefined ? undefined : sequenceOf(history.lastSequence);
  if (history === undefined || last === undefined) return;
  if (number === last && history.lastDigest === reading.digest && history.lastDate === date) {
    find('advert/replay', `sequence ${sequence} again`);
  } else if (number <= 1n && last > 1n) find('advert/sequence-restart', `from ${last} to ${number}`);
  else if (number <= last) find('advert/replay', `sequence ${number} after ${last}`);
  else if (number > last + 1n) find('advert/sequence-gap', `${number - last - 1n} lost between ${last} and ${number}`);
}

/** Sequences have up to 64 bits (reference §7.2). */
export function sequenceOf(text: string): bigint | undefined {
  return /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}
