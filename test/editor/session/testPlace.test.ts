import { expect, test } from 'vitest';
import type { Subject } from '../../../src/core/language/budget.js';
import type { KnownBenchmark } from '../../../src/engine/project/snapshot.js';
import { testPlace } from '../../../src/editor/testing/testPlace.js';

const location = { file: '/r/perf-budget.jsonc', start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };
const about = (name: string): { subject: Subject } => ({ subject: { kind: 'benchmark', name, location } });
const known = (...names: readonly string[]): readonly KnownBenchmark[] =>
  names.map((one) => {
    const [file = '', name = ''] = one.split('#');
    return { name, file: `/r/${file}`, location: null };
  });

/** `suite/case`, or `file: suite/case`. */
function shown(name: string, benchmarks: readonly KnownBenchmark[] | null): string {
  const { suites, benchmark } = testPlace(about(name), benchmarks, '/r');
  const file = benchmark?.file ?? null;
  return `${file === null ? '' : `${file}: `}${[...suites, benchmark?.label].join(' › ')} (${benchmark?.id ?? ''})`;
}

test('budgets of one benchmark stand below one item, however they write its name', () => {
  const benchmarks = known('bench/a.bench.ts#lru/get', 'bench/a.bench.ts#lru/set');
  expect(shown('lru/get', benchmarks)).toBe('lru › get (lru/get)');
  expect(shown('bench/a.bench.ts#lru/get', benchmarks)).toBe('lru › get (lru/get)');
  // Nothing moves when the bench files have been read.
  expect(shown('lru/get', null)).toBe('lru › get (lru/get)');
});

test('a name that two files have is told apart by its file', () => {
  const benchmarks = known('a.bench.ts#lru/get', 'b.bench.ts#lru/get');
  expect(shown('a.bench.ts#lru/get', benchmarks)).toBe('a.bench.ts: lru › get (a.bench.ts#lru/get)');
  expect(shown('b.bench.ts#lru/get', benchmarks)).toBe('b.bench.ts: lru › get (b.bench.ts#lru/get)');
});

test('a family is one item, a misspelt name has one, and sums and figures by hand stand at the top', () => {
  expect(shown('index/{files}', known('a.bench.ts#index/10', 'a.bench.ts#index/100'))).toBe(
    'index › {files} (index/{files})',
  );
  expect(shown('lru/gte', known('a.bench.ts#lru/get'))).toBe('lru › gte (lru/gte)');
  expect(shown('/', known())).toBe('/ (/)');
  expect(testPlace({ subject: { kind: 'sum', parts: [] } }, null, '/r')).toEqual({ suites: [], benchmark: null });
});
