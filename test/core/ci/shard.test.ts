import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shardOf, type Divided } from '../../../src/core/ci/shard.js';

const parts = (all: readonly Divided[], count: number): readonly (readonly string[])[] =>
  Array.from({ length: count }, (_, at) => [...shardOf(all, { index: at + 1, count })].sort());

const alone = (id: string): Divided => ({ id, needs: [id] });

test('budgets are dealt out, and those that share a benchmark stay together', () => {
  const all = [
    alone('a'),
    alone('b'),
    alone('c'),
    { id: 'sum', needs: ['sum', 'a', 'c'] },
    { id: 'other', needs: ['b'] },
  ];
  expect(parts(all, 2)).toEqual([
    ['a', 'c', 'sum'],
    ['b', 'other'],
  ]);
  expect(parts(all, 4)).toEqual([['a', 'c', 'sum'], ['b', 'other'], [], []]);
  expect(parts([], 2)).toEqual([[], []]);
});

test('every budget is in one part, whatever their order, and parts of budgets that share nothing are as large', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (ids, count) => {
      const all = ids.map(alone);
      const dealt = parts(all, count);
      expect(dealt.flat().sort()).toEqual([...ids].sort());
      expect(parts(all.toReversed(), count)).toEqual(dealt);
      const sizes = dealt.map((part) => part.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test('what shares anything, however far apart, is in one part', () => {
  const link = fc.record({ id: fc.nat(20).map(String), needs: fc.array(fc.nat(12).map(String), { maxLength: 3 }) });
  fc.assert(
    fc.property(fc.uniqueArray(link, { selector: ({ id }) => id }), fc.integer({ min: 1, max: 5 }), (all, count) => {
      const dealt = parts(all, count);
      const partOf = (id: string): number => dealt.findIndex((part) => part.includes(id));
      for (const a of all) {
        for (const b of all) {
          if (a.needs.some((need) => b.needs.includes(need))) expect(partOf(a.id)).toBe(partOf(b.id));
        }
      }
    }),
  );
});
