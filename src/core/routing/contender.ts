import type { BalancerRecord, NodeCounters, NodeRecord } from '../cluster/records.ts';
import type { Seat } from './electorate.ts';
import type { Place } from './place.ts';

/**
 * A node as the election sees it. The fields that are copied from the record are as the last event told them, so that a
 * change of the record can be told from the state the index was built with.
 */
export interface Contender {
  readonly node: NodeRecord;
  readonly slot: number;
  readonly counters: NodeCounters;
  route: string;
  domain: string;
  balancer: BalancerRecord;
  load: number;
  usable: boolean;
  /** `elected` at the last recalculation. */
  oldElected: number;
  /** Requests per load unit, times 1000, of the interval before this one. */
  lbStatus: number;
  /** Where the node may serve: one place per path and virtual host name. */
  readonly places: Place[];
  /** Its seats in the electorates it belongs to. */
  readonly seats: Seat[];
  /** A number that hardly any other contender has; see `ElectoratePool`. */
  readonly mark: number;
}

/**
 * A node that takes no part yet: load and usability are told afterwards, as for one that comes back.
 *
 * @param serial how many contenders there were before
 */
export function createContender(node: NodeRecord, serial: number): Contender {
  return {
    node,
    slot: node.slot,
    counters: node.counters,
    route: node.route,
    domain: node.domain,
    balancer: node.balancer,
    load: 0,
    usable: false,
    oldElected: node.counters.elected,
    lbStatus: 0,
    places: [],
    seats: [],
    mark: markOf(serial),
  };
}

/**
 * What the election compares, lowest first (reference §4.6): requests per load unit of this interval and the one before,
 * in thousandths. Only for nodes with a load above 0. Between two recalculations it can only grow.
 */
export function electionValue(contender: Contender): number {
  const requests = contender.counters.elected - contender.oldElected;
  return Math.floor((requests * 1000) / contender.load) + contender.lbStatus;
}

/**
 * Ends an interval for one node (reference §4.6). A node without a positive load keeps the value of its last interval.
 *
 * @returns whether the node's election value may have changed
 */
export function endInterval(contender: Contender): boolean {
  const requests = contender.counters.elected - contender.oldElected;
  const before = contender.lbStatus;
  if (contender.load > 0) contender.lbStatus = Math.floor((requests * 1000) / contender.load);
  contender.oldElected = contender.counters.elected;
  return requests !== 0 || contender.lbStatus !== before;
}

/** Spreads serial numbers over 30 bits, so that the marks of a set can be combined by exclusive or. */
function markOf(serial: number): number {
  let mark = Math.imul(serial + 1, 0x9e3779b1);
  mark = Math.imul(mark ^ (mark >>> 15), 0x85ebca6b);
  return (mark ^ (mark >>> 13)) & 0x3fffffff;
}
