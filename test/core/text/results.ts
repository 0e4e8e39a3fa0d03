import type { BudgetResult, CheckResult } from '../../../src/core/results/measurement.js';
import type { BudgetState } from '../../../src/core/results/state.js';

export const fineTime: CheckResult = {
  check: 'time <= 2 ms',
  level: 'limit',
  verdict: 'pass',
  measured: { value: 1.2412, low: 1.231, high: 1.252, unit: 'ms' },
  bound: { value: 2, unit: 'ms' },
  used: 0.62,
  note: null,
};

export const fineRegression: CheckResult = {
  check: 'time <= baseline + 10%',
  level: 'limit',
  verdict: 'pass',
  measured: { value: 1.2412, low: 1.231, high: 1.252, unit: 'ms' },
  bound: { value: 1.41, unit: 'ms' },
  used: 0.968 / 1.1,
  note: null,
};

export const pass: BudgetResult = {
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

export const fail: BudgetResult = {
  ...pass,
  verdict: 'fail',
  severity: 'medium',
  comparison: { ratio: 1.14, low: 1.11, high: 1.17 },
  checks: [fineTime, { ...fineRegression, verdict: 'fail', used: 1.14 / 1.1 }],
  message: '14% slower than HEAD (+11 … +17%); the budget allows 10%',
};

export const p95: CheckResult = {
  check: 'p95 <= 10 us',
  level: 'limit',
  verdict: 'fail',
  measured: { value: 10.41, low: 10.22, high: 10.63, unit: 'us' },
  bound: { value: 10, unit: 'us' },
  used: 1.041,
  note: null,
};

export const throughput: CheckResult = {
  check: 'throughput >= 600k ops/s',
  level: 'limit',
  verdict: 'fail',
  measured: { value: 521_000, low: 511_000, high: 532_000, unit: 'ops/s' },
  bound: { value: 600_000, unit: 'ops/s' },
  used: 1.15,
  note: null,
};

export const withCheck = (result: BudgetResult, ...checks: readonly CheckResult[]): BudgetResult => ({
  ...result,
  checks,
});
export const known = (result: BudgetResult): BudgetState => ({ kind: 'known', known: { result, at: 0 } });

export const undecided: BudgetResult = {
  ...pass,
  verdict: 'undecided',
  comparison: { ratio: 1.04, low: 0.98, high: 1.1 },
  checks: [{ ...fineRegression, verdict: 'undecided' }],
  message: 'undecided',
};

export const error: BudgetResult = {
  ...pass,
  verdict: 'error',
  comparison: null,
  checks: [],
  samples: 0,
  message: 'the benchmark threw: boom',
};
