import { expect, test } from 'vitest';
import { loopScript, ticksOf, type RawNode } from '../../../src/core/cause/profile.js';

const bundle = 'file:///tmp/run/a.mjs';
const worker = 'file:///app/dist/worker.js';
const lodash = 'file:///p/node_modules/lodash/sort.js';

interface Called {
  readonly name: string;
  readonly url?: string;
  /** Where it begins; absent for what is native. */
  readonly at?: number;
  readonly ticks?: Readonly<Record<number, number>>;
  readonly hits?: number;
  readonly calls?: readonly Called[];
}

/** Makes the nodes of a tree of calls. Hits are those of the lines, unless said. */
function nodesOf(called: Called): readonly RawNode[] {
  const nodes: RawNode[] = [];
  const add = ({ name, url = '', at, ticks = {}, hits, calls = [] }: Called): number => {
    const id = nodes.length + 1;
    const positionTicks = Object.entries(ticks).map(([line, count]) => ({ line: Number(line), ticks: count }));
    const children: number[] = [];
    const place = at === undefined ? { lineNumber: -1, columnNumber: -1 } : { lineNumber: at - 1, columnNumber: 4 };
    nodes.push({
      id,
      callFrame: { functionName: name, scriptId: at === undefined ? '0' : '9', url, ...place },
      hitCount: hits ?? positionTicks.reduce((sum, one) => sum + one.ticks, 0),
      children,
      ...(positionTicks.length > 0 && { positionTicks }),
    });
    children.push(...calls.map(add));
    return id;
  };
  add(called);
  return nodes;
}

const loop = (calls: readonly Called[], ticks = {}): Called => ({
  ...{ name: 'slice', url: worker, at: 100, hits: 1 },
  calls: [{ name: '', url: loopScript.url, at: loopScript.firstLine, ticks, calls }],
});

const read = (...calls: readonly Called[]) =>
  ticksOf({ nodes: nodesOf({ name: '(root)', calls }) }, { bundle, worker });

const none = { user: 0, package: 0, node: 0, loop: 0, 'garbage collector': 0, program: 0, idle: 0 };
const work = { kind: 'user', url: bundle, name: 'work', line: 10, column: 5 };

test('lines of the user’s code and of packages, wherever they were called from', () => {
  const sort = { name: 'sort', url: lodash, at: 3, ticks: { 4: 6 } };
  const found = read(
    loop([{ name: 'work', url: bundle, at: 10, ticks: { 11: 5, 12: 1 }, calls: [sort] }]),
    // A microtask has no caller.
    { name: 'work', url: bundle, at: 10, ticks: { 11: 2 } },
  );
  expect(found).toEqual({
    total: 14,
    kinds: { ...none, user: 8, package: 6, loop: 1 },
    lines: [
      { function: work, url: bundle, line: 11, ticks: 7, callers: [] },
      {
        function: { kind: 'package', url: lodash, name: 'sort', line: 3, column: 5 },
        ...{ url: lodash, line: 4, ticks: 6, callers: [work] },
      },
      { function: work, url: bundle, line: 12, ticks: 1, callers: [] },
    ],
    unplaced: [],
  });
});

test('what Node, V8 and generated code do counts for the nearest caller, without a line', () => {
  const fs = { name: 'readFileSync', url: 'node:fs', at: 400, ticks: { 410: 2 }, calls: [{ name: 'open', hits: 3 }] };
  const generated = { name: 'validate', at: 1, hits: 4 };
  const found = read(loop([{ name: 'work', url: bundle, at: 10, hits: 2, ticks: { 11: 1 }, calls: [fs, generated] }]));
  expect(found).toEqual({
    total: 11,
    kinds: { ...none, user: 11, loop: 1 },
    lines: [{ function: work, url: bundle, line: 11, ticks: 1, callers: [] }],
    unplaced: [
      { function: work, called: { name: 'validate', url: '' }, ticks: 4, callers: [] },
      { function: work, called: { name: 'open', url: '' }, ticks: 3, callers: [] },
      { function: work, called: { name: 'readFileSync', url: 'node:fs' }, ticks: 2, callers: [] },
      // Of the function itself, V8 did not know the line once.
      { function: work, called: null, ticks: 1, callers: [] },
    ],
  });
});

