const SLASH = 0x2f;
const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** The hash of a path that is read character by character (FNV-1a), folded into a small integer for use as a key. */
function fold(hash: number): number {
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}

function hashOf(path: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < path.length; at++) hash = Math.imul(hash ^ path.charCodeAt(at), FNV_PRIME);
  return fold(hash);
}

/** Number of `/` in a registered path: its place among the prefixes of a request. */
function depthOf(path: string): number {
  let depth = 0;
  for (let at = 0; at < path.length; at++) if (path.charCodeAt(at) === SLASH) depth++;
  return depth;
}

/**
 * Registered paths, found by the longest prefix of a request path without making a string per prefix: the request is
 * hashed as it is read, and each prefix that ends a segment is looked up by number. Paths that share a hash with another
 * one are kept in a map of V8's own, whose seeded hash nobody outside can aim at.
 */
export class PathTable<V extends { readonly path: string }> {
  readonly #byHash = new Map<number, V>();
  readonly #colliding = new Map<string, V>();
  readonly #collisions = new Map<number, number>();
  /** How many registered paths have this many segments. */
  readonly #depths: number[] = [];
  #root: V | undefined = undefined;
  #deepest = 0;
  #longest = 0;
  #size = 0;
  /** Ends and hashes of the prefixes of the request at hand. */
  #ends = new Int32Array(8);
  #hashes = new Int32Array(8);

  get size(): number {
    return this.#size;
  }

  get(path: string): V | undefined {
    if (path === '/') return this.#root;
    return this.#find(path, 0, path.length, hashOf(path));
  }

  /** Files a value under its own path; a value that was there before is replaced. */
  set(value: V): void {
    const path = value.path;
    if (this.get(path) === undefined) this.#grow(path);
    if (path === '/') {
      this.#root = value;
      return;
    }
    const hash = hashOf(path);
    const holder = this.#byHash.get(hash);
    if (this.#colliding.has(path) || (holder !== undefined && holder.path !== path)) {
      if (!this.#colliding.has(path)) this.#collisions.set(hash, (this.#collisions.get(hash) ?? 0) + 1);
      this.#colliding.set(path, value);
    } else {
      this.#byHash.set(hash, value);
    }
  }

  delete(path: string): void {
    if (this.get(path) === undefined) return;
    this.#shrink(path);
    if (path === '/') {
      this.#root = undefined;
      return;
    }
    const hash = hashOf(path);
    if (this.#colliding.delete(path)) {
      const left = (this.#collisions.get(hash) ?? 1) - 1;
      if (left === 0) this.#collisions.delete(hash);
      else this.#collisions.set(hash, left);
    } else {
      this.#byHash.delete(hash);
    }
  }

  /**
   * The longest registered path that is a prefix of `text[begin, end)` by whole segments. Costs at most as many look-ups
   * as the deepest registered path has segments, whatever the request looks like.
   */
  longestMatch(text: string, begin: number, end: number): V | undefined {
    for (let depth = this.#hashPrefixes(text, begin, end); depth > 0; depth--) {
      if ((this.#depths[depth] ?? 0) === 0) continue;
      const found = this.#find(text, begin, this.#ends[depth - 1] ?? begin, this.#hashes[depth - 1] ?? 0);
      if (found !== undefined) return found;
    }
    return text.charCodeAt(begin) === SLASH ? this.#root : undefined;
  }

  /** The prefixes that `longestMatch` asks for, in its order: for explanations. */
  prefixesTried(text: string, begin: number, end: number): string[] {
    const tried: string[] = [];
    for (let depth = this.#hashPrefixes(text, begin, end); depth > 0; depth--) {
      if ((this.#depths[depth] ?? 0) > 0) tried.push(text.slice(begin, this.#ends[depth - 1]));
    }
    if (text.charCodeAt(begin) === SLASH && tried.at(-1) !== '/') tried.push('/');
    return tried;
  }

  /** Notes where each prefix ends, and its hash; returns how many there are. */
  #hashPrefixes(text: string, begin: number, end: number): number {
    const limit = Math.min(end, begin + this.#longest);
    const deepest = this.#deepest;
    let hash = FNV_OFFSET;
    let depth = 0;
    for (let at = begin; depth < deepest; at++) {
      const code = at < end ? text.charCodeAt(at) : SLASH;
      if (code === SLASH && at > begin) {
        this.#ends[depth] = at;
        this.#hashes[depth] = fold(hash);
        depth++;
      }
      if (at >= limit) break;
      hash = Math.imul(hash ^ code, FNV_PRIME);
    }
    return depth;
  }

  #find(text: string, begin: number, end: number, hash: number): V | undefined {
    const value = this.#byHash.get(hash);
    if (value !== undefined && value.path.length === end - begin && text.startsWith(value.path, begin)) return value;
    if (this.#collisions.size === 0 || !this.#collisions.has(hash)) return undefined;
    return this.#colliding.get(text.slice(begin, end));
  }

  #grow(path: string): void {
    this.#size++;
    if (path === '/') return;
    const depth = depthOf(path);
    while (this.#depths.length <= depth) this.#depths.push(0);
    this.#depths[depth] = (this.#depths[depth] ?? 0) + 1;
    this.#deepest = Math.max(this.#deepest, depth);
    this.#longest = Math.max(this.#longest, path.length);
    if (this.#ends.length < this.#deepest) {
      this.#ends = new Int32Array(2 * this.#deepest);
      this.#hashes = new Int32Array(2 * this.#deepest);
    }
  }

  #shrink(path: string): void {
    this.#size--;
    if (path === '/') return;
    const depth = depthOf(path);
    this.#depths[depth] = (this.#depths[depth] ?? 1) - 1;
    while (this.#deepest > 0 && (this.#depths[this.#deepest] ?? 0) === 0) this.#deepest--;
    if (this.#deepest === 0) this.#longest = 0;
  }
}
