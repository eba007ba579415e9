import { electionValue } from './contender.ts';
import type { Place } from './place.ts';

/** Children of each entry: four keys lie in one cache line, and the heap is half as deep as a binary one. */
const ARITY = 4;

/** After this many stale entries in one election, sorting the whole heap anew is cheaper than mending it. */
const STALE_BEFORE_REBUILD = 64;

/**
 * The places that may be elected, lowest (election value, node slot) on top.
 *
 * Keys are lower bounds: a node that was elected through another path has a higher value than its key here says. Values
 * only grow until the next recalculation, so whoever is on top with a key that is still true is the lowest of all. A
 * value that falls (the node's load rose) must be told by `update`, and a recalculation by `rebuild`.
 */
export class ElectionHeap {
  /** Standby nodes are not compared by value: their keys are all 0, and the lowest slot wins. */
  readonly #byValue: boolean;
  #places: Place[] = [];
  #keys: number[] = [];

  constructor(byValue: boolean) {
    this.#byValue = byValue;
  }

  get size(): number {
    return this.#places.length;
  }

  /** The place that wins the election, or null when there is none. Logarithmic, amortised over the elections. */
  top(): Place | null {
    let stale = 0;
    for (;;) {
      const place = this.#places[0];
      if (place === undefined) return null;
      const key = this.#keyOf(place);
      if (key === this.#keys[0]) return place;
      if (++stale > STALE_BEFORE_REBUILD) {
        this.#rekey();
        return this.#places[0] ?? null;
      }
      this.#sink(0, place, key);
    }
  }

  add(place: Place): void {
    place.heap = this;
    this.#places.push(place);
    this.#keys.push(0);
    this.#rise(this.#places.length - 1, place, this.#keyOf(place));
  }

  remove(place: Place): void {
    const at = place.heapPosition;
    place.heap = null;
    const last = this.#places.pop();
    this.#keys.pop();
    if (last === undefined || last === place) return;
    this.#settle(at, last);
  }

  /** Tells that the place's value may have fallen. */
  update(place: Place): void {
    this.#settle(place.heapPosition, place);
  }

  /** Takes these places, which know already that they are here, and no others. Linear. */
  rebuild(places: Place[]): void {
    this.#places = places;
    this.#keys = places.map(() => 0);
    this.#rekey();
  }

  #rekey(): void {
    const places = this.#places;
    for (let at = 0; at < places.length; at++) {
      const place = places[at] as Place;
      place.heapPosition = at;
      this.#keys[at] = this.#keyOf(place);
    }
    for (let at = Math.floor((places.length - 2) / ARITY); at >= 0; at--) {
      this.#sink(at, places[at] as Place, this.#keys[at] as number);
    }
  }

  #keyOf(place: Place): number {
    return this.#byValue ? electionValue(place.contender) : 0;
  }

  #settle(at: number, place: Place): void {
    const key = this.#keyOf(place);
    this.#rise(at, place, key);
    if (place.heapPosition === at) this.#sink(at, place, key);
  }

  /** Puts a place at or above `at`, which is free. */
  #rise(from: number, place: Place, key: number): void {
    const places = this.#places;
    const keys = this.#keys;
    let at = from;
    while (at > 0) {
      const above = Math.floor((at - 1) / ARITY);
      const parent = places[above] as Place;
      if (!precedes(key, place, keys[above] as number, parent)) break;
      places[at] = parent;
      keys[at] = keys[above] as number;
      parent.heapPosition = at;
      at = above;
    }
    places[at] = place;
    keys[at] = key;
    place.heapPosition = at;
  }

  /** Puts a place at or below `at`, which is free. */
  #sink(from: number, place: Place, key: number): void {
    const places = this.#places;
    const keys = this.#keys;
    const size = places.length;
    let at = from;
    for (let first = ARITY * at + 1; first < size; first = ARITY * at + 1) {
      let least = first;
      let leastKey = keys[first] as number;
      const end = Math.min(first + ARITY, size);
      for (let child = first + 1; child < end; child++) {
        const childKey = keys[child] as number;
        if (childKey < leastKey || (childKey === leastKey && slotOf(places, child) < slotOf(places, least))) {
          least = child;
          leastKey = childKey;
        }
      }
      const child = places[least] as Place;
      if (!precedes(leastKey, child, key, place)) break;
      places[at] = child;
      keys[at] = leastKey;
      child.heapPosition = at;
      at = least;
    }
    places[at] = place;
    keys[at] = key;
    place.heapPosition = at;
  }
}

function slotOf(places: readonly Place[], at: number): number {
  return (places[at] as Place).contender.slot;
}

function precedes(key: number, place: Place, otherKey: number, other: Place): boolean {
  return key < otherKey || (key === otherKey && place.contender.slot < other.contender.slot);
}
