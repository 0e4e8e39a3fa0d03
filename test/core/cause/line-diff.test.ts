import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from '../../../src/core/cause/line-diff.js';

const many = (count: number, line: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => line(i));

/** All pairs of equal lines, as the old text has them. */
const pairs = (old: string, now: string): (number | null)[] => {
  const { newOf } = diffLines(old, now);
  return old.split('\n').map((_, index) => newOf(index + 1));
};

test('a line that is changed, one that is new, and one that is gone', () => {
  const old = 'function f() {\n  one();\n  two();\n  three();\n}';
  const now = 'function f() {\n  zero();\n  one();\n  2();\n}';
  const { changed, oldOf } = diffLines(old, now);
  expect([...changed]).toEqual([2, 4]);
  expect([1, 2, 3, 4, 5, 6].map(oldOf)).toEqual([1, null, 2, null, 5, null]);
  expect(pairs(old, now)).toEqual([1, 3, null, null, 5]);
});

test('how lines end, and how far they are indented, changes nothing', () => {
  expect([...diffLines('a {\r\n  b;\r\n}', 'a {\n  b;\n}').changed]).toEqual([]);
  const { changed, oldOf } = diffLines('a;\nb;', 'if (x) {\n  a;\n  b;\n}');
  expect([...changed]).toEqual([1, 4]);
  expect(oldOf(2)).toBe(1);
});

test('a function that is put before another keeps the lines of the other', () => {
  const first = 'function a() {\n  run(1);\n  return 1;\n}';
  const second = 'function b() {\n  run(2);\n  return 1;\n}';
  expect([...diffLines(first, `${second}\n\n${first}`).changed]).toEqual([1, 2, 3, 4, 5]);
});

test('of lines that repeat, as many as possible are the same', () => {
  expect([...diffLines('x\nx\nx', 'x\ny\nx\nx\nx').changed]).toHaveLength(2);
});

test('empty texts', () => {
  expect([...diffLines('', '').changed]).toEqual([]);
  expect([...diffLines('', 'a\nb').changed]).toEqual([1, 2]);
});

test('every text: lines are the same both ways, in order, and equal; the rest is changed', () => {
  const text = fc.array(fc.constantFrom('a', 'b', '}', '', 'c();'), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(text, text, (old, now) => {
      const { changed, newOf, oldOf } = diffLines(old.join('\n'), now.join('\n'));
      let last = 0;
      old.forEach((line, index) => {
        const to = newOf(index + 1);
        if (to === null) return;
        expect(now[to - 1]).toBe(line);
        expect(oldOf(to)).toBe(index + 1);
        expect(to).toBeGreaterThan(last);
        last = to;
      });
      expect(changed).toEqual(new Set(now.flatMap((_, index) => (oldOf(index + 1) === null ? [index + 1] : []))));
      // A text is unchanged if and only if it is the same.
      expect(changed.size === 0 && old.length === now.length).toBe(old.join('\n') === now.join('\n'));
    }),
  );
});

test('20,000 lines, of which a tenth, half or all have changed', () => {
  const old = many(20_000, (i) => (i % 3 === 0 ? '}' : `line ${i}`));
  const changedOf = (share: number): number =>
    diffLines(old.join('\n'), many(20_000, (i) => (i % share === 0 ? `new ${i}` : (old[i] ?? ''))).join('\n')).changed
      .size;
  expect([10, 2, 1].map(changedOf)).toEqual([2000, 10_000, 20_000]);
});
