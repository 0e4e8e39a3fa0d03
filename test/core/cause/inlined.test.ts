import { expect, test } from 'vitest';
import { withInlined, type CallFrame } from '../../../src/core/cause/inlined.js';

const frame = (functionName: string, lineNumber: number): CallFrame => ({
  ...{ functionName, lineNumber },
  ...{ scriptId: '7', url: 'file:///project/a.js', columnNumber: 0 },
});
const inner = frame('inner', 20);

/** Lines from 20 on are those of `inner`. */
const inlinedAt = ({ callFrame }: { callFrame: CallFrame }, line: number): CallFrame | null =>
  line >= 20 && callFrame.functionName !== 'inner' ? inner : null;

test('samples in the lines of a function that V8 has put into another one are its own', () => {
  const outer = { id: 2, callFrame: frame('outer', 4), hitCount: 10 };
  const ticks = [
    { line: 5, ticks: 3 },
    { line: 21, ticks: 4 },
    { line: 23, ticks: 2 },
  ];
  const before = {
    nodes: [
      { id: 1, callFrame: frame('(root)', -1), hitCount: 1, children: [2] },
      { ...outer, positionTicks: ticks },
    ],
    samples: [2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2],
    startTime: 0,
  };
  const found = withInlined(before, inlinedAt);
  expect(found.nodes).toEqual([
    { id: 1, callFrame: frame('(root)', -1), hitCount: 1, children: [2] },
    // One sample has no line; V8 does not say whose it is.
    { ...outer, hitCount: 4, children: [3], positionTicks: [{ line: 5, ticks: 3 }] },
    { id: 3, callFrame: inner, hitCount: 6, positionTicks: ticks.slice(1) },
  ]);
  // At even distances, and as many as are counted.
  expect(found.samples).toEqual([3, 2, 3, 2, 1, 3, 3, 2, 3, 2, 3]);
  expect(found.startTime).toBe(0);
  // What was given is as it was.
  expect(before.nodes[1]).toEqual({ ...outer, positionTicks: ticks });
});

test('a function that is also called there has one node, and keeps what it has', () => {
  const own = [{ line: 22, ticks: 5 }];
  const found = withInlined(
    {
      nodes: [
        { id: 4, callFrame: frame('outer', 4), hitCount: 2, children: [9], positionTicks: [{ line: 21, ticks: 2 }] },
        { id: 9, callFrame: inner, hitCount: 5, positionTicks: own },
      ],
      samples: [9, 4, 9, 9, 4, 9, 9],
    },
    inlinedAt,
  );
  expect(found.nodes).toEqual([
    { id: 4, callFrame: frame('outer', 4), hitCount: 0, children: [9], positionTicks: [] },
    { id: 9, callFrame: inner, hitCount: 7, positionTicks: [...own, { line: 21, ticks: 2 }] },
  ]);
  expect(found.samples).toEqual([9, 9, 9, 9, 9, 9, 9]);
});

test('a profile without such functions stays as it is', () => {
  const profile = { nodes: [{ id: 1, callFrame: inner, hitCount: 2, positionTicks: [{ line: 21, ticks: 2 }] }] };
  expect(withInlined(profile, inlinedAt)).toEqual(profile);
});
