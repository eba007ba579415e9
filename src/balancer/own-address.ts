import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { plainAddress } from '../core/access.ts';

/**
 * Whether host and port are a listener of this balancer: a node there would make it send requests to itself, round and
 * round.
 *
 * @param host as CONFIG named it, IPv6 in brackets
 * @param ports on which this balancer listens
 */
export function isOwnAddress(host: string, port: string, ports: ReadonlySet<number>): boolean {
  if (!ports.has(Number(port))) return false;
  const name = plainAddress(host.replace(/^\[|\]$/g, '').toLowerCase());
  if (name === 'localhost' || name === '::' || name === '::1' || name === '0.0.0.0') return true;
  if (isIP(name) === 4 && name.startsWith('127.')) return true;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.some(({ address }) => address.toLowerCase() === name);
}
