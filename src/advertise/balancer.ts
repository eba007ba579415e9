import { isLoopbackHost, withoutBrackets } from '../core/address.ts';
import { type AdvertiseGroup, type AdvertiseManners, formatGroup } from '../core/advertise/index.ts';
import { McmpError } from '../core/errors.ts';
import type { Log, LogFields } from '../observe/types.ts';
import { type Advertiser, startAdvertiser } from './advertiser.ts';
import { findInterface, listInterfaces, type NetworkInterface } from './interfaces.ts';
import { chooseManager, defaultRouteInterface, type ManagerChoice } from './manager-address.ts';

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
  /** Default: ours. */
  readonly manners?: AdvertiseManners;
}

export interface AdvertisingSurroundings {
  /** Where MCMP is listened on, with real ports. */
  readonly mcmp: { readonly addresses: readonly string[]; readonly encrypted: readonly string[] };
  readonly log: Log;
  /** Asked again and again: addresses come and go. */
  readonly interfaces?: () => readonly NetworkInterface[];
  readonly defaultRoute?: () => string | undefined;
  /** Between two looks at the interfaces. */
  readonly lookAgainMs?: number;
}

export interface Advertising {
  /**
   * Checks changed settings, or that there shall be no more advertisements.
   * @returns what takes them over
   * @throws UsageError when they cannot be
   */
  prepare(next: BalancerAdvertising | undefined): () => void;
  /** Says goodbye, so that nodes leave a balancer that goes. */
  close(): Promise<void>;
  closeNow(): void;
}

const LOOK_AGAIN_MS = 5_000;

interface Plan extends ManagerChoice {
  readonly settings: BalancerAdvertising;
  /** Undefined: the system's choice. */
  readonly via: NetworkInterface | undefined;
}

/**
 * Advertises a balancer as long as it runs. When its address changes, because an interface has got another one or because
 * the settings have changed, it goes on under a new id, and the old one says goodbye.
 * @param settings undefined: not yet
 * @throws McmpError `MCMP_MULTICAST_SEND` when nothing can be sent, UsageError when there is no address to advertise
 */
export async function advertiseBalancer(
  settings: BalancerAdvertising | undefined,
  surroundings: AdvertisingSurroundings,
): Promise<Advertising> {
  const { log } = surroundings;
  let wanted = settings;
  let current: { readonly plan: Plan; readonly advertiser: Advertiser } | undefined;
  let failing = false;
  let closed = false;
  let silenced = false;

  const start = async (plan: Plan): Promise<void> => {
    const before = current;
    const advertiser = await startAdvertiser(advertiserOptions(plan, log));
    if (silenced) {
      advertiser.closeNow();
      return;
    }
    current = { plan, advertiser };
    tell(plan, advertiser.server, log);
    // Whoever hears the new id first stays through the goodbye of the old one when the address is the same.
    await before?.advertiser.close();
  };
  const adjust = async (): Promise<void> => {
    if (closed) return;
    try {
      if (wanted === undefined) {
        const before = current;
        current = undefined;
        if (before !== undefined) log.info('nothing is advertised any more');
        await before?.advertiser.close();
        return;
      }
      const plan = planOf(wanted, surroundings);
      if (current === undefined || identityOf(plan) !== identityOf(current.plan)) await start(plan);
      failing = false;
    } catch (error) {
      if (!failing) log.warn('advertising cannot be brought up to date; trying again', problemOf(error));
      failing = true;
    }
  };
  // One change at a time; those that come meanwhile are one.
  let adjusting: Promise<void> | undefined;
  let again = false;
  const adjustSoon = (): void => {
    again = true;
    adjusting ??= (async () => {
      while (again) {
        again = false;
        await adjust();
      }
      adjusting = undefined;
    })();
  };

  if (wanted !== undefined) await start(planOf(wanted, surroundings));
  const timer = setInterval(() => {
    if (wanted !== undefined) adjustSoon();
  }, surroundings.lookAgainMs ?? LOOK_AGAIN_MS);

  return {
    prepare(next) {
      if (next !== undefined) planOf(next, surroundings);
      return () => {
        failing = false;
        wanted = next;
        adjustSoon();
      };
    },
    async close() {
      clearInterval(timer);
      closed = true;
      await adjusting;
      await current?.advertiser.close();
    },
    closeNow() {
      clearInterval(timer);
      closed = true;
      silenced = true;
      current?.advertiser.closeNow();
    },
  };
}

/** @throws UsageError */
function planOf(settings: BalancerAdvertising, surroundings: AdvertisingSurroundings): Plan {
  const { group } = settings;
  const interfaces = surroundings.interfaces?.() ?? listInterfaces();
  const named =
    settings.interface === undefined ? undefined : findInterface(settings.interface, group.family, interfaces);
  const choice = chooseManager({
    url: settings.url,
    listening: surroundings.mcmp.addresses,
    encrypted: surroundings.mcmp.encrypted,
    family: group.family,
    interface: named,
    interfaces,
    defaultRoute: (surroundings.defaultRoute ?? defaultRouteInterface)(),
  });
  return { ...choice, settings, via: named ?? interfaceOf(choice.manager, group.family, interfaces) };
}

/** An address of this machine only is of use to nodes on this machine, and those hear loopback. */
function interfaceOf(
  manager: URL,
  family: 'IPv4' | 'IPv6',
  interfaces: readonly NetworkInterface[],
): NetworkInterface | undefined {
  const host = withoutBrackets(manager.hostname);
  const ofFamily = interfaces.filter((one) => one.family === family);
  return (
    ofFamily.find(({ address }) => address === host) ??
    (isLoopbackHost(host) ? ofFamily.find(({ internal }) => internal) : undefined)
  );
}

/** What needs a new advertiser when it changes. */
function identityOf({ manager, via, settings }: Plan): string {
  const { group, frequencyMs, ttl, key } = settings;
  return JSON.stringify([manager.href, via?.name, via?.address, formatGroup(group), frequencyMs, ttl, key]);
}

function advertiserOptions({ manager, via, settings }: Plan, log: Log): Parameters<typeof startAdvertiser>[0] {
  const { group, frequencyMs, ttl, key, manners } = settings;
  return {
    group,
    interface: via,
    ttl,
    frequencyMs,
    manager,
    ...(key === undefined ? {} : { key }),
    ...(manners === undefined ? {} : { manners }),
    onFailure: (failure) => log.warn('advertising fails; trying again', problemOf(failure)),
    onRecovery: () => log.info('advertising works again'),
  };
}

function tell({ manager, why, warning, via, settings }: Plan, server: string, log: Log): void {
  log.info('advertising', {
    manager: manager.origin,
    because: why,
    group: formatGroup(settings.group),
    interface: via?.name ?? "the system's choice",
    key: settings.key === undefined ? 'none' : 'given',
    server,
  });
  // Reference §7.3.
  if (settings.key !== undefined && /[^\0-\u007e]/.test(settings.key)) {
    log.warn('Java nodes cannot check the key', {
      problem: 'it has characters beyond ASCII, of which they make question marks',
      hint: 'Choose a key of ASCII characters.',
    });
  }
  if (warning !== '') log.warn('what is advertised is not for everybody', { manager: manager.origin, warning });
}

function problemOf(error: unknown): LogFields {
  if (!(error instanceof McmpError)) return { problem: String(error) };
  return error.hint === undefined ? { problem: error.message } : { problem: error.message, hint: error.hint };
}
