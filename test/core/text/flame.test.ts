import { expect, test } from 'vitest';
import type { Frame } from '../../../src/core/cause/flame.js';
import { flameText, flameTotals, type FrameText } from '../../../src/core/text/flame.js';
import { exampleExplanation } from '../results/example-causes.js';

const frame = (name: string, baseline: number, current: number, ...children: Frame[]): Frame => ({
  ...{ name, url: name.startsWith('(') ? '' : 'file:///project/src/diff.ts', line: 12, column: 3 },
  ...{ baseline, current, children },
});

const shown = (url: string): string => url.replace('file:///project/', '');

const tree = frame(
  '(root)',
  5100,
  9120,
  frame('values', 1000, 4900),
  frame('', 4100, 4090),
  frame('(garbage collector)', 0, 130),
);

const all = (text: FrameText): readonly FrameText[] => [text, ...text.children.flatMap(all)];

test('every function says its place and its times; on it stands what a call gained', () => {
  const { root, baseline, current } = flameText(tree, true, shown);
  expect([baseline, current]).toEqual(['5.1 µs', '9.1 µs']);
  expect(all(root).map(({ name, title }) => [name, title])).toEqual([
    ['a call +4.0 µs', 'a call: 5.1 µs → 9.1 µs (+4.0 µs)'],
    ['values +3.9 µs', 'values, src/diff.ts:12: 1.0 µs → 4.9 µs (+3.9 µs)'],
    ['diff.ts:12', 'function without a name, src/diff.ts:12: 4.1 µs → 4.1 µs'],
    ['(garbage collector) +130 ns', '(garbage collector): 0 ns → 130 ns (+130 ns)'],
  ]);
  expect(all(root).map(({ tint }) => tint.toFixed(2))).toEqual(['1.00', '0.97', '-0.00', '0.03']);
});

test('what is no time is told in shares', () => {
  const { root, baseline } = flameText(frame('(root)', 1, 1, frame('values', 0.25, 0.5)), false, shown);
  expect(baseline).toBe('100%');
  expect(root.children[0]?.title).toBe('values, src/diff.ts:12: 25% → 50% (+25%)');
});

test('the sums are the times of the verdict', () => {
  expect(flameTotals(exampleExplanation)).toEqual({ baseline: 5100, current: 9120 });
  const bytes = { value: 3674, unit: 'bytes' };
  expect(flameTotals({ ...exampleExplanation, metric: 'allocated', baseline: bytes, current: bytes })).toEqual({
    ...{ baseline: 1, current: 1 },
  });
  expect(flameTotals(null)).toEqual({ baseline: 1, current: 1 });
});
