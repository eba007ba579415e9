/** What a reader knows of its packets, and `PacketHold` does not. */
export interface PacketRules<Handler> {
  /**
   * How many bytes have to be there to go on, judging by the `count` that are; less than 0: they can never become a packet.
   */
  needed(bytes: Buffer, from: number, count: number): number;
  /** Takes what `needed` asked for. */
  take(bytes: Buffer, from: number, end: number, handler: Handler): void;
}

/**
 * Holds the beginning of a packet whose rest has not come yet: at most one packet, in memory that is taken when it is first
 * needed and used again.
 */
export class PacketHold {
  /** How many bytes are held. */
  count = 0;
  bytes: Buffer = Buffer.alloc(0);
  readonly #most: number;

  /** @param most bytes of a packet */
  constructor(most: number) {
    this.#most = most;
  }

  /** Holds the bytes from `from` to `end`, behind those that it holds. */
  #add(buffer: Uint8Array, from: number, end: number): void {
    const count = this.count + end - from;
    if (count > this.bytes.length) {
      // A byte at a time must not mean a copy at a time.
      const larger = Buffer.allocUnsafeSlow(Math.min(this.#most, Math.max(256, 2 * count)));
      this.bytes.copy(larger, 0, 0, this.count);
      this.bytes = larger;
    }
    this.bytes.set(buffer.subarray(from, end), this.count);
    this.count = count;
  }

  /**
   * Reads one packet, from the buffer itself when it is there as a whole; or keeps as much of it as has come.
   *
   * @returns where it ends, or where it was found to be no packet
   */
  read<Handler>(rules: PacketRules<Handler>, buffer: Buffer, from: number, end: number, handler: Handler): number {
    if (this.count === 0) {
      const needed = rules.needed(buffer, from, end - from);
      if (needed < 0) return from;
      if (end - from >= needed) {
        rules.take(buffer, from, from + needed, handler);
        return from + needed;
      }
    }
    let at = from;
    while (at < end) {
      const to = Math.min(end, at + rules.needed(this.bytes, 0, this.count) - this.count);
      this.#add(buffer, at, to);
      at = to;
      const whole = rules.needed(this.bytes, 0, this.count);
      if (whole < 0) return at;
      if (this.count < whole) continue;
      this.count = 0;
      rules.take(this.bytes, 0, whole, handler);
      return at;
    }
    return at;
  }
}
