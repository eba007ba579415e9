import { BlockList, isIP } from 'node:net';

/** Whether an address belongs to a set of CIDR ranges. */
export type AddressRule = (address: string | undefined) => boolean;

/** The address without the IPv4-in-IPv6 prefix that dual-stack sockets report. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

/**
 * @param ranges addresses, CIDR ranges, or `any`
 * @throws RangeError naming the entry that is neither
 */
export function addressRule(ranges: readonly string[]): AddressRule {
  if (ranges.includes('any')) return () => true;
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address);
    const maxBits = family === 4 ? 32 : 128;
    const prefix = bits === undefined ? maxBits : Number(bits);
    if (family === 0 || !/^\d*$/.test(bits ?? '') || bits === '' || prefix > maxBits) {
      throw new RangeError(`'${range}' is neither an IP address nor a CIDR range such as 10.0.0.0/8`);
    }
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  return (address) => {
    if (address === undefined) return false;
    const plain = plainAddress(address);
    return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  };
}
