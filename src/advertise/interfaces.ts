import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { UsageError } from '../core/errors.ts';

/** An address of this machine through which multicast can be sent and heard. */
export interface NetworkInterface {
  readonly name: string;
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly internal: boolean;
  /** Whether the kernel sends multicast through it; undefined where that cannot be asked. Loopback works without. */
  readonly multicast: boolean | undefined;
}

/** IFF_MULTICAST of Linux' interface flags. */
const MULTICAST_FLAG = 0x1000;

export function listInterfaces(): NetworkInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ address, family, internal }) => ({
      name,
      address,
      family: family === 'IPv6' ? 'IPv6' : 'IPv4',
      internal,
      multicast: multicastFlag(name),
    })),
  );
}

/**
 * Finds an interface by its name or one of its addresses (need A4).
 * @throws UsageError that names the candidates
 */
export function findInterface(
  text: string,
  family: 'IPv4' | 'IPv6',
  all: readonly NetworkInterface[] = listInterfaces(),
): NetworkInterface {
  const wanted = text.replace(/%.*$/, '').toLowerCase();
  const candidates = all.filter((one) => one.family === family);
  const found = candidates.find(({ name, address }) => name === text || address.toLowerCase() === wanted);
  if (found !== undefined) return found;
  const known = candidates.map(({ name, address }) => `${name} (${address})`).join(', ');
  throw new UsageError(`no interface of this machine is called '${text}' or has it as an ${family} address`, {
    hint: known === '' ? `No interface has an ${family} address.` : `There are: ${known}.`,
  });
}

/** What sockets call an interface: IPv4 by its address, IPv6 by its name as a zone. */
export function socketInterface({ name, address, family }: NetworkInterface): string {
  return family === 'IPv4' ? address : `::%${name}`;
}

function multicastFlag(name: string): boolean | undefined {
  try {
    return (Number.parseInt(readFileSync(`/sys/class/net/${name}/flags`, 'utf8'), 16) & MULTICAST_FLAG) !== 0;
  } catch {
    // Only Linux has these files.
    return undefined;
  }
}
