import { BlockList, isIP, isIPv6 } from 'node:net';
import {
  createDiscovery,
  DEFAULT_DISCOVERY,
  type DiscoveredBalancer,
  type DiscoveryStep,
} from '../core/advertise/discovery.ts';
import { type AdvertiseGroup, formatGroup } from '../core/advertise/group.ts';
import { McmpError, UsageError } from '../core/errors.ts';
import { GROUP_DEFAULT, groupOf } from './command-options.ts';
import { listenFailure } from './failures.ts';
import { findInterface, listInterfaces, type NetworkInterface } from './interfaces.ts';
import { type AdvertiseListener, type HeardDatagram, listenToGroups } from './listener.ts';

export interface DiscoverOptions {
  /** Multicast address and port; default `224.0.1.105:23364`. */
  readonly group?: string;
  /** Name or address; default: all interfaces that have multicast, loopback included. */
  readonly interface?: string;
  /** Security key of the balancers; without one only unsigned advertisements are believed. */
  readonly key?: string;
  /**
   * Believe only what is signed, fresh (within a minute of this machine's clock) and not heard before. Needs `key`. Java
   * nodes check the signature only.
   */
  readonly requireKey?: boolean;
  /** Balancers joined at the same time; default 64. */
  readonly maxBalancers?: number;
  /** When to say that nothing was heard; default 20 s, two intervals of any balancer. */
  readonly silenceMs?: number;
}

export interface DiscoverHooks {
  readonly onJoin: (balancer: DiscoveredBalancer) => void;
  /** It said goodbye, or was silent for long while others wanted its place. */
  readonly onLeave: (balancer: DiscoveredBalancer) => void;
  /** Why a datagram was not believed; once for each reason and source, and for so many only. */
  readonly onIgnored?: (ignored: { readonly source: string; readonly why: string }) => void;
  /** No balancer was joined in all the time of `silenceMs`. */
  readonly onSilence?: (silence: { readonly group: string; readonly heard: number }) => void;
  /** The network is away for a while; said once until it works again. */
  readonly onTrouble?: (failure: McmpError) => void;
}

export interface BalancerDiscovery {
  /** The balancers that are joined now. */
  joined(): readonly DiscoveredBalancer[];
  /** Stops listening; `onLeave` is not called. */
  close(): Promise<void>;
}

/** What a discovery sees of the machine; replaced in tests. */
export interface DiscoverSurroundings {
  readonly interfaces?: () => readonly NetworkInterface[];
  /** Between two looks at the interfaces, which come and go. */
  readonly lookAgainMs?: number;
}

const SILENCE_MS = 20_000;
const LOOK_AGAIN_MS = 5_000;
/** Datagrams of up to 64 KiB that wait; what a flood pushes out is sent again in the next interval. */
const QUEUE_LIMIT = 512;
/** Whoever sends can invent sources. */
const MAX_TOLD = 200;

/**
 * Finds balancers by their advertisements (reference §7.5), for nodes to register with: `onJoin` for each that comes,
 * `onLeave` for each that says goodbye. Whoever can send to the group can name addresses, to which a node will then
 * connect; `requireKey` leaves this to those who know the key.
 * @throws UsageError when an option cannot be, McmpError `MCMP_MULTICAST_LISTEN` when the group cannot be listened to
 */
