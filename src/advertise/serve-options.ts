import { advertiseManners, OUR_MANNERS } from '../core/advertise/index.ts';
import { UsageError } from '../core/errors.ts';
import type { BalancerAdvertising } from './balancer.ts';
import { GROUP_DEFAULT, groupOf, keyOf } from './command-options.ts';

const ADVERTISING = 'Advertising:';

/** Options of `mcmp serve` about its advertisements. */
export const SERVE_ADVERTISE_OPTIONS = {
  advertise: {
    kind: 'url',
    switch: true,
    group: ADVERTISING,
    describe: 'tell nodes by multicast to register here, or at an address that it finds itself',
  },
  'advertise-group': {
    kind: 'string',
    default: GROUP_DEFAULT,
    placeholder: 'ADDR:PORT',
    group: ADVERTISING,
    describe: 'multicast group',
  },
  'advertise-frequency': {
    kind: 'duration',
    default: '10s',
    group: ADVERTISING,
    describe: 'time between advertisements',
  },
  'advertise-key': {
    kind: 'string',
    secret: true,
    placeholder: 'KEY',
    group: ADVERTISING,
    describe: 'security key, the same as that of the nodes; others see it in the list of processes',
  },
  'advertise-key-file': {
    kind: 'string',
    placeholder: 'FILE',
    group: ADVERTISING,
    describe: 'file with the key',
  },
  'advertise-interface': {
    kind: 'string',
    placeholder: 'NAME',
    group: ADVERTISING,
    describe: "interface to send through, by name or address [that of the address, or the system's choice]",
  },
  'advertise-ttl': {
    kind: 'number',
    integer: true,
    min: 0,
    max: 255,
    group: ADVERTISING,
    describe: `how many routers a datagram may pass; 0 is this machine [${OUR_MANNERS.ttl}, or as --dialect does]`,
  },
} as const;

export interface ServeAdvertiseArgs {
  readonly advertise: URL | boolean;
  readonly advertiseGroup: string;
  readonly advertiseFrequency: number;
  readonly advertiseKey: string | undefined;
  readonly advertiseKeyFile: string | undefined;
  readonly advertiseInterface: string | undefined;
  readonly advertiseTtl: number | undefined;
  readonly dialect: string;
}

/** Settings that mean that somebody wants to be discovered. */
const OF_NO_USE_ALONE = ['advertiseKey', 'advertiseKeyFile', 'advertiseInterface'] as const;

/**
 * Whether there are settings of advertisements, and no advertisements. No error: `--no-advertise` ends them for a while, with
 * the rest left in the file.
 */
export function isAdvertiseForgotten(args: ServeAdvertiseArgs): boolean {
  return args.advertise === false && OF_NO_USE_ALONE.some((name) => args[name] !== undefined);
}

/** More often is a flood; less often, and a node that starts waits for an hour. */
const FREQUENCY_MS = { min: 100, max: 3_600_000 };

/**
 * @returns undefined: no advertisements
 * @throws UsageError
 */
export function advertisingOf(args: ServeAdvertiseArgs): BalancerAdvertising | undefined {
  const { advertise, advertiseFrequency: frequencyMs } = args;
  if (advertise === false) return undefined;
  if (frequencyMs < FREQUENCY_MS.min || frequencyMs > FREQUENCY_MS.max) {
    throw new UsageError('--advertise-frequency: expected 100ms to 1h', { hint: 'Balancers of all brands take 10s.' });
  }
  const manners = advertiseManners(args.dialect);
  return {
    url: advertise === true ? undefined : advertise,
    group: groupOf(args.advertiseGroup, 'advertise-group'),
    interface: args.advertiseInterface,
    frequencyMs,
    ttl: args.advertiseTtl ?? manners.ttl,
    manners,
    key: keyOf(args.advertiseKey, args.advertiseKeyFile, 'advertise-key'),
  };
}
