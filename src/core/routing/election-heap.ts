import { electionValue } from './contender.ts';
import type { Seat } from './electorate.ts';

/** Children of each entry: four keys lie in one cache line, and the heap is half as deep as a binary one. */
const ARITY = 4;

/** After this many stale entries in one election, sorting the whole heap anew is cheaper than mending it. */
const STALE_BEFORE_REBUILD = 64;

/**
 * The seats that may be elected, lowest (election value, node slot) on top.
 *
 * Keys are lower bounds: a node that was elected through another path has a higher value than its key here says. Values
 * only grow until the next recalculation, so whoever is on top with a key that is still true is the lowest of all. A
 * value that falls (the node's load rose) must be told by `update`, and a recalculation by `rebuild`.
 */
export class ElectionHeap {
  /** Standby nodes are not compared by value: their keys are all 0, and the lowest slot wins. */
  readonly #byValue: boolean;
  #seats: Seat[] = [];
  #keys: number[] = [];

  constructor(byValue: boolean) {
    this.#byValue = byValue;
  }

  get size(): number {
    return this.#seats.length;
  }

  /** The seat that wins the election, or null when there is none. Logarithmic, amortised over the elections. */
  top(): Seat | null {
    let stale = 0;
    for (;;) {
      const seat = this.#seats[0];
      if (seat === undefined) return null;
      const key = this.#keyOf(seat);
      if (key === this.#keys[0]) return seat;
      if (++stale > STALE_BEFORE_REBUILD) {
        this.#rekey();
        return this.#seats[0] ?? null;
      }
      this.#sink(0, seat, key);
    }
  }

  add(seat: Seat): void {
    seat.heap = this;
    this.#seats.push(seat);
    this.#keys.push(0);
    this.#rise(this.#seats.length - 1, seat, this.#keyOf(seat));
  }

  remove(seat: Seat): void {
    const at = seat.position;
    seat.heap = null;
    const last = this.#seats.pop();
    this.#keys.pop();
    if (last === undefined || last === seat) return;
    this.#settle(at, last);
  }

  /** Tells that the seat's value may have fallen. */
  update(seat: Seat): void {
    this.#settle(seat.position, seat);
  }

  /** Takes these seats, which know already that they are here, and no others. Linear. */
  rebuild(seats: Seat[]): void {
    this.#seats = seats;
    this.#keys = seats.map(() => 0);
    this.#rekey();
  }

  #rekey(): void {
    const seats = this.#seats;
    for (let at = 0; at < seats.length; at++) {
      const seat = seats[at] as Seat;
      seat.position = at;
      this.#keys[at] = this.#keyOf(seat);
    }
    for (let at = Math.floor((seats.length - 2) / ARITY); at >= 0; at--) {
      this.#sink(at, seats[at] as Seat, this.#keys[at] as number);
    }
  }

  #keyOf(seat: Seat): number {
    return this.#byValue ? electionValue(seat.contender) : 0;
  }

  #settle(at: number, seat: Seat): void {
    const key = this.#keyOf(seat);
    this.#rise(at, seat, key);
    if (seat.position === at) this.#sink(at, seat, key);
  }

  /** Puts a seat at or above `at`, which is free. */
  #rise(from: number, seat: Seat, key: number): void {
    const seats = this.#seats;
    const keys = this.#keys;
    let at = from;
    while (at > 0) {
      const above = Math.floor((at - 1) / ARITY);
      const parent = seats[above] as Seat;
      if (!precedes(key, seat, keys[above] as number, parent)) break;
      seats[at] = parent;
      keys[at] = keys[above] as number;
      parent.position = at;
      at = above;
    }
    seats[at] = seat;
    keys[at] = key;
    seat.position = at;
  }

  /** Puts a seat at or below `at`, which is free. */
  #sink(from: number, seat: Seat, key: number): void {
    const seats = this.#seats;
    const keys = this.#keys;
    const size = seats.length;
    let at = from;
    for (let first = ARITY * at + 1; first < size; first = ARITY * at + 1) {
      let least = first;
      let leastKey = keys[first] as number;
      const end = Math.min(first + ARITY, size);
      for (let child = first + 1; child < end; child++) {
        const childKey = keys[child] as number;
        if (childKey < leastKey || (childKey === leastKey && slotOf(seats, child) < slotOf(seats, least))) {
          least = child;
          leastKey = childKey;
        }
      }
      const child = seats[least] as Seat;
      if (!precedes(leastKey, child, key, seat)) break;
      seats[at] = child;
      keys[at] = leastKey;
      child.position = at;
      at = least;
    }
    seats[at] = seat;
    keys[at] = key;
    seat.position = at;
  }
}

function slotOf(seats: readonly Seat[], at: number): number {
  return (seats[at] as Seat).contender.slot;
}

function precedes(key: number, seat: Seat, otherKey: number, other: Seat): boolean {
  return key < otherKey || (key === otherKey && seat.contender.slot < other.contender.slot);
}
