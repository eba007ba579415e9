import { type Address, formatAddress, isLoopbackHost } from '../core/address.ts';
import { UsageError } from '../core/errors.ts';

/** Who may manage when nobody is named: programs on this machine. */
const LOOPBACK_RANGES = ['127.0.0.0/8', '::1'] as const;

/**
 * Peers that may speak MCMP. Whoever may can send all traffic where he likes, so an address that others can reach needs a
 * word about who they are.
 *
 * @throws UsageError when one of the addresses is reachable from outside and no peers are named
 */
export function managementPeers(listen: readonly Address[], allowed: readonly string[]): readonly string[] {
  if (allowed.length > 0) return allowed;
  const exposed = listen.find(({ host }) => !isLoopbackHost(host));
  if (exposed === undefined) return LOOPBACK_RANGES;
  throw new UsageError(
    `--mcmp ${formatAddress(exposed)} can be reached from other machines, and nobody is allowed yet`,
    {
      code: 'MCMP_OPEN_MANAGEMENT',
      hint: 'Name the nodes with --mcmp-allow 10.0.0.0/8 (addresses or CIDR ranges), or say --mcmp-allow any.',
    },
  );
}
