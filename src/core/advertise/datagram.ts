import { advertiseDigest } from './digest.ts';

/** What a balancer says of itself (reference §7.2). A status datagram (403, 410) has no manager lines. */
export interface Advertisement {
  readonly status: number;
  readonly reason: string;
  readonly date: string;
  readonly sequence: string;
  /** Id of the balancer; a new one at each start, and whenever the address changes. */
  readonly server: string;
  readonly managerAddress?: string;
  readonly managerUrl?: string;
  readonly managerProtocol?: string;
  readonly managerHost?: string;
}

export interface PrintOptions {
  readonly key?: string | Buffer;
  /** Undertow leaves the last, empty line out; default true. */
  readonly emptyLine?: boolean;
}

/** Header lines of the manager, by the property they come from, in the order in which they are sent. */
const MANAGER_LINES = [
  ['X-Manager-Address', 'managerAddress'],
  ['X-Manager-Url', 'managerUrl'],
  ['X-Manager-Protocol', 'managerProtocol'],
  ['X-Manager-Host', 'managerHost'],
] as const;

/** The datagram as httpd sends it, digest included. */
export function printAdvertisement(advertisement: Advertisement, { key, emptyLine = true }: PrintOptions = {}): Buffer {
  const { status, reason, date, sequence, server } = advertisement;
  const lines = [
    `HTTP/1.0 ${status} ${reason}`,
    `Date: ${date}`,
    `Sequence: ${sequence}`,
    `Digest: ${advertiseDigest(advertisement, key)}`,
    `Server: ${server}`,
  ];
  for (const [name, property] of MANAGER_LINES) {
    const value = advertisement[property];
    if (value !== undefined) lines.push(`${name}: ${value}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n${emptyLine ? '\r\n' : ''}`, 'latin1');
}

/** A datagram as it was understood; whatever is missing or wrong is left out here and named by the lint. */
export interface AdvertisementReading {
  /** The bytes as a byte string, up to `MAX_READ_BYTES`. */
  readonly text: string;
  readonly bytes: number;
  /** `1.0`; undefined: the datagram does not begin as an advertisement. */
  readonly httpVersion: string | undefined;
  /** Undefined when it is no number. */
  readonly status: number | undefined;
  readonly reason: string;
  /** Header lines in their order, names as sent; those before the empty line. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly date: string | undefined;
  readonly sequence: string | undefined;
  readonly digest: string | undefined;
  readonly server: string | undefined;
  readonly managerAddress: string | undefined;
  readonly managerUrl: string | undefined;
  readonly managerProtocol: string | undefined;
  readonly managerHost: string | undefined;
}

/** More than any balancer sends; what is beyond is not looked at. */
export const MAX_READ_BYTES = 4096;
const MAX_HEADERS = 64;

/**
 * Reads a datagram as leniently as makes sense: any letter case, LF or CRLF, no space after the colon. It never throws;
 * how strict a Java node is about the same bytes says `java-listener.ts`, and what is wrong with it says `lint.ts`.
 */
export function readAdvertisement(bytes: Buffer): AdvertisementReading {
  const text = bytes.toString('latin1', 0, MAX_READ_BYTES);
  const [startLine = '', ...lines] = text.split(/\r?\n/, MAX_HEADERS + 1);
  const start = /^HTTP\/(\d\.\d) ([^ ]*) ?(.*)$/.exec(startLine);
  const headers: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) break;
    headers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  const headerOf = (name: string): string | undefined =>
    headers.find(([candidate]) => candidate.toLowerCase() === name)?.[1];
  const status = start?.[2] ?? '';
  return {
    text,
    bytes: bytes.length,
    httpVersion: start?.[1],
    status: /^\d{1,4}$/.test(status) ? Number(status) : undefined,
    reason: start?.[3] ?? '',
    headers,
    date: headerOf('date'),
    sequence: headerOf('sequence'),
    digest: headerOf('digest'),
    server: headerOf('server'),
    managerAddress: headerOf('x-manager-address'),
    managerUrl: headerOf('x-manager-url'),
    managerProtocol: headerOf('x-manager-protocol'),
    managerHost: headerOf('x-manager-host'),
  };
}
