import type { BalancerRecord, ContextRecord, ContextStatus, NodeRecord } from '../cluster/records.ts';
import type { Contender } from './contender.ts';
import { electionValue } from './contender.ts';
import { ContextShelf } from './context-shelf.ts';
import type { Electorate, ElectoratePool } from './electorate.ts';
import type { PathTable } from './path-table.ts';
import type { Place } from './place.ts';

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
  /** From whom is elected among the ENABLED and the DISABLED; null while the group is small or nobody has asked. */
  #enabledVoters: Electorate | null = null;
  #disabledVoters: Electorate | null = null;

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

  add(contender: Contender, context: ContextRecord, pool: ElectoratePool): void {
    const known = this.placeOf(contender);
    if (known !== null) {
      if (known.shelf === null && context !== known.context) {
        known.shelf = new ContextShelf();
        known.shelf.put(known.context);
      }
      known.shelf?.put(context);
      this.#refresh(known, pool);
      return;
    }
    const place = this.#newPlace(contender, context, this.places.length);
    this.places.push(place);
    if (this.places.length > SCANNED_UP_TO) {
      this.#byContender ??= new Map(this.places.map((each) => [each.contender, each]));
      this.#byContender.set(contender, place);
    }
    this.#changeVoters(contender, place.status, 'add', pool);
  }

  /** Takes a context away; the place goes with its last one. */
  remove(place: Place, context: ContextRecord, pool: ElectoratePool): void {
    if (place.shelf === null) {
      if (context === place.context) this.drop(place, pool);
      return;
    }
    place.shelf.remove(context);
    this.#refresh(place, pool);
    if (place.shelf.size === 1) place.shelf = null;
  }

  /** Takes a node away, with all contexts it has here. */
  drop(place: Place, pool: ElectoratePool): void {
    this.#changeVoters(place.contender, place.status, 'remove', pool);
    this.#count(place.status, -1);
    takeOut(this.places, place.indexInGroup, (moved, index) => {
      moved.indexInGroup = index;
    });
    takeOut(place.contender.places, place.indexInContender, (moved, index) => {
      moved.indexInContender = index;
    });
    this.#byContender?.delete(place.contender);
  }

  /** To be called when the last place is gone. */
  retire(pool: ElectoratePool): void {
    if (this.#enabledVoters !== null) pool.leave(this.#enabledVoters);
    if (this.#disabledVoters !== null) pool.leave(this.#disabledVoters);
    this.#enabledVoters = null;
    this.#disabledVoters = null;
  }

  /** Takes note of the contexts of a place as they are now. */
  #refresh(place: Place, pool: ElectoratePool): void {
    const chosen = place.shelf?.kindest(place.context) ?? place.context;
    place.context = chosen;
    if (place.status === chosen.status) return;
    this.#changeVoters(place.contender, place.status, 'remove', pool);
    this.#count(place.status, -1);
    place.status = chosen.status;
    this.#count(place.status, 1);
    this.#changeVoters(place.contender, place.status, 'add', pool);
  }

  #changeVoters(contender: Contender, status: ContextStatus, what: 'add' | 'remove', pool: ElectoratePool): void {
    if (status === 'ENABLED' && this.#enabledVoters !== null) {
      this.#enabledVoters = pool.change(this.#enabledVoters, contender, what);
    } else if (status === 'DISABLED' && this.#disabledVoters !== null) {
      this.#disabledVoters = pool.change(this.#disabledVoters, contender, what);
    }
  }

  #contendersOf(status: ContextStatus): Contender[] {
    const contenders: Contender[] = [];
    for (const place of this.places) if (place.status === status) contenders.push(place.contender);
    return contenders;
  }

  #placeOrNull(contender: Contender | null): Place | null {
    return contender === null ? null : this.placeOf(contender);
  }

  /**
   * The best candidates of each kind that can matter, without restriction; sub-linear.
   *
   * @param withDisabled whether the DISABLED are asked for
   */
  pick(picks: Picks, withDisabled: boolean, pool: ElectoratePool): void {
    if (this.places.length <= SCANNED_UP_TO) {
      this.scan(picks, null);
      return;
    }
    this.#enabledVoters ??= pool.join(this.#contendersOf('ENABLED'));
    picks.enabled = this.#placeOrNull(this.#enabledVoters.topActive());
    picks.enabledStandby = picks.enabled === null ? this.#placeOrNull(this.#enabledVoters.topStandby()) : null;
    picks.disabled = null;
    picks.disabledStandby = null;
    if (!withDisabled || this.disabledCount === 0) return;
    this.#disabledVoters ??= pool.join(this.#contendersOf('DISABLED'));
    picks.disabled = this.#placeOrNull(this.#disabledVoters.topActive());
    picks.disabledStandby = this.#placeOrNull(this.#disabledVoters.topStandby());
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
      shelf: null,
      indexInContender: contender.places.length,
      indexInGroup,
    };
    contender.places.push(place);
    this.#count(place.status, 1);
    return place;
  }

  #count(status: ContextStatus, difference: number): void {
    if (status === 'ENABLED') this.enabledCount += difference;
    else if (status === 'DISABLED') this.disabledCount += difference;
  }
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
