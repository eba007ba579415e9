import type { Contender } from './contender.ts';
import { ElectionHeap } from './election-heap.ts';

/** A contender's membership in one electorate. */
export interface Seat {
  readonly contender: Contender;
  readonly electorate: Electorate;
  indexInContender: number;
  /** The heap it is in, and where; null while the node cannot be elected. */
  heap: ElectionHeap | null;
  position: number;
}

/**
 * A set of nodes that are elected from, shared by all groups that have exactly these nodes. Nodes usually serve the same
 * contexts as their neighbours, so an election through one context is seen by the others without any work, and a change
 * of load is written once instead of once for each context.
 */
export class Electorate {
  readonly #pool: ElectoratePool;
  readonly #seats = new Map<Contender, Seat>();
  readonly #active = new ElectionHeap(true);
  readonly #standby = new ElectionHeap(false);
  /** The interval whose values the keys stand for. */
  #interval = -1;
  /** The marks of all members, combined. */
  mark = 0;
  /** How many groups elect from this set. */
  users = 0;

  constructor(pool: ElectoratePool, contenders: readonly Contender[]) {
    this.#pool = pool;
    for (const contender of contenders) this.#seat(contender);
  }

  /** The active node with the lowest election value, or null. */
  topActive(): Contender | null {
    if (this.#interval !== this.#pool.interval) this.#sort();
    return this.#active.top()?.contender ?? null;
  }

  /** The hot standby with the lowest slot, or null. */
  topStandby(): Contender | null {
    if (this.#interval !== this.#pool.interval) this.#sort();
    return this.#standby.top()?.contender ?? null;
  }

  equals(contenders: readonly Contender[]): boolean {
    return contenders.length === this.#seats.size && contenders.every((contender) => this.#seats.has(contender));
  }

  add(contender: Contender): void {
    this.reconsider(this.#seat(contender));
  }

  remove(contender: Contender): void {
    const seat = this.#seats.get(contender);
    if (seat === undefined) return;
    seat.heap?.remove(seat);
    this.#seats.delete(contender);
    this.mark ^= contender.mark;
    leaveSeat(seat);
  }

  /** Tells that the state of the seat's node changed, or that its value fell. */
  reconsider(seat: Seat): void {
    // Heaps of an interval that is over are sorted anew before they are asked again.
    if (this.#interval !== this.#pool.interval) return;
    const heap = this.#heapFor(seat.contender);
    if (heap === seat.heap) {
      heap?.update(seat);
      return;
    }
    seat.heap?.remove(seat);
    heap?.add(seat);
  }

  dissolve(): void {
    for (const seat of this.#seats.values()) leaveSeat(seat);
    this.#seats.clear();
  }

  #seat(contender: Contender): Seat {
    const seat: Seat = {
      contender,
      electorate: this,
      indexInContender: contender.seats.length,
      heap: null,
      position: 0,
    };
    contender.seats.push(seat);
    this.#seats.set(contender, seat);
    this.mark ^= contender.mark;
    return seat;
  }

  #heapFor(contender: Contender): ElectionHeap | null {
    if (!contender.usable) return null;
    return contender.load > 0 ? this.#active : this.#standby;
  }

  #sort(): void {
    const active: Seat[] = [];
    const standby: Seat[] = [];
    for (const seat of this.#seats.values()) {
      seat.heap = this.#heapFor(seat.contender);
      if (seat.heap === this.#active) active.push(seat);
      else if (seat.heap === this.#standby) standby.push(seat);
    }
    this.#active.rebuild(active);
    this.#standby.rebuild(standby);
    this.#interval = this.#pool.interval;
  }
}

function leaveSeat(seat: Seat): void {
  const { seats } = seat.contender;
  const last = seats.pop();
  if (last === undefined || last === seat) return;
  seats[seat.indexInContender] = last;
  last.indexInContender = seat.indexInContender;
}

/** The electorates of an index, found by their members. */
export class ElectoratePool {
  /**
   * By the combined marks of the members. Of two sets with the same marks only the first is found here; the other one
   * serves the group that made it alone.
   */
  readonly #byMark = new Map<number, Electorate>();
  /** Number of the running interval. */
  interval = 0;

  get size(): number {
    return this.#byMark.size;
  }

  /** The electorate of exactly these nodes. Linear in their number; to be kept until `leave`. */
  join(contenders: readonly Contender[]): Electorate {
    let mark = 0;
    for (const contender of contenders) mark ^= contender.mark;
    const known = this.#byMark.get(mark);
    const electorate = known?.equals(contenders) === true ? known : new Electorate(this, contenders);
    if (known === undefined) this.#byMark.set(mark, electorate);
    electorate.users++;
    return electorate;
  }

  leave(electorate: Electorate): void {
    electorate.users--;
    if (electorate.users > 0) return;
    this.#forget(electorate);
    electorate.dissolve();
  }

  /**
   * Adds or removes one member for one of the electorate's users.
   *
   * @returns the electorate that the user has now, or null when it has to `join` another one
   */
  change(electorate: Electorate, contender: Contender, what: 'add' | 'remove'): Electorate | null {
    const mark = electorate.mark ^ contender.mark;
    if (electorate.users > 1 || this.#byMark.has(mark)) {
      this.leave(electorate);
      return null;
    }
    this.#forget(electorate);
    electorate[what](contender);
    this.#byMark.set(mark, electorate);
    return electorate;
  }

  #forget(electorate: Electorate): void {
    if (this.#byMark.get(electorate.mark) === electorate) this.#byMark.delete(electorate.mark);
  }
}
