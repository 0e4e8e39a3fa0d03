import { expect, test } from 'vitest';
import { flame, type Frame, type Profile } from '../../../src/core/cause/flame.js';

type Tree = readonly [name: string, hits: number, ...children: Tree[]];

/** A profile of nested calls, in the file of the benchmark; a name may have a line: `walk:12`. */
function profile(...trees: readonly Tree[]): Profile {
  const nodes: Profile['nodes'][number][] = [];
  const add = ([text, hitCount, ...children]: Tree): number => {
    const [name = '', line = '1'] = text.split(':');
    const id = nodes.length + 1;
    const isOwn = !name.startsWith('(');
    const callFrame = {
      functionName: name,
      url: isOwn ? 'file:///project/src/diff.js' : '',
      lineNumber: isOwn ? Number(line) - 1 : -1,
      columnNumber: isOwn ? 0 : -1,
    };
    const node = { id, callFrame, hitCount, children: [] as number[] };
    nodes.push(node);
    node.children.push(...children.map(add));
    return id;
  };
  add(['(root)', 0, ...trees]);
  return { nodes };
}

/** `name baseline → current`, each level two spaces further in. */
function lines(frame: Frame, indent = ''): readonly string[] {
  const figures = `${Number(frame.baseline.toFixed(3))} → ${Number(frame.current.toFixed(3))}`;
  return [
    `${indent}${frame.name || 'all'} ${figures}`,
    ...frame.children.flatMap((child) => lines(child, `${indent}  `)),
  ];
}

test('two profiles are one tree whose sums are those of the verdict, however many samples there are', () => {
  const baseline = profile(['diff', 20, ['values', 60], ['gone', 20]]);
  const current = profile(['diff', 10, ['values', 170, ['(garbage collector)', 20]]]);
  const total = { baseline: 100, current: 200 };
  expect(lines(flame({ baseline, current }, total))).toEqual([
    'all 100 → 200',
    '  diff 100 → 200',
    '    values 60 → 190',
    '      (garbage collector) 0 → 20',
    '    gone 20 → 0',
  ]);
});

test('a thread that waits, and what V8 does besides, are no part of it', () => {
  const one = profile(['(idle)', 500], ['(program)', 50], ['diff', 10]);
  expect(lines(flame({ baseline: one, current: one }, { baseline: 5, current: 6 }))).toEqual([
    'all 5 → 6',
    '  diff 5 → 6',
  ]);
});

test('our loop is the call, and what our process does around it is no part of it', () => {
  const one = profile(
    ['readStream', 30],
    ['slice:4366', 40, ['loop', 1, ['diff', 5, ['values', 3]]], ['clock', 9]],
    ['slice:4366', 0, ['loop', 0, ['diff', 1]]],
    ['(garbage collector)', 2],
  );
  const nodes = one.nodes.map((node) => {
    const { callFrame } = node;
    return callFrame.functionName === 'loop' ? { ...node, callFrame: { ...callFrame, url: 'perf-budget:loop' } } : node;
  });
  const frame = flame({ baseline: { nodes }, current: { nodes } }, { baseline: 12, current: 24 });
  expect(lines(frame)).toEqual(['all 12 → 24', '  diff 9 → 18', '    values 3 → 6', '  (garbage collector) 2 → 4']);
});

test('a side of which nothing was sampled has no figures', () => {
  const nothing = profile(['(idle)', 500]);
  const frame = flame({ baseline: nothing, current: profile(['diff', 3]) }, { baseline: 5, current: 6 });
  expect(lines(frame)).toEqual(['all 0 → 6', '  diff 0 → 6']);
  expect(lines(flame({ baseline: { nodes: [] }, current: nothing }, { baseline: 5, current: 6 }))).toEqual([
    'all 0 → 0',
  ]);
});

test('a function that moved is where it is now; calls of one function in a function are one frame', () => {
  const baseline = profile(['diff:4', 10, ['values:9', 10], ['values:9', 10]]);
  const current = profile(['diff:4', 10, ['values:30', 20]]);
  const [diff] = flame({ baseline, current }, { baseline: 30, current: 30 }).children;
  expect(diff?.children).toMatchObject([{ name: 'values', line: 30, column: 1, baseline: 20, current: 20 }]);
});

test('recursion is one frame, two methods of one name are two, and a deep cycle has an end', () => {
  const deep = (depth: number, names: readonly string[]): Tree =>
    depth === 0 ? ['leaf', 1] : [names[depth % names.length] ?? '', 1, deep(depth - 1, names)];
  const both = (of: Profile, total: number) =>
    flame({ baseline: of, current: of }, { baseline: total, current: total });
  // The leaf is too narrow.
  expect(lines(both(profile(deep(1000, ['walk'])), 1001))).toEqual(['all 1001 → 1001', '  walk 1001 → 1001']);
  expect(lines(both(profile(['get:3', 1, ['get:20', 3]]), 4))).toEqual(['all 4 → 4', '  get 4 → 4', '    get 3 → 3']);
  const cycle = lines(both(profile(deep(1000, ['odd', 'even'])), 1001));
  expect(cycle).toHaveLength(121);
  expect(cycle.at(-1)?.trim()).toBe('even 882 → 882');
});

test('what is too narrow to see stays with its caller', () => {
  const one = profile(['diff', 5000, ['tiny', 1], ['small', 10]]);
  const frame = flame({ baseline: one, current: one }, { baseline: 5011, current: 5011 });
  expect(lines(frame)).toEqual(['all 5011 → 5011', '  diff 5011 → 5011', '    small 10 → 10']);
});

test('nodes that lead to each other, or nowhere, are no harm', () => {
  const { nodes } = profile(['diff', 10, ['values', 10]]);
  const odd = nodes.map((node) => ({ ...node, children: [...(node.children ?? []), 2, 99] }));
  const frame = flame({ baseline: { nodes: odd }, current: { nodes } }, { baseline: 20, current: 20 });
  expect(lines(frame)).toEqual(['all 20 → 20', '  diff 20 → 20', '    values 10 → 10']);
});
