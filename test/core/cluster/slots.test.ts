import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSlotTable, releaseSlot, rowsOf, takeSlot } from '../../../src/core/cluster/slots.ts';

test('a new row takes the lowest free index, whatever was freed in which order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30 }), { maxLength: 200 }), (choices) => {
      const table = createSlotTable<number>();
      const used = new Set<number>();
      for (const choice of choices) {
        const victim = [...used][choice];
        if (victim === undefined) {
          let lowest = 0;
          while (used.has(lowest)) lowest++;
          expect(takeSlot(table, (slot) => slot)).toBe(lowest);
          used.add(lowest);
        } else {
          releaseSlot(table, victim);
          used.delete(victim);
        }
        expect(table.count).toBe(used.size);
        expect([...rowsOf(table)]).toEqual([...used].sort((a, b) => a - b));
      }
    }),
    { seed: 31, numRuns: 200 },
  );
});

test('freeing a free row is a bug and says so', () => {
  const table = createSlotTable<string>();
  takeSlot(table, () => 'a');
  expect(() => releaseSlot(table, 1)).toThrow(RangeError);
  releaseSlot(table, 0);
  expect(() => releaseSlot(table, 0)).toThrow('row 0 is not in use');
});
