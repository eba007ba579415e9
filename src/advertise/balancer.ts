import { withoutBrackets } from '../core/address.ts';
import type { AdvertiseGroup } from '../core/advertise/index.ts';
import type { Log } from '../observe/types.ts';
import { startAdvertiser } from './advertiser.ts';
import { findInterface, listInterfaces } from './interfaces.ts';
import { chooseManager, defaultRouteInterface } from './manager-address.ts';

/** How `mcmp serve` advertises itself. */
export interface BalancerAdvertising {
  /** Address to advertise; undefined: that of the MCMP listener, or one chosen among the interfaces. */
  readonly url: URL | undefined;
  readonly group: AdvertiseGroup;
  /** Name or address; undefined: the system's choice, or loopback when the address is one. */
  readonly interface: string | undefined;
  readonly frequencyMs: number;
  readonly ttl: number;
  readonly key: string | undefined;
}

/** @throws McmpError when nothing can be sent, UsageError when there is no address to advertise */
export async function advertiseBalancer(
  settings: BalancerAdvertising,
  mcmp: { readonly addresses: readonly string[]; readonly secure: boolean },
  log: Log,
): Promise<{ close(): Promise<void> }> {
  const { group, key } = settings;
  const interfaces = listInterfaces();
  const named =
    settings.interface === undefined ? undefined : findInterface(settings.interface, group.family, interfaces);
  const { manager, why, warning } = chooseManager({
    url: settings.url,
    listening: mcmp.addresses,
    secure: mcmp.secure,
    family: group.family,
    interface: named,
    interfaces,
    defaultRoute: defaultRouteInterface(),
  });
  // An address of this machine only is of use to nodes on this machine, and those hear loopback.
  const own = interfaces.find(
    (one) => one.family === group.family && one.address === withoutBrackets(manager.hostname),
  );
  const via = named ?? own;
  const advertiser = await startAdvertiser({
    group,
    interface: via,
    ttl: settings.ttl,
    frequencyMs: settings.frequencyMs,
    manager,
    ...(key === undefined ? {} : { key }),
    onFailure: (failure) => log.warn(`advertising fails: ${failure.message}`, { hint: failure.hint ?? '' }),
    onRecovery: () => log.info('advertising works again'),
  });
  log.info('advertising', {
    manager: manager.origin,
    because: why,
    group: `${group.host}:${group.port}`,
    interface: via?.name ?? "the system's choice",
    key: key === undefined ? 'none' : 'given',
    server: advertiser.server(),
  });
  if (warning !== '') log.warn(`advertising ${manager.origin}: ${warning}`);
  return { close: () => advertiser.close() };
}
