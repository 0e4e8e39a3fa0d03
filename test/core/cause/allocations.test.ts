import { describe, expect, test } from 'vitest';
import { allocatedByFunction, explainAllocations } from '../../../src/core/cause/allocations.js';
import type { SideAllocations } from '../../../src/core/cause/allocation-units.js';
import { Code } from '../../../src/core/cause/code.js';

interface Row {
  /** In which function of the text it is, by the text where it begins; null for the loop, which has no place. */
  readonly at: string | null;
  readonly warm: number;
  readonly apart: number;
  readonly error?: number;
  readonly package?: string;
}

/** One side: its text, its functions, and which has inlined which (`0~1`) or called (`0>1`). */
function side(text: string, rows: readonly Row[], edges = ''): SideAllocations {
  const functions = rows.map(({ at, warm, apart, error = 0.5 }) => ({
    ...{ function: at ?? '', url: '', line: 0, column: 0 },
    warm: { bytes: warm, error },
    apart: { bytes: apart, error },
  }));
  const calls = edges === '' ? [] : edges.split(' ');
  return {
    allocations: {
      ...{ calls: 1000, functions, heap: 0, external: 0 },
      edges: calls.map((edge) => {
        const [caller = '', callee = ''] = edge.split(/[~>]/);
        return { caller: Number(caller), callee: Number(callee), inlined: edge.includes('~') };
      }),
    },
    code: new Code((file) => (file === 'a.ts' ? text : null)),
    placeOf: (index) => {
      const row = rows[index];
      if (row === undefined || row.at === null) return null;
      const before = text.slice(0, text.indexOf(row.at)).split('\n');
      const file = row.package === undefined ? 'a.ts' : `node_modules/${row.package}/index.js`;
      return { file, line: before.length, column: (before.at(-1) ?? '').length + 1, package: row.package ?? null };
    },
  };
}

const loop: Row = { at: null, warm: 0, apart: 0 };
const brief = (old: SideAllocations, now: SideAllocations) =>
  explainAllocations(old, now, null).causes.map(({ function: name, line, share, changed }) => [
    name,
    line,
    Number(share.toFixed(2)),
    changed,
  ]);

const before = 'function encode(x) {\n  return [x];\n}\nfunction other(x) {\n  return { x };\n}\n';
const after = 'function encode(x) {\n  return [x, x, x];\n}\nfunction other(x) {\n  return { x };\n}\n';
const [encode, other] = ['encode', 'other'];

