import { describe, expect, test } from 'vitest';
import type { BudgetResult, CheckResult } from '../../../src/core/results/measurement.js';
import type { BudgetState } from '../../../src/core/results/state.js';
import { meter } from '../../../src/core/text/meter.js';
import { lastResult } from '../../../src/core/results/state.js';
import { ago, commitName, findings, headline, stateTitle } from '../../../src/core/text/wording.js';

const fineTime: CheckResult = {
  check: 'time <= 2 ms',
  level: 'limit',
  verdict: 'pass',
  measured: { value: 1.2412, low: 1.231, high: 1.252, unit: 'ms' },
  bound: { value: 2, unit: 'ms' },
  used: 0.62,
  note: null,
};

const fineRegression: CheckResult = {
  check: 'time <= baseline + 10%',
  level: 'limit',
  verdict: 'pass',
  measured: { value: 1.2412, low: 1.231, high: 1.252, unit: 'ms' },
  bound: { value: 1.41, unit: 'ms' },
  used: 0.968 / 1.1,
  note: null,
};

const pass: BudgetResult = {
  name: 'tokenize',
  benchmark: 'tokenizer/large',
  verdict: 'pass',
  severity: null,
  cached: false,
  elapsedMs: 840,
  samples: 96,
  comparison: { ratio: 0.968, low: 0.957, high: 0.979 },
  checks: [fineTime, fineRegression],
  message: 'within its budget',
};

const fail: BudgetResult = {
  ...pass,
  verdict: 'fail',
  severity: 'medium',
  comparison: { ratio: 1.14, low: 1.11, high: 1.17 },
  checks: [fineTime, { ...fineRegression, verdict: 'fail', used: 1.14 / 1.1 }],
  message: '14% slower than HEAD (+11 … +17%); the budget allows 10%',
};

const p95: CheckResult = {
  check: 'p95 <= 10 us',
  level: 'limit',
  verdict: 'fail',
  measured: { value: 10.41, low: 10.22, high: 10.63, unit: 'us' },
  bound: { value: 10, unit: 'us' },
  used: 1.041,
  note: null,
};

const throughput: CheckResult = {
  check: 'throughput >= 600k ops/s',
  level: 'limit',
  verdict: 'fail',
  measured: { value: 521_000, low: 511_000, high: 532_000, unit: 'ops/s' },
  bound: { value: 600_000, unit: 'ops/s' },
  used: 1.15,
  note: null,
};

const withCheck = (result: BudgetResult, ...checks: readonly CheckResult[]): BudgetResult => ({ ...result, checks });
const known = (result: BudgetResult): BudgetState => ({ kind: 'known', known: { result, at: 0 } });

const undecided: BudgetResult = {
  ...pass,
  verdict: 'undecided',
  comparison: { ratio: 1.04, low: 0.98, high: 1.1 },
  checks: [{ ...fineRegression, verdict: 'undecided' }],
  message: 'undecided',
};

const error: BudgetResult = {
  ...pass,
  verdict: 'error',
  comparison: null,
  checks: [],
  samples: 0,
  message: 'the benchmark threw: boom',
};

