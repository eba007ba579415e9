import { isIPv4, isIPv6 } from 'node:net';
import { formatAddress, parseAddress } from '../address.ts';

/** Where advertisements are sent: a multicast address and a port. */
export interface AdvertiseGroup {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  readonly family: 'IPv4' | 'IPv6';
}

/** `AdvertiseGroup` of httpd and Undertow when nothing else is said (reference §7.1). */
export const DEFAULT_GROUP: AdvertiseGroup = { host: '224.0.1.105', port: 23364, family: 'IPv4' };

/**
 * Reads `224.0.1.105:23364`, `224.0.1.105` or `[ff01::105]:23364`.
 * @returns the group, or a sentence that says what is wrong with the text
 */
export function parseGroup(text: string): AdvertiseGroup | string {
  const bare = isIPv4(text) || isIPv6(text) ? { host: text, port: DEFAULT_GROUP.port } : parseAddress(text);
  if (typeof bare === 'string') return bare;
  const { host, port } = bare;
  if (port === 0) return 'a group needs a port';
  // A zone is where this machine listens, and no part of what all members of a group have in common.
  if (host.includes('%')) return 'a group has no zone; the interface is named apart from it';
  if (isIPv4(host)) {
    const first = Number(host.split('.', 1)[0]);
    return first >= 224 && first <= 239
      ? { host, port, family: 'IPv4' }
      : `${host} is no multicast address (224.0.0.0 to 239.255.255.255)`;
  }
  if (!isIPv6(host)) return 'a group is an address, not a name';
  return /^ff/i.test(host)
    ? { host: host.toLowerCase(), port, family: 'IPv6' }
    : `${host} is no multicast address (ff00::/8)`;
}

export function formatGroup(group: AdvertiseGroup): string {
  return formatAddress(group);
}
