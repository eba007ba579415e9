import { type AddressRule, addressRule } from '../core/access.ts';
import { type Address, formatAddress, isLoopbackHost } from '../core/address.ts';
import { UsageError } from '../core/errors.ts';

const LOOPBACK_RANGES = ['127.0.0.0/8', '::1'] as const;

/**
 * Who may scrape. Metrics say the addresses of all nodes and the paths of all applications, so an address that others can
 * reach needs a word about who they are.
 *
 * @throws UsageError when an address is reachable from outside and nobody is named, or a name is no address
 */
export function scrapersOf(listen: readonly Address[], allowed: readonly string[]): AddressRule {
  const exposed = listen.find(({ host }) => !isLoopbackHost(host));
  if (allowed.length === 0 && exposed !== undefined) {
    throw new UsageError(
      `--listen ${formatAddress(exposed)} can be reached from other machines, and nobody is allowed yet`,
      {
        code: 'MCMP_OPEN_EXPORTER',
        hint: 'Name the machines that scrape with --allow 10.0.0.5 (addresses or CIDR ranges), or say --allow any.',
      },
    );
  }
  try {
    return addressRule(allowed.length === 0 ? LOOPBACK_RANGES : allowed);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`--allow: ${error.message}`, {
      code: 'MCMP_BAD_RANGE',
      hint: 'Give addresses or CIDR ranges, separated by commas: --allow 127.0.0.1,10.1.0.0/16',
    });
  }
}
