import type { BalancerRecord, ContextRecord, NodeRecord } from '../cluster/records.ts';
import type { Contender } from './contender.ts';
import { electionValue } from './contender.ts';
import { ElectionHeap } from './election-heap.ts';
import type { PathTable } from './path-table.ts';
import type { Place } from './place.ts';
import { chooseContext } from './place.ts';

/** Up to this many nodes a group is looked through at each election: no slower than a heap, and nothing to keep up. */
const SCANNED_UP_TO = 8;

/** The paths of one virtual host name; the name is empty when aliases are not used. */
export interface HostTable {
  readonly name: string;
  readonly paths: PathTable<CandidateGroup>;
}

/** The best of each kind, as a look at the candidates found them. */
export interface Picks {
  enabled: Place | null;
  disabled: Place | null;
  enabledStandby: Place | null;
  disabledStandby: Place | null;
}

/** Which candidates may be considered. */
export interface Restriction {
  /** Only nodes of this domain; empty: all. */
  domain: string;
  /** Nodes that failed this request already. */
  excluded: readonly NodeRecord[];
}

/** One heap for each kind of place that can be elected. */
interface Heaps {
  /** Number of the interval whose values the keys stand for. */
  interval: number;
  readonly enabled: ElectionHeap;
  readonly disabled: ElectionHeap;
  readonly enabledStandby: ElectionHeap;
  readonly disabledStandby: ElectionHeap;
}

/**
 * The nodes of one balancer that have registered one path. Groups of the same path in other balancers follow in `next`,
 * by balancer slot.
 */
export class CandidateGroup {
  readonly path: string;
  readonly balancer: BalancerRecord;
  readonly host: HostTable;
  next: CandidateGroup | null = null;
  /** Every node with the path, usable or not, in no order. */
  readonly places: Place[];
  /** Places that are ENABLED, and DISABLED, whatever the state of their nodes. */
  enabledCount = 0;
  disabledCount = 0;
  #byContender: Map<Contender, Place> | null = null;
  #heaps: Heaps | null = null;

  constructor(path: string, balancer: BalancerRecord, host: HostTable, contender: Contender, context: ContextRecord) {
    this.path = path;
    this.balancer = balancer;
    this.host = host;
    // A literal, because an array that grows from nothing reserves room for 17: most groups have one place.
    this.places = [this.#newPlace(contender, context, 0)];
  }

  placeOf(contender: Contender): Place | null {
    if (this.#byContender !== null) return this.#byContender.get(contender) ?? null;
    for (const place of this.places) if (place.contender === contender) return place;
    return null;
  }

  add(contender: Contender, context: ContextRecord, interval: number): void {
    const known = this.placeOf(contender);
    if (known !== null) {
      if (context !== known.context && !known.others?.includes(context)) {
        known.others = [...(known.others ?? []), context];
      }
      this.#refresh(known, interval);
      return;
    }
    const place = this.#newPlace(contender, context, this.places.length);
    this.places.push(place);
    if (this.places.length > SCANNED_UP_TO) {
      this.#byContender ??= new Map(this.places.map((each) => [each.contender, each]));
      this.#byContender.set(contender, place);
    }
    this.reconsider(place, interval);
  }

  /** Takes a context away; the place goes with its last one. */
  remove(place: Place, context: ContextRecord, interval: number): void {
    const left = [place.context, ...(place.others ?? [])].filter((each) => each !== context);
    const [first, ...others] = left;
    if (first !== undefined) {
      place.context = first;
      place.others = others.length === 0 ? null : others;
      this.#refresh(place, interval);
      return;
    }
    this.drop(place);
  }

  /** Takes a node away, with all contexts it has here. */
  drop(place: Place): void {
    place.heap?.remove(place);
    this.#count(place, -1);
    takeOut(this.places, place.indexInGroup, (moved, index) => {
      moved.indexInGroup = index;
    });
    takeOut(place.contender.places, place.indexInContender, (moved, index) => {
      moved.indexInContender = index;
    });
    this.#byContender?.delete(place.contender);
  }

  /** Tells that the status of a context of this place changed. */
  #refresh(place: Place, interval: number): void {
    const contexts = place.others === null ? [place.context] : [place.context, ...place.others];
    const chosen = chooseContext(contexts) ?? place.context;
    this.#count(place, -1);
    place.context = chosen;
    place.status = chosen.status;
    if (place.others !== null) place.others = contexts.filter((each) => each !== chosen);
    this.#count(place, 1);
    this.reconsider(place, interval);
  }

  /** Tells that the state of the place's node, or its value for other reasons than an election, changed. */
  reconsider(place: Place, interval: number): void {
    const heaps = this.#heaps;
    // Heaps of an interval that is over are built anew before they are asked again.
    if (heaps === null || heaps.interval !== interval) return;
    const heap = heapFor(heaps, place);
    if (heap === place.heap) {
      heap?.update(place);
      return;
    }
    place.heap?.remove(place);
    heap?.add(place);
  }

  /** The best candidate of each kind, without restriction; sub-linear. `withDisabled`: whether those are asked for. */
  pick(picks: Picks, withDisabled: boolean, interval: number): void {
    if (this.places.length <= SCANNED_UP_TO) {
      this.scan(picks, null);
      return;
    }
    const heaps = this.#currentHeaps(interval);
    picks.enabled = heaps.enabled.top();
    picks.enabledStandby = heaps.enabledStandby.top();
    picks.disabled = withDisabled ? heaps.disabled.top() : null;
    picks.disabledStandby = withDisabled ? heaps.disabledStandby.top() : null;
  }

  /**
   * The best candidate of each kind among those that meet a restriction. Linear in the nodes of the group: only for
   * repeated attempts and for sessions that lost their node.
   */
  scan(picks: Picks, restriction: Restriction | null): void {
    picks.enabled = null;
    picks.disabled = null;
    picks.enabledStandby = null;
    picks.disabledStandby = null;
    for (const place of this.places) {
      const { contender, status } = place;
      if (!contender.usable || status === 'STOPPED') continue;
      if (restriction !== null && !meets(contender, restriction)) continue;
      if (contender.load > 0) {
        if (status === 'ENABLED') picks.enabled = better(place, picks.enabled);
        else picks.disabled = better(place, picks.disabled);
      } else if (status === 'ENABLED') {
        picks.enabledStandby = betterStandby(place, picks.enabledStandby);
      } else {
        picks.disabledStandby = betterStandby(place, picks.disabledStandby);
      }
    }
  }

  #newPlace(contender: Contender, context: ContextRecord, indexInGroup: number): Place {
    const place: Place = {
      contender,
      group: this,
      context,
      status: context.status,
      others: null,
      indexInContender: contender.places.length,
      indexInGroup,
      heap: null,
      heapPosition: 0,
    };
    contender.places.push(place);
    this.#count(place, 1);
    return place;
  }

