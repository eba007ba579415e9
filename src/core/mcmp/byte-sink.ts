const FIRST_CAPACITY = 512;

/** Bytes that come in pieces. Copies them, so that no byte keeps the read buffer alive in which it came. */
export interface ByteSink {
  readonly length: number;
  /** False, and nothing taken, when they would be more than allowed. */
  add(bytes: Buffer, start: number, end: number): boolean;
  endsWith(byte: number): boolean;
  /** All of them as a byte string. */
  text(): string;
}

/** @param maxBytes that are ever held */
export function createByteSink(maxBytes: number): ByteSink {
  let store = Buffer.alloc(0);
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(bytes, start, end) {
      const needed = length + (end - start);
      if (needed > maxBytes) return false;
      if (needed > store.length) {
        const grown = Buffer.allocUnsafe(Math.max(needed, FIRST_CAPACITY, store.length * 2));
        store.copy(grown, 0, 0, length);
        store = grown;
      }
      bytes.copy(store, length, start, end);
      length = needed;
      return true;
    },
    endsWith: (byte) => length > 0 && store[length - 1] === byte,
    text: () => store.toString('latin1', 0, length),
  };
}
