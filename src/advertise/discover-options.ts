import { UsageError } from '../core/errors.ts';
import { GROUP_DEFAULT, groupOf, keyOf } from './command-options.ts';
import type { DiscoverOptions } from './discover.ts';

/** Options of a command that finds balancers by their advertisements; `--discover` stands among its own. */
export function discoverFlags<const Group extends string>(group: Group) {
  return {
    'advertise-group': {
      kind: 'string',
      default: GROUP_DEFAULT,
      placeholder: 'ADDR:PORT',
      group,
      describe: 'multicast group of the balancers',
    },
    'advertise-interface': {
      kind: 'string',
      placeholder: 'NAME',
      group,
      describe: 'interface to listen on, by name or address [all that have multicast]',
    },
    'advertise-key': {
      kind: 'string',
      secret: true,
      placeholder: 'KEY',
      group,
      describe: 'security key of the balancers; others see it in the list of processes',
    },
    'advertise-key-file': { kind: 'string', placeholder: 'FILE', group, describe: 'file with the key' },
    'require-key': {
      kind: 'boolean',
      group,
      describe: 'believe only what is signed, fresh and not heard before; Java nodes check the signature only',
    },
  } as const;
}

export interface DiscoverArgs {
  readonly discover: boolean;
  readonly advertiseGroup: string;
  readonly advertiseInterface: string | undefined;
  readonly advertiseKey: string | undefined;
  readonly advertiseKeyFile: string | undefined;
  readonly requireKey: boolean;
}

/**
 * @returns undefined: balancers are named, not discovered
 * @throws UsageError
 */
export function discoveryOf(args: DiscoverArgs): DiscoverOptions | undefined {
  const { advertiseInterface, requireKey } = args;
  if (!args.discover) {
    if (!requireKey && advertiseInterface === undefined) return undefined;
    throw new UsageError(`--${requireKey ? 'require-key' : 'advertise-interface'} is for --discover`, {
      hint: 'Without --discover no advertisement is listened to.',
    });
  }
  const key = keyOf(args.advertiseKey, args.advertiseKeyFile, 'advertise-key');
  if (requireKey && key === undefined) {
    throw new UsageError('--require-key needs the key', { hint: 'Give it with --advertise-key-file FILE.' });
  }
  groupOf(args.advertiseGroup, 'advertise-group');
  return {
    group: args.advertiseGroup,
    requireKey,
    ...(advertiseInterface === undefined ? {} : { interface: advertiseInterface }),
    ...(key === undefined ? {} : { key }),
  };
}
