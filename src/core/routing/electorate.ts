import type { Contender } from './contender.ts';
import { ElectionHeap } from './election-heap.ts';

/** A contender's membership in one electorate. */
export interface Seat {
  readonly contender: Contender;
  readonly electorate: Electorate;
  /** The member's number in the electorate. */
  readonly member: number;
  indexInContender: number;
}

/**
 * A set of nodes that are elected from, shared by all groups that have exactly these nodes. Nodes usually serve the same
 * contexts as their neighbours, so an election through one context is seen by the others without any work, and a change
 * of load is written once instead of once for each context.
 */
export class Electorate {
  readonly #pool: ElectoratePool;
  readonly #seats = new Map<Contender, Seat>();
  /** By member number; null where the number is free. */
  readonly #contenders: (Contender | null)[] = [];
  readonly #freeNumbers: number[] = [];
  readonly #active = new ElectionHeap(true, this.#contenders);
  readonly #standby = new ElectionHeap(false, this.#contenders);
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
    return this.#active.top();
  }

  /** The hot standby with the lowest slot, or null. */
  topStandby(): Contender | null {
    if (this.#interval !== this.#pool.interval) this.#sort();
    return this.#standby.top();
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
    this.#active.remove(seat.member);
    this.#standby.remove(seat.member);
    this.#contenders[seat.member] = null;
    this.#freeNumbers.push(seat.member);
    this.#seats.delete(contender);
    this.mark ^= contender.mark;
    leaveSeat(seat);
  }

  /** Tells that the state of the seat's node changed, or that its value fell. */
  reconsider(seat: Seat): void {
    // Heaps of an interval that is over are sorted anew before they are asked again.
    if (this.#interval !== this.#pool.interval) return;
    const { contender, member } = seat;
    const heap = this.#heapFor(contender);
    if (heap !== this.#active) this.#active.remove(member);
    if (heap !== this.#standby) this.#standby.remove(member);
    heap?.put(member);
  }

  dissolve(): void {
    for (const seat of this.#seats.values()) leaveSeat(seat);
    this.#seats.clear();
  }

  #seat(contender: Contender): Seat {
    const member = this.#freeNumbers.pop() ?? this.#contenders.length;
    this.#contenders[member] = contender;
    const seat: Seat = { contender, electorate: this, member, indexInContender: contender.seats.length };
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
    const active: number[] = [];
    const standby: number[] = [];
    for (const { contender, member } of this.#seats.values()) {
      const heap = this.#heapFor(contender);
      if (heap === this.#active) active.push(member);
      else if (heap === this.#standby) standby.push(member);
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
