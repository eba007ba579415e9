/** What differs between the advertisements of the balancers of this world (reference §7.1, §7.2, §7.4). */
export interface AdvertiseManners {
  /** `Sequence` of the first datagram after a start. */
  readonly firstSequence: 0 | 1;
  /** Whether the datagram ends with an empty line. */
  readonly emptyLine: boolean;
  /** `GMT` and two digits for the day, or a numeric zone and as many digits as the day has. */
  readonly date: 'gmt' | 'numeric-zone';
  /** X-Manager-Url when nothing is said: `/` and the server id, or the path of the address. */
  readonly managerUrl: 'server-id' | 'path';
  /** Whether the end is told: 403, then 410. */
  readonly goodbye: boolean;
  /** Routers that a datagram may pass when nothing is said. */
  readonly ttl: number;
}

/** Ours: httpd's, with the path of the address, which is what the header is for. */
export const OUR_MANNERS: AdvertiseManners = {
  firstSequence: 1,
  emptyLine: true,
  date: 'gmt',
  managerUrl: 'path',
  goodbye: true,
  ttl: 16,
};

const HTTPD: AdvertiseManners = { ...OUR_MANNERS, managerUrl: 'server-id', ttl: 10 };

const MANNERS: ReadonlyMap<string, AdvertiseManners> = new Map([
  ['mcmp', OUR_MANNERS],
  ['httpd-2', HTTPD],
  ['httpd-1.3', HTTPD],
  ['nginx', HTTPD],
  [
    'undertow',
    { firstSequence: 0, emptyLine: false, date: 'numeric-zone', managerUrl: 'path', goodbye: false, ttl: 10 },
  ],
]);

/** Those of a dialect; ours where the dialect has none of its own. */
export function advertiseManners(dialect: string): AdvertiseManners {
  return MANNERS.get(dialect) ?? OUR_MANNERS;
}
