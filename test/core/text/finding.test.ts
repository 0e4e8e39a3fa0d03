import { describe, expect, test } from 'vitest';
import type { BudgetResult, CheckResult } from '../../../src/core/results/measurement.js';
import { findings } from '../../../src/core/text/finding.js';
import { fineTime, pass, fail, p95, throughput, withCheck, undecided, error } from './results.js';

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
