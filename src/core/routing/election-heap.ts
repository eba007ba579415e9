import type { Contender } from './contender.ts';
import { electionValue } from './contender.ts';

/** Children of each entry: four keys lie in one cache line, and the heap is half as deep as a binary one. */
const ARITY = 4;

/** After this many stale entries in one election, sorting the whole heap anew is cheaper than mending it. */
const STALE_BEFORE_REBUILD = 64;

/**
 * Value and slot are compared as one number: `value * SLOTS + slot`. Exact for this many slots and for values below
 * 2 ** 33, which is 8 million requests per load unit in two intervals; beyond, ties may go to another than the lowest slot.
 */
const SLOTS = 2 ** 20;

const NOWHERE = -1;

/**
 * The members that may be elected, lowest (election value, slot) on top. Members are numbers, given by the electorate, and
 * everything that an election moves lies in arrays of numbers: with thousands of nodes the memory that is touched costs
 * more than the comparisons.
 *
 * Keys are lower bounds: a node that was elected through another electorate has a higher value than its key here says.
 * Values only grow until the next recalculation, so whoever is on top with a key that is still true is the lowest of all.
 * A value that falls (the node's load rose) must be told by `put`, and a recalculation by `rebuild`.
 */
export class ElectionHeap {
  /** Standby nodes are not compared by value: the lowest slot wins. */
  readonly #byValue: boolean;
  /** By member. */
  readonly #contenders: readonly (Contender | null)[];
  /** By member: where it is in the heap. */
  #positions: number[] = [];
  /** By position. */
  #members: number[] = [];
  #keys: number[] = [];

  constructor(byValue: boolean, contenders: readonly (Contender | null)[]) {
    this.#byValue = byValue;
    this.#contenders = contenders;
  }

  /** The node that wins the election, or null when there is none. Logarithmic, amortised over the elections. */
  top(): Contender | null {
    let stale = 0;
    for (;;) {
      const member = this.#members[0];
      if (member === undefined) return null;
      const key = this.#keyOf(member);
      if (key === this.#keys[0]) return this.#contenders[member] ?? null;
      if (++stale > STALE_BEFORE_REBUILD) this.rebuild(this.#members);
      else this.#sink(0, member, key);
    }
  }

  /** Adds a member, or takes note that its value may have fallen. */
  put(member: number): void {
    let at = this.#positions[member] ?? NOWHERE;
    if (at === NOWHERE) {
      while (this.#positions.length <= member) this.#positions.push(NOWHERE);
      at = this.#members.length;
      this.#members.push(member);
      this.#keys.push(0);
    }
    this.#settle(at, member);
  }

  /** Removes a member if it is here. */
  remove(member: number): void {
    const at = this.#positions[member] ?? NOWHERE;
    if (at === NOWHERE) return;
    this.#positions[member] = NOWHERE;
    const last = this.#members.pop();
    this.#keys.pop();
    if (last !== undefined && last !== member) this.#settle(at, last);
  }

  /** Takes these members, and no others, with their values of now. Linear. */
  rebuild(members: number[]): void {
    this.#positions = this.#contenders.map(() => NOWHERE);
    this.#members = members;
    this.#keys = members.map((member) => this.#keyOf(member));
    for (const [at, member] of members.entries()) this.#positions[member] = at;
    for (let at = Math.floor((members.length - 2) / ARITY); at >= 0; at--) {
      this.#sink(at, members[at] as number, this.#keys[at] as number);
    }
  }

  #keyOf(member: number): number {
    const contender = this.#contenders[member] as Contender;
    return this.#byValue ? electionValue(contender) * SLOTS + contender.slot : contender.slot;
  }

  #settle(at: number, member: number): void {
    const key = this.#keyOf(member);
    if (this.#rise(at, member, key) === at) this.#sink(at, member, key);
  }

  /** Puts a member at or above `from`, which is free; returns where. */
  #rise(from: number, member: number, key: number): number {
    const members = this.#members;
    const keys = this.#keys;
    let at = from;
    while (at > 0) {
      const above = Math.floor((at - 1) / ARITY);
      const parentKey = keys[above] as number;
      if (key >= parentKey) break;
      const parent = members[above] as number;
      members[at] = parent;
      keys[at] = parentKey;
      this.#positions[parent] = at;
      at = above;
    }
    members[at] = member;
    keys[at] = key;
    this.#positions[member] = at;
    return at;
  }

  /** Puts a member at or below `from`, which is free. */
  #sink(from: number, member: number, key: number): void {
    const members = this.#members;
    const keys = this.#keys;
    const positions = this.#positions;
    const size = members.length;
    let at = from;
    for (let first = ARITY * at + 1; first < size; first = ARITY * at + 1) {
      let least = first;
      let leastKey = keys[first] as number;
      const end = Math.min(first + ARITY, size);
      for (let child = first + 1; child < end; child++) {
        const childKey = keys[child] as number;
        if (childKey < leastKey) {
          least = child;
          leastKey = childKey;
        }
      }
      if (leastKey >= key) break;
      const child = members[least] as number;
      members[at] = child;
      keys[at] = leastKey;
      positions[child] = at;
      at = least;
    }
    members[at] = member;
    keys[at] = key;
    positions[member] = at;
  }
}