describe('the title above a function', () => {
  const titles: readonly (readonly [string, BudgetState, string])[] = [
    ['unmeasured', { kind: 'unmeasured' }, 'not measured yet'],
    ['measuring for the first time', { kind: 'measuring', previous: null }, 'measuring…'],
    ['measuring again', { kind: 'measuring', previous: { result: pass, at: 0 } }, 'measuring… · was ✓ 1.24 ms of 2 ms'],
    [
      'measuring after a failure',
      { kind: 'measuring', previous: { result: fail, at: 0 } },
      'measuring… · was ✗ 14% slower than HEAD · 10% allowed',
    ],
    [
      'stale',
      { kind: 'stale', previous: { result: pass, at: 0 } },
      'stale since the last save · was ✓ 1.24 ms of 2 ms',
    ],
    ['pass', known(pass), '✓ 1.24 ms of 2 ms · −3% vs HEAD'],
    ['pass with nothing but a regression', known(withCheck(pass, fineRegression)), '✓ 1.24 ms · −3% vs HEAD'],
    ['pass without a baseline', known({ ...pass, comparison: null }), '✓ 1.24 ms of 2 ms'],
    [
      'pass with the same code',
      known({ ...pass, comparison: { ratio: 1, low: 1, high: 1 } }),
      '✓ 1.24 ms of 2 ms · same code as HEAD',
    ],
    [
      'improved',
      known({ ...pass, comparison: { ratio: 0.88, low: 0.86, high: 0.9 } }),
      '✓ 1.24 ms of 2 ms · 12% faster than HEAD',
    ],
    [
      'pass, the tightest of several bounds',
      known(
        withCheck({ ...pass, comparison: null }, fineTime, {
          ...p95,
          verdict: 'pass',
          used: 0.9,
          measured: { value: 9, low: 8.9, high: 9.1, unit: 'us' },
        }),
      ),
      '✓ p95 9.0 µs of 10 µs',
    ],
    [
      'pass of a throughput',
      known(
        withCheck(
          { ...pass, comparison: null },
          { ...throughput, verdict: 'pass', measured: { value: 651_000, low: 648_000, high: 654_000, unit: 'ops/s' } },
        ),
      ),
      '✓ 651k ops/s · at least 600k ops/s',
    ],
    [
      'pass that misses its target',
      known(withCheck({ ...pass, comparison: null }, fineTime, { ...p95, level: 'target' })),
      '✓ p95 10.4 µs · target 10 µs',
    ],
    [
      'pass without any figure',
      known({ ...pass, comparison: null, checks: [], message: 'nothing to hold.' }),
      '✓ nothing to hold',
    ],
    [
      'fail of a throughput against the baseline',
      known(withCheck(fail, { ...throughput, check: 'throughput >= baseline - 10%' })),
      '✗ 14% slower than HEAD · 11.1% allowed',
    ],
    ['fail against the baseline', known(fail), '✗ 14% slower than HEAD · 10% allowed'],
    ['fail of a bound', known(withCheck(fail, p95)), '✗ p95 10.4 µs · 10 µs allowed · +14% vs HEAD'],
    [
      'fail of a throughput',
      known(withCheck({ ...fail, comparison: null }, throughput)),
      '✗ 520k ops/s · at least 600k ops/s',
    ],
    [
      'warn',
      known(
        withCheck({ ...fail, verdict: 'warn', comparison: null }, { ...p95, level: 'acceptable', verdict: 'warn' }),
      ),
      '⚠ p95 10.4 µs · 10 µs acceptable',
    ],
    [
      'warn of a target',
      known(withCheck({ ...fail, verdict: 'warn', comparison: null }, { ...p95, level: 'target', verdict: 'warn' })),
      '⚠ p95 10.4 µs · target 10 µs',
    ],
    ['undecided', known(undecided), '? +4 ± 6% vs HEAD, undecided'],
    [
      'undecided where the time of the same code could not be measured',
      known(
        withCheck(
          { ...undecided, comparison: { ratio: 1, low: 1, high: 1 } },
          { ...fineRegression, verdict: 'undecided', measured: null, note: 'time was not measured: 54 of 100 failed' },
        ),
      ),
      '? time was not measured: 54 of 100 failed',
    ],
    [
      'undecided for want of samples',
      known(
        withCheck(undecided, {
          ...p95,
          check: 'p99.9 <= 10 us',
          verdict: 'undecided',
          note: 'p99.9 needs 10,000 samples and has 96.',
        }),
      ),
      '? p99.9 needs 10,000 samples and has 96',
    ],
    [
      'undecided at a bound',
      known(withCheck({ ...undecided, comparison: null }, { ...p95, verdict: 'undecided' })),
      '? p95 10.4 µs · 10 µs allowed, undecided',
    ],
    ['error', known(error), '! the benchmark threw: boom'],
    [
      'error of many lines',
      known({ ...error, message: `the benchmark threw: ${'x'.repeat(200)}\n    at bench.ts:3` }),
      `! the benchmark threw: ${'x'.repeat(98)}…`,
    ],
  ];

  test.each(titles)('%s', (_, state, title) => {
    expect(stateTitle(state, 'HEAD')).toBe(title);
  });

  test('names the baseline', () => {
    expect(headline(fail, 'v3.0.0')).toBe('14% slower than v3.0.0 · 10% allowed');
  });

  test.each([
    ['time <= baseline', '14% slower than HEAD · no slowdown allowed'],
    ['time <= baseline * 3', '14% slower than HEAD · 3 times the time allowed'],
    ['time <= baseline - 20%', '14% slower than HEAD · 20% faster required'],
  ])('%s', (check, title) => {
    expect(headline(withCheck(fail, { ...fineRegression, check, verdict: 'fail' }), 'HEAD')).toBe(title);
  });
});

