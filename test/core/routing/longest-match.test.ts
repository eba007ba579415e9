import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PathTable } from '../../../src/core/routing/path-table.ts';
import { FakeCluster } from './fake-cluster.ts';

/** The longest of the paths that is a prefix by whole segments, by looking at each. */
function longestOf(paths: Iterable<string>, text: string): string | undefined {
  let longest: string | undefined;
  for (const path of paths) {
    const fits = path === '/' || text === path || text.startsWith(`${path}/`);
    if (fits && (longest === undefined || path.length > longest.length)) longest = path;
  }
  return longest;
}

const segment = fc.constantFrom('a', 'b', 'ab', 'shop', 'x');
const anyPath = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);

describe('the most specific context wins', () => {
  it('under churn, as a look at every context finds it', () => {
    const change = fc.record({ path: anyPath, add: fc.boolean(), node: fc.nat(2) });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 40 }),
        fc.array(anyPath, { minLength: 1, maxLength: 5 }),
        (changes, asked) => {
          const cluster = new FakeCluster();
          const nodes = [cluster.node('n0'), cluster.node('n1'), cluster.node('n2')];
          for (const { path, add, node } of changes) {
            const owner = nodes[node];
            if (owner === undefined) continue;
            const known = owner.vhosts[0]?.contexts.get(path);
            if (add) cluster.context(owner, path);
            else if (known !== undefined) cluster.removeContext(known);
            const registered = new Set(nodes.flatMap((each) => [...(each.vhosts[0]?.contexts.keys() ?? [])]));
            expect(cluster.index.counts().paths).toBe(registered.size);
            for (const target of asked) {
              expect(cluster.ask(target).context?.path).toBe(longestOf(registered, target));
            }
          }
        },
      ),
      { seed: 353, numRuns: 150 },
    );
  });
});

/** Two paths of one hash, found by trying: 70,000 of them are enough for a hash of 30 bits. */
function collidingPair(): [string, string] {
  const seen = new Map<number, string>();
  for (let at = 0; ; at++) {
    const path = `/${at.toString(36)}`;
    let hash = 0x811c9dc5 | 0;
    for (const character of path) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    const folded = (hash ^ (hash >>> 15)) & 0x3fffffff;
    const other = seen.get(folded);
    if (other !== undefined) return [other, path];
    seen.set(folded, path);
  }
}

describe('paths of one hash', () => {
  const [first, second] = collidingPair();

  it('are told apart in every order of coming and going', () => {
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      for (const leaving of [order, order.toReversed()]) {
        const table = new PathTable<{ path: string }>();
        for (const path of order) table.set({ path });
        expect(table.size).toBe(2);
        for (const path of order) {
          expect(table.get(path)?.path).toBe(path);
          expect(table.longestMatch(`${path}/x`, 0, path.length + 2)?.path).toBe(path);
        }
        const [gone, left] = leaving;
        if (gone === undefined || left === undefined) throw new Error('a pair has two');
        table.delete(gone);
        expect(table.get(gone)).toBeUndefined();
        expect(table.longestMatch(left, 0, left.length)?.path).toBe(left);
        table.set({ path: left });
        table.set({ path: gone });
        expect(table.size).toBe(2);
        expect(table.get(gone)?.path).toBe(gone);
        table.delete(left);
        table.delete(gone);
        expect(table.size).toBe(0);
        expect(table.get(left)).toBeUndefined();
      }
    }
  });
});
