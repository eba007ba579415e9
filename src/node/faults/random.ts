/** A number from 0 up to but not including 1. */
export type Random = () => number;

/**
 * xoshiro128** 1.1 of Blackman and Vigna: four words of state, long enough for any run, the same on every machine.
 * @param state four 32-bit words, not all 0; taken over
 * @returns the next 32 bits, as an unsigned number
 */
export function xoshiro128(state: Uint32Array): () => number {
  return () => {
    let [a = 0, b = 0, c = 0, d = 0] = state;
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    state.set([a, b, c, d]);
    return result;
  };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** A sequence that depends on nothing but the seed and the name: whoever draws from another one does not change it. */
export function namedRandom(seed: number, name: string): Random {
  const next = xoshiro128(spread(fnv1a(`${seed}\n${name}`)));
  return () => next() / 2 ** 32;
}

/** FNV-1a, 32 bits, over the UTF-16 units of a text. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Four words from one (splitmix32), so that names that are alike begin unlike. */
function spread(seed: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length: 4 }, () => {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  });
}