describe('diagnostics', () => {
  const of = (result: BudgetResult): readonly unknown[] => findings('tokenize', result, 'HEAD');

  test('a regression', () => {
    expect(of(fail)).toEqual([
      {
        level: 'limit',
        check: 'time <= baseline + 10%',
        message: 'tokenize is 14% slower than HEAD (+11 to +17%); its budget allows 10%.',
      },
    ]);
  });

  test('bounds of every kind, the most serious first', () => {
    const p99 = { ...p95, check: 'p99 <= baseline + 20%', level: 'acceptable', verdict: 'warn' } as const;
    const slow = { ...fineTime, check: 'time <= 1 ms', level: 'target', verdict: 'warn' } as const;
    expect(
      of(withCheck(fail, slow, p99, throughput, p95)).map((finding) => (finding as { message: string }).message),
    ).toEqual([
      'tokenize does 520k ops/s (510k to 530k ops/s); its budget requires at least 600k ops/s.',
      'tokenize’s p95 is 10.4 µs (10.2 to 10.6 µs); its budget allows 10 µs.',
      'tokenize’s p99 is 10.4 µs (10.2 to 10.6 µs); 10.0 µs is acceptable (baseline + 20%).',
      'tokenize takes 1.24 ms (1.23 to 1.25 ms); its target is 2 ms.',
    ]);
  });

  test('a missed limit speaks for the missed target on the same figure', () => {
    const target: CheckResult = { ...p95, check: 'p95 <= 8 us', level: 'target', verdict: 'warn' };
    expect(of(withCheck(fail, target, p95))).toEqual([
      {
        level: 'limit',
        check: 'p95 <= 10 us',
        message: 'tokenize’s p95 is 10.4 µs (10.2 to 10.6 µs); its budget allows 10 µs.',
      },
    ]);
  });

  test('a benchmark that could not run', () => {
    expect(of(error)).toEqual([
      { level: 'limit', check: null, message: 'tokenize was not measured: the benchmark threw: boom.' },
    ]);
  });

  test('nothing to say', () => {
    expect([...of(pass), ...of(undecided)]).toEqual([]);
  });
});

describe('the meter', () => {
  const stale: BudgetState = { kind: 'stale', previous: { result: fail, at: 0 } };
  const measuring: BudgetState = { kind: 'measuring', previous: null };
  const warned = withCheck({ ...fail, verdict: 'warn' }, { ...p95, level: 'acceptable', verdict: 'warn' });

  test.each([
    ['nothing known', [{ kind: 'unmeasured' }], null, '$(dashboard) –', 'not measured yet', 'calm'],
    [
      'fine',
      [known(pass), known(withCheck(pass, fineRegression))],
      null,
      '$(dashboard) 62%',
      'the tightest is 62% used',
      'calm',
    ],
    ['broken', [known(fail), stale, known(pass)], null, '$(dashboard) 2 over', '2 over', 'error'],
    ['an error', [known(error), known(fail)], null, '$(dashboard) 1 over · 1 error', '1 over · 1 error', 'error'],
    ['warnings', [known(warned), known(pass)], null, '$(dashboard) 1 warning', '1 warning', 'warning'],
    ['a run', [measuring], { done: 3, total: 12 }, '$(sync~spin) 3 of 12', 'measuring 3 of 12', 'calm'],
    ['undecided', [known(undecided)], null, '$(dashboard) ✓', 'none failed', 'calm'],
  ] as const)('%s', (_, states, progress, text, label, tone) => {
    expect(meter(states, progress)).toEqual({ text, label: `Performance budgets: ${label}`, tone });
  });
});

test('the last result of every state', () => {
  const at = 0;
  expect([
    lastResult({ kind: 'unmeasured' }),
    lastResult({ kind: 'measuring', previous: null }),
    lastResult({ kind: 'measuring', previous: { result: pass, at } }),
    lastResult({ kind: 'stale', previous: { result: fail, at } }),
    lastResult(known(error)),
  ]).toEqual([null, null, pass, fail, error]);
});

test('how long ago a run was', () => {
  const now = Date.UTC(2026, 10, 21, 12);
  const minute = 60_000;
  expect(
    [0, 59 * minute, 60 * minute, 47 * 60 * minute, 49 * 60 * minute, 40 * 24 * 60 * minute].map((before) =>
      ago(now - before, now),
    ),
  ).toEqual(['just now', '59 min ago', '1 h ago', '47 h ago', '2 d ago', '2026-10-12']);
});

test('how a commit is called', () => {
  expect([commitName('1a2b3c4d5e6f', false), commitName('1a2b3c4d5e6f', true), commitName(null, true)]).toEqual([
    '1a2b3c4',
    '1a2b3c4 + changes',
    '–',
  ]);
});
