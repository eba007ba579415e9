import { type AdvertiseGroup, formatGroup } from '../../core/advertise/index.ts';
import { UsageError } from '../../core/errors.ts';
import { groupOf, keyOf } from '../command-options.ts';
import { listInterfaces, type NetworkInterface } from '../interfaces.ts';

/** What the command line of `advertise listen` says. */
export interface ListenArgs {
  readonly group: readonly string[];
  readonly interface: readonly string[];
  readonly key: string | undefined;
  readonly keyFile: string | undefined;
  readonly expect: URL | undefined;
  readonly once: boolean;
  readonly timeout: number | undefined;
  readonly silence: number;
  readonly probe: boolean;
  readonly lines: boolean;
}

export interface ListenPlan {
  readonly groups: readonly AdvertiseGroup[];
  readonly interfaces: readonly NetworkInterface[];
  readonly key: string | undefined;
  /** MCMP address that has to be heard. */
  readonly expect: URL | undefined;
  /** Ends with the first datagram that is fine. */
  readonly once: boolean;
  /** Ends after this time; undefined: when it is told to. */
  readonly timeoutMs: number | undefined;
  /** After so long without a datagram it is looked for the cause. */
  readonly silenceMs: number;
  readonly probe: boolean;
}

const ONCE_TIMEOUT_MS = 30_000;

/** @throws UsageError */
export function planOf(args: ListenArgs, all = listInterfaces()): ListenPlan {
  const groups = args.group.map((text) => groupOf(text, 'group'));
  return {
    groups,
    interfaces: interfacesOf(args.interface, groups, all),
    key: keyOf(args.key, args.keyFile, 'key'),
    expect: args.expect,
    once: args.once,
    timeoutMs: args.timeout ?? (args.once ? ONCE_TIMEOUT_MS : undefined),
    silenceMs: args.silence,
    probe: args.probe,
  };
}

/**
 * Without a wish all interfaces that have an address of a group's family, loopback too: whoever looks for a datagram wants
 * to hear it wherever it is.
 */
function interfacesOf(
  wanted: readonly string[],
  groups: readonly AdvertiseGroup[],
  all: readonly NetworkInterface[],
): NetworkInterface[] {
  const families = new Set(groups.map(({ family }) => family));
  const candidates = all.filter(({ family }) => families.has(family));
  if (wanted.length === 0) return distinct(candidates);
  const chosen = wanted.flatMap((text) => {
    const address = text.replace(/%.*$/, '').toLowerCase();
    const found = candidates.filter((one) => one.name === text || one.address.toLowerCase() === address);
    if (found.length > 0) return found;
    const words = [...families].join(' or ');
    const known = candidates.map((one) => `${one.name} (${one.address})`).join(', ');
    throw new UsageError(
      `--interface ${text}: no interface of this machine is called so or has it as an ${words} address`,
      {
        hint: known === '' ? `No interface has an ${words} address.` : `There are: ${known}.`,
      },
    );
  });
  const deaf = groups.find(({ family }) => !chosen.some((one) => one.family === family));
  if (deaf !== undefined) {
    throw new UsageError(`none of the interfaces has an ${deaf.family} address, which ${formatGroup(deaf)} needs`, {
      hint: 'Name the interface instead of its address: then all its addresses count.',
    });
  }
  return distinct(chosen);
}

/** A group is joined once on an interface, whatever the number of its addresses. */
function distinct(interfaces: readonly NetworkInterface[]): NetworkInterface[] {
  const seen = new Map<string, NetworkInterface>();
  for (const one of interfaces) {
    const id = `${one.family} ${one.name}`;
    if (!seen.has(id)) seen.set(id, one);
  }
  return [...seen.values()];
}
