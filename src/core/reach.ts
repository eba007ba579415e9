import { BlockList, isIP } from 'node:net';
import { withoutBrackets } from './address.ts';

/** From where an address can be reached. */
export type Reach = 'wildcard' | 'this-machine' | 'this-link' | 'anywhere';

type Subnet = readonly [network: string, bits: number, family: 'ipv4' | 'ipv6'];

function blockList(subnets: readonly Subnet[]): BlockList {
  const list = new BlockList();
  for (const [network, bits, family] of subnets) list.addSubnet(network, bits, family);
  return list;
}

/** IPv4 addresses are found in their IPv6-mapped form, too. */
const SPECIAL: readonly (readonly [Reach, BlockList])[] = [
  // RFC 6890: 0.0.0.0/8 is this network, which systems take for this machine.
  [
    'wildcard',
    blockList([
      ['0.0.0.0', 8, 'ipv4'],
      ['::', 128, 'ipv6'],
    ]),
  ],
  [
    'this-machine',
    blockList([
      ['127.0.0.0', 8, 'ipv4'],
      ['::1', 128, 'ipv6'],
    ]),
  ],
  // Among them the metadata service of clouds, 169.254.169.254.
  [
    'this-link',
    blockList([
      ['169.254.0.0', 16, 'ipv4'],
      ['fe80::', 10, 'ipv6'],
    ]),
  ],
];

/** @param hostname as a URL has it: IPv6 in brackets, IPv4 in its decimal form */
export function reachOf(hostname: string): Reach {
  const host = withoutBrackets(hostname);
  const version = isIP(host);
  if (version === 0) return /(?:^|\.)localhost\.?$/i.test(host) ? 'this-machine' : 'anywhere';
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return SPECIAL.find(([, list]) => list.check(host, family))?.[0] ?? 'anywhere';
}

/**
 * Whether a host stands for all addresses of a machine, so that it can be listened on and not connected to; in any spelling,
 * also as the empty host of `:8090`.
 */
export function isWildcardHost(host: string): boolean {
  return host === '' || reachOf(host) === 'wildcard';
}