  #count(place: Place, difference: number): void {
    if (place.status === 'ENABLED') this.enabledCount += difference;
    else if (place.status === 'DISABLED') this.disabledCount += difference;
  }

  #currentHeaps(interval: number): Heaps {
    this.#heaps ??= {
      interval: -1,
      enabled: new ElectionHeap(true),
      disabled: new ElectionHeap(true),
      enabledStandby: new ElectionHeap(false),
      disabledStandby: new ElectionHeap(false),
    };
    const heaps = this.#heaps;
    if (heaps.interval === interval) return heaps;
    const sorted = new Map<ElectionHeap, Place[]>();
    for (const heap of [heaps.enabled, heaps.disabled, heaps.enabledStandby, heaps.disabledStandby])
      sorted.set(heap, []);
    for (const place of this.places) {
      const heap = heapFor(heaps, place);
      place.heap = heap;
      if (heap !== null) sorted.get(heap)?.push(place);
    }
    for (const [heap, places] of sorted) heap.rebuild(places);
    heaps.interval = interval;
    return heaps;
  }
}

function heapFor(heaps: Heaps, place: Place): ElectionHeap | null {
  if (!place.contender.usable || place.status === 'STOPPED') return null;
  if (place.contender.load > 0) return place.status === 'ENABLED' ? heaps.enabled : heaps.disabled;
  return place.status === 'ENABLED' ? heaps.enabledStandby : heaps.disabledStandby;
}

function meets(contender: Contender, restriction: Restriction): boolean {
  if (restriction.domain !== '' && contender.domain !== restriction.domain) return false;
  return !restriction.excluded.includes(contender.node);
}

/** The one with the lower election value; on a tie the lower slot. */
export function better(place: Place, best: Place | null): Place {
  if (best === null) return place;
  const difference = electionValue(place.contender) - electionValue(best.contender);
  return difference < 0 || (difference === 0 && place.contender.slot < best.contender.slot) ? place : best;
}

/** Standby nodes are taken in table order. */
export function betterStandby(place: Place, best: Place | null): Place {
  return best === null || place.contender.slot < best.contender.slot ? place : best;
}

/** Removes an element by moving the last one into its place. */
function takeOut<T>(list: T[], index: number, moved: (element: T, index: number) => void): void {
  const last = list.pop();
  if (last === undefined || index >= list.length) return;
  list[index] = last;
  moved(last, index);
}
