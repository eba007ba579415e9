import { type BalancerDiscovery, type DiscoverOptions, discoverBalancers } from '../../advertise/discover.ts';
import { isLoopbackHost } from '../../core/address.ts';
import type { Log } from '../../observe/types.ts';
import type { McmpNode } from '../registrar/types.ts';

/** One node or many, that balancers can be given to and taken from. */
export type Follower = Pick<McmpNode, 'addBalancer' | 'removeBalancer'>;

export interface FollowOptions {
  readonly discover: DiscoverOptions;
  /** Balancers that were named: they stay, whatever is advertised. */
  readonly named: readonly (URL | string)[];
  /** As a Java node: whoever was found stays. */
  readonly ignoresGoodbyes: boolean;
}

/**
 * Registers nodes with every balancer that advertises. One that says goodbye is left without a word: it forgets its nodes by
 * itself, still answers what it has begun, and if it was only restarted, or the goodbye was forged, loses nothing.
 * @throws McmpError when the group cannot be listened to
 */
export async function followAdvertisements(
  follower: Follower,
  { discover, named, ignoresGoodbyes }: FollowOptions,
  log: Log,
): Promise<BalancerDiscovery> {
  const namedUrls = new Set(named.map((url) => new URL(url).href));
  if (discover.requireKey !== true && !isLoopbackHost(discover.interface ?? '')) {
    log.warn('whoever can send to the group can make these nodes connect to addresses of their choice', {
      hint: '--require-key with --advertise-key-file leaves that to those who know the key.',
    });
  }
  return discoverBalancers(discover, {
    onJoin({ url, server }) {
      log.info('a balancer was discovered', { balancer: url, server });
      follower.addBalancer(url);
    },
    onLeave({ url, server }) {
      const stays = ignoresGoodbyes || namedUrls.has(new URL(url).href);
      log.info('a balancer says goodbye', { balancer: url, server, nodes: stays ? 'stay' : 'leave it' });
      if (stays) return;
      follower.removeBalancer(url, { goodbye: false }).catch((error: unknown) => {
        log.error('a balancer that went could not be left', { balancer: url, problem: String(error) });
      });
    },
    onIgnored: ({ source, why }) => log.warn('an advertisement is ignored', { source, because: why }),
    onSilence: ({ group, heard }) =>
      log.warn('no balancer has been discovered yet', {
        group,
        datagrams: heard,
        hint: `mcmp advertise listen --group ${group} shows what arrives, and what may be the cause`,
      }),
    onTrouble: ({ message, hint }) =>
      log.warn('balancers cannot be discovered now; trying again', { problem: message, hint }),
  });
}
