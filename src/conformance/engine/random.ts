import { createHash } from 'node:crypto';

/**
 * Numbers that depend on the seed of the run and the id of the case alone: a case is repeated with the same numbers,
 * whatever ran before it.
 */
export function createRandom(seed: number, id: string): () => number {
  let count = 0;
  return () => {
    count += 1;
    const digest = createHash('sha256').update(`${seed}\n${id}\n${count}`).digest();
    return digest.readUIntBE(0, 6) / 2 ** 48;
  };
}
