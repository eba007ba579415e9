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
  add(buffer: Uint8Array, from: number, end: number): void {
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
}