test('the benchmark may itself be native', () => {
  expect(read(loop([{ name: 'random', hits: 3 }]))).toMatchObject({
    total: 3,
    unplaced: [{ function: null, called: { name: 'random', url: '' }, ticks: 3 }],
  });
});

test('code that V8 has put into a loop of ours keeps its lines, and the loop’s own do not count', () => {
  const closure = { name: '', url: worker, at: 3582, ticks: { 3590: 2, 7: 5 } };
  expect(read(loop([], { [loopScript.firstLine]: 3, 4: 9 }), closure)).toEqual({
    total: 14,
    kinds: { ...none, user: 14, loop: 6 },
    lines: [
      { function: null, url: bundle, line: 4, ticks: 9, callers: [] },
      { function: null, url: bundle, line: 7, ticks: 5, callers: [] },
    ],
    unplaced: [],
  });
});

test('hooks and our own process do not count, whatever they call', () => {
  const hook = { name: 'reset', url: bundle, at: 30, ticks: { 31: 8 }, calls: [{ name: 'sort', hits: 2 }] };
  const found = read(
    loop([{ name: 'work', url: bundle, at: 10, ticks: { 11: 1 } }]),
    { name: 'outsideHooks', url: worker, at: 200, ticks: { 201: 1 }, calls: [hook] },
    { name: 'send', url: worker, at: 90, hits: 1, calls: [{ name: 'writeSync', url: 'node:fs', at: 800, hits: 4 }] },
    { name: 'onStreamRead', url: 'node:internal/stream_base_commons', at: 166, hits: 7 },
  );
  expect(found).toMatchObject({ total: 1, kinds: { ...none, user: 1, loop: 17, node: 7 }, unplaced: [] });
  expect(found.lines).toHaveLength(1);
});

test('the collector counts; waiting does not', () => {
  const found = read(
    { name: '(garbage collector)', hits: 3 },
    { name: '(program)', hits: 5 },
    { name: '(idle)', hits: 90 },
    // A function of the user’s that has such a name.
    { name: '(idle)', url: bundle, at: 2, ticks: { 2: 1 } },
  );
  expect(found).toMatchObject({
    total: 4,
    kinds: { ...none, user: 1, 'garbage collector': 3, program: 5, idle: 90 },
  });
});

test('a collection counts if it interrupts what counts, and not between two turns', () => {
  const nodes = nodesOf({
    name: '(root)',
    calls: [
      { name: '(garbage collector)', hits: 9 },
      { name: '(idle)', hits: 4 },
      { name: '(program)', hits: 1 },
      loop([{ name: 'work', url: bundle, at: 10, ticks: { 11: 5 } }]),
    ],
  });
  const idOf = (wanted: string): number => nodes.find(({ callFrame }) => callFrame.functionName === wanted)?.id ?? 0;
  const [g, i, p, w] = ['(garbage collector)', '(idle)', '(program)', 'work'].map(idOf) as [
    number,
    number,
    number,
    number,
  ];
  const samples = [i, g, i, w, g, g, w, g, p, w, w, g, i, g, w, g, i, g, g];
  expect(ticksOf({ nodes, samples }, { bundle, worker })).toMatchObject({
    total: 5 + 3,
    kinds: { ...none, user: 5, loop: 1 + 6, 'garbage collector': 3, program: 1, idle: 4 },
  });
});

test('a bundle in a folder of node_modules is the user’s, also if it was loaded twice', () => {
  const own = 'file:///p/node_modules/.cache/a.mjs';
  const nodes = nodesOf({ name: 'work', url: `${own}?again`, at: 1, ticks: { 1: 2 } });
  expect(ticksOf({ nodes }, { bundle: own, worker }).kinds).toEqual({ ...none, user: 2 });
});

test('an empty profile has no ticks', () => {
  expect(ticksOf({ nodes: [] }, { bundle, worker })).toEqual({ total: 0, kinds: none, lines: [], unplaced: [] });
});
