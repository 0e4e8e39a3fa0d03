import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/core/config/config.js';
import { judge } from '../../../src/core/judge/judge.js';
import type { Vanished } from '../../../src/core/judge/judgement.js';
import type { Measurement } from '../../../src/core/results/measurement.js';
import { findings } from '../../../src/core/text/finding.js';
import { budgetResult } from '../../../src/core/text/result.js';
import { openReasons } from '../../../src/core/text/terminal.js';
import { resultTitle } from '../../../src/core/text/title.js';
import { withWaiver } from '../../../src/core/text/waiver.js';

const estimate = (value: number) => ({ value, low: value * 0.99, high: value * 1.01, samples: 1000 });

function measured(ratio: number, more: Partial<Measurement> = {}): Measurement {
  return {
    benchmark: 'parse',
    current: { metrics: { time: estimate(1000 * ratio) } },
    baseline: { metrics: { time: estimate(1000) } },
    comparison: { ratio, low: ratio * 0.98, high: ratio * 1.02, processes: 4, clock: 'cpu' },
    samples: 100,
    elapsedMs: 800,
    note: null,
    ...more,
  };
}

interface Asked {
  readonly settings?: object;
  readonly vanished?: Vanished;
}

function judged(measurements: readonly Measurement[], { settings = {}, vanished }: Asked = {}) {
  const text = JSON.stringify({
    benchmarks: [{ files: 'b' }],
    budgets: { parse: { benchmark: 'parse', ...settings } },
  });
  const [budget] = parseConfig('/w/perf-budget.jsonc', text).config?.budgets ?? [];
  if (budget === undefined) throw new Error('no budget');
  const members = measurements.map((measurement) => {
    return { name: measurement.benchmark, size: null, measurement, work: budget.run.work };
  });
  const evidence = { members, references: new Map() };
  return budgetResult(judge(budget, evidence, { cached: false, baselineName: 'HEAD', vanished: vanished ?? null }));
}

/** Everything that is said of a result. */
function said(result: ReturnType<typeof judged>) {
  const title = resultTitle(result, 'HEAD');
  const found = findings('parse', result, 'HEAD').map(({ level, message }) => `${level}: ${message}`);
  return { title, found, open: openReasons([result]) };
}

const same = { answers: 'same' };
const other = { kind: 'other', call: 0, path: '.items[3].id', current: '4', baseline: '5' } as const;