describe('explainAllocations', () => {
  test('a function that allocates more, with its line, figures and interval', () => {
    const old = side(before, [loop, { at: encode, warm: 40, apart: 40 }, { at: other, warm: 32, apart: 32 }]);
    const now = side(after, [loop, { at: encode, warm: 80, apart: 80 }, { at: other, warm: 32.4, apart: 32.4 }]);
    const { causes, ...rest } = explainAllocations(old, now, { baseline: 72, current: 112 });
    expect(rest).toEqual({
      metric: 'allocated',
      baseline: { value: 72, unit: 'bytes' },
      current: { value: 112, unit: 'bytes' },
      explained: 1,
      note: null,
      inlinedInto: [],
    });
    expect(causes).toEqual([
      {
        kind: 'allocated',
        function: 'encode',
        file: 'a.ts',
        line: 2,
        column: 10,
        text: 'return [x, x, x];',
        changed: true,
        baseline: { value: 40, unit: 'bytes' },
        current: { value: 80, unit: 'bytes' },
        share: 1,
        low: expect.closeTo(0.965, 3) as number,
        high: expect.closeTo(1.035, 3) as number,
      },
    ]);
  });

  test('what V8 has inlined into the loop is told by the code without inlining, and what only that needs is left out', () => {
    // `other` returns what inlined code never allocates: on both sides 24 bytes more.
    const old = side(
      before,
      [
        { ...loop, warm: 72 },
        { at: encode, warm: 0, apart: 40 },
        { at: other, warm: 0, apart: 56 },
      ],
      '0~1 1~2',
    );
    const now = side(
      after,
      [
        { ...loop, warm: 112 },
        { at: encode, warm: 0, apart: 80 },
        { at: other, warm: 0, apart: 56 },
      ],
      '0~1 1~2',
    );
    expect(brief(old, now)).toEqual([['encode', 2, 1, true]]);
  });

  test('the loop that calls the benchmark is no cause, whatever it allocates itself', () => {
    const own = (bytes: number): Row => ({ at: null, warm: 72 + bytes, apart: bytes });
    const rows = [
      { at: encode, warm: 0, apart: 40 },
      { at: other, warm: 0, apart: 32 },
    ];
    const [old, now] = [side(before, [own(10), ...rows], '0~1 1~2'), side(before, [own(200), ...rows], '0~1 1~2')];
    expect(explainAllocations(old, now, null)).toMatchObject({ causes: [], explained: null });
  });

  test('what is elided when inlined counts as much as the warm code says, if only one function differs', () => {
    const old = side(
      before,
      [
        { ...loop, warm: 32 },
        { at: encode, warm: 0, apart: 40 },
        { at: other, warm: 0, apart: 32 },
      ],
      '0~1 1~2',
    );
    const now = side(
      after,
      [
        { ...loop, warm: 62 },
        { at: encode, warm: 0, apart: 160 },
        { at: other, warm: 0, apart: 32 },
      ],
      '0~1 1~2',
    );
    const { causes } = explainAllocations(old, now, null);
    expect(causes).toMatchObject([{ function: 'encode', baseline: { value: 32 }, current: { value: 62 }, share: 1 }]);
  });

  test('no cause, if several functions differ that V8 has compiled into one, and the sums do not agree', () => {
    const old = side(
      before,
      [
        { ...loop, warm: 32 },
        { at: encode, warm: 0, apart: 40 },
        { at: other, warm: 0, apart: 32 },
      ],
      '0~1 1~2',
    );
    const now = side(
      after,
      [
        { ...loop, warm: 62 },
        { at: encode, warm: 0, apart: 160 },
        { at: other, warm: 0, apart: 90 },
      ],
      '0~1 1~2',
    );
    expect(brief(old, now)).toEqual([]);
  });

  test('or the function that they are compiled into, which says that it may be one of them', () => {
    const old = side(before, [loop, { at: encode, warm: 32, apart: 40 }, { at: other, warm: 0, apart: 32 }], '0>1 1~2');
    const now = side(after, [loop, { at: encode, warm: 62, apart: 160 }, { at: other, warm: 0, apart: 90 }], '0>1 1~2');
    expect(explainAllocations(old, now, null)).toMatchObject({
      causes: [{ function: 'encode' }],
      inlinedInto: ['encode'],
    });
  });

  test('a gain that is lost in the noise of the code without inlining is told by the warm code', () => {
    const text = (own: string): string => `${own}function third() {\n  return {};\n}\n`;
    const rows = (warm: number, third: number): Row[] => [
      loop,
      { at: encode, warm, apart: 9000, error: 40 },
      { at: other, warm: 0, apart: 9000, error: 40 },
      { at: 'function third', warm: third, apart: third },
    ];
    const [old, now] = [side(text(before), rows(100, 40), '1~2'), side(text(after), rows(500, 1040), '1~2')];
    expect(brief(old, now)).toEqual([
      ['encode', 2, 0.29, true],
      ['third', 8, 0.71, false],
    ]);
  });

  test('chance is no cause', () => {
    const rows = (bytes: number): Row[] => [loop, { at: encode, warm: bytes, apart: bytes, error: 3 }];
    expect(brief(side(before, rows(100)), side(before, rows(112)))).toEqual([]);
    expect(brief(side(before, rows(100)), side(before, rows(130)))).toEqual([['encode', 2, 1, false]]);
  });

  test('a renamed function is the same one', () => {
    const renamed = 'function pack(x) {\n  return [x];\n}\n';
    const rows = (at: string, bytes: number): Row[] => [loop, { at, warm: bytes, apart: bytes }];
    const text = 'function encode(x) {\n  return [x];\n}\n';
    expect(brief(side(text, rows(encode, 40)), side(renamed, rows('pack', 41)))).toEqual([]);
    const { causes } = explainAllocations(side(text, rows(encode, 40)), side(renamed, rows('pack', 80)), null);
    expect(causes).toMatchObject([
      { function: 'pack', was: 'encode', baseline: { value: 40 }, current: { value: 80 } },
    ]);
  });

  test('a function that was split is one with its parts, so that no loss stands beside a gain', () => {
    const split = 'function encode(x) {\n  return part(x);\n}\nfunction part(x) {\n  return { x, y: [x, x] };\n}\n';
    const old = side('function encode(x) {\n  return [{ x }, x];\n}\n', [loop, { at: encode, warm: 100, apart: 100 }]);
    const moved = [loop, { at: encode, warm: 20, apart: 20 }, { at: 'function part', warm: 81, apart: 81 }];
    expect(brief(old, side(split, moved, '0>1 1>2'))).toEqual([]);
    const more = [loop, { at: encode, warm: 20, apart: 20 }, { at: 'function part', warm: 120, apart: 120 }];
    expect(explainAllocations(old, side(split, more, '0>1 1>2'), null).causes).toMatchObject([
      { function: 'encode', baseline: { value: 100 }, current: { value: 140 }, share: 1 },
    ]);
  });

  test('a helper that was taken into its caller is one with it, too', () => {
    const apart = 'function encode(x) {\n  return part(x);\n}\nfunction part(x) {\n  return [x];\n}\n';
    const old = side(
      apart,
      [loop, { at: encode, warm: 20, apart: 20 }, { at: 'function part', warm: 80, apart: 80 }],
      '0>1 1>2',
    );
    const now = side('function encode(x) {\n  return [x];\n}\n', [loop, { at: encode, warm: 101, apart: 101 }]);
    expect(brief(old, now)).toEqual([]);
  });

  test('code of a package is named by what V8 calls it, with its package and no line', () => {
    const rows = (bytes: number): Row[] => [
      loop,
      { at: 'function encode', warm: bytes, apart: bytes, package: 'lodash' },
    ];
    const { causes } = explainAllocations(side(before, rows(10)), side(before, rows(90)), null);
    expect(causes).toMatchObject([
      { function: 'function encode', package: 'lodash', line: null, changed: false, text: '' },
    ]);
  });

  test('less is explained by what became less', () => {
    const rows = (bytes: number): Row[] => [loop, { at: encode, warm: bytes, apart: bytes }];
    expect(brief(side(after, rows(80)), side(before, rows(40)))).toEqual([['encode', 2, 1, true]]);
  });

  test('nobody changed anything, and nothing was sampled', () => {
    const nothing = side('', [loop]);
    expect(explainAllocations(nothing, nothing, null)).toMatchObject({ causes: [], explained: null });
  });
});

test('allocatedByFunction lists what each function allocates itself, most first', () => {
  const old = side(
    before,
    [
      { ...loop, warm: 72 },
      { at: encode, warm: 0, apart: 40 },
      { at: other, warm: 0, apart: 32 },
    ],
    '0~1 1~2',
  );
  const now = side(
    before,
    [
      { ...loop, warm: 72 },
      { at: encode, warm: 0, apart: 8 },
      { at: other, warm: 0, apart: 64 },
    ],
    '0~1 1~2',
  );
  expect(allocatedByFunction(old, now)).toEqual([
    { file: 'a.ts', function: 'other', package: null, baseline: 32, current: 64 },
    { file: 'a.ts', function: 'encode', package: null, baseline: 40, current: 8 },
  ]);
});
