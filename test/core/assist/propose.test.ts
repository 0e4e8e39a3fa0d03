import { describe, expect, test } from 'vitest';
import { configText, proposeBudgets, steadyName, type Candidate } from '../../../src/core/assist/propose.js';
import { parseConfig } from '../../../src/core/config/config.js';
import { passedOverWords } from '../../../src/core/text/init.js';

const candidate = (name: string, part: Partial<Candidate> = {}): Candidate => ({
  ...{ file: 'bench/a.js', name, steady: name, code: null, seconds: null },
  ...part,
});

describe('the name of a benchmark', () => {
  test.each([
    ['emitter (v3.0.3)', 'emitter (v3.0.3)', '', 'emitter (v*)'],
    ['emitter (v3.0.3)', 'emitter (v3.0.3)', "bench('emitter (v3.0.3)', fn)", 'emitter (v3.0.3)'],
    ['on 2026-11-29', 'on 2026-11-29', '', 'on *'],
    ['at 2026-11-29T10:11:12.345Z', 'at 2026-11-29T10:11:12.999Z', '', 'at **'],
    ['run 0.8372 of it', 'run 0.1273 of it', '', 'run * of it'],
    ['suite/9182 (b)', 'suite/11 (b)', '', 'suite/* (b)'],
    ['one', 'one two', '', '**'],
    ['10 items', '10 items', '', '10 items'],
  ])('%s, then %s', (name, again, text, steady) => {
    expect(steadyName(name, again, text).replace('at *:*:*', 'at **')).toBe(steady);
  });
});

describe('budgets', () => {
  const shown = (all: readonly Candidate[], others: readonly Candidate[] = []): readonly unknown[] =>
    proposeBudgets(all, others).map(({ name, benchmark, candidates }) => [name, benchmark, candidates.length]);
  const many = (count: number, name: (index: number) => string, part: Partial<Candidate> = {}): readonly Candidate[] =>
    Array.from({ length: count }, (_, index) => candidate(name(index), part));

  test('are one for each of a few, with its file where two files share the name', () => {
    expect(shown([candidate('a'), candidate('b'), candidate('b', { file: 'bench/b.js' })])).toEqual([
      ['a', 'a', 1],
      ['bench/a.js#b', 'bench/a.js#b', 1],
      ['bench/b.js#b', 'bench/b.js#b', 1],
    ]);
    // So does one that has no budget.
    expect(shown([candidate('b')], [candidate('b', { file: 'bench/b.js' })])).toEqual([
      ['bench/a.js#b', 'bench/a.js#b', 1],
    ]);
  });

  test('are patterns for suites and files of many, which match none of the others', () => {
    const all = [
      ...many(10, (index) => `parse/${index}`),
      ...many(10, (index) => `flat ${index}`, { file: 'bench/flat.js' }),
      ...many(10, (index) => `race/${index}/ours`),
      candidate('alone'),
    ];
    const others = many(10, (index) => `race/${index}/theirs`);
    expect(shown(all, others)).toEqual([
      ['parse', 'parse/*', 10],
      ['flat **', 'flat **', 10],
      ['ours', '**/ours', 10],
      ['alone', 'alone', 1],
    ]);
  });

  test('of 267 benchmarks of one file are one', () => {
    expect(shown(many(267, (index) => `x${index}`))).toEqual([['bench/a.js', 'bench/a.js#**', 267]]);
  });

  test('that share a changing name are one, with the function and the time that they need', () => {
    const part = { steady: 'v*', code: 'src/a.ts#a', seconds: 8 };
    const budgets = proposeBudgets([candidate('v1', part), candidate('v2', { ...part, seconds: 20 })], []);
    expect(budgets).toMatchObject([{ benchmark: 'v*', code: 'src/a.ts#a', seconds: 20 }]);
    const text = configText([{ files: 'bench/*.js', build: null }], budgets, ['bench/z.js: no database']);
    expect(text).toBe(`{
  // Where the benchmarks are.
  "benchmarks": [{ "files": "bench/*.js" }],
  // Passed over: bench/z.js: no database.

  // Every budget fails if its time grows by more than 10% over the baseline; change that with "defaults".
  // Add limits that your users would notice, such as "limit": ["time <= 5 ms"].
  "budgets": {
    "v*": { "benchmark": "v*", "code": "src/a.ts#a", "time": "20 s" },
  },
}
`);
    expect(parseConfig('/w/perf-budget.jsonc', text).problems).toEqual([]);
  });
});

test('what is passed over is told once for each reason', () => {
  const file = 'bench/a.js';
  expect(
    passedOverWords([
      ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({ file, name, kind: 'fixed' as const })),
      { file, name: 'h', kind: 'ignored' },
      { file, name: 'i', kind: 'long', message: '4.2 s' },
      { file, name: 'j', kind: 'failed', message: 'the benchmark threw: boom.\n' },
      { file: 'bench/b.bench.js', name: null, kind: 'empty' },
      { file: 'bench/c.js', name: null, kind: 'failed', message: 'bench/c.js does not compile: oh' },
    ]),
  ).toEqual([
    '7 benchmarks reach no code of this repository, so no change can affect them: a, b, c, d, e, f, …',
    '1 benchmark reaches only files that git ignores, so both sides would run the same copy: h',
    '1 benchmark takes too long to compare on every save, 4.2 s a call: i',
    'bench/a.js: j: the benchmark threw: boom',
    'bench/b.bench.js: it has no benchmarks',
    'bench/c.js does not compile: oh',
  ]);
});
