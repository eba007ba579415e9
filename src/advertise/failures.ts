import { type AdvertiseGroup, formatGroup } from '../core/advertise/group.ts';
import { McmpError } from '../core/errors.ts';

/** What to do about the ways in which multicast fails, by the system's code; LOOPBACK is what there is to say of it. */
const HINTS: ReadonlyMap<string, string> = new Map([
  [
    'ENODEV',
    'The interface has no multicast, or there is no route for it: name one with --interface or --advertise-interface (LOOPBACK).',
  ],
  [
    'EADDRNOTAVAIL',
    'The interface does not have this address, or no multicast: name another with --interface or --advertise-interface.',
  ],
  ['EADDRINUSE', 'Another program holds the port for itself; programs that listen to a group share it (SO_REUSEADDR).'],
  [
    'ENETUNREACH',
    'There is no route for multicast: name an interface with --interface or --advertise-interface (LOOPBACK).',
  ],
  ['EACCES', 'The system does not allow it: look at its firewall and security policy (SELinux, AppArmor).'],
  ['EPERM', 'A firewall on this machine refuses it: nft list ruleset, iptables -S.'],
  ['EAFNOSUPPORT', 'This machine does not speak that family: IPv6 may be switched off.'],
]);

const LOOPBACK_WORDS = { IPv4: '127.0.0.1 for this machine only', IPv6: 'loopback has no multicast of IPv6' } as const;
const FIRST_FREE_PORT = 1024;

/** @param interfaceName empty: the one that the system chose */
export function listenFailure(group: AdvertiseGroup, interfaceName: string, cause: unknown): McmpError {
  return failure('MCMP_MULTICAST_LISTEN', 'cannot listen to', group, interfaceName, cause);
}

export function sendFailure(group: AdvertiseGroup, interfaceName: string, cause: unknown): McmpError {
  return failure('MCMP_MULTICAST_SEND', 'cannot send to', group, interfaceName, cause);
}

function failure(
  code: `MCMP_${string}`,
  what: string,
  group: AdvertiseGroup,
  interfaceName: string,
  cause: unknown,
): McmpError {
  const where = interfaceName === '' ? '' : ` on ${interfaceName}`;
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const systemCode = 'code' in error ? String(error.code) : '';
  const hint =
    systemCode === 'EACCES' && group.port < FIRST_FREE_PORT
      ? `Ports below ${FIRST_FREE_PORT} are for root.`
      : HINTS.get(systemCode)?.replace('LOOPBACK', LOOPBACK_WORDS[group.family]);
  return new McmpError('unreachable', code, `${what} ${formatGroup(group)}${where}: ${error.message}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}