describe('an answer', () => {
  test('that a process ended without leaves the budget undecided', () => {
    const why = 'the benchmark did not finish in 4 s';
    const result = judged([measured(1, { answers: { kind: 'failed', why } })], { settings: same });
    expect([result.verdict, result.concerns?.[0]?.message]).toEqual([
      'undecided',
      `has no answer to compare with HEAD: ${why}`,
    ]);
  });

  test('that is the same changes nothing', () => {
    const result = judged([measured(1, { answers: { kind: 'same' } })], { settings: same });
    expect(result.concerns).toBeUndefined();
    expect(result.verdict).toBe('pass');
    expect(said(result)).toMatchObject({ found: [], open: [] });
  });

  test('that differs fails the budget, before its speed', () => {
    const result = judged([measured(1.5, { answers: other })], { settings: same });
    expect(result.verdict).toBe('fail');
    expect(result.message).toMatch(
      /^returns a different answer than at HEAD: \.items\[3\]\.id is 4, was 5 · 50% slower/,
    );
    expect(said(result)).toEqual({
      title: '✗ returns a different answer than at HEAD: .items[3].id is 4, was 5 · 50% slower than HEAD',
      found: [
        'limit: parse returns a different answer than at HEAD: .items[3].id is 4, was 5.',
        'limit: parse is 50% slower than HEAD (+47 to +53%); its budget allows 10%.',
      ],
      open: [],
    });
  });

  test('that differs in a later call, of one of several benchmarks', () => {
    const answers = { ...other, call: 2, path: '' };
    const result = judged([measured(1), measured(1, { benchmark: 'parse/b', answers })], { settings: same });
    expect(said(result).found).toEqual([
      'limit: parse (parse/b) returns a different answer than at HEAD: in call 3, 4, was 5.',
    ]);
  });

  test('that differs where nobody asks is no concern', () => {
    expect(judged([measured(1, { answers: other })]).verdict).toBe('pass');
  });

  test.each([
    [{ kind: 'varies' } as const, '? returns a different answer in every run, so its answers cannot be compared'],
    [{ kind: 'nothing' } as const, '? returns nothing, so there is no answer to compare with HEAD'],
    [
      { kind: 'opaque', what: 'a function' } as const,
      '? returns a function, whose contents cannot be compared with HEAD',
    ],
  ])('that cannot be compared leaves the budget undecided: %o', (answers, title) => {
    const result = judged([measured(1, { answers })], { settings: same });
    expect(result.verdict).toBe('undecided');
    expect(said(result)).toMatchObject({ title, found: [] });
    expect(said(result).open).toHaveLength(1);
    expect(said(result).open[0]).toContain('or set "answers": "any".');
  });

  test('that differs and is a gain says so first', () => {
    const result = judged([measured(0.5, { answers: other })], { settings: same });
    expect(said(result)).toMatchObject({
      title: '✗ returns a different answer than at HEAD: .items[3].id is 4, was 5 · 50% faster than HEAD',
      found: ['limit: parse returns a different answer than at HEAD: .items[3].id is 4, was 5.'],
    });
  });

  test('that differs and is slower is waived, and still comes before the speed', () => {
    const result = judged([measured(1.5, { answers: other })], { settings: same });
    const waived = withWaiver(result, { until: '2099-01-01', reason: 'new format' }, '2026-11-29');
    expect(said(waived).found.map((words) => words.slice(0, 30))).toEqual([
      'acceptable: parse returns a di',
      'acceptable: parse is 50% slowe',
    ]);
  });

  test('that differs is waived with the budget', () => {
    const result = judged([measured(1, { answers: other })], { settings: same });
    const waived = withWaiver(result, { until: '2099-01-01', reason: 'new format' }, '2026-11-29');
    expect(said(waived)).toMatchObject({
      title: '⚠ returns a different answer than at HEAD: .items[3].id is 4, was 5 · waived until 2099-01-01',
      found: [
        'acceptable: parse returns a different answer than at HEAD: .items[3].id is 4, was 5. Waived until 2099-01-01: new format.',
      ],
    });
  });
});

describe('a gain', () => {
  test('of 97% is doubted', () => {
    const result = judged([measured(0.03)]);
    expect(result.verdict).toBe('warn');
    expect(said(result)).toEqual({
      title: '⚠ 33.3 times faster than HEAD: is it still doing the work?',
      found: ['acceptable: parse is 33.3 times faster than HEAD: is it still doing the work?'],
      open: ['parse: 33.3 times faster than HEAD: is it still doing the work?'],
    });
  });

  test.each([
    ['of 90% is not', measured(0.1), {}],
    ['whose interval reaches 95% is not', measured(0.0499), {}],
    ['with the same answer is not', measured(0.03, { answers: { kind: 'same' } }), { settings: same }],
  ])('%s', (_, measurement, asked) => {
    expect(judged([measurement], asked).verdict).toBe('pass');
  });

  test('is none if there was nothing before, either', () => {
    const nothing = { empty: true, baseline: null, comparison: null };
    const settings = { limit: ['time <= 1 ms'] };
    expect(judged([measured(1, nothing)], { settings }).concerns).toBeUndefined();
    expect(judged([measured(1, { empty: true })]).concerns).toBeUndefined();
  });

  test('of code that does nothing any more is doubted, though its answer is the same', () => {
    const result = judged([measured(0.3, { empty: true, answers: { kind: 'same' } })], { settings: same });
    expect(said(result)).toMatchObject({
      title: '⚠ takes no longer than an empty function: is it still doing the work?',
    });
  });
});

describe('benchmarks that vanished', () => {
  const vanished = { gone: ['parse/b'], had: 3 };

  test('are a warning', () => {
    const result = judged([measured(1)], { vanished });
    expect(result.verdict).toBe('warn');
    expect(said(result)).toEqual({
      title: '⚠ measures 2 of the 3 benchmarks that HEAD has: parse/b is gone',
      found: ['acceptable: parse measures 2 of the 3 benchmarks that HEAD has: parse/b is gone.'],
      open: ['parse: measures 2 of the 3 benchmarks that HEAD has: parse/b is gone.'],
    });
  });

  test('do not hide what is broken', () => {
    const { title, found } = said(judged([measured(1.5)], { vanished }));
    expect(title).toBe('✗ 50% slower than HEAD · 10% allowed');
    expect(found).toHaveLength(2);
  });
});
