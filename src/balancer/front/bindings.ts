import { type Address, formatAddress } from '../../core/address.ts';
import { UsageError } from '../../core/errors.ts';
import type { BalancerOptions } from '../options.ts';

/** What a listener's connections may be used for. One port may take both. */
export interface ListenerRole {
  readonly traffic: boolean;
  readonly mcmp: boolean;
}

/**
 * With which certificates connections of an address are encrypted: those of all `--listen` addresses, those of an address of
 * its own (as `host:port`), or those of MCMP. Null: not at all.
 */
export type Encrypted =
  | { readonly by: 'listen' }
  | { readonly by: 'own'; readonly address: string }
  | { readonly by: 'mcmp' };

export interface Binding {
  readonly address: Address;
  readonly role: ListenerRole;
  readonly encrypted: Encrypted | null;
}

/**
 * What to listen on. An address given for both purposes gets one listener that serves both; how it is encrypted, the options
 * for web traffic decide.
 *
 * @throws UsageError when options contradict each other
 */
export function bindings({ listen, mcmp, listenTls, mcmpTls }: BalancerOptions): Binding[] {
  const forAll: Encrypted | null = listenTls.some(({ address }) => address === null) ? { by: 'listen' } : null;
  const web = listen.map((address) => ({ address, encrypted: forAll }));
  const own = new Map<string, { readonly address: Address; readonly encrypted: Encrypted }>();
  for (const { address } of listenTls) {
    if (address === null) continue;
    const text = formatAddress(address);
    if (listen.some((other) => isSame(address, other))) {
      throw new UsageError(`${text} is an address of --listen, which is not encrypted, and one of --listen-tls`, {
        hint: 'Name it once: in --listen-tls if it is encrypted. Without an address, --listen-tls encrypts all of --listen.',
      });
    }
    own.set(text, { address, encrypted: { by: 'own', address: text } });
  }
  const traffic = [...web, ...own.values()];
  const shared = mcmp.find((address) => traffic.some((other) => isSame(address, other.address)));
  if (shared !== undefined && mcmpTls !== null) {
    throw new UsageError(
      `${formatAddress(shared)} takes web traffic too: --mcmp-tls is for addresses of --mcmp alone`,
      {
        hint: 'Encrypt it with --listen-tls, or give MCMP an address of its own.',
      },
    );
  }
  return [
    ...traffic.map(({ address, encrypted }) => ({
      address,
      encrypted,
      role: { traffic: true, mcmp: mcmp.some((other) => isSame(address, other)) },
    })),
    ...mcmp
      .filter((address) => !traffic.some((other) => isSame(address, other.address)))
      .map((address) => ({
        address,
        encrypted: mcmpTls === null ? null : ({ by: 'mcmp' } as const),
        role: { traffic: false, mcmp: true },
      })),
  ];
}

/** Port 0 is another one each time. */
function isSame(a: Address, b: Address): boolean {
  return a.host === b.host && a.port === b.port && a.port !== 0;
}
