import type { NodeRecord } from '../../core/cluster/records.ts';
import { addressKey } from '../../core/cluster/state.ts';
import type { ClusterCommand } from '../../core/cluster/types.ts';
import { textOf } from '../../core/mcmp/bytes.ts';
import type { Log } from '../../observe/types.ts';
import type { Applied, Cluster, Origin } from '../cluster.ts';
import { routeOf } from '../message-journal.ts';
import type { BalancerOptions } from '../options.ts';

type PeerOrigin = Extract<Origin, { readonly peer: string }>;

/** To whom routes belong (`--mcmp-route-owner`): to the first peer that registered them by MCMP. */
export interface RouteOwners {
  /** Messages that were refused because of it. */
  readonly refusals: number;
  /**
   * Whether a message is about a node that belongs to another peer, be it that it would get that node's address; says so in
   * the log, with both peers, and counts it. Managers, who come by API or page, may do anything.
   */
  refuses(command: ClusterCommand, origin: PeerOrigin): boolean;
}

interface Owned {
  /** The row of the node: when that is gone, the route is free again. */
  node: NodeRecord;
  /** What a peer is recognised by. */
  readonly key: string;
  /** For people. */
  readonly name: string;
}

const NOBODY: RouteOwners = { refusals: 0, refuses: () => false };

/** Methods that change a node, or tell of one. */
const BOUND: ReadonlySet<ClusterCommand['kind']> = new Set([
  'CONFIG',
  'ENABLE-APP',
  'DISABLE-APP',
  'STOP-APP',
  'REMOVE-APP',
  'STATUS',
]);

/**
 * Follows who registers what. A certificate counts by the names in it, subject and issuer, not by its fingerprint: that
 * changes each time it is renewed, and the node would be locked out of its own route.
 */
export function createRouteOwners(by: BalancerOptions['mcmpRouteOwner'], cluster: Cluster, log: Log): RouteOwners {
  if (by === 'none') return NOBODY;
  const owners = new Map<string, Owned>();
  let refusals = 0;

  const keyOf = ({ peer, certificate }: PeerOrigin): string =>
    by === 'address' ? peer : (certificate?.identity ?? '');

  cluster.onApplied(({ origin, events }: Applied) => {
    for (const event of events) {
      if (event.type === 'node-added' || event.type === 'node-updated') {
        const { node } = event;
        const owned = owners.get(node.route);
        if (owned !== undefined) owned.node = node;
        else if (origin.by === 'mcmp') owners.set(node.route, { node, key: keyOf(origin), name: nameOf(origin) });
      } else if (event.type === 'node-removed' && owners.get(event.node.route)?.node === event.node) {
        owners.delete(event.node.route);
      }
    }
  });

  return {
    get refusals() {
      return refusals;
    },
    refuses(command, origin) {
      if (origin.by !== 'mcmp' || !BOUND.has(command.kind)) return false;
      const key = keyOf(origin);
      for (const route of [routeOf(command), routeAtAddress(cluster, command)]) {
        const owned = route === undefined ? undefined : owners.get(route);
        if (route === undefined || owned === undefined || owned.key === key) continue;
        refusals++;
        log.warn('A message about the node of another peer was refused', {
          peer: origin.peer,
          ...(origin.certificate === undefined ? {} : { certificate: origin.certificate.name }),
          command: command.kind,
          route: textOf(route),
          owner: owned.name,
          hint: 'who owns a route is settled by its first CONFIG (--mcmp-route-owner); managers may remove the node',
        });
        return true;
      }
      return false;
    },
  };
}

/** Whose address a CONFIG asks for: that node would have to go. */
function routeAtAddress({ state }: Cluster, command: ClusterCommand): string | undefined {
  if (command.kind !== 'CONFIG' || state.settings.dialect.cluster.nodesPerAddress !== 'one') return undefined;
  return state.nodeByAddress.get(addressKey(command.node.host, command.node.port))?.route;
}

function nameOf({ peer, certificate }: PeerOrigin): string {
  return certificate === undefined ? peer : `${certificate.name} (${peer})`;
}
