import { expect, test } from 'vitest';
import { Code } from '../../../src/core/cause/code.js';
import { explainRetained, type SideRetainers } from '../../../src/core/cause/retained.js';
import type { RetainedGroup, RetainerStep } from '../../../src/core/results/retainers.js';
import { retainerPath } from '../../../src/core/text/memory-notes.js';

const entries: RetainerStep[] = [
  { kind: 'variable', of: '', name: 'cache' },
  { kind: 'property', of: 'Cache', name: 'entries' },
  { kind: 'inside', of: 'Map', name: '' },
];

const group = (
  constructor: string,
  bytes: number,
  more: Partial<Omit<RetainedGroup, 'constructor'>> = {},
): RetainedGroup => ({
  constructor,
  path: entries,
  count: 100,
  bytes: 100 * bytes,
  allocatedIn: { function: 'put', url: 'a', line: 0, column: 9 },
  ...more,
});

const text = 'function put(cache, key) {\n  cache.set(key, new Entry());\n}\n';

const side = (...groups: readonly RetainedGroup[]): SideRetainers => ({
  retainers: { cycles: 100, groups, tooLarge: null },
  code: new Code(() => text),
  placeOf: ({ allocatedIn }) => (allocatedIn === null ? null : { file: 'a.ts', line: 1, column: 10, package: null }),
});

const explain = (
  old: SideRetainers | null,
  now: SideRetainers,
  measured: Parameters<typeof explainRetained>[2] = null,
) => explainRetained(old, now, measured, retainerPath);

test('a leak that is new, with who made it and what holds it', () => {
  expect(explain(side(), side(group('Entry', 64)), { baseline: 0, current: 128 })).toEqual({
    metric: 'retained',
    baseline: { value: 0, unit: 'bytes' },
    current: { value: 128, unit: 'bytes' },
    causes: [
      {
        kind: 'retained',
        function: 'put',
        file: 'a.ts',
        line: 2,
        column: 9,
        text: 'cache.set(key, new Entry());',
        changed: false,
        baseline: { value: 0, unit: 'bytes' },
        current: { value: 64, unit: 'bytes' },
        share: 0.5,
        low: 0.5,
        high: 0.5,
        retainer: { constructor: 'Entry', path: ['variable cache', 'Cache.entries', 'Map'] },
      },
    ],
    explained: 0.5,
    note: null,
  });
});

test('a leak that was there before is no cause, unless it has grown, wherever it is held now', () => {
  expect(explain(side(group('Entry', 64)), side(group('Entry', 64)))).toMatchObject({ causes: [], explained: null });
  const elsewhere = group('Entry', 200, { path: [{ kind: 'variable', of: 'store', name: 'hidden' }] });
  expect(explain(side(group('Entry', 64)), side(elsewhere))).toMatchObject({
    causes: [{ baseline: { value: 64 }, current: { value: 200 }, share: 1 }],
    explained: 1,
  });
});

test('without old code, all that is left is new; what no function of the user has made has no place', () => {
  const { causes } = explain(null, side(group('Entry', 64), group('Timeout', 32, { path: [], allocatedIn: null })));
  expect(causes).toMatchObject([
    { function: 'put', line: 2, changed: true, share: 64 / 96 },
    { function: null, file: null, line: null, retainer: { constructor: 'Timeout', path: [] } },
  ]);
});

test('less that is left has no cause', () => {
  expect(explain(side(group('Entry', 64)), side())).toMatchObject({ causes: [], explained: null });
});

test('every step of a path in words, and none twice', () => {
  expect(
    retainerPath([
      { kind: 'export', of: '', name: '' },
      { kind: 'property', of: 'global', name: 'cache' },
      { kind: 'variable', of: 'makeCache', name: 'hidden' },
      { kind: 'element', of: 'Array', name: '' },
      { kind: 'inside', of: 'Array', name: '' },
    ]),
  ).toEqual(['an exported variable', 'global.cache', 'hidden in the closure context of makeCache', 'Array']);
});