export async function discoverBalancers(
  options: DiscoverOptions,
  hooks: DiscoverHooks,
  surroundings: DiscoverSurroundings = {},
): Promise<BalancerDiscovery> {
  const { key, requireKey = false } = options;
  if (key === '') throw new UsageError('the key of the advertisements is empty');
  if (requireKey && key === undefined) throw new UsageError('a key cannot be required without one being given');
  const group = groupOf(options.group ?? GROUP_DEFAULT, 'advertise-group');
  const listInterfacesNow = surroundings.interfaces ?? listInterfaces;
  const discovery = createDiscovery({
    ...DEFAULT_DISCOVERY,
    key,
    strict: requireKey,
    ...(options.maxBalancers === undefined ? {} : { maxBalancers: options.maxBalancers }),
  });
  const told = new Set<string>();
  let heard = 0;
  let here = blockListOf([]);
  const isHere = (host: string): boolean => isIP(host) !== 0 && here.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');

  let closed = false;

  const onDatagram = ({ bytes, source, receivedAtMs }: HeardDatagram): void => {
    // Whoever closes has no use for balancers any more, also while the socket is still being closed.
    if (closed) return;
    heard += 1;
    const address = source.address.replace(/%.*$/, '');
    const step = discovery.hear(bytes, receivedAtMs, { address, isOwn: isHere(address), isHere });
    if (step.does !== 'ignore') act(step, hooks);
    else if (told.size < MAX_TOLD && !told.has(`${address} ${step.why}`)) {
      told.add(`${address} ${step.why}`);
      hooks.onIgnored?.({ source: source.address, why: step.why });
    }
  };

  let listener: AdvertiseListener | undefined;
  /** Those of them that were there at the last look. */
  let listenedOn: ReadonlySet<string> = new Set();
  const listen = async (): Promise<void> => {
    const all = listInterfacesNow();
    here = blockListOf(all);
    const chosen = choose(all, options.interface, group);
    const before = listenedOn;
    listenedOn = new Set(chosen.map(({ name, address }) => `${name} ${address}`));
    // One that is away for a while, as a cable is, need not be let go of: what comes when it is back is heard at once.
    if (listener !== undefined && [...listenedOn].every((one) => before.has(one))) return;
    await listener?.close();
    listener = undefined;
    let listens = false;
    listener = await listenToGroups({
      groups: [group],
      interfaces: chosen,
      queueLimit: QUEUE_LIMIT,
      onDatagram,
      onFailure: (failure) => {
        // Some interfaces have no multicast, and say so only when they are asked for it; the others listen.
        if (!listens) return;
        hooks.onTrouble?.(failure);
        listenedOn = new Set();
      },
    });
    listens = true;
  };

  await listen();
  let inTrouble = false;
  let looking: Promise<void> | undefined;
  const lookAgain = async (): Promise<void> => {
    try {
      await listen();
      inTrouble = false;
    } catch (error) {
      listenedOn = new Set();
      if (!inTrouble) hooks.onTrouble?.(error instanceof McmpError ? error : listenFailure(group, '', error));
      inTrouble = true;
    }
  };
  const timer = setInterval(() => {
    looking ??= lookAgain().finally(() => {
      looking = undefined;
    });
  }, surroundings.lookAgainMs ?? LOOK_AGAIN_MS);
  const silence = setTimeout(() => {
    if (discovery.joined().length === 0) hooks.onSilence?.({ group: formatGroup(group), heard });
  }, options.silenceMs ?? SILENCE_MS);

  return {
    joined: () => discovery.joined(),
    async close() {
      closed = true;
      clearInterval(timer);
      clearTimeout(silence);
      await looking;
      await listener?.close();
      listener = undefined;
    },
  };
}

/** Knows an IPv4 address also when it is mapped into IPv6. */
function blockListOf(all: readonly NetworkInterface[]): BlockList {
  const list = new BlockList();
  for (const { address, family } of all)
    list.addAddress(address.replace(/%.*$/, ''), family === 'IPv6' ? 'ipv6' : 'ipv4');
  return list;
}

function act(step: Exclude<DiscoveryStep, { does: 'ignore' }>, hooks: DiscoverHooks): void {
  if (step.does === 'stay') return;
  const { url, server } = step;
  if (step.does === 'leave') hooks.onLeave({ url, server });
  else {
    if (step.instead !== undefined) hooks.onLeave(step.instead);
    hooks.onJoin({ url, server });
  }
}

/** @throws UsageError when the named one is not there */
function choose(
  all: readonly NetworkInterface[],
  named: string | undefined,
  { family }: AdvertiseGroup,
): readonly NetworkInterface[] {
  if (named !== undefined) return [findInterface(named, family, all)];
  return all.filter((one) => one.family === family && (one.internal || one.multicast !== false));
}
