import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type Address, formatAddress, isLoopbackHost, parseAddress, withoutBrackets } from '../core/address.ts';
import { UsageError } from '../core/errors.ts';
import { isWildcardHost, reachOf } from '../core/reach.ts';
import type { NetworkInterface } from './interfaces.ts';

export interface ManagerChoice {
  readonly manager: URL;
  /** How it was found, for the log. */
  readonly why: string;
  /** What will surprise somebody; empty: nothing. */
  readonly warning: string;
}

export interface ManagerWish {
  /** What the operator said; undefined: choose. */
  readonly url: URL | undefined;
  /** Where MCMP is listened on: `host:port`, with real ports. */
  readonly listening: readonly string[];
  /** Those of them that speak TLS. */
  readonly encrypted: readonly string[];
  readonly family: 'IPv4' | 'IPv6';
  /** Through which the datagrams go; undefined: the system decides. */
  readonly interface: NetworkInterface | undefined;
  readonly interfaces: readonly NetworkInterface[];
  /** Name of the interface of the default route, if known. */
  readonly defaultRoute: string | undefined;
}

/** Addresses of the network before loopback, whatever the order in which they were named; a wildcard is as good as both. */
function bestListening(listening: readonly string[]): Address | undefined {
  const addresses = listening.map(parseAddress).filter((one) => typeof one !== 'string');
  const rankOf = ({ host }: Address): number => (isLoopbackHost(host) ? 2 : isWildcardHost(host) ? 1 : 0);
  return addresses.sort((one, other) => rankOf(one) - rankOf(other))[0];
}

/**
 * The address that nodes are told (needs A5, A6, A7): what the operator said; or what MCMP is listened on; or, when that is
 * every address, one of an interface that other machines can reach. Never a wildcard.
 * @throws UsageError when there is none, or the operator's is a wildcard
 */
export function chooseManager(wish: ManagerWish): ManagerChoice {
  const { url, listening } = wish;
  if (url !== undefined) {
    const host = withoutBrackets(url.hostname);
    // In any spelling: [::ffff:0.0.0.0], 0.1.2.3.
    if (isWildcardHost(host)) {
      throw new UsageError(`${url.host} cannot be advertised: nobody can connect to a wildcard address`, {
        hint: 'Name an address that nodes can reach: --advertise http://10.0.0.1:8090',
      });
    }
    if (url.port === '0') throw new UsageError(`${url.host} cannot be advertised: 0 is no port of a balancer`);
    return { manager: url, why: 'it was asked for', warning: loopbackWarning(host) };
  }
  const first = bestListening(listening);
  if (first === undefined) throw new UsageError('there is no MCMP address to advertise');
  const scheme = wish.encrypted.includes(formatAddress(first)) ? 'https' : 'http';
  if (!isWildcardHost(first.host)) {
    return {
      manager: urlOf(scheme, first.host, first.port),
      why: 'MCMP listens there',
      warning: loopbackWarning(first.host),
    };
  }
  const other = wish.family === 'IPv4' ? 'IPv6' : 'IPv4';
  // Who listens on :: hears both families.
  const families: readonly string[] = first.host === '0.0.0.0' ? ['IPv4'] : [wish.family, other];
  const named = wish.interface;
  const onNamed =
    named === undefined || families.includes(named.family)
      ? named
      : wish.interfaces.find(({ name, family }) => name === named.name && families.includes(family));
  if (onNamed !== undefined) {
    const { address, name } = onNamed;
    return {
      manager: urlOf(scheme, address, first.port),
      why: `it is that of ${name}, through which it is advertised`,
      warning: loopbackWarning(address),
    };
  }
  const candidates = wish.interfaces.filter(
    ({ family, internal, address }) => families.includes(family) && !internal && reachOf(address) !== 'this-link',
  );
  const rankOf = (one: NetworkInterface): number =>
    families.indexOf(one.family) * WORST_RANK + rank(one, wish.defaultRoute);
  const ranked = candidates.toSorted((one, two) => rankOf(one) - rankOf(two));
  const [best, ...others] = ranked;
  if (best === undefined) {
    throw new UsageError(
      `MCMP listens on all addresses, and no interface has an ${families.join(' or ')} address to advertise`,
      {
        hint: 'Name one that nodes can reach: --advertise http://10.0.0.1:8090, or --advertise-interface lo for this machine only.',
      },
    );
  }
  const role = best.name === wish.defaultRoute ? ', the interface of the default route' : '';
  const rest = others.map(({ name, address }) => `${address} (${name})`).join(', ');
  return {
    manager: urlOf(scheme, best.address, first.port),
    why: `it is that of ${best.name}${role}${rest === '' ? '' : `; not chosen: ${rest}`}`,
    warning: '',
  };
}

/** Name of the interface through which this machine reaches the rest of the world, where the system tells (Linux). */
export function defaultRouteInterface(): string | undefined {
  try {
    const lines = readFileSync('/proc/net/route', 'utf8').split('\n');
    return lines.map((line) => line.split(/\s+/)).find(([, destination]) => destination === '00000000')?.[0];
  } catch {
    return undefined;
  }
}

const WORST_RANK = 3;

function rank({ name, multicast }: NetworkInterface, defaultRoute: string | undefined): number {
  if (multicast === false) return 2;
  return name === defaultRoute ? 0 : 1;
}

function loopbackWarning(host: string): string {
  return isLoopbackHost(host) ? 'only nodes on this machine can reach a loopback address' : '';
}

function urlOf(scheme: string, host: string, port: number): URL {
  return new URL(`${scheme}://${isIP(host) === 6 ? `[${host.replace(/%.*$/, '')}]` : host}:${port}`);
}
