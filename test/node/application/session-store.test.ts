import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSessionStore } from '../../../src/node/application/session-store.ts';

describe('the sessions of a node', () => {
  it('expire when they were idle for the whole time', () => {
    let nowMs = 0;
    const store = createSessionStore(() => nowMs, 1_000, 10);
    store.touch('/a', 'one');
    nowMs = 500;
    store.touch('/a', 'two');
    nowMs = 999;
    expect(store.touch('/a', 'one')).toBe(2);
    nowMs = 1_499;
    expect(store.count('/a')).toBe(2);
    nowMs = 1_500;
    expect(store.count('/a')).toBe(1);
    nowMs = 1_999;
    expect(store.count('/a')).toBe(0);
    expect(store.touch('/a', 'one')).toBe(1);
  });

  it('are forgotten beyond the limit, the one idle longest first', () => {
    const store = createSessionStore(() => 0, 1_000, 2);
    store.touch('/a', 'one');
    store.touch('/b', 'two');
    store.touch('/a', 'one');
    store.touch('/b', 'three');
    expect([store.count('/a'), store.count('/b')]).toEqual([1, 1]);
    expect(store.touch('/b', 'two')).toBe(1);
  });

  it('are counted as they are, whatever happens in whatever order', () => {
    const act = fc.record({
      kind: fc.constantFrom('touch', 'end', 'wait'),
      context: fc.constantFrom('/', '/a', '/b'),
      id: fc.constantFrom('1', '2', '3', '4'),
      ms: fc.nat(60),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        let nowMs = 0;
        const store = createSessionStore(() => nowMs, 100, 1_000);
        const expected = new Map<string, number>();
        for (const { kind, context, id, ms } of acts) {
          if (kind === 'wait') nowMs += ms;
          else if (kind === 'end') {
            store.end(context, id);
            expected.delete(`${context} ${id}`);
          } else {
            store.touch(context, id);
            expected.set(`${context} ${id}`, nowMs);
          }
          for (const path of ['/', '/a', '/b']) {
            const alive = [...expected].filter(([key, at]) => key.startsWith(`${path} `) && nowMs - at < 100);
            expect(store.count(path)).toBe(alive.length);
          }
        }
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});
