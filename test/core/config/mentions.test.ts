import { expect, it } from 'vitest';
import { parseConfig } from '../../../src/core/config/config.js';
import { budgetsAbout, covers, means, mentions } from '../../../src/core/config/mentions.js';

it('finds every name in a budget', () => {
  const text = `{ "benchmarks": [{ "files": "b" }], "budgets": {
"a": { "benchmark": "s/a", "limit": ["time <= 's/b' / 2"] },
"b": { "sum": ["a", "s/c"] },
"c": { "manual": "MB", "limit": ["value < 3 MB"] } } }`;
  const { config } = parseConfig('/w/perf-budget.jsonc', text);
  const line = text.split('\n');
  const found = config?.budgets.map((budget) =>
    mentions(budget).map(({ name, isEither, location: { start, end } }) => {
      return [name, isEither, line[start.line - 1]?.slice(start.column - 1, end.column - 1)];
    }),
  );
  expect(found).toEqual([
    [
      ['s/a', false, '"s/a"'],
      ['s/b', true, "'s/b'"],
    ],
    [
      ['a', true, '"a"'],
      ['s/c', true, '"s/c"'],
    ],
    [],
  ]);
});

it.each([
  ['s/a', true],
  ['bench/a.bench.ts#s/a', true],
  ['s/*', true],
  ['bench/a.bench.ts#s/*', true],
  ['s/b', false],
  ['bench/b.bench.ts#s/a', false],
  ['t/*', false],
])('%s means s/a of bench/a.bench.ts: %s', (name, expected) => {
  expect(means(name, { name: 's/a', file: 'bench/a.bench.ts' })).toBe(expected);
});

it('knows families', () => {
  expect(means('index/{n}', { name: 'index/10k', file: 'b' })).toBe(true);
  expect(means('index/{n}', { name: 'index/ten', file: 'b' })).toBe(false);
});

it('covers the benchmarks that a budget is about, not those that it is compared with', () => {
  const { config } = parseConfig(
    '/w/perf-budget.jsonc',
    `{ "benchmarks": [{ "files": "b" }], "budgets": {
"a": { "benchmark": "s/a", "limit": ["time <= 's/b' / 2"] },
"all": { "benchmark": "t/*" }, "one": { "benchmark": "b/x.bench.js#u/a" },
"sum": { "sum": ["a", "s/c"] } } }`,
  );
  const isCovered = covers(config?.budgets ?? []);
  const covered = ['s/a', 's/b', 's/c', 't/any', 't/any/more', 'u/a'].filter((name) =>
    isCovered({ name, file: 'b/x.bench.js' }),
  );
  expect(covered).toEqual(['s/a', 's/c', 't/any', 'u/a']);
  expect(isCovered({ name: 'u/a', file: 'b/y.bench.js' })).toBe(false);
  const about = budgetsAbout(config?.budgets ?? []);
  expect(['s/a', 's/c', 't/any', 's/b'].map((name) => about({ name, file: 'b/x.bench.js' }))).toEqual([
    ['a'],
    ['sum'],
    ['all'],
    [],
  ]);
});
